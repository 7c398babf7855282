package main

import (
	"context"
	"fmt"
	"iter"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// counters are the two tables of a chain, counted.
type counters struct{ journal, state *counted }

func newCounters(journal, state table.Table) counters {
	return counters{newCounted(journal, func(table.Key) string { return kindJournal }), newCounted(state, stateKind)}
}

// tally is of both tables.
func (c counters) tally() tally {
	t, j := c.state.tally(), c.journal.tally()
	for k, v := range j.WriteUnits {
		t.WriteUnits[k] += v
		t.Items[k] += j.Items[k]
		t.Bytes[k] += j.Bytes[k]
	}
	for k, v := range j.ReadUnits {
		t.ReadUnits[k] += v
	}
	return t
}

// written is what some events cost to take in.
type written struct {
	Events int
	tally
}

func (w *written) perEvent() float64 { return float64(sum(w.WriteUnits)) / float64(max(1, w.Events)) }

// kinds tells the kinds apart.
func (w *written) kinds() string {
	n, out := float64(max(1, w.Events)), ""
	for _, k := range kinds {
		if w.WriteUnits[k] > 0 {
			out += fmt.Sprintf("%s %.3f, ", k, float64(w.WriteUnits[k])/n)
		}
	}
	return out + fmt.Sprintf("read units %.2f", float64(sum(w.ReadUnits))/n)
}

// backfill takes in events in full batches and counts.
func backfill(ctx context.Context, c counters, events iter.Seq[event.Event]) (written, error) {
	ch := newChain(c.journal, c.state)
	n, err := ch.backfill(ctx, events)
	return written{n, c.tally()}, err
}
