package sim

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// All lengths of time in this package are milliseconds.
const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
)

// run is one pass over the simulated time.
type run struct {
	cfg    Config
	cast   *cast
	rng    *rand.Rand
	prefix string

	now, end int64 // Unix milliseconds
	agenda   agenda
	planned  uint64

	yield   func(event.Event) bool
	stopped bool

	events, chats, visitors, others uint64 // counters for ids

	recent []*visitor // some that were here before, to come back
	held   int        // chats that wait whoever is free
	coming int        // visitors on their way to the desk
	rate   rate
}

// open announces the entities and plans the first day.
func (r *run) open() {
	r.announce()
	r.planFirstDays()
	r.planArrival()
	r.planChange()
	switch {
	case r.cast.desk != nil:
		r.at(r.cfg.Shortage.UnixMilli(), r.keepDesk)
	case r.cfg.RoundTheClock:
		r.patient()
	}
}

// loop does what is due, until the end or until nobody listens.
func (r *run) loop() {
	for !r.stopped && len(r.agenda) > 0 {
		next := r.agenda.pop()
		if next.at >= r.end {
			return
		}
		r.now = next.at
		next.do()
	}
}

// at plans do for a moment, never before now.
func (r *run) at(at int64, do func()) {
	r.planned++
	r.agenda.push(task{at: max(at, r.now), order: r.planned, do: do})
}

// after plans do in that many milliseconds.
func (r *run) after(ms int64, do func()) { r.at(r.now+ms, do) }

// emit yields one event of this moment.
func (r *run) emit(typ, subject string, d *event.Data) {
	if r.stopped || r.now >= r.end {
		return
	}
	r.events++
	var id [32]byte
	r.stopped = !r.yield(event.Event{
		ID:      string(strconv.AppendUint(append(append(id[:0], r.prefix...), '-'), r.events, 10)),
		Source:  r.cfg.Source,
		Type:    typ,
		Subject: subject,
		At:      r.now,
		Data:    *d,
	})
}

func (r *run) local() time.Time { return time.UnixMilli(r.now).In(r.cfg.Zone) }

// number makes a decimal id of 15 digits.
func (r *run) number(first, n uint64) string {
	return r.prefix + strconv.FormatUint(100_000_000*first+n, 10)
}

// otherID makes an id for messages and the like.
func (r *run) otherID(kind string) string {
	r.others++
	return kind + r.prefix + "-" + strconv.FormatUint(r.others, 10)
}

func (r *run) chance(p float64) bool { return r.rng.Float64() < p }

// around is an exponential length of time with a floor: floor + Exp(mean).
func (r *run) around(floor, mean int64) int64 {
	return floor + int64(r.rng.ExpFloat64()*float64(mean))
}

// between is uniform in [low, high).
func (r *run) between(low, high int64) int64 { return low + r.rng.Int64N(high-low) }

// length is a message's length in characters: most are short, a few are long.
func (r *run) length(typical float64) int64 {
	return 1 + int64(typical*math.Exp(0.7*r.rng.NormFloat64()))
}

func pick[T any](r *run, list []T) T { return list[r.rng.IntN(len(list))] }

// task is something to do at a moment; order settles ties.
type task struct {
	at    int64
	order uint64
	do    func()
}

func (t *task) before(u *task) bool {
	return t.at < u.at || t.at == u.at && t.order < u.order
}

// agenda is a binary heap of tasks.
type agenda []task

func (a *agenda) push(t task) {
	h := append(*a, t)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !t.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = t
	*a = h
}

func (a *agenda) pop() task {
	h := *a
	first, n := h[0], len(h)-1
	last := h[n]
	h[n] = task{}
	h = h[:n]
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && h[down+1].before(&h[down]) {
			down++
		}
		if !h[down].before(&last) {
			break
		}
		h[i] = h[down]
		i = down
	}
	if n > 0 {
		h[i] = last
	}
	*a = h
	return first
}
