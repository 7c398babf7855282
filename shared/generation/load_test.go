package generation_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/generation"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
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

// ask is the complete answer to a report.
func (w *world) ask(report, group string) string {
	t := w.t
	t.Helper()
	who := &tenant.Tenant{ID: acme, Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	q := url.Values{"timeFrom": {"2026-03-01T00:00:00"}, "timeTo": {"2026-03-03T00:00:00"}}
	q.Set("group", group)
	a, err := comm100.New(w.journal, w.state).Answer(context.Background(), &dialect.Request{Tenant: who, Path: comm100.Prefix + report, Query: q, Now: end})
	if err != nil {
		t.Error(err)
		return ""
	}
	raw, err := a.Bytes()
	if err != nil {
		t.Error(err)
	}
	return string(raw)
}

var total = regexp.MustCompile(`"chatRequests":(\d+)`)

// chats is how many chats a report says were requested.
func (w *world) chats() int64 {
	text := w.ask("chatVolume", "total")
	m := total.FindStringSubmatch(text)
	if m == nil {
		w.t.Errorf("no total in %s", text)
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

// watch asks again and again until ctx ends: each answer has all that was folded before it was
// asked and nothing that was not appended when it came, by one version or the other.
func (w *world) watch(ctx context.Context) (asked int) {
	for ; ctx.Err() == nil; asked++ {
		least := w.folded.Load()
		n := w.chats()
		most := w.appended.Load()
		if !(least <= n && n <= most) && !(least*times <= n && n <= most*times) {
			w.t.Errorf("a report says %d chats, where %d were folded and %d appended", n, least, most)
		}
	}
	return asked
}

func (w *world) builder(v *measure.Version) *generation.Builder {
	return &generation.Builder{Journal: w.journal, State: w.state, Tenant: acme, Version: v, Now: clock}
}

// verified wants no difference.
func (w *world) verified(r verify.Report, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	if len(r.Differences) > 0 || r.Facts == 0 || r.Blocks == 0 {
		var b strings.Builder
		r.Differences = r.Differences[:min(10, len(r.Differences))]
		_, _ = r.Print(&b)
		w.t.Fatalf("%s", b.String())
	}
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

var soon = verify.Options{Wait: 100 * time.Millisecond, Tries: 60}

// TestAnotherGenerationUnderLoad: what counts is changed while several folders fold and reports
// are asked. The other generation is built, verified, made to serve, and left again; no report
// is wrong at any moment, and in the end both are as they must be.
func TestAnotherGenerationUnderLoad(t *testing.T) { underLoad(newWorld(t), simulated()) }

func underLoad(w *world, events []event.Event) {
	t := w.t
	t.Helper()
	ctx := t.Context()
	of := func(part int) int64 {
		n := int64(0)
		for _, e := range events[:len(events)*part/10] {
			if e.Type == "chat.requested" {
				n++
			}
		}
		return n
	}
	w.run(ctx)
	// Load goes on as the test does, so that there is some at every step.
	step := make(chan int, 20)
	appending := make(chan struct{})
	go func() {
		defer close(appending)
		at := 0
		for part := range step {
			for ; at < len(events)*part/10; at += 7 {
				w.append(events[at:min(at+7, len(events)*part/10)])
				time.Sleep(3 * time.Millisecond)
			}
			at = len(events) * part / 10
		}
	}()
	step <- 2
	w.until(of(2))
	watching, stop := context.WithCancel(ctx)
	asked := make(chan int, 1)
	go func() { asked <- w.watch(watching) }()
	var merging sync.WaitGroup
	merging.Go(func() { w.merge(watching) })

	step <- 4 // while it is built
	b := w.builder(&second)
	n, err := b.Build(ctx)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	step <- 5 // while it is verified
	w.verified(b.Verify(ctx, n, soon))
	step <- 6 // while it is made to serve
	if err := b.Swap(ctx, n, false); err != nil {
		t.Fatal(err)
	}
	if state, number, err := counter.Served(ctx, w.state, acme, &first); err != nil || number != 0 || state != w.state {
		t.Errorf("the first version reads generation %d, %v", number, err)
	}
	step <- 7
	w.meets(&second)
	w.until(of(7))
	if got, want := w.chats(), of(7)*times; got != want {
		t.Errorf("%d chats by the second version, want %d", got, want)
	}

	step <- 8 // while the first one catches up and serves again
	back := w.builder(&first)
	w.verified(back.Verify(ctx, 0, soon))
	if err := back.Swap(ctx, 0, false); err != nil {
		t.Fatal(err)
	}
	step <- 10
	close(step)
	w.meets(&first)
	<-appending
	for _, s := range w.streams {
		close(s)
	}
	w.folding.Wait()
	stop()
	merging.Wait()
	t.Logf("%d events, %d answers while it went on, %d batches met another version", len(events), <-asked, w.stopped.Load())
	if got, want := w.chats(), of(10); got != want {
		t.Errorf("%d chats by the first version, want %d", got, want)
	}

	w.verified(verify.Run(ctx, w.journal, w.state, verify.Options{Tenant: acme, Version: &first, Now: clock}))
	w.verified(w.builder(&second).Verify(ctx, n, soon))
	right := newWorld(t)
	right.run(ctx)
	right.append(events)
	for _, s := range right.streams {
		close(s)
	}
	right.folding.Wait()
	for r, group := range map[string]string{"chatVolume": "hour", "waitTime": "day", "queue": "day", "agentPerformance": "agent"} {
		if got, want := w.ask(r, group), right.ask(r, group); got != want {
			t.Errorf("%s says\n%s\nwant\n%s", r, got, want)
		}
	}

	w.deleted(n)
}

// deleted deletes a generation, once nobody can be reading it.
func (w *world) deleted(n uint32) {
	w.t.Helper()
	b := w.builder(&first)
	if err := b.Delete(w.t.Context(), n); err == nil {
		w.t.Error("a generation that has just served is deleted")
	}
	b.Now = func() time.Time { return end.Add(2 * generation.Keep) }
	if err := b.Delete(w.t.Context(), n); err != nil {
		w.t.Fatal(err)
	}
	for item, err := range w.state.Scan(w.t.Context(), fmt.Sprintf("%s/g%d/", acme, n)) {
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Errorf("%q %q is left", item.Part, item.Sort)
	}
	all, err := b.List(w.t.Context())
	if err != nil || len(all.All) != 1 || all.All[0].Number == n {
		w.t.Errorf("there are %+v, %v", all, err)
	}
	w.verified(verify.Run(w.t.Context(), w.journal, w.state, verify.Options{Tenant: acme, Version: &first, Now: clock}))
}
