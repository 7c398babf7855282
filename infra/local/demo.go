package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// The demo tenant. Its key is no secret: whoever reaches the address has it.
const (
	demoTenant = "demo"
	demoSecret = "demo-key"
)

// What the demo holds at its start: a small centre, so that it is there in seconds.
const (
	demoWeeks  = 3
	demoScale  = 0.12
	demoAgents = 10
	demoSeed   = 1
)

// demoBatch is how many events are stored, and folded, at once.
const demoBatch = 2000

func demoEntry() tenant.Entry {
	return tenant.Entry{
		Tenant: tenant.Tenant{
			ID: demoTenant, Name: "Demo centre", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true,
			CustomMetrics: []tenant.CustomMetric{
				{ID: "acceptance", Name: "Acceptance in percent", Expression: "chats / chatRequests * 100"},
				{ID: "lost", Name: "Lost requests in percent", Expression: "missedChats / chatRequests * 100"},
			},
		},
		Keys: []tenant.Key{{ID: "demo", Secret: demoSecret, Scopes: tenant.Scopes()}},
	}
}

// demoState says which simulation was loaded, and up to when.
type demoState struct {
	Start time.Time `json:"start"`
	Until time.Time `json:"until"`
}

// loadDemo brings the demo tenant's chats up to the present: weeks of them at
// first, later what came since. Killed anywhere, it goes on at the next start, and
// events it stored before are known then.
func (sys *system) loadDemo(ctx context.Context, dir string, now time.Time) error {
	path := filepath.Join(dir, "demo.json")
	var state demoState
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &state)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	begin := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -7*demoWeeks)
	if state.Start.IsZero() || state.Until.Before(begin) {
		state = demoState{Start: begin}
	}
	sys.demo = state
	if !state.Until.Before(now) {
		return nil
	}
	if state.Until.IsZero() { // known before the first event, so that a second try is the same
		if err := writeState(path, state); err != nil {
			return err
		}
	}
	j := journal.New(sys.deps.Journal)
	batch := make([]event.Event, 0, demoBatch)
	for e := range simulation(state.Start, now).Events() {
		if e.Time().Before(state.Until) {
			continue
		}
		if batch = append(batch, e); len(batch) == demoBatch {
			if err := sys.store(ctx, j, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if err := sys.store(ctx, j, batch); err != nil {
		return err
	}
	state.Until = now
	sys.demo = state
	return writeState(path, state)
}

// simulation is the demo's, up to a moment; zero means without end. A later end
// adds events and changes none.
func simulation(start, end time.Time) *sim.Sim {
	return sim.New(sim.Config{
		Seed: demoSeed, Start: start, End: end, Scale: demoScale, Agents: demoAgents, Source: "demo",
	})
}

// liveDemo goes on with the demo as time goes on. What it stores is found known
// when the next start loads the same stretch.
func (sys *system) liveDemo(ctx context.Context) {
	j := journal.New(sys.deps.Journal)
	var batch []event.Event
	began := time.Now()
	for e := range simulation(sys.demo.Start, time.Time{}).Events() {
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

func (sys *system) store(ctx context.Context, j *journal.Journal, batch []event.Event) error {
	if len(batch) == 0 {
		return nil
	}
	if _, err := j.Append(ctx, demoTenant, batch, time.Now()); err != nil {
		return fmt.Errorf("loading the demo: %w", err)
	}
	return nil
}

// catchUp folds what the journal holds and was not folded yet, without the stream's
// waiting and in larger batches. What cannot be folded is left to the stream.
func (sys *system) catchUp(ctx context.Context) error {
	folder := fold.New(sys.deps.Journal, sys.deps.State, time.Now)
	for {
		changes, err := sys.journal.Next(ctx, "0", demoBatch)
		if err != nil || len(changes) == 0 {
			return err
		}
		items := make([]table.Item, len(changes))
		for i := range changes {
			items[i] = changes[i].Item
		}
		failed, err := folder.Apply(ctx, items)
		if err != nil {
			return err
		}
		for i := range failed {
			if failed[i] != nil {
				changes = changes[:i]
				break
			}
		}
		if len(changes) == 0 {
			return nil
		}
		last := changes[len(changes)-1]
		if err := sys.journal.Acknowledge(ctx, last.Shard, last.Sequence); err != nil {
			return err
		}
		if len(changes) < len(items) {
			return nil
		}
	}
}
