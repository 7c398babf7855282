package main

import (
	"context"
	"fmt"
	"iter"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// small is another tenant, who sends one chat a second meanwhile.
var small = tenant.Tenant{ID: "small", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}

// smallAfter is how many chats the small tenant sends when the crowd has come.
const smallAfter = 20

// mergeAfter is how much later everything is old enough to be merged.
const mergeAfter = 20 * time.Minute

// crowding is what came of a crowd, so far.
type crowding struct {
	Step    string         `json:"step"` // what is being done; empty: all is done
	Events  int            `json:"events"`
	Refused map[string]int `json:"refused,omitempty"` // events, by code and field
	Folded  int            `json:"folded"`
	Lost    int            `json:"lost"` // records given up
	CPU     time.Duration  `json:"cpu"`  // of fold and merge
	Used    time.Duration  `json:"used"` // of processor time, by all of it
	Writes  int            `json:"writes"`
	Reads   int            `json:"reads"`
	Memory  int            `json:"memory"` // bytes, at most
	Stored  int            `json:"stored"` // bytes
	// The longest that a chat of the small tenant waited, in time, in processor time
	// of this process meanwhile, and in folds of the stream.
	Wait        time.Duration `json:"wait"`
	WaitCPU     time.Duration `json:"waitCpu"`
	WaitFolds   int           `json:"waitFolds"`
	MergeErrors int           `json:"mergeErrors,omitempty"`
	Slowest     time.Duration `json:"slowest"` // of the reports asked
	Wrong       []string      `json:"wrong,omitempty"`
}

// crowded is the system that a crowd comes to.
type crowded struct {
	crowding
	mu sync.Mutex // guards crowding

	db       *embedded.DB
	counters counters
	state    table.Table
	journal  *journal.Journal
	folder   *fold.Folder
	stream   []arrival
	ofSmall  []event.Event // what the small tenant sent
	now      atomic.Int64  // Unix milliseconds

	chats   int       // sent by the small tenant
	lastOne time.Time // when
	folds   int
}

// arrival is a record of the stream.
type arrival struct {
	item  table.Item
	small bool
	at    time.Time
	cpu   time.Duration // used before
	folds int           // made before
}

func (c *crowded) clock() time.Time { return time.UnixMilli(c.now.Load()).UTC() }

// crowdIn lets a crowd of n come to a system of its own in an empty directory.
// progress is called with what came of it so far.
func crowdIn(ctx context.Context, dir string, what *crowd, n int, progress func(crowding)) (crowding, error) {
	db, err := embedded.Open(dir, embedded.NoSync)
	if err != nil {
		return crowding{}, err
	}
	defer func() { _ = db.Close() }()
	c := &crowded{db: db, counters: newCounters(db.Table("journal"), db.Table("state"))}
	c.Refused = map[string]int{}
	c.counters.journal.kind, c.counters.state.kind = ofCrowd, ofCrowd
	c.now.Store(peak.UnixMilli())
	c.state = table.Divide(c.counters.state)
	c.journal = journal.New(c.counters.journal)
	c.folder = fold.New(c.counters.journal, c.state, c.clock)
	c.folder.OnMergeError = func(_ string, err error) { c.mergeFailed(err) }
	background, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(background, progress) })
	defer watching.Wait()
	defer stop()
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"folding", func(ctx context.Context) error { return c.come(ctx, what, n) }},
		{"merging", c.mergeAll},
		{"asking", func(ctx context.Context) error { return c.ask(ctx, what, n) }},
		{"verifying", c.verify},
	} {
		c.set(func(r *crowding) { r.Step = step.name })
		if err := step.run(ctx); err != nil {
			return c.so(), fmt.Errorf("%s: %w", step.name, err)
		}
	}
	c.set(func(r *crowding) { r.Step = "" })
	return c.so(), nil
}

// crowdKind is the kind of the crowd's own records.
const crowdKind = "crowd"

func ofCrowd(k table.Key) string {
	if strings.HasPrefix(k.Part, small.ID+"/") {
		return small.ID
	}
	return crowdKind
}

func (c *crowded) set(change func(*crowding)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.crowding)
}

func (c *crowded) so() crowding {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.crowding
	r.Wrong = slices.Clone(r.Wrong)
	return r
}

func (c *crowded) mergeFailed(err error) {
	c.set(func(r *crowding) {
		if r.MergeErrors++; r.MergeErrors == 1 {
			r.Wrong = append(r.Wrong, "merging: "+err.Error())
		}
	})
}

// watch notes the memory that is used while the crowd is taken in, and tells how far it is.
func (c *crowded) watch(ctx context.Context, progress func(crowding)) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		c.weigh()
		if n%50 == 0 {
			c.count()
			progress(c.so())
		}
	}
}

// weigh notes the memory that is used.
func (c *crowded) weigh() {
	used := memoryUsed()
	c.set(func(r *crowding) {
		if r.Step == "folding" || r.Step == "merging" {
			r.Memory = max(r.Memory, used)
		}
	})
}

// memoryUsed is what the runtime holds, in bytes: not the file that is mapped.
func memoryUsed() int {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return int(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

// come lets the crowd come, and the small tenant a while longer.
func (c *crowded) come(ctx context.Context, what *crowd, n int) error {
	var merging sync.WaitGroup
	defer merging.Wait()
	merged := c.clock()
	var busy atomic.Bool
	next, stop := iter.Pull(what.sent(n))
	defer stop()
	for after, more := 0, true; more || after < smallAfter; {
		var batch []event.Event
		for len(batch) < appendBatch && more {
			var raw []byte
			if raw, more = next(); more {
				if e, ok := c.parse(raw); ok {
					batch = append(batch, e)
				}
			}
		}
		if !more {
			after++
		}
		if err := c.append(ctx, batch, !more); err != nil {
			return err
		}
		if err := c.foldStream(ctx); err != nil {
			return err
		}
		if c.clock().Sub(merged) >= time.Minute && busy.CompareAndSwap(false, true) {
			merged = c.clock()
			merging.Go(func() { // its own function: others do not wait for it
				defer busy.Store(false)
				if _, err := counter.MergeDue(ctx, c.state, c.clock()); err != nil && ctx.Err() == nil {
					c.mergeFailed(err)
				}
			})
		}
	}
	return nil
}

// sent are the crowd's events as it sends them.
func (what *crowd) sent(n int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i, over := 0, false
		what.events(n, func(at time.Time, typ, subject, data string) {
			if i++; !over {
				over = !yield(fmt.Appendf(nil, `{"specversion":"1.0","id":"e%07d","source":"crowd","type":%q,"subject":%q,"time":%q,"data":%s}`,
					i, typ, subject, at.Format(time.RFC3339Nano), data))
			}
		})
	}
}

// mergeAll merges what is left, and counts.
func (c *crowded) mergeAll(ctx context.Context) error {
	c.now.Add(mergeAfter.Milliseconds())
	cpu := cpuTime()
	_, err := counter.MergeDue(ctx, c.state, c.clock())
	cpu = cpuTime() - cpu
	if err != nil && ctx.Err() == nil {
		c.mergeFailed(err)
		err = nil
	}
	c.count()
	c.weigh()
	stored := 0
	for _, tab := range []string{"journal", "state"} {
		for item, err := range c.db.Table(tab).Scan(ctx, acme.ID+"/") {
			if err != nil {
				return err
			}
			stored += itemBytes(&item)
		}
	}
	c.set(func(r *crowding) {
		r.CPU += cpu
		r.Stored = stored
	})
	return err
}

// count notes the units so far.
func (c *crowded) count() {
	t := c.counters.tally()
	c.set(func(r *crowding) {
		r.Used = cpuTime()
		r.Writes, r.Reads = t.WriteUnits[crowdKind], t.ReadUnits[crowdKind]
	})
}
