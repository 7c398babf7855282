package report

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Snapshot is what one request knows before it reads any counter: whose they are, how
// far the log is merged into blocks, what the tenant has announced, and what time it
// is. Everything is asked of it. It is made for one request, and so keeps the
// request's context.
type Snapshot struct {
	ctx    context.Context
	state  table.Table
	tenant string
	merged cell.Merged
	now    int64 // Unix milliseconds
	// entries are the directory's, by kind and id.
	entries map[string]map[string]*fact.Entry
	counted *counted
}

// counted is the smallest of the moments as of which counters were read.
type counted struct {
	sync.Mutex
	until int64
	read  bool
}

// Open reads, in one round trip, how far a tenant's log is merged and the directory's
// entries of some kinds (agent, department, campaign, …). What is still open counts up
// to now, and so is what an event ahead of the clock has ended: no length of time
// reaches beyond it. A measure.VersionError says that other code counted what is stored.
func Open(ctx context.Context, state table.Table, tenant string, now time.Time, kinds ...string) (*Snapshot, error) {
	number := counter.Guess(tenant)
	for {
		s := &Snapshot{ctx: ctx, state: counter.Space(state, tenant, number), tenant: tenant, now: now.UnixMilli(), entries: map[string]map[string]*fact.Entry{}, counted: &counted{}}
		right, err := s.open(state, number, kinds)
		if err != nil {
			return nil, err
		}
		if right == number {
			return s, nil
		}
		number = right
		counter.Guessed(tenant, number)
	}
}

// open reads what a snapshot of a generation begins with, and which generation it should be.
func (s *Snapshot) open(state table.Table, number uint32, kinds []string) (right uint32, err error) {
	g, together := errgroup.WithContext(s.ctx)
	var root cell.Merged
	g.Go(func() (err error) {
		root, err = counter.ReadMerged(together, state, s.tenant)
		return err
	})
	if number != 0 {
		g.Go(func() (err error) {
			s.merged, err = counter.ReadMerged(together, s.state, s.tenant)
			return err
		})
	}
	entries := make([]map[string]*fact.Entry, len(kinds))
	for i, kind := range kinds {
		g.Go(func() (err error) {
			entries[i], err = facts.Entries(together, s.state, s.tenant, kind)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return 0, err
	}
	for i, kind := range kinds {
		s.entries[kind] = entries[i]
	}
	if number == 0 {
		s.merged = root
	}
	right, err = counter.Pick(s.tenant, &root, &measure.Current)
	if err == nil && right == number && s.merged.Version != 0 {
		err = measure.Current.Check(s.tenant, s.merged.Catalogue)
	}
	return right, err
}

// State is where what the snapshot is of lies.
func (s *Snapshot) State() table.Table { return s.state }

// read reads counters.
func (s *Snapshot) read(request counter.Request) (*counter.Reading, error) {
	reading, err := counter.Read(s.ctx, s.state, request, s.merged)
	if err != nil {
		return nil, err
	}
	s.counted.Lock()
	defer s.counted.Unlock()
	if !s.counted.read || reading.At < s.counted.until {
		s.counted.until, s.counted.read = reading.At, true
	}
	return reading, nil
}

// CountedUntil is when the newest change was committed that is counted in all that was
// asked of the snapshot so far, or the zero time where nothing was counted yet. What
// arrived later is not counted; what arrived just before may have been on its way.
func (s *Snapshot) CountedUntil() time.Time {
	s.counted.Lock()
	defer s.counted.Unlock()
	until := s.counted.until
	if !s.counted.read {
		until = s.merged.At
	}
	if until == 0 {
		return time.Time{}
	}
	return time.UnixMilli(until)
}

// Entries are the directory's entries of a kind by id, if it was opened with it.
func (s *Snapshot) Entries(kind string) map[string]*fact.Entry { return s.entries[kind] }

// known lists the values of a dimension that the directory tells of: a kind of entity
// has the name of the dimension that its ids are values of.
func (s *Snapshot) known(by measure.Dim) []string {
	return slices.Collect(maps.Keys(s.entries[by.String()]))
}

// Lacks says whether some facts were stored by an earlier version and do not contribute yet to
// some of the measures.
func (s *Snapshot) Lacks(wants []Want) (bool, error) {
	since := uint8(0)
	for _, w := range wants {
		since = max(since, measure.Get(w.Measure).Since)
	}
	if since == 0 {
		return false, nil
	}
	generation, err := counter.Generation(s.ctx, s.state, s.tenant, fact.Generation)
	return generation < since, err
}

// At is the same snapshot by another clock: what is open counts up to that time.
func (s *Snapshot) At(now time.Time) *Snapshot {
	other := *s
	other.now = now.UnixMilli()
	return &other
}

// StatusLogs reads the statuses of agents from a time on, and before another.
func (s *Snapshot) StatusLogs(agents []string, from, to int64) (map[string]facts.StatusLog, error) {
	return facts.StatusLogs(s.ctx, s.state, s.tenant, agents, from, to)
}
