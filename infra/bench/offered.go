package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// Of what is offered: how many events a second, how often some of them, how often a report is
// asked meanwhile, and how often another tenant sends a chat.
const (
	offeredRate  = 2000
	offeredEvery = 20 * time.Millisecond
	askedEvery   = 20 * time.Millisecond
	smallEvery   = 250 * time.Millisecond
	// mostWaiting is how many events wait to be folded when no more are offered for a while: a
	// machine that is too slow, or too busy, would never come to an end.
	mostWaiting = 2_000
)

// offered is a system to which events are offered as time passes, whether it keeps up or not: a
// folder a shard folds them, by the version of the measures that is deployed, and a report is
// asked all the while. An answer is right if it has all that was folded before it was asked
// and nothing that was not stored when it came, by one version or the other.
type offered struct {
	counters counters
	state    table.Table
	plain    table.Table // the same, not counted
	next     func() (event.Event, bool)
	rate     int   // events a second; 0: as many as can be stored
	most     int64 // events wait to be folded when no more are offered
	shards   []chan []arrived
	now      atomic.Int64 // Unix milliseconds
	deployed atomic.Pointer[measure.Version]
	others   atomic.Int64 // batches that met another version than theirs
	running  sync.WaitGroup

	events           atomic.Int64 // stored
	stored, folded   atomic.Int64 // chats requested
	asked, wrong     int
	first            string // the first wrong answer
	failed           atomic.Pointer[error]
	began            time.Time
	offering         time.Duration
	held             atomic.Bool  // nothing is to be offered for a while
	full             int          // turns at which nothing was
	waiting, longest atomic.Int64 // events that are stored and not folded

	mu    sync.Mutex
	waits []time.Duration // of the other tenant's events, from being stored to being counted
}

// arrived is a record of the stream, whether it asks for a chat, and of another tenant's when it
// was stored.
type arrived struct {
	item    table.Item
	request int64
	small   time.Time
}

func newOffered(db *embedded.DB, shards int, v *measure.Version, events iter.Seq[event.Event]) (o *offered, stop func()) {
	o = &offered{counters: newCounters(db.Table("journal"), db.Table("state")), plain: table.Divide(db.Table("state"))}
	o.state = table.Divide(o.counters.state)
	o.rate, o.most = offeredRate, mostWaiting
	o.shards = make([]chan []arrived, shards)
	o.deployed.Store(v)
	o.next, stop = iter.Pull(events)
	return o, stop
}

func (o *offered) clock() time.Time { return time.UnixMilli(o.now.Load()).UTC() }

// fail notes the first error; whoever waits for something then ends.
func (o *offered) fail(err error) { o.failed.CompareAndSwap(nil, &err) }

func (o *offered) err() error {
	if err := o.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// run folds, merges every second, offers and asks, until end is called: which waits until all
// that was offered is folded.
func (o *offered) run(ctx context.Context) (end func() error) {
	for i := range o.shards {
		o.shards[i] = make(chan []arrived, 1_000_000)
		o.running.Go(func() { o.fold(ctx, o.shards[i]) })
	}
	offering, stopOffering := context.WithCancel(ctx)
	asking, stopAsking := context.WithCancel(ctx)
	var offerer, askers sync.WaitGroup
	offerer.Go(func() { o.offer(offering) })
	askers.Go(func() { o.ask(asking) })
	askers.Go(func() { o.merge(asking) })
	return func() error {
		stopOffering()
		offerer.Wait()
		for _, shard := range o.shards {
			close(shard)
		}
		o.running.Wait()
		stopAsking()
		askers.Wait()
		return errors.Join(o.err(), ctx.Err())
	}
}

// offer stores events at the rate, until ctx ends.
func (o *offered) offer(ctx context.Context) {
	o.began = time.Now()
	tick := time.NewTicker(offeredEvery)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil && o.err() == nil; {
		due := int(float64(o.rate) * time.Since(o.began).Seconds())
		if o.rate == 0 {
			due = n + appendBatch
		}
		if o.held.Load() || o.waiting.Load() >= o.most {
			o.full++
			n = due
		}
		for n < due {
			some := min(due-n, appendBatch)
			if err := o.take(context.WithoutCancel(ctx), some); err != nil {
				o.fail(err)
				return
			}
			n += some
		}
		if o.rate == 0 && o.waiting.Load() < o.most {
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	o.offering = time.Since(o.began)
}

// take stores the next events and puts them on the stream.
func (o *offered) take(ctx context.Context, n int) error {
	var batch []event.Event
	for len(batch) < n {
		e, ok := o.next()
		if !ok {
			return errors.New("there are no more events to offer")
		}
		batch = append(batch, e)
	}
	o.now.Store(batch[n-1].At)
	var fresh []table.Item
	if _, err := journal.New(tap{o.counters.journal, &fresh}).Append(ctx, acme.ID, batch, time.Now()); err != nil {
		return err
	}
	o.events.Add(int64(n))
	return o.deliver(fresh, time.Time{})
}

// deliver puts records on the stream.
func (o *offered) deliver(fresh []table.Item, small time.Time) error {
	batches, requests, n := make([][]arrived, len(o.shards)), int64(0), int64(0)
	for _, item := range fresh {
		if journal.IsNote(item) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			return err
		}
		a := arrived{item: item, small: small}
		if n++; small.IsZero() && rec.Event.Type == "chat.requested" {
			a.request = 1
		}
		requests += a.request
		h := fnv.New32a()
		_, _ = h.Write([]byte(item.Part))
		at := h.Sum32() % uint32(len(o.shards))
		batches[at] = append(batches[at], a)
	}
	o.stored.Add(requests)
	o.wait(n)
	for i, batch := range batches {
		if len(batch) > 0 {
			o.shards[i] <- batch
		}
	}
	return nil
}

// small lets another tenant send a chat now and then, until ctx ends.
func (o *offered) small(ctx context.Context) {
	for n := 0; ctx.Err() == nil && o.err() == nil; n++ {
		var fresh []table.Item
		chat := []event.Event{
			{ID: fmt.Sprint("r", n), Source: "small", Type: "chat.requested", Subject: chatID(n), At: o.now.Load(), Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}},
			{ID: fmt.Sprint("a", n), Source: "small", Type: "chat.accepted", Subject: chatID(n), At: o.now.Load(), Data: event.Data{AgentID: "a"}},
		}
		at := time.Now()
		_, err := journal.New(tap{o.counters.journal, &fresh}).Append(context.WithoutCancel(ctx), small.ID, chat, at)
		if err == nil {
			err = o.deliver(fresh, at)
		}
		if err != nil {
			o.fail(err)
			return
		}
		select {
		case <-time.After(smallEvery):
		case <-ctx.Done():
		}
	}
}

// counted notes how long another tenant's events took.
func (o *offered) counted(batch []arrived) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range batch {
		if at := batch[i].small; !at.IsZero() {
			o.waits = append(o.waits, time.Since(at))
		}
	}
}

// wait counts those that wait to be folded.
func (o *offered) wait(n int64) {
	for waiting := o.waiting.Add(n); ; {
		longest := o.longest.Load()
		if waiting <= longest || o.longest.CompareAndSwap(longest, waiting) {
			return
		}
	}
}

// fold folds what arrives at a shard: what there is by then, up to a full batch. What another
// version counts is delivered again.
func (o *offered) fold(ctx context.Context, stream <-chan []arrived) {
	var version *measure.Version
	var folder *fold.Folder
	for batch := range stream {
		for more := true; more && len(batch) < streamBatch; {
			select {
			case next, ok := <-stream:
				batch, more = append(batch, next...), ok
			default:
				more = false
			}
		}
		items, requests := make([]table.Item, len(batch)), int64(0)
		for i := range batch {
			items[i] = batch[i].item
			requests += batch[i].request
		}
		for ctx.Err() == nil && o.err() == nil {
			if d := o.deployed.Load(); d != version {
				version, folder = d, fold.New(o.counters.journal, o.state, time.Now)
				folder.Version = d
			}
			failed, err := folder.Apply(ctx, items)
			if err == nil {
				if err := errors.Join(failed...); err != nil {
					o.fail(err)
				}
				o.folded.Add(requests)
				o.counted(batch)
				o.wait(-int64(len(batch)))
				break
			}
			if _, other := errors.AsType[*measure.VersionError](err); other {
				o.others.Add(1)
			} else if _, paused := errors.AsType[*counter.PausedError](err); !paused && ctx.Err() == nil {
				o.fail(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// merge merges on schedule.
func (o *offered) merge(ctx context.Context) {
	for ctx.Err() == nil {
		_, err := counter.MergeDue(ctx, o.state, time.Now())
		if _, other := errors.AsType[*measure.VersionError](err); err != nil && !other && ctx.Err() == nil {
			o.fail(err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// ask asks how many chats there are, again and again.
func (o *offered) ask(ctx context.Context) {
	for ctx.Err() == nil && o.err() == nil {
		least := o.folded.Load()
		n, err := o.chats(context.WithoutCancel(ctx))
		if err != nil {
			o.fail(err)
			return
		}
		most := o.stored.Load()
		if o.asked++; !(least <= n && n <= most) && !(least*alteredBy <= n && n <= most*alteredBy) {
			if o.wrong++; o.wrong == 1 {
				o.first = fmt.Sprintf("%d chats, where %d were folded and %d stored", n, least, most)
			}
		}
		select {
		case <-time.After(askedEvery):
		case <-ctx.Done():
		}
	}
}

// chats is how many chats a report says were requested.
func (o *offered) chats(ctx context.Context) (int64, error) {
	raw, err := answer(ctx, o.plain, ask("chatVolume", "total", "", lastDay.AddDate(0, 0, -31), lastDay.AddDate(0, 0, offeredDays)), o.clock())
	if err != nil {
		return 0, err
	}
	var rows []struct{ ChatRequests int64 }
	if err := json.Unmarshal(raw, &rows); err != nil {
		return 0, fmt.Errorf("%w: %s", err, clip(string(raw)))
	}
	n := int64(0)
	for _, row := range rows {
		n += row.ChatRequests
	}
	return n, nil
}
