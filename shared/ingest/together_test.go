package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/ingest"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

// streamed is a journal that hands what is new in it to folders: one a shard, some of it twice,
// as a stream does.
type streamed struct {
	table.Table
	shards [4]chan table.Item
}

func (s *streamed) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := s.Table.PutEach(ctx, ops...)
	for i := range stood {
		if stood[i] == nil && err == nil {
			h := fnv.New32a()
			h.Write([]byte(ops[i].Item.Part))
			for range 1 + rand.IntN(2) {
				s.shards[h.Sum32()%uint32(len(s.shards))] <- ops[i].Item
			}
		}
	}
	return stood, err
}

// together is the chain from events to a report: some ingests, and a folder a shard.
type together struct {
	journal  *streamed
	state    table.Table
	handlers []http.Handler
	folding  sync.WaitGroup
}

func newTogether(t *testing.T, ingests int) *together {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &together{journal: &streamed{Table: db.Table("journal")}, state: table.Divide(db.Table("state"))}
	for range ingests { // each with a journal of its own, as functions have
		s.handlers = append(s.handlers, &ingest.Handler{Journal: journal.New(s.journal), Log: quiet, Now: func() time.Time { return now }, Stored: time.Now})
	}
	for i := range s.journal.shards {
		s.journal.shards[i] = make(chan table.Item, 1_000_000)
		s.folding.Go(func() {
			f := fold.New(s.journal.Table, s.state, time.Now)
			for item := range s.journal.shards[i] {
				batch := []table.Item{item}
				for more := true; more && len(batch) < 200; {
					select {
					case item, ok := <-s.journal.shards[i]:
						if more = ok; ok {
							batch = append(batch, item)
						}
					default:
						more = false
					}
				}
				failed, err := f.Apply(context.Background(), batch)
				if err = errors.Join(append(failed, err)...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	return s
}

// end waits until all is folded.
func (s *together) end() {
	for _, shard := range s.journal.shards {
		close(shard)
	}
	s.folding.Wait()
}

// told are the answers to some reports.
func (s *together) told(t *testing.T) (out []string) {
	t.Helper()
	who := &tenant.Tenant{ID: "acme", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	for _, report := range []string{"chatVolume", "waitTime", "queue", "efficiency", "conversions", "visits", "rating"} {
		q := url.Values{"timeFrom": {"2026-02-28T00:00:00"}, "timeTo": {"2026-03-02T00:00:00"}, "group": {"hour"}}
		a, err := comm100.New(s.journal, s.state).Answer(t.Context(), &dialect.Request{Tenant: who, Path: comm100.Prefix + report, Query: q, Now: now})
		if err != nil {
			t.Fatal(report, err)
		}
		raw, err := a.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, report+" "+string(raw))
	}
	return out
}

// Many send the same events at once, in the same batches and in others that overlap, in every
// form, to several ingests, while several folders fold and others merge: the journal has each
// once, one sender of each is told that it was new, and everything is counted once.
func TestTheSameEventsFromManyAtOnceCountOnce(t *testing.T) {
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 8, Start: now.Add(-6 * time.Hour), End: now, Scale: 0.25, Agents: 5, Departments: 2, Campaigns: 2}).Events() {
		events = append(events, e)
	}
	lines := make([]string, len(events))
	for i := range events {
		lines[i] = string(sim.AppendJSON(nil, &events[i]))
	}
	s := newTogether(t, 3)
	const senders, most = 12, 120
	var mu sync.Mutex
	sent, accepted, duplicates := 0, 0, 0
	send := func(h http.Handler, some []string) {
		kind, body := batch, list(some...)
		if rand.IntN(2) == 0 {
			kind, body = ndjson, strings.Join(some, "\n")
		}
		w := post(h, kind, body)
		var a ingest.Answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusAccepted || len(a.Refused)+len(a.Conflicts) > 0 {
			t.Errorf("%d %.300s, %v", w.Code, w.Body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		sent, accepted, duplicates = sent+len(some), accepted+a.Accepted, duplicates+a.Duplicates
	}
	merging, stop := context.WithCancel(t.Context())
	var merged, sending sync.WaitGroup
	merged.Go(func() {
		for merging.Err() == nil {
			if err := counter.Merge(context.Background(), s.state, "acme"); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	for n := range senders {
		sending.Go(func() {
			h := s.handlers[n%len(s.handlers)]
			for at := 0; at < len(lines); {
				size := most // the same batches as others
				if n%2 == 1 {
					size = 1 + rand.IntN(most) // others, which overlap, and hold some twice
				}
				some := slices.Clone(lines[max(0, at-rand.IntN(20)*(n%2)):min(at+size, len(lines))])
				if n%4 == 3 {
					rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
				}
				send(h, some)
				at += size
			}
		})
	}
	sending.Wait()
	s.end()
	stop()
	merged.Wait()

	if accepted != len(events) || accepted+duplicates != sent {
		t.Errorf("of %d events sent %d times %d were accepted and %d were duplicates", len(events), sent, accepted, duplicates)
	}
	if stored := s.stored(t); len(stored) != len(events) || slices.ContainsFunc(slices.Collect(maps.Values(stored)), func(n int) bool { return n != 1 }) {
		t.Errorf("%d of %d events are stored", len(stored), len(events))
	}
	r, err := verify.Run(t.Context(), s.journal.Table, s.state, verify.Options{Tenant: "acme", Tries: 1, Wait: time.Millisecond})
	if err != nil || len(r.Differences) > 0 || r.Facts == 0 || r.Blocks == 0 {
		t.Errorf("%d facts, %d blocks, %v, differences %v", r.Facts, r.Blocks, err, r.Differences)
	}
	once := newTogether(t, 1)
	for some := range slices.Chunk(lines, most) {
		post(once.handlers[0], batch, list(some...))
	}
	once.end()
	want := once.told(t)
	for i, got := range s.told(t) {
		if got != want[i] {
			t.Errorf("told is\n%.600s\nwant\n%.600s", got, want[i])
		}
	}
	t.Logf("%d events, sent %d times by %d at once", len(events), sent, senders)
}

// stored says how often the journal has each event.
func (s *together) stored(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for item, err := range s.journal.Scan(t.Context(), "acme/") {
		if err != nil {
			t.Fatal(err)
		}
		if journal.IsNote(item) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprint(rec.Event.Source, " ", rec.Event.ID)]++
	}
	return out
}
