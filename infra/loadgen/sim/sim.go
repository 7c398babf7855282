// Package sim is a deterministic simulation of a contact centre: it invents the
// canonical events of one tenant's visitors, chats, agents and bots in believable
// proportions. In: a seed, a stretch of time and a size. Out: events in time order.
// It knows no storage, no network and no clock: time is what the configuration says.
package sim

import (
	"hash/fnv"
	"iter"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// ChatsPerWorkday is how many chats are requested on an average workday at scale 1.
const ChatsPerWorkday = 1900

// Config says what to simulate. Zero values mean the reference workload.
type Config struct {
	// Seed decides everything that is left to chance. Entities (agents, departments,
	// campaigns, …) depend on it alone, so runs over different times share them.
	Seed uint64
	// Start is the moment of the first events, the announcements of all entities.
	Start time.Time
	// End is when the run stops; events at or after it are left out and what is
	// open then stays open. It only cuts: a later End adds events and changes none.
	// Zero means no end.
	End time.Time

	Agents      int // default 40
	Departments int // default 6
	Campaigns   int // default 3

	// Scale multiplies the visitors and so the chats: 1 (the default) is about
	// 1,900 chats a workday.
	Scale float64
	// Concurrency multiplies each agent's maxConcurrentChats (1 to 3). The default
	// keeps pace with Scale per agent (Scale × 40 / Agents, at least 1), so that
	// waits stay what they are at scale 1.
	Concurrency float64

	// RoundTheClock is a centre that never closes: its shifts cover every hour of every
	// day, so that somebody is online at any moment, and somebody always waits. It has
	// three agents at least.
	RoundTheClock bool
	// Shortage is a moment from which on a department of such a centre has too few agents: one at a
	// time, who has no other, and more visitors than that one can take, who wait for a quarter of
	// an hour. Without it somebody waits for an hour, whoever is free. It brings three agents more.
	Shortage time.Time

	// Zone is where the centre keeps its days and shifts; default UTC.
	Zone *time.Location
	// Source is the CloudEvents source; default "sim".
	Source string
}

// Sim is one simulation. It holds no state of a run: every call of Events begins anew.
type Sim struct {
	cfg    Config
	prefix uint64 // six decimal digits that tell the ids of different runs apart
}

// New prepares a simulation.
func New(cfg Config) *Sim {
	if cfg.Agents <= 0 {
		cfg.Agents = 40
	}
	cfg.RoundTheClock = cfg.RoundTheClock || !cfg.Shortage.IsZero()
	if cfg.RoundTheClock {
		cfg.Agents = max(cfg.Agents, len(thirds))
	}
	if cfg.Departments <= 0 {
		cfg.Departments = 6
	}
	if cfg.Campaigns <= 0 {
		cfg.Campaigns = 3
	}
	if cfg.Scale <= 0 {
		cfg.Scale = 1
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = math.Max(1, cfg.Scale*40/float64(cfg.Agents))
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Source == "" {
		cfg.Source = "sim"
	}
	h := fnv.New64a()
	for _, v := range []uint64{
		cfg.Seed, uint64(cfg.Start.UnixMilli()), uint64(cfg.Agents), uint64(cfg.Departments), uint64(cfg.Campaigns),
		math.Float64bits(cfg.Scale), math.Float64bits(cfg.Concurrency),
	} {
		_, _ = h.Write(strconv.AppendUint(nil, v, 36))
		_, _ = h.Write([]byte{0})
	}
	_, _ = h.Write([]byte(cfg.Zone.String()))
	if cfg.RoundTheClock {
		_, _ = h.Write([]byte("round the clock"))
	}
	if !cfg.Shortage.IsZero() {
		cfg.Departments = max(2, cfg.Departments)
		_, _ = h.Write([]byte(cfg.Shortage.UTC().String()))
	}
	return &Sim{cfg: cfg, prefix: 100_000 + h.Sum64()%900_000}
}

// DepartmentIDs lists the departments' ids.
func (s *Sim) DepartmentIDs() []string {
	var ids []string
	for _, d := range newCast(s.cfg).departments {
		ids = append(ids, d.id)
	}
	return ids
}

// CampaignIDs lists the campaigns' ids.
func (s *Sim) CampaignIDs() []string {
	var ids []string
	for _, c := range newCast(s.cfg).campaigns {
		ids = append(ids, c.id)
	}
	return ids
}

// Events yields the events in time order. The same configuration yields the same
// events, byte for byte. What it keeps in memory is bounded by what is open.
func (s *Sim) Events() iter.Seq[event.Event] {
	return func(yield func(event.Event) bool) {
		r := &run{
			cfg:    s.cfg,
			cast:   newCast(s.cfg),
			rng:    rand.New(rand.NewPCG(s.cfg.Seed, s.prefix)),
			prefix: strconv.FormatUint(s.prefix, 10),
			now:    s.cfg.Start.UnixMilli(),
			end:    math.MaxInt64,
			yield:  yield,
		}
		if !s.cfg.End.IsZero() {
			r.end = s.cfg.End.UnixMilli()
		}
		r.open()
		r.loop()
	}
}
