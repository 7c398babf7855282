package erase

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/payload"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Visitor is the erasure of one visitor of a tenant: another name, which says nothing, takes
// the place of its id, and names and comments go. What counts stays, so all totals do.
type Visitor struct {
	Tenant
	// Visitor is the visitor's id.
	Visitor string
	// Now stamps the commits.
	Now func() time.Time

	as    string // the name in its place
	chats map[journal.Entity]bool
}

// Run puts another name in place of the visitor's in the journal, folds what is of the
// visitor anew, brings it into blocks, and writes what has cancelled out anew without it; it
// deletes files and payloads. It looks again until a look changes nothing. It returns how
// much there was, whatever the error.
func (e *Visitor) Run(ctx context.Context) (Counts, error) {
	e.counts = Counts{}
	err := errors.New("there is no visitor without an id")
	if e.Visitor != "" {
		err = e.run(ctx)
	}
	if err != nil {
		err = fmt.Errorf("erasing a visitor of tenant %q: %w", e.ID, err)
	}
	return e.counts, err
}

func (e *Visitor) run(ctx context.Context) error {
	if e.DryRun { // counters are not in it: which are written anew, a merge decides
		if _, err := e.find(ctx); err != nil {
			return err
		}
		return errors.Join(e.files(ctx), e.unread())
	}
	if err := e.name(ctx); err != nil {
		return err
	}
	for n := 1; ; n++ {
		before := e.counts.sum()
		if err := e.look(ctx); err != nil {
			return err
		}
		if n > 1 && e.counts.sum() == before {
			if err := e.unread(); err != nil {
				return err
			}
			_, err := e.State.PutEach(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: e.erasure()}})
			return err
		}
		if n == looks {
			return ErrMore
		}
		select {
		case <-time.After(e.Wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// erasure is where the other name stands, until all is done: whoever goes on after a crash
// takes the same.
func (e *Visitor) erasure() table.Key {
	return table.Key{Part: table.Join(e.ID, "erasure"), Sort: table.Join(e.Visitor)}
}

func (e *Visitor) name(ctx context.Context) error {
	item := table.Item{Key: e.erasure(), Value: []byte(event.Erased + "-" + rand.Text()), Version: 1}
	stood, err := e.State.PutEach(ctx, table.Op{Item: item, If: table.Absent})
	if err != nil {
		return fmt.Errorf("noting another name: %w", err)
	}
	if stood[0] != nil {
		item = *stood[0]
	}
	e.as = string(item.Value)
	return nil
}

// look does everything once.
func (e *Visitor) look(ctx context.Context) error {
	visits, err := e.find(ctx)
	if err != nil {
		return err
	}
	j, old, next := journal.New(e.Journal), e.entity(e.Visitor), e.entity(e.as)
	change := func(one *event.Event) { one.EraseVisitor(e.Visitor, e.as) }
	again := []journal.Entity{old, next}
	for chat := range e.chats {
		if _, err := j.Rewrite(ctx, chat, chat, change); err != nil {
			return err
		}
		again = append(again, chat)
	}
	if visits {
		if _, err := j.Rewrite(ctx, old, next, change); err != nil {
			return err
		}
	}
	if err := e.derived(ctx, again); err != nil {
		return err
	}
	return e.files(ctx)
}

// derived folds entities again, in every generation that there is of what is derived, and
// looks through its counters.
func (e *Visitor) derived(ctx context.Context, again []journal.Entity) error {
	state := table.Divide(e.State)
	root, err := counter.ReadMerged(ctx, state, e.ID)
	if err != nil {
		return err
	}
	numbers := []uint32{0}
	if root.Generations != nil {
		numbers = numbers[:0]
		for _, g := range root.Generations.All {
			numbers = append(numbers, g.Number)
		}
	}
	for _, n := range numbers {
		folder := fold.New(e.Journal, state, e.Now)
		folder.Only = &n
		if err := folder.Refold(ctx, again...); err != nil {
			return err
		}
		if err := e.counters(ctx, counter.Space(state, e.ID, n)); err != nil {
			return err
		}
	}
	return nil
}

func (e *Visitor) entity(id string) journal.Entity {
	return journal.Entity{Tenant: e.ID, Kind: "visitor", ID: id}
}

// find looks for the visitor's chats, those too that name it by its other name already, and
// says whether there are visits. It counts the events that name the visitor.
func (e *Visitor) find(ctx context.Context) (visits bool, err error) {
	e.chats = map[journal.Entity]bool{}
	for item, err := range e.Journal.Scan(ctx, table.Join(e.ID)+"/") {
		if err != nil {
			return false, fmt.Errorf("looking for the visitor's events: %w", err)
		}
		if item.Part == table.Join(e.ID, "visitor", e.Visitor) {
			visits = true
			e.add(Events, 1)
			continue
		}
		if journal.IsNote(item) || !bytes.Contains(item.Value, []byte(e.Visitor)) && (e.as == "" || !bytes.Contains(item.Value, []byte(e.as))) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			return false, err
		}
		switch {
		case rec.Entity.Kind == "visitor":
		case rec.Event.OfVisitor(e.Visitor):
			e.add(Events, 1)
			e.chats[rec.Entity] = true
		case e.as != "" && rec.Event.OfVisitor(e.as):
			e.chats[rec.Entity] = true
		}
	}
	return visits, nil
}

// files deletes payloads that name the visitor or one of the chats, all of the tenant's jobs
// and exports, since nobody knows what is in them, and what was set aside.
func (e *Visitor) files(ctx context.Context) error {
	if err := e.unlist(ctx, "jobs", Jobs); err != nil {
		return err
	}
	for item, err := range e.State.Query(ctx, table.Range{Part: table.Join(e.ID, "job")}) {
		if err == nil {
			err = e.delete(ctx, e.State, Jobs, item.Key)
		}
		if err != nil {
			return fmt.Errorf("deleting jobs: %w", err)
		}
	}
	for _, prefix := range []string{job.Objects, function.Exported} {
		if err := e.folder(ctx, prefix+e.ID+"/", Files); err != nil {
			return err
		}
	}
	for _, days := range tenant.PayloadDays() {
		for info, err := range e.Objects.List(ctx, payload.Class(days)+e.ID+"/") {
			if err == nil {
				err = e.payload(ctx, info.Key)
			}
			if err != nil {
				return fmt.Errorf("looking into payloads: %w", err)
			}
		}
	}
	return e.setAside(ctx, func(part string) bool {
		p := table.Split(part)
		return len(p) == 3 && p[0] == e.ID && (p[1] == "visitor" && p[2] == e.Visitor || e.chats[journal.Entity{Tenant: p[0], Kind: p[1], ID: p[2]}])
	})
}

func (e *Visitor) payload(ctx context.Context, key string) error {
	p, err := payload.Read(ctx, e.Objects, &payload.Entry{Key: key})
	switch {
	case errors.Is(err, object.ErrNone):
		return nil
	case errors.Is(err, payload.ErrDamaged): // nobody knows what is in it
	case err != nil:
		return err
	case !e.names(p.Body):
		return nil
	}
	e.add(Payloads, 1)
	if e.DryRun {
		return nil
	}
	return e.Objects.Delete(ctx, key)
}

// names says whether a text names the visitor or one of the chats.
func (e *Visitor) names(text []byte) bool {
	named := word(text, e.Visitor)
	for chat := range e.chats {
		named = named || word(text, chat.ID)
	}
	return named
}

// word says whether a text has a word that is not part of a longer one.
func word(text []byte, what string) bool {
	letter := func(i int) bool {
		if i < 0 || i >= len(text) {
			return false
		}
		c := text[i]
		return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	for at := 0; ; at++ {
		i := bytes.Index(text[at:], []byte(what))
		if i < 0 {
			return false
		}
		if at += i; !letter(at-1) && !letter(at+len(what)) {
			return true
		}
	}
}
