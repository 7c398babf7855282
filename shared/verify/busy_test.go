package verify_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/table"
	"chatreports/shared/verify"
)

// busyAgent is an agent to whom something happens whenever it is looked at.
type busyAgent struct {
	*system
	fresh   func(...event.Event) []table.Item
	n       int
	waiting []table.Item // that are stored and not folded
}

func newBusyAgent(t *testing.T) *busyAgent {
	s := newSystem(t, start.Add(24*time.Hour))
	b := &busyAgent{system: s, fresh: s.fresh()}
	b.happens(10)
	b.folds(10)
	s.merge()
	return b
}

// happens stores further events, a second after another.
func (b *busyAgent) happens(n int) {
	for range n {
		b.n++
		b.now = b.now.Add(time.Second)
		status := []string{"online", "away"}[b.n%2]
		b.waiting = append(b.waiting, b.fresh(event.Event{
			ID: fmt.Sprint(b.n), Source: "s", Type: "agent.status_changed", Subject: "a", At: start.Add(time.Duration(b.n) * time.Second).UnixMilli(), Data: event.Data{Status: status},
		})...)
	}
}

// folds has the first of those that wait folded.
func (b *busyAgent) folds(n int) {
	b.t.Helper()
	if err := apply(b.folder(), b.waiting[:n], n); err != nil {
		b.t.Fatal(err)
	}
	b.waiting = b.waiting[n:]
}

// watched calls before each time when records of the agent are read.
type watched struct {
	table.Table
	before func(read int)
	reads  int
}

func (w *watched) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	if strings.HasSuffix(r.Part, "/agent/a") {
		w.reads++
		w.before(w.reads)
	}
	return w.Table.Query(ctx, r)
}

// Facts that are always some events behind are right if they are what they have folded of.
func TestABusyAgentIsCompared(t *testing.T) {
	b := newBusyAgent(t)
	b.happens(3)
	s := b.with(&watched{Table: b.journal, before: func(int) {
		b.happens(1)
		b.folds(1)
	}}, b.state)
	for _, o := range []verify.Options{{}, {Rebuild: true}} {
		r := s.run(o, 0)
		if r.Behind != 0 || r.Facts == 0 || len(r.Mended) > 0 {
			t.Errorf("%+v", r)
		}
	}
	if b.n < 15 || len(b.waiting) != 3 {
		t.Errorf("%d events happened, and %d wait", b.n, len(b.waiting))
	}
}

// What is wrong with the facts of a busy agent is found, though they are never at rest.
func TestWhatIsWrongWithABusyAgentIsFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		reads int // of facts in a look
		spoil func(*busyAgent)
	}{
		{"an event was left out", 1, func(b *busyAgent) {
			b.happens(1)
			b.waiting = b.waiting[1:]
			b.happens(3)
			b.folds(3)
		}},
		{"a fact says something else", 2, func(b *busyAgent) {
			for item, err := range b.state.Query(t.Context(), table.Range{Part: "acme/fact/agent/a"}) {
				if err != nil {
					t.Fatal(err)
				}
				f, err := fact.Decode(item.Value)
				if err != nil {
					t.Fatal(err)
				}
				f.Agent.Statuses = f.Agent.Statuses[1:]
				if item.Value, err = f.Encode(); err != nil {
					t.Fatal(err)
				}
				if err := b.state.Write(t.Context(), table.Op{Item: item}); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Fatal("there is no fact")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBusyAgent(t)
			c.spoil(b)
			b.happens(2)
			s := b.with(b.journal, &watched{Table: b.state, before: func(read int) {
				if (read-1)%c.reads == 0 { // between looks
					b.happens(1)
					b.folds(1)
				}
			}})
			if r := s.run(verify.Options{}, -1); r.Behind != 0 || r.Differences[0].What != "fact" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// What is folded later than it is looked at, again and again, is told apart from what is wrong.
func TestWhatStaysBehindIsToldApart(t *testing.T) {
	b := newBusyAgent(t)
	if err := apply(b.folder(), b.fresh(event.Event{ID: "other", Source: "s", Type: "agent.status_changed", Subject: "b", At: start.UnixMilli(), Data: event.Data{Status: "online"}}), 1); err != nil {
		t.Fatal(err)
	}
	whole := b.verify().Facts
	b.happens(200)
	s := b.with(&watched{Table: b.journal, before: func(int) { b.folds(1) }}, b.state)
	for _, o := range []verify.Options{{}, {Rebuild: true}} {
		r := s.run(o, 0)
		if r.Behind != 1 || len(r.Late) != 1 || !strings.HasPrefix(r.Late[0].String(), "behind agent/a: not compared; 1") || r.Facts == 0 || r.Facts >= whole || len(r.Mended) > 0 {
			t.Errorf("of %d facts: %+v", whole, r)
		}
		if text := printed(r); !strings.Contains(text, " 0 differences, 1 chats, visitors, agents and the like behind and not compared\n") || !strings.Contains(text, "behind agent/a") {
			t.Error(text)
		}
		if len(b.waiting) < 50 {
			t.Fatalf("only %d events wait", len(b.waiting))
		}
	}
	b.folds(len(b.waiting))
	if r := b.verify(); r.Behind != 0 || r.Facts != whole {
		t.Errorf("when all is folded: %+v; want %d facts", r, whole)
	}
}

// While nothing is folded at all, what waits is a difference.
func TestWhatNobodyFoldsIsADifference(t *testing.T) {
	b := newBusyAgent(t)
	b.happens(1)
	if r := b.run(verify.Options{}, -1); r.Behind != 0 {
		t.Errorf("%+v", r)
	}
	b.folds(1)
	b.verify()
}

// What was taken back, and not folded yet, is behind as any other event is.
func TestARetractionThatIsNotFoldedYetIsBehind(t *testing.T) {
	b := newBusyAgent(t)
	b.waiting = append(b.waiting, b.fresh(event.Event{
		ID: "back", Source: "s", Type: event.Retracted, Subject: "a", At: start.Add(7 * time.Second).UnixMilli(), Data: event.Data{Type: "agent.status_changed", ID: "7"},
	})...)
	s := b.with(&watched{Table: b.journal, before: func(int) {
		b.happens(1)
		b.folds(1)
	}}, b.state)
	if r := s.run(verify.Options{}, 0); r.Behind != 0 || r.Facts == 0 {
		t.Errorf("%+v", r)
	}
}
