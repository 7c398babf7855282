// Package backlog says how far what was sent is counted: how much of the log of differences no
// block holds yet, since when, and how long the newest change took from the journal into the
// figures. In: both tables and a tenant. Out: that, as of one moment.
package backlog

import (
	"context"
	"slices"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Standing is how far a tenant is counted.
type Standing struct {
	// Newest is when the newest change that is counted was committed; the zero time: there is
	// none.
	Newest time.Time
	// Lag is how long it took from when it was stored; Traced says whether that is known.
	Lag    time.Duration
	Traced bool
	// Commits and Bytes are of the log beyond what is merged, Since when the first of them was
	// committed. Held is how many bytes of documents are held back from blocks.
	Commits     uint64
	Bytes, Held int
	Since       time.Time
}

// mostTraced is how many facts of a commit are looked up to see when they were stored.
const mostTraced = 8

// Read reads how far a tenant is counted.
func Read(ctx context.Context, journalTable, state table.Table, tenant string) (s Standing, err error) {
	state, _, err = counter.Served(ctx, state, tenant, &measure.Current)
	if err != nil {
		return s, err
	}
	u, err := counter.LookBeyond(ctx, state, tenant)
	if err != nil || u.Last == 0 {
		return s, err
	}
	s = Standing{Commits: u.Last - u.Merged, Bytes: u.Bytes, Held: u.Held}
	if u.Since != 0 {
		s.Since = time.UnixMilli(u.Since).UTC()
	}
	at, changed, err := counter.Changed(ctx, state, tenant, u.Last)
	if err != nil || at == 0 {
		return s, err
	}
	s.Newest = time.UnixMilli(at).UTC()
	s.Lag, s.Traced, err = trace(ctx, journal.New(journalTable), tenant, changed, s.Newest)
	return s, err
}

// trace is how long before a commit the newest of its changes was stored.
func trace(ctx context.Context, j *journal.Journal, tenant string, changed []string, at time.Time) (lag time.Duration, ok bool, err error) {
	for _, name := range changed[:min(mostTraced, len(changed))] {
		of := table.Split(name)
		if len(of) != 3 {
			continue
		}
		segment, known := facts.SegmentOf(of[0], of[2])
		if !known {
			continue
		}
		stored, err := j.Stored(ctx, journal.Entity{Tenant: tenant, Kind: of[0], ID: of[1]}, segment.From, segment.To)
		if err != nil {
			return 0, false, err
		}
		slices.Sort(stored)
		before, _ := slices.BinarySearch(stored, at.Add(time.Millisecond).UnixNano())
		if before == 0 {
			continue
		}
		if took := max(0, at.Sub(time.Unix(0, stored[before-1]))); !ok || took < lag {
			lag, ok = took, true
		}
	}
	return lag, ok, nil
}
