// Package fact folds the events of one entity into what is known of it: a chat,
// an hour of a visitor, a day of an agent, an offline message, an entry of the
// directory (department, campaign, …). In: a fact and further events, in order.
// Out: the next fact. Pure: it knows no storage, no measures and no clock.
package fact

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"iter"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/stored"
)

// Forever is the end of what has not ended.
const Forever = int64(1) << 62

// Fact is what is known of one segment of one entity. Exactly one of the
// pointers is set, by kind.
type Fact struct {
	// Log is the number of the log item it was committed with.
	Log uint64 `cbor:"1,keyasint,omitempty"`
	// Last identifies the last event folded in.
	Last Position `cbor:"2,keyasint,omitempty"`
	// Seen holds a 32-bit hash of source and id of every event folded in.
	Seen []byte `cbor:"3,keyasint,omitempty"`

	Chat    *Chat    `cbor:"4,keyasint,omitempty"`
	Visitor *Visitor `cbor:"5,keyasint,omitempty"`
	Agent   *Agent   `cbor:"6,keyasint,omitempty"`
	Message *Message `cbor:"7,keyasint,omitempty"`
	Entry   *Entry   `cbor:"8,keyasint,omitempty"`

	// Retracted holds, of every retraction of the entity, a 32-bit hash of source and id
	// of the event it means and one of its own. Of entities that are folded in segments all
	// are in a fact of their own, with nothing else, and each in the segments of which it
	// took something back.
	Retracted []byte `cbor:"9,keyasint,omitempty"`

	// Generation is the one it was folded in.
	Generation uint8 `cbor:"10,keyasint,omitempty"`

	// Named are the entities that the events of a chat, a visitor or an agent name.
	Named []Naming `cbor:"11,keyasint,omitempty"`
}

// Generation counts how often facts came to note more, or to contribute to more measures
// (Measure.Since), than those stored before. A fact of an earlier generation contributes
// what it did then. Its next event folds it again from the journal, and a rebuild does
// so with all of them.
const Generation = 5

// Position is an event's place in the folding order.
type Position struct {
	_      struct{} `cbor:",toarray"`
	At     int64
	Type   string
	ID     string
	Source string
}

// New returns the empty fact of an entity of a kind.
func New(kind string) *Fact {
	switch kind {
	case "chat":
		return &Fact{Generation: Generation, Chat: &Chat{Open: true}}
	case "visitor":
		return &Fact{Generation: Generation, Visitor: &Visitor{}}
	case "agent":
		return &Fact{Generation: Generation, Agent: &Agent{}}
	case "message":
		return &Fact{Generation: Generation, Message: &Message{}}
	}
	return &Fact{Generation: Generation, Entry: &Entry{}}
}

// Fold takes further events into the fact. They must come in order, after
// everything folded before, each once.
func (f *Fact) Fold(events ...event.Event) {
	var chat telling
	if f.Chat != nil {
		chat = f.Chat.tell(event.InSequence(events))
	}
	for i := range events {
		e := &events[i]
		switch {
		case f.Chat != nil:
			chat.take(e)
		case f.Visitor != nil:
			f.Visitor.fold(e)
		case f.Agent != nil:
			f.Agent.fold(e)
		case f.Message != nil:
			f.Message.fold(e)
		default:
			f.Entry.fold(e)
		}
		f.note(e)
		f.Seen = appendHash(f.Seen, hash(e))
		f.Last = Position{At: e.At, Type: e.Type, ID: e.ID, Source: e.Source}
	}
}

func has(events []event.Event, typ string) bool { return event.InSequence(events).First(typ) != nil }

// Follows says whether events may be folded on: all are later than what was
// folded, none was seen before, none is the request of a chat that had begun without, or
// a bot's first interaction in one that has messages. If not, the entity must be folded
// again from its journal.
func (f *Fact) Follows(events []event.Event) bool {
	if f.Generation < Generation {
		return false
	}
	if f.Chat != nil && (f.Chat.Request == nil && len(f.Seen) > 0 && has(events, "chat.requested") || f.Chat.tooLate(events)) {
		return false
	}
	last := event.Place{At: f.Last.At, Type: f.Last.Type, ID: f.Last.ID, Source: f.Last.Source}
	for i := range events {
		next := events[i].Place()
		if len(f.Seen) > 0 && last.Compare(next) >= 0 {
			return false
		}
		last = next
	}
	return !repeated(events) && !f.seen(events) && !f.Retracts(events) && !f.said(events)
}

// isMessage says whether an event is a message that counts.
func isMessage(e *event.Event) bool {
	return e.Type == "message.sent" && !e.Data.Private && e.Data.MessageID != ""
}

// said says whether any of the events is a message that may have been folded before, or
// two of them are one message.
func (f *Fact) said(events []event.Event) bool {
	ids := map[string]bool{}
	hashes := map[uint32]struct{}{}
	for i := range events {
		if e := &events[i]; isMessage(e) {
			if ids[e.Data.MessageID] {
				return true
			}
			ids[e.Data.MessageID] = true
			hashes[hashOf(e.Data.MessageID)] = struct{}{}
		}
	}
	return len(ids) > 0 && f.Chat != nil && (f.NotesNoMessages() || contains(f.Chat.Said, hashes))
}

// NotesNoMessages says whether the fact is of a version that did not note the ids of
// messages, and has some.
func (f *Fact) NotesNoMessages() bool {
	return f.Chat != nil && f.Chat.LastActor != "" && len(f.Chat.Said) == 0
}

// Retract says which retractions the journal has of the entity.
func (f *Fact) Retract(retractions []event.Event) {
	f.Retracted = nil
	for i := range retractions {
		meant := retractions[i].Meant()
		f.Retracted = appendHash(appendHash(f.Retracted, hash(&meant)), hash(&retractions[i]))
	}
}

// Retracts says whether any of the events is a retraction, or may have been taken back:
// then the journal says what counts.
func (f *Fact) Retracts(events []event.Event) bool {
	return slices.ContainsFunc(events, func(e event.Event) bool { return e.Type == event.Retracted }) ||
		len(f.Retracted) > 0 && contains(f.Retracted, hashes(events))
}

// Known yields the hash of every event that the fact knows of: that was folded in, that is a
// retraction, or that one means.
func (f *Fact) Known() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, list := range [][]byte{f.Seen, f.Retracted} {
			for h := range each(list) {
				if !yield(h) {
					return
				}
			}
		}
	}
}

// Hash is by what a fact knows an event.
func Hash(e *event.Event) uint32 { return hash(e) }

// repeated says whether two events have the same id.
func repeated(events []event.Event) bool {
	if len(events) < 2 {
		return false
	}
	ids := make(map[string]struct{}, len(events))
	for i := range events {
		ids[events[i].ID] = struct{}{}
	}
	return len(ids) < len(events)
}

// seen says whether any of the events may have been folded before.
func (f *Fact) seen(events []event.Event) bool { return contains(f.Seen, hashes(events)) }

// Has says whether the fact, folded on by some events, has all events that another fact of
// the same segment has, in the same order, and nothing else was taken back of it.
func (f *Fact) Has(other *Fact, further []event.Event) bool {
	if !bytes.Equal(f.Retracted, other.Retracted) {
		return false
	}
	rest := other.Seen
	have := func(h uint32) {
		if theirs, ok := firstHash(rest); ok && theirs == h {
			rest = rest[4:]
		}
	}
	for h := range each(f.Seen) {
		have(h)
	}
	for i := range further {
		have(hash(&further[i]))
	}
	return len(rest) == 0
}

func hashes(events []event.Event) map[uint32]struct{} {
	out := make(map[uint32]struct{}, len(events))
	for i := range events {
		out[hash(&events[i])] = struct{}{}
	}
	return out
}

// contains says whether a list of hashes has any of some. It looks at every hash of the
// list once.
func contains(list []byte, hashes map[uint32]struct{}) bool {
	for h := range each(list) {
		if _, ok := hashes[h]; ok {
			return true
		}
	}
	return false
}

// each yields the hashes of a list.
func each(list []byte) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for h, ok := firstHash(list); ok; h, ok = firstHash(list) {
			if !yield(h) {
				return
			}
			list = list[4:]
		}
	}
}

func firstHash(list []byte) (h uint32, ok bool) {
	if len(list) < 4 {
		return 0, false
	}
	return binary.LittleEndian.Uint32(list), true
}

func appendHash(list []byte, h uint32) []byte {
	return append(list, byte(h), byte(h>>8), byte(h>>16), byte(h>>24))
}

func hashOf(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

func hash(e *event.Event) uint32 {
	h := fnv.New32a()
	h.Write([]byte(e.Source))
	h.Write([]byte{0})
	h.Write([]byte(e.ID))
	return h.Sum32()
}

// Encode and Decode are the stored form: large facts are compressed.
func (f *Fact) Encode() ([]byte, error) { return stored.MarshalCompact(f) }

// Decode reads what Encode wrote.
func Decode(raw []byte) (*Fact, error) {
	f := new(Fact)
	return f, stored.Unmarshal(raw, f)
}

// names is a list of strings that other members refer to by index, so that an id
// is stored once however often it is used. Index 0 is the empty string.
type names []string

// Ref is an index into a fact's names.
type Ref uint32

func (n *names) ref(s string) Ref {
	if s == "" {
		return 0
	}
	if i := slices.Index(*n, s); i >= 0 {
		return Ref(i + 1)
	}
	*n = append(*n, s)
	return Ref(len(*n))
}

// Name is the string a reference stands for.
func (n names) Name(r Ref) string {
	if r == 0 {
		return ""
	}
	return n[r-1]
}
