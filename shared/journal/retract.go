package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// A conversion that names a chat lies with the chat, its retraction with the visitor,
// who is the subject of both. So each leaves a note with the visitor: the conversion
// where it is, the retraction that it was taken back. Each writes its own note first and
// then looks for the other's; whoever comes second finds the first, and puts the
// retraction into the chat as well. What dies in between is made up for when it is sent
// again.

// note is what a note holds.
type note struct {
	Chat       string `cbor:"1,keyasint,omitempty"` // that a conversion is in
	Retraction []byte `cbor:"2,keyasint,omitempty"` // one as the journal holds it
	Sort       string `cbor:"3,keyasint,omitempty"` // and its sort key
}

// noteKey is where a visitor's note of a conversion lies; chat is empty for the note
// that it was taken back.
func noteKey(tenant, visitor, source, id, chat string) table.Key {
	sum := sha256.Sum256([]byte(table.Join(keySource(source), id)))
	sort := notes + hex.EncodeToString(sum[:])
	if chat != "" {
		sort += "/" + table.Join(chat)
	}
	return table.Key{Part: Entity{tenant, "visitor", visitor}.part(), Sort: sort}
}

const conversion = "conversion.recorded"

// pointers are the notes that events leave.
func pointers(tenant string, events []event.Event) []table.Op {
	var ops []table.Op
	put := func(k table.Key, n note) {
		raw, err := stored.Marshal(n)
		if err == nil { // it always is: strings and bytes
			ops = append(ops, table.Op{Item: table.Item{Key: k, Value: raw, Version: 1}, If: table.Absent})
		}
	}
	for i := range events {
		e := &events[i]
		switch {
		case e.Type == conversion && e.Data.ChatID != "":
			put(noteKey(tenant, e.Subject, e.Source, e.ID, e.Data.ChatID), note{Chat: e.Data.ChatID})
		case e.Type == event.Retracted && e.Data.Type == conversion:
			meant := e.Meant()
			if item, err := encode(entityOf(tenant, e), e, 0); err == nil {
				put(noteKey(tenant, e.Subject, meant.Source, meant.ID, ""), note{Retraction: item.Value, Sort: item.Sort})
			}
		}
	}
	return ops
}

// carry puts retractions of conversions into the chats that those are in.
func (j *Journal) carry(ctx context.Context, tenant string, events []event.Event, now time.Time) error {
	var ops []table.Op
	into := func(chat string, r *event.Event) error {
		item, err := encode(Entity{tenant, "chat", chat}, r, now.UnixNano())
		ops = append(ops, table.Op{Item: item, If: table.Absent})
		return err
	}
	var keys []table.Key
	var chats []string
	for i := range events {
		e := &events[i]
		switch {
		case e.Type == conversion && e.Data.ChatID != "":
			keys = append(keys, noteKey(tenant, e.Subject, e.Source, e.ID, ""))
			chats = append(chats, e.Data.ChatID)
		case e.Type == event.Retracted && e.Data.Type == conversion:
			in, err := j.chatsOf(ctx, tenant, e)
			if err != nil {
				return err
			}
			for _, chat := range in {
				if err := into(chat, e); err != nil {
					return err
				}
			}
		}
	}
	if len(keys) > 0 {
		items, err := j.t.Get(ctx, keys...)
		if err != nil {
			return fmt.Errorf("looking for retractions of conversions: %w", err)
		}
		for i := range items {
			if items[i].Version == 0 {
				continue
			}
			r, err := retraction(items[i])
			if err != nil {
				return err
			}
			if err := into(chats[i], &r); err != nil {
				return err
			}
		}
	}
	if len(ops) == 0 {
		return nil
	}
	_, err := j.t.PutEach(ctx, ops...)
	return err
}

// chatsOf are the chats that the conversion which a retraction means is in: those noted,
// and the one the retraction names.
func (j *Journal) chatsOf(ctx context.Context, tenant string, r *event.Event) ([]string, error) {
	meant := r.Meant()
	k := noteKey(tenant, r.Subject, meant.Source, meant.ID, "")
	var chats []string
	if r.Data.ChatID != "" {
		chats = append(chats, r.Data.ChatID)
	}
	for item, err := range j.t.Query(ctx, table.Prefix(k.Part, k.Sort+"/")) {
		if err != nil {
			return nil, fmt.Errorf("looking for the chat of a conversion: %w", err)
		}
		var n note
		if err := stored.Unmarshal(item.Value, &n); err != nil {
			return nil, fmt.Errorf("the note %q %q cannot be read: %w", item.Part, item.Sort, err)
		}
		if n.Chat != r.Data.ChatID {
			chats = append(chats, n.Chat)
		}
	}
	return chats, nil
}

// retraction reads the one that a note holds.
func retraction(item table.Item) (event.Event, error) {
	var n note
	if err := stored.Unmarshal(item.Value, &n); err != nil {
		return event.Event{}, fmt.Errorf("the note %q %q cannot be read: %w", item.Part, item.Sort, err)
	}
	rec, err := Decode(table.Item{Key: table.Key{Part: item.Part, Sort: n.Sort}, Value: n.Retraction})
	return rec.Event, err
}
