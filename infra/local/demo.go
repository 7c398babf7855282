package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// The demo tenant. Its key is no secret: whoever reaches the address has it.
const (
	demoTenant = "demo"
	demoSecret = "demo-key"
)

// demoDays is how far the demo reaches back at its start: this month, the last one and
// the one before, whatever the day.
const demoDays = 100

// shortDays is how many days before that a department came to have too few agents.
const shortDays = 10

// demoBatch is how many of its events are stored and folded in one transaction.
const demoBatch = 5000

func demoEntry() (tenant.Entry, error) {
	webhooks, err := payload.Demo()
	return tenant.Entry{
		Tenant: tenant.Tenant{
			Webhooks: webhooks,
			ID:       demoTenant, Name: "Demo centre", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true,
			Links: tenant.Links{Conversation: "https://chat.example.com/conversations/{chatId}", Transcript: "https://chat.example.com/transcripts/{chatId}"},
			Schedules: []tenant.Schedule{
				{ID: "volume", Report: "comm100/chatVolume", Cron: "15 3 * * *", Parameters: map[string]string{"group": "hour"}},
				{ID: "ratings", Report: "freshchat/CSAT-Score", Rate: "1 day"},
			},
			CustomMetrics: []tenant.CustomMetric{
				{ID: "acceptance", Name: "Acceptance in percent", Expression: "chats / chatRequests * 100"},
				{ID: "lost", Name: "Lost requests in percent", Expression: "missedChats / chatRequests * 100"},
			},
		},
		Keys: []tenant.Key{{ID: "demo", Secret: demoSecret, Scopes: tenant.Scopes()}},
	}, err
}

// edition is that of a demo that begins now.
const edition = 3

// demoState says which simulation was loaded, and up to when.
type demoState struct {
	Edition int       `json:"edition,omitempty"`
	Start   time.Time `json:"start"`
	Until   time.Time `json:"until"`
}

// simulation is the demo's, up to a moment; zero means without end. A later end
// adds events and changes none. A data directory keeps to the edition that it began
// with: 1, of which demo.json says nothing, is larger and closes at night; in 2 somebody waits
// for an hour whoever is free.
func (s demoState) simulation(end time.Time) *sim.Sim {
	c := sim.Config{Seed: 1, Start: s.Start, End: end, Agents: 10, Source: "demo"}
	switch s.Edition {
	case 0:
		c.Scale = 0.12
	case 2:
		c.Scale, c.RoundTheClock = 0.03, true
	default: // a centre that never closes, one of whose departments has had too few agents for some days
		c.Scale, c.Shortage = 0.04, s.Start.AddDate(0, 0, demoDays-shortDays)
	}
	return sim.New(c)
}

// demoAt reads how far the demo was loaded, or says where it begins: there is none yet,
// or it ended so long ago that a new one is better than the gap filled.
func demoAt(path string, now time.Time) (demoState, error) {
	var state demoState
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &state)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return state, fmt.Errorf("reading %s: %w", path, err)
	}
	begin := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -demoDays)
	if state.Start.IsZero() || !state.Until.IsZero() && state.Until.Before(begin) {
		state = demoState{Edition: edition, Start: begin}
	}
	return state, nil
}

// loadDemo brings the demo tenant's chats up to the present: months of them at first,
// later what came since. They are simulated on one side, and stored and folded on the
// other, each batch in one transaction. Killed anywhere, it goes on at the next start, and
// events it stored before are known then.
func (sys *system) loadDemo(ctx context.Context, dir string, now time.Time) error {
	path := filepath.Join(dir, "demo.json")
	state, err := demoAt(path, now)
	if sys.demo = state; err != nil || !state.Until.Before(now) {
		return err
	}
	from := state.Until
	if from.IsZero() { // known before the first event, so that a second try is the same
		from = state.Start
		if err := writeState(path, state); err != nil {
			return err
		}
	}
	days := func(t time.Time) int { return int(t.Sub(from).Hours() / 24) }
	sys.progress.begin("the demo", days(now), "days")
	batches := make(chan []table.Op, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		return simulateDemo(ctx, state, now, batches)
	})
	g.Go(func() error {
		return sys.storeDemo(ctx, batches, func(last time.Time) { sys.progress.reach(days(last)) })
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("loading the demo: %w", err)
	}
	sys.demo.Until = now
	return writeState(path, sys.demo)
}

// simulateDemo hands on the demo's events, from where it was loaded up to, in batches as
// the journal stores them.
func simulateDemo(ctx context.Context, state demoState, now time.Time, batches chan<- []table.Op) error {
	var batch []event.Event
	hand := func() error {
		var c collector
		if _, err := journal.New(&c).Append(ctx, demoTenant, batch, time.Now()); err != nil {
			return err
		}
		batch = batch[:0]
		select {
		case batches <- c.puts:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for e := range state.simulation(now).Events() {
		if e.Time().Before(state.Until) {
			continue
		}
		if batch = append(batch, e); len(batch) == demoBatch {
			if err := hand(); err != nil {
				return err
			}
		}
	}
	return hand()
}

// collector stands where the journal's table does: it keeps what is put, and has nothing,
// for the demo takes nothing back.
type collector struct {
	table.Table
	puts []table.Op
}

func (c *collector) PutEach(_ context.Context, ops ...table.Op) ([]*table.Item, error) {
	c.puts = append(c.puts, ops...)
	return make([]*table.Item, len(ops)), nil
}

func (c *collector) Get(_ context.Context, keys ...table.Key) ([]table.Item, error) {
	items := make([]table.Item, len(keys))
	for i, k := range keys {
		items[i].Key = k
	}
	return items, nil
}

// storeDemo stores and folds batches, each in one transaction; stored hears of the time of
// the last event.
func (sys *system) storeDemo(ctx context.Context, batches <-chan []table.Op, stored func(time.Time)) error {
	bulk := sys.db.Bulk()
	journalTable, state := bulk.Table(sys.names[function.JournalTable]), table.Divide(bulk.Table(sys.names[function.StateTable]))
	folder := fold.New(journalTable, state, time.Now)
	for puts := range batches {
		if len(puts) == 0 {
			continue
		}
		if err := bulk.Do(func() error {
			stood, err := journalTable.PutEach(ctx, puts...)
			if err != nil {
				return err
			}
			items := make([]table.Item, 0, len(puts))
			for i := range puts {
				if stood[i] == nil {
					items = append(items, puts[i].Item)
				}
			}
			failed, err := folder.Apply(ctx, items)
			return errors.Join(append(failed, err)...)
		}); err != nil {
			return err
		}
		for i := range slices.Backward(puts) { // what is put beside events is none
			if last, err := journal.Decode(puts[i].Item); err == nil {
				stored(last.Event.Time())
				break
			}
		}
	}
	return ctx.Err()
}

// liveDemo goes on with the demo as time goes on. What it stores is found known
// when the next start loads the same stretch.
func (sys *system) liveDemo(ctx context.Context) {
	j := journal.New(sys.deps.Journal)
	var batch []event.Event
	began := time.Now()
	for e := range sys.demo.simulation(time.Time{}).Events() {
		if e.Time().Before(began) {
			if !e.Time().Before(sys.demo.Until) { // loaded up to a little earlier
				batch = append(batch, e)
			}
			continue
		}
		if time.Until(e.Time()) > 0 {
			if err := sys.store(ctx, j, batch); err != nil {
				if ctx.Err() == nil {
					sys.log.Error("the demo stops", "error", err)
				}
				return
			}
			batch = batch[:0]
			wait(ctx, time.Until(e.Time()))
		}
		if ctx.Err() != nil {
			return
		}
		batch = append(batch, e)
	}
}

func writeState(path string, state demoState) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return writeFile(path, raw)
}

// writeFile writes a file that is there whole, and on disk, or not at all.
func writeFile(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone if all went well
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (sys *system) store(ctx context.Context, j *journal.Journal, batch []event.Event) error {
	if len(batch) == 0 {
		return nil
	}
	if _, err := j.Append(ctx, demoTenant, batch, time.Now()); err != nil {
		return fmt.Errorf("loading the demo: %w", err)
	}
	return nil
}
