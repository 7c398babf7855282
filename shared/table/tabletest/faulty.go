package tabletest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"

	"chatreports/shared/table"
)

// ErrInjected is the error of a fault made on purpose.
var ErrInjected = errors.New("tabletest: injected fault")

// Fault is a way in which a call goes wrong.
type Fault uint8

const (
	None     Fault = iota
	Before         // fails, and nothing was done
	After          // was done, but fails all the same: the outcome is unknown to the caller
	Partly         // PutEach applies half, Query and Scan yield some records; otherwise like Before
	Throttle       // table.ErrThrottled, and nothing was done
	Conflict       // Write: an empty ConflictError, and nothing was done; otherwise like Throttle
)

func (f Fault) String() string {
	return [...]string{"none", "before", "after", "partly", "throttle", "conflict"}[f]
}

// Plan decides which calls go wrong. Tables and feeds that share a plan share its
// count of calls, and may be used concurrently.
type Plan struct {
	mu     sync.Mutex
	calls  int
	decide func(call int) Fault
	log    []string
}

// NewPlan asks decide about every call; calls count from 1.
func NewPlan(decide func(call int) Fault) *Plan { return &Plan{decide: decide} }

// At makes call k go wrong, and no other.
func At(k int, f Fault) *Plan {
	return NewPlan(func(call int) Fault {
		if call == k {
			return f
		}
		return None
	})
}

// CrashAt makes call k go wrong and all calls after it fail with nothing done, as
// if the process had died there. Give k = 1, 2, … until Calls is less than k.
func CrashAt(k int, f Fault) *Plan {
	return NewPlan(func(call int) Fault {
		switch {
		case call == k:
			return f
		case call > k:
			return Before
		}
		return None
	})
}

// Randomly makes a share of all calls go wrong, each in one of the ways given or,
// without any, in any way. The same seed gives the same faults.
func Randomly(seed uint64, share float64, faults ...Fault) *Plan {
	if len(faults) == 0 {
		faults = []Fault{Before, After, Partly, Throttle, Conflict}
	}
	r := rand.New(rand.NewPCG(seed, 0))
	return NewPlan(func(int) Fault {
		if r.Float64() >= share {
			return None
		}
		return faults[r.IntN(len(faults))]
	})
}

// Calls is how many calls there were so far.
func (p *Plan) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Log lists the faults so far, for the message of a test that fails.
func (p *Plan) Log() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.log...)
}

func (p *Plan) next(method string) (Fault, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	f := p.decide(p.calls)
	if f == None {
		return None, nil
	}
	p.log = append(p.log, fmt.Sprintf("call %d, %s: %s", p.calls, method, f))
	return f, fmt.Errorf("%w %q in call %d, %s", ErrInjected, f, p.calls, method)
}

// Faulty is a table that goes wrong as its plan says.
type Faulty struct {
	table table.Table
	plan  *Plan
}

// NewFaulty wraps t.
func NewFaulty(t table.Table, p *Plan) *Faulty { return &Faulty{t, p} }

var _ table.Table = (*Faulty)(nil)

// Get implements table.Table.
func (f *Faulty) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	switch fault, err := f.plan.next("Get"); fault {
	case None:
		return f.table.Get(ctx, keys...)
	case Throttle, Conflict:
		return nil, table.ErrThrottled
	default:
		return nil, err
	}
}

// Write implements table.Table.
func (f *Faulty) Write(ctx context.Context, ops ...table.Op) error {
	switch fault, err := f.plan.next("Write"); fault {
	case None:
		return f.table.Write(ctx, ops...)
	case After: // done or not: a condition that fails is not told either
		_ = f.table.Write(ctx, ops...)
		return err
	case Throttle:
		return table.ErrThrottled
	case Conflict:
		return &table.ConflictError{}
	default:
		return err
	}
}

// PutEach implements table.Table.
func (f *Faulty) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	switch fault, err := f.plan.next("PutEach"); fault {
	case None:
		return f.table.PutEach(ctx, ops...)
	case After:
		_, _ = f.table.PutEach(ctx, ops...)
		return nil, err
	case Partly: // every other one: not even a beginning of the list
		var some []table.Op
		for i := 0; i < len(ops); i += 2 {
			some = append(some, ops[i])
		}
		_, _ = f.table.PutEach(ctx, some...)
		return nil, err
	case Throttle, Conflict:
		return nil, table.ErrThrottled
	default:
		return nil, err
	}
}

// Query implements table.Table.
func (f *Faulty) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return f.read("Query", f.table.Query(ctx, r))
}

// Scan implements table.Table.
func (f *Faulty) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return f.read("Scan", f.table.Scan(ctx, prefix))
}

func (f *Faulty) read(method string, seq iter.Seq2[table.Item, error]) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		fault, err := f.plan.next(method)
		switch fault {
		case None:
			seq(yield)
			return
		case After, Partly: // all of it, or one record, and then the error
			for it, itErr := range seq {
				if itErr != nil {
					break
				}
				if !yield(it, nil) {
					return
				}
				if fault == Partly {
					break
				}
			}
		case Throttle, Conflict:
			err = table.ErrThrottled
		}
		yield(table.Item{}, err)
	}
}
