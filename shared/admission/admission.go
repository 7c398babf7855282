// Package admission lets work in by its weight: at once no more than there is room
// for, and of one tenant no more than its share, so that a tenant with much to ask
// waits for itself and not others for it. In: a tenant and, once it is known, what its
// work weighs. Out: leave to begin, or an error that says why not. It knows neither
// what the work is nor what a weight is made of.
package admission

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Limits are what a gate lets in.
type Limits struct {
	// One is what one piece of work may weigh, Share what one tenant's may weigh that is
	// under way at once, and All what everybody's may. What weighs more than its tenant's
	// share has it alone. Share <= All.
	One, Share, All int64
	// Wait is how long work waits for room before it is turned away.
	Wait time.Duration
}

// Gate is where work comes in, in the order in which it came to wait. A nil *Gate lets
// all in.
type Gate struct {
	limits Limits
	all    *semaphore.Weighted

	mu     sync.Mutex
	shares map[string]*share // of the tenants with work under way or waiting
}

// share is what one tenant may have under way.
type share struct {
	room   *semaphore.Weighted
	visits int
}

// New returns a gate with nothing under way.
func New(l Limits) *Gate {
	return &Gate{limits: l, all: semaphore.NewWeighted(l.All), shares: map[string]*share{}}
}

// TooMuchError says that a piece of work weighs more than any may.
type TooMuchError struct{ Weight, Most int64 }

func (e *TooMuchError) Error() string {
	return fmt.Sprintf("admission: it weighs %d, and at most %d is let in", e.Weight, e.Most)
}

// BusyError says that there was no room for as long as work may wait.
type BusyError struct {
	// Own: the tenant's own share was in use; else everybody's room was.
	Own bool
	// RetryAfter is when it is worth trying again.
	RetryAfter time.Duration
}

func (e *BusyError) Error() string {
	if e.Own {
		return "admission: the tenant's share is in use"
	}
	return "admission: all room is in use"
}

// visit is one piece of work from when it came until it leaves.
type visit struct {
	gate   *Gate
	tenant string

	mu sync.Mutex
	in *share // nil: not let in yet
	// took is what it holds of the room.
	took int64
}

type visitKey struct{}

// Visit returns a context under which a tenant's work calls Need, and what must be
// called when the work is done.
func (g *Gate) Visit(ctx context.Context, tenant string) (_ context.Context, leave func()) {
	if g == nil {
		return ctx, func() {}
	}
	v := &visit{gate: g, tenant: tenant}
	return context.WithValue(ctx, visitKey{}, v), v.leave
}

// Need waits until there is room for work of a weight, of the visit that the context
// belongs to. It returns a *TooMuchError at once, a *BusyError after the gate's wait,
// or the context's error. Without a visit all is let in.
//
// Need may be called again for what comes to light later. Who is in goes on: there is
// no waiting then, since those who hold room and wait for more could wait for each
// other. It is counted where there is room to count it.
func Need(ctx context.Context, weight int64) error {
	v, ok := ctx.Value(visitKey{}).(*visit)
	if !ok {
		return ctx.Err()
	}
	if weight > v.gate.limits.One {
		return &TooMuchError{Weight: weight, Most: v.gate.limits.One}
	}
	weight = min(weight, v.gate.limits.Share)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.in == nil {
		return v.enter(ctx, weight)
	}
	if v.in.room.TryAcquire(weight) {
		if v.gate.all.TryAcquire(weight) {
			v.took += weight
		} else {
			v.in.room.Release(weight)
		}
	}
	return ctx.Err()
}

func (v *visit) enter(ctx context.Context, weight int64) error {
	g := v.gate
	wait, cancel := context.WithTimeout(ctx, g.limits.Wait)
	defer cancel()
	s := g.shareOf(v.tenant)
	if s.room.Acquire(wait, weight) != nil {
		g.forget(v.tenant)
		return g.turnedAway(ctx, true)
	}
	if g.all.Acquire(wait, weight) != nil {
		s.room.Release(weight)
		g.forget(v.tenant)
		return g.turnedAway(ctx, false)
	}
	v.in, v.took = s, weight
	return nil
}

func (g *Gate) turnedAway(ctx context.Context, own bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return &BusyError{Own: own, RetryAfter: g.limits.Wait}
}

func (v *visit) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.in == nil {
		return
	}
	v.gate.all.Release(v.took)
	v.in.room.Release(v.took)
	v.gate.forget(v.tenant)
	v.in, v.took = nil, 0
}

// shareOf is the tenant's share, which is kept until it is forgotten as often.
func (g *Gate) shareOf(tenant string) *share {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.shares[tenant]
	if s == nil {
		s = &share{room: semaphore.NewWeighted(g.limits.Share)}
		g.shares[tenant] = s
	}
	s.visits++
	return s
}

func (g *Gate) forget(tenant string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.shares[tenant]; s.visits > 1 {
		s.visits--
	} else {
		delete(g.shares, tenant)
	}
}
