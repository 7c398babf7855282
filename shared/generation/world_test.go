package generation_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/generation"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

const acme = "acme"

// Two versions of what counts: by the second, each request counts as many times.
const times = 1000

var (
	first  = measure.Version{Number: 1}
	second = measure.Version{Number: 2, Oldest: 2, Alter: func(c *measure.Contribution) {
		if c.Measure == measure.ChatRequests {
			c.N *= times
		}
	}}
)

// Reports of the tests read either.
func init() { measure.Current = measure.Version{Number: 2} }

var (
	start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	end   = start.Add(10 * time.Hour)
)

func clock() time.Time { return end }

// shards is how many folders there are at once.
const shards = 4

// world is a system under load: events are appended, a folder a shard folds them by the
// version that is deployed, and what cannot be folded is delivered again.
type world struct {
	t              *testing.T
	journal, state table.Table
	deployed       atomic.Pointer[measure.Version]
	streams        [shards]chan []table.Item
	stopped        atomic.Int64 // batches that met another version
	// Chats requested that were appended, and folded.
	appended, folded atomic.Int64
	folding          sync.WaitGroup
	failed           atomic.Value // the last error of a fold
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return worldOf(t, db.Table("journal"), db.Table("state"))
}

func worldOf(t *testing.T, journalTable, state table.Table) *world {
	w := &world{t: t, journal: journalTable, state: table.Divide(state)}
	w.deployed.Store(&first)
	return w
}

func simulated() (out []event.Event) {
	for e := range sim.New(sim.Config{Seed: 3, Start: start, End: end, Scale: 0.6, Agents: 6, Departments: 3, Campaigns: 2}).Events() {
		out = append(out, e)
	}
	return out
}

// run begins to fold.
func (w *world) run(ctx context.Context) {
	for i := range w.streams {
		w.streams[i] = make(chan []table.Item, 10_000)
		w.folding.Go(func() {
			var version *measure.Version
			var folder *fold.Folder
			for batch := range w.streams[i] {
				for ctx.Err() == nil {
					if d := w.deployed.Load(); d != version {
						version, folder = d, fold.New(w.journal, w.state, clock)
						folder.Version = d
					}
					failed, err := folder.Apply(ctx, batch)
					if _, other := errors.AsType[*measure.VersionError](err); other {
						w.stopped.Add(1)
					}
					if err == nil {
						for _, err := range failed {
							if err != nil {
								w.t.Error(err)
							}
						}
						w.folded.Add(requests(batch))
						break
					}
					w.failed.Store(fmt.Sprint(err))
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
}

// merge merges the log of what serves again and again, until ctx ends.
func (w *world) merge(ctx context.Context) {
	for ctx.Err() == nil {
		state, err := w.serving()
		if err == nil {
			err = counter.Merge(ctx, state, acme)
		}
		if err != nil && ctx.Err() == nil {
			w.t.Error(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// serving is where the generation lies that serves.
func (w *world) serving() (table.Table, error) {
	state, _, err := counter.Served(context.Background(), w.state, acme, &measure.Current)
	return state, err
}

func requests(items []table.Item) (n int64) {
	for _, item := range items {
		if r, err := journal.Decode(item); err == nil && r.Event.Type == "chat.requested" {
			n++
		}
	}
	return n
}

// append stores events and puts them on the stream.
func (w *world) append(events []event.Event) {
	w.t.Helper()
	fresh := &fresh{Table: w.journal}
	if _, err := journal.New(fresh).Append(w.t.Context(), acme, events, end); err != nil {
		w.t.Fatal(err)
	}
	w.appended.Add(requests(fresh.items))
	var batches [shards][]table.Item
	for _, item := range fresh.items {
		h := fnv.New32a()
		h.Write([]byte(item.Part))
		batches[h.Sum32()%shards] = append(batches[h.Sum32()%shards], item)
	}
	for i, batch := range batches {
		if len(batch) > 0 {
			w.streams[i] <- batch
		}
	}
}

type fresh struct {
	table.Table
	items []table.Item
}

func (f *fresh) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := f.Table.PutEach(ctx, ops...)
	for i := range stood {
		if stood[i] == nil {
			f.items = append(f.items, ops[i].Item)
		}
	}
	return stood, err
}

func (w *world) builder(v *measure.Version) *generation.Builder {
	return &generation.Builder{Journal: w.journal, State: w.state, Tenant: acme, Version: v, Now: clock}
}

// until waits until so many chats were folded.
func (w *world) until(n int64) {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); w.folded.Load() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%d chats were folded of %d, the last error is %v", w.folded.Load(), n, w.failed.Load())
		}
	}
}

// meets deploys a version, once some batch of the other has met it.
func (w *world) meets(v *measure.Version) {
	w.t.Helper()
	stopped := w.stopped.Load()
	for deadline := time.Now().Add(time.Minute); w.stopped.Load() == stopped; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("folders of another version went on")
		}
	}
	w.deployed.Store(v)
}
