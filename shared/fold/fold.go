// Package fold is the link between the journal's stream and the counters: it
// takes new events, folds them into facts, and commits the facts together with
// what they changed in one transaction. In: items of the journal's table, at
// least once and in any order. Out: facts and log items in the state's table. It
// has no clock of its own.
package fold

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v7"

	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Folder folds. It may be used concurrently, and many may work on one tenant.
type Folder struct {
	journal *journal.Journal
	state   table.Table
	// Now stamps commits; it is not part of any number.
	now func() time.Time

	// Version is the version of the measures by which it counts; New sets the current one.
	// Where something else is stored of a tenant that it does not go on from, nothing of
	// that tenant is folded, with a measure.VersionError.
	Version *measure.Version

	// Only is the generation that is folded into, whichever serves; nil: that one.
	Only *uint32

	// OnMergeError hears of a merge that failed after a batch was folded. The
	// batch is folded all the same; the schedule merges again.
	OnMergeError func(tenant string, err error)

	mu    sync.Mutex
	heads map[string]*head
}

// New returns a Folder over the journal's and the state's table.
func New(journalTable, state table.Table, now func() time.Time) *Folder {
	return &Folder{journal: journal.New(storage{journalTable}), state: storage{state}, now: now, Version: &measure.Current, heads: map[string]*head{}}
}

// head is what this Folder knows of a tenant's log. A stale number costs a
// conflict, nothing else.
type head struct {
	sync.Mutex
	known        bool
	serves       uint32      // the generation that the log is of
	state        table.Table // where that lies
	several      bool        // there is another one, which may have to catch up
	seen         time.Time   // when seq was seen to be the last
	met          time.Time   // when it was last seen that others write into the log too
	seq          uint64
	items, bytes int // not merged yet
	lists        lists
	view         derive.View
	// corrected: something of an agent or a visitor may have been taken back; else, as of
	// seq, nothing ever was.
	corrected bool
}

// work is all that a batch brings for one entity.
type work struct {
	entity journal.Entity
	events []event.Event
	items  []int // their places in the batch
	all    bool  // fold all of it again, whatever its facts say

	// Of an entity that all of is folded again: its journal, and the records of its facts.
	history journal.History
	stored  []table.Item

	// Of an entity that is folded in segments: the retractions that the batch brings, apart
	// from the events; the times of what they mean, which are folded again; and, of an
	// agent, all that was taken back.
	retractions []event.Event
	again       []int64
	retracted   *fact.Fact
}

// Apply folds a batch of journal items. failed[i] is set where an item cannot be
// folded at all, whatever storage does: it is damaged, or a record that it needs is, or it
// is more than can be stored; it does not keep others from being folded. err means that the
// batch, or a part of it, was not folded and should be delivered again.
func (f *Folder) Apply(ctx context.Context, items []table.Item) (failed []error, err error) {
	failed = make([]error, len(items))
	byTenant := map[string][]*work{}
	index := map[journal.Entity]*work{}
	for i, item := range items {
		if journal.IsNote(item) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			failed[i] = err
			continue
		}
		w := index[rec.Entity]
		if w == nil {
			w = &work{entity: rec.Entity}
			index[rec.Entity] = w
			byTenant[rec.Entity.Tenant] = append(byTenant[rec.Entity.Tenant], w)
		}
		w.events = append(w.events, rec.Event)
		w.items = append(w.items, i)
	}
	for tenant, list := range byTenant {
		bad, err := f.tenant(ctx, tenant, list)
		if err != nil {
			return failed, err
		}
		for w, err := range bad {
			for _, i := range w.items {
				failed[i] = err
			}
		}
	}
	for tenant := range byTenant { // once everybody's events are folded
		f.merge(ctx, tenant)
	}
	return failed, nil
}

// merge shortens a tenant's log, by a piece, where that is due. What is left is for the next
// batch: others are not to wait for it.
func (f *Folder) merge(ctx context.Context, tenant string) {
	h := f.head(tenant)
	h.Lock()
	defer h.Unlock()
	if !counter.Due(h.items, h.bytes) {
		return
	}
	step, err := counter.Shorten(ctx, h.state, tenant)
	if err != nil && f.OnMergeError != nil {
		f.OnMergeError(tenant, err)
	}
	if _, ok := errors.AsType[*counter.DamageError](err); ok || err == nil {
		h.items, h.bytes = step.Items, step.Bytes
		h.view.Merged(step.Merged)
	}
}

// Refold folds entities again from the journal, whatever their facts say.
func (f *Folder) Refold(ctx context.Context, entities ...journal.Entity) error {
	byTenant := map[string][]*work{}
	for _, e := range entities {
		byTenant[e.Tenant] = append(byTenant[e.Tenant], &work{entity: e, all: true})
	}
	for tenant, list := range byTenant {
		if err := f.undelivered(ctx, tenant, list); err != nil {
			return err
		}
	}
	return nil
}

// undelivered folds work that no stream delivered: one entity that cannot be folded is an error.
func (f *Folder) undelivered(ctx context.Context, tenant string, list []*work) error {
	bad, err := f.tenant(ctx, tenant, list)
	if err != nil {
		return err
	}
	for w, err := range bad {
		return fmt.Errorf("folding %s %q: %w", w.entity.Kind, w.entity.ID, err)
	}
	f.merge(ctx, tenant)
	return nil
}

// maxEntities is how many entities go into one commit at most.
const maxEntities = 90

// tenant folds the work of one tenant, a commit at a time.
func (f *Folder) tenant(ctx context.Context, tenant string, list []*work) (bad map[*work]error, err error) {
	h := f.head(tenant)
	h.Lock()
	defer h.Unlock()
	bad = map[*work]error{}
	for _, w := range list {
		slices.SortFunc(w.events, func(a, b event.Event) int { return event.Compare(&a, &b) })
		w.split()
	}
	for len(list) > 0 {
		n := min(len(list), maxEntities)
		if err := f.fold(ctx, tenant, h, list[:n], bad); err != nil {
			return nil, err
		}
		list = list[n:]
	}
	return bad, nil
}

func (f *Folder) head(tenant string) *head {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.heads[tenant]
	if h == nil {
		h = &head{}
		f.heads[tenant] = h
	}
	return h
}

// fold plans the changes of some entities and commits them, again and again
// while others change the same records.
func (f *Folder) fold(ctx context.Context, tenant string, h *head, list []*work, bad map[*work]error) error {
	attempt := func() (_ struct{}, err error) {
		defer func() {
			if r := recover(); r != nil {
				h.known, h.view = false, derive.View{}
				err = backoff.Permanent(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
			}
		}()
		p := &plan{ctx: ctx, folder: f, tenant: tenant, head: h}
		if err := p.see(); err != nil {
			return struct{}{}, permanentUnlessThrottled(err)
		}
		if err := p.takeBack(list); err != nil {
			return struct{}{}, permanentUnlessThrottled(err)
		}
		if err := p.load(list); err != nil {
			return struct{}{}, permanentUnlessThrottled(err)
		}
		for _, w := range list {
			if bad[w] == nil {
				if err := p.foldSafely(w); err != nil {
					var poison *poisonError
					if !errors.As(err, &poison) {
						return struct{}{}, permanentUnlessThrottled(err)
					}
					bad[w] = poison.err
				}
			}
		}
		return struct{}{}, permanentUnlessThrottled(p.commit())
	}
	_, err := backoff.Retry(ctx, attempt, backoff.WithBackOff(retries()), backoff.WithMaxTries(30))
	switch {
	case err == nil || passes(ctx, err):
		return err
	case len(list) == 1:
		bad[list[0]] = err
		return nil
	}
	// One of them cannot be folded, or they are too large together: find it.
	for _, half := range [][]*work{list[:len(list)/2], list[len(list)/2:]} {
		if err := f.fold(ctx, tenant, h, half, bad); err != nil {
			return err
		}
	}
	return nil
}

func retries() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 5*time.Millisecond, time.Second
	return b
}

func permanentUnlessThrottled(err error) error {
	var conflict *table.ConflictError
	if err == nil || errors.As(err, &conflict) || errors.Is(err, table.ErrThrottled) {
		return err
	}
	return backoff.Permanent(err)
}
