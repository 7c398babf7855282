package generation_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/generation"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// reads is a journal that counts the records that are read.
type reads struct {
	table.Table
	n int
}

func (r *reads) Query(ctx context.Context, in table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for item, err := range r.Table.Query(ctx, in) {
			if r.n++; !yield(item, err) {
				return
			}
		}
	}
}

// built is a world with some events folded, and a generation beside what serves.
func built(t *testing.T, events ...event.Event) (*world, uint32) {
	t.Helper()
	w := newWorld(t)
	w.foldAll(&first, w.fresh(events...), end)
	n, err := w.builder(&second).Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w, n
}

// fresh stores events, and gives their records.
func (w *world) fresh(events ...event.Event) []table.Item {
	w.t.Helper()
	return w.stored(end, events...)
}

func (w *world) stored(at time.Time, events ...event.Event) []table.Item {
	w.t.Helper()
	items := &fresh{Table: w.journal}
	if _, err := journal.New(items).Append(w.t.Context(), acme, events, at); err != nil {
		w.t.Fatal(err)
	}
	return items.items
}

// A generation that follows something busy reads what is new of it each time, and not all
// there is: an agent for its day, a chat of many messages, a visitor for an hour.
func TestCatchingUpCostsWhatIsNew(t *testing.T) {
	const turns, each = 60, 20
	at := func(n int) int64 { return start.Add(10*time.Hour + time.Duration(n)*time.Second).UnixMilli() }
	for name, kind := range map[string]func(n int) event.Event{
		"agent": func(n int) event.Event {
			return event.Event{Type: "agent.status_changed", Subject: "7", Data: event.Data{Status: []string{"online", "away"}[n&1]}}
		},
		"chat": func(n int) event.Event {
			return event.Event{Type: "message.sent", Subject: "c", Data: event.Data{MessageID: fmt.Sprint("m", n), Actor: &event.Actor{Type: "agent", ID: "7"}, Length: 5}}
		},
		"visitor": func(int) event.Event {
			return event.Event{Type: "visit.started", Subject: "v", Data: event.Data{PageURL: "https://www.example.com/"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			one := func(n int) event.Event {
				e := kind(n)
				e.ID, e.Source, e.At = fmt.Sprint("b", n), "test", at(n)
				return e
			}
			// A month of it, of which nothing is to be read again.
			var past []event.Event
			for n := range 30 {
				e := one(-1 - n)
				e.At -= int64(n) * 24 * time.Hour.Milliseconds()
				past = append(past, e)
			}
			w, number := built(t, append(past, one(0))...)
			counted := &reads{Table: w.journal}
			b := w.builder(&second)
			b.Journal = counted
			for turn := range turns {
				var events []event.Event
				for n := range each {
					events = append(events, one(1+turn*each+n))
				}
				w.foldAll(&first, w.fresh(events...), end)
				if n, err := b.CatchUp(t.Context(), number); err != nil || n == 0 {
					t.Fatal(n, err)
				}
			}
			t.Logf("%d events are caught up with, %d records of the journal read", turns*each, counted.n)
			if counted.n > 2*turns*each {
				t.Errorf("%d records of the journal are read for %d events", counted.n, turns*each)
			}
			w.exact(b, number)
		})
	}
}

// What comes late, twice, with an id that was used, or is taken back again, before or after it
// comes: a generation that follows is what the journal says.
func TestCatchingUpComesOutRight(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 6 {
		events := simulated()[:600]
		for _, e := range events[:600] {
			switch r.IntN(12) {
			case 0:
				events = append(events, event.Event{
					ID: "back-" + e.ID, Source: e.Source, Type: event.Retracted, Subject: e.Subject, At: e.At + 1000,
					Data: event.Data{Type: e.Type, ID: e.ID, Source: e.Source},
				})
			case 1:
				e.At += r.Int64N(2*time.Hour.Milliseconds()) - time.Hour.Milliseconds()
				events = append(events, e)
			}
		}
		w := newWorld(t)
		var items []table.Item
		uses := map[string]int{}
		for i, e := range events { // each is stored at a moment of its own
			items = append(items, w.stored(end.Add(time.Duration(i)), e)...)
			uses[e.Source+" "+e.ID]++
		}
		for range len(items) / 5 {
			items = append(items, items[r.IntN(len(items))])
		}
		r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		n := len(items) / 3
		w.foldAll(&first, items[:n], end)
		// The journal has more than is folded, and so may the generation: half of it is taken
		// away until then, but for what uses an id twice, of which the first stored counts.
		var later []table.Op
		for _, item := range items[n:] {
			if journal.IsNote(item) {
				continue
			}
			rec, err := journal.Decode(item)
			if err != nil {
				t.Fatal(err)
			}
			if r.IntN(2) == 0 && uses[rec.Event.Source+" "+rec.Event.ID] == 1 {
				later = append(later, table.Op{Item: item})
			}
		}
		w.delete(later)
		b := w.builder(&second)
		number, err := b.Build(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for len(later) > 0 || n < len(items) {
			some := min(len(later), 1+r.IntN(60))
			if _, err := w.journal.PutEach(t.Context(), later[:some]...); err != nil {
				t.Fatal(err)
			}
			if later = later[some:]; len(later) > 0 && r.IntN(3) > 0 {
				continue
			}
			if len(later) == 0 {
				more := min(len(items)-n, 1+r.IntN(60))
				w.foldAll(&first, items[n:n+more], end)
				n += more
			}
			if _, err := b.CatchUp(t.Context(), number); err != nil {
				t.Fatal(err)
			}
		}
		w.exact(b, number)
	}
}

// exact wants no difference in a generation.
func (w *world) exact(b *generation.Builder, number uint32) {
	w.t.Helper()
	if err := counter.Merge(w.t.Context(), counter.Space(w.state, acme, number), acme); err != nil {
		w.t.Fatal(err)
	}
	w.verified(b.Verify(w.t.Context(), number, soon))
}

// delete takes records out of the journal.
func (w *world) delete(ops []table.Op) {
	w.t.Helper()
	for _, op := range ops {
		op.Verb = table.Delete
		if err := w.journal.Write(w.t.Context(), op); err != nil {
			w.t.Fatal(err)
		}
	}
}
