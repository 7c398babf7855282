package webhook

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/payload"
)

// Replayer maps kept deliveries again, with the mapping as it is today, and stores the events
// that are new. What is the same changes nothing: it may be done again and again, and while
// deliveries come in.
type Replayer struct {
	Providers []Provider
	Objects   object.Store
	Journal   *journal.Journal
	// Clock stamps what is stored.
	Clock func() time.Time
	// Progress, if there is one, is told now and then how far it is.
	Progress func(*Replayed)
}

// Replay is what to replay: the deliveries of a webhook that came on the UTC days
// from <= day < to.
type Replay struct {
	Tenant, Webhook string
	From, To        time.Time
	// Correct replaces events of which the mapping says something else now: what is stored is
	// taken back, and what is right is told under an id of its own. Without it, what is stored
	// stands.
	Correct bool
	// DryRun stores nothing.
	DryRun bool
}

// Replayed is what became of it.
type Replayed struct {
	Deliveries int
	// Actions are the deliveries by the vendor's name of what happened; Unknown are the names
	// that no event follows from.
	Actions map[string]int
	Unknown map[string]bool
	// Of the events that the mapping tells now, New were not stored, Known are, or were taken
	// back, and Conflicting are stored with other content or another time. Refused could not be
	// made.
	New, Known, Conflicting, Refused int
	// NotUnderstood and Damaged are the keys of deliveries that are not of the vendor's form,
	// and that cannot be read.
	NotUnderstood, Damaged []string
}

// How many deliveries are worked on together, and how many reads are under way at once.
const (
	replayBatch = 64
	replayReads = 16
)

// Run replays. On an error what was done stands, and Run again does the rest.
func (r *Replayer) Run(ctx context.Context, what Replay) (Replayed, error) {
	run := &replaying{Replayer: r, Replay: what, told: map[[16]byte]bool{}, done: Replayed{Actions: map[string]int{}, Unknown: map[string]bool{}}}
	var batch []payload.Entry
	for e, err := range payload.List(ctx, r.Objects, what.Tenant, what.Webhook, what.From, what.To) {
		if err != nil {
			return run.done, err
		}
		if batch = append(batch, e); len(batch) == replayBatch {
			if err := run.batch(ctx, batch); err != nil {
				return run.done, err
			}
			batch = batch[:0]
		}
	}
	return run.done, run.batch(ctx, batch)
}

// replaying is a replay under way.
type replaying struct {
	*Replayer
	Replay
	// told are the events, by a hash of source and id, that an earlier delivery has told: the
	// first one decides, as it did when they came.
	told map[[16]byte]bool
	done Replayed
}

// batch replays some deliveries, in the order in which they came.
func (r *replaying) batch(ctx context.Context, entries []payload.Entry) error {
	deliveries := make([]*payload.Payload, len(entries))
	err := each(ctx, len(entries), func(ctx context.Context, i int) (err error) {
		deliveries[i], err = payload.Read(ctx, r.Objects, &entries[i])
		if errors.Is(err, payload.ErrDamaged) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	var told []event.Event
	for i, d := range deliveries {
		if d == nil {
			r.done.Damaged = append(r.done.Damaged, entries[i].Key)
			continue
		}
		told = append(told, r.tell(d, entries[i].Key)...)
	}
	store, back, err := r.compare(ctx, told)
	if err != nil {
		return err
	}
	// First what is right, then what takes the wrong back: see correct.go.
	for _, events := range [][]event.Event{store, back} {
		if len(events) == 0 || r.DryRun {
			continue
		}
		if _, err := r.Journal.Append(ctx, r.Tenant, events, r.Clock()); err != nil {
			return err
		}
	}
	if r.Progress != nil {
		r.Progress(&r.done)
	}
	return nil
}

// each does something for 0 to n-1, some at once.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(replayReads)
	for i := range n {
		all.Go(func() error { return do(ctx, i) })
	}
	return all.Wait()
}

// tell maps a delivery, and gives the events that no earlier one has told.
func (r *replaying) tell(d *payload.Payload, key string) (told []event.Event) {
	r.done.Deliveries++
	provider := ByName(r.Providers, d.Provider)
	if provider == nil {
		r.done.NotUnderstood = append(r.done.NotUnderstood, key)
		return nil
	}
	t, err := provider.Events(delivered(d))
	if err != nil {
		r.done.NotUnderstood = append(r.done.NotUnderstood, key)
		return nil
	}
	r.done.Actions[t.Action]++
	if t.Unknown {
		r.done.Unknown[t.Action] = true
	}
	r.done.Refused += len(t.Refused)
	for i := range t.Events {
		id := [16]byte(hash(t.Events[i].Source + "\x00" + t.Events[i].ID))
		if r.told[id] {
			r.done.Known++
			continue
		}
		r.told[id] = true
		told = append(told, t.Events[i])
	}
	return told
}

// compare compares events with what is stored, and gives those that are to be stored, and
// those that then take others back.
func (r *replaying) compare(ctx context.Context, told []event.Event) (store, back []event.Event, err error) {
	var entities []journal.Entity
	spans := map[journal.Entity]*span{}
	for i := range told {
		e := r.entity(&told[i])
		if spans[e] == nil {
			spans[e] = newSpan(e.Kind)
			entities = append(entities, e)
		}
		spans[e].include(told[i].At)
	}
	histories := make([]journal.History, len(entities))
	err = each(ctx, len(entities), func(ctx context.Context, i int) (err error) {
		histories[i], err = r.Journal.Read(ctx, entities[i], spans[entities[i]].from, spans[entities[i]].to)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	known := map[journal.Entity]stands{}
	for i, e := range entities {
		known[e] = standing(&histories[i])
	}
	for i := range told {
		right, wrong, err := r.decide(&told[i], known[r.entity(&told[i])].of(&told[i]))
		if err != nil {
			return nil, nil, err
		}
		store, back = append(store, right...), append(back, takeBack(wrong)...)
	}
	return store, back, nil
}

func (r *replaying) entity(e *event.Event) journal.Entity {
	kind, id := e.Entity()
	return journal.Entity{Tenant: r.Tenant, Kind: kind, ID: id}
}

// decide counts an event by the uses of its id that are stored, and says what is to be stored
// and what to be taken back on its account.
func (r *replaying) decide(e *event.Event, uses []use) (store, wrong []event.Event, err error) {
	stands := false
	for i := range uses {
		if !uses[i].counts {
			continue
		}
		same, err := journal.Same(r.Tenant, e, &uses[i].Event)
		if err != nil {
			return nil, nil, err
		}
		if stands = stands || same; !same {
			wrong = append(wrong, uses[i].Event)
		}
	}
	switch {
	case len(uses) == 0:
		r.done.New++
		store = []event.Event{*e}
	case stands || len(wrong) == 0: // the latter was taken back, and stays so
		r.done.Known++
	default:
		r.done.Conflicting++
		store = []event.Event{correction(e, len(uses))}
	}
	if len(uses) > 0 && (!r.Correct || e.Type == event.Retracted) {
		return nil, nil, nil
	}
	return store, wrong, nil
}
