package report

import (
	"errors"

	"chatreports/shared/admission"
	"chatreports/shared/cell"
	"chatreports/shared/measure"
)

// Cost is what a question takes, as far as that can be told before anything is read:
// how much there is to read, to count and to tell.
type Cost struct {
	// Quarters are answered from their contributions, one by one.
	Quarters int64
	// Periods are those of all entities known, Totals those of all wants, and Spread
	// those of them with every whole second.
	Periods, Totals, Spread int64
	// Ranges of blocks are read by a query each. Blocks are how many may be in them, of
	// all entities known: there may be far fewer.
	Ranges, Blocks int64
}

// How many bytes of memory one of each uses up, from the question to the answer's last
// byte, in the mean of what a test measures.
const (
	perReport  = 512 << 10
	perQuarter = 16 << 10
	perPeriod  = 200
	perTotal   = 64
	perSpread  = 128
	perRange   = 2 << 10
	perBlock   = 3 << 10
	// mostForBlocks is what blocks count at most, since there may be far fewer.
	mostForBlocks = 1 << 30
)

// Bytes is about how much memory the question uses up. It does not hold all of it at any
// time.
func (c Cost) Bytes() int64 {
	return perReport + c.Quarters*perQuarter + c.Periods*perPeriod + c.Totals*perTotal + c.Spread*perSpread +
		c.Ranges*perRange + min(c.Blocks*perBlock, mostForBlocks)
}

// cost is what the questions take together.
func (t *questions) cost() (c Cost) {
	for _, q := range t.request.Cut {
		if first, end := t.filled(q, q+1); first < end {
			c.Quarters++
		}
	}
	for _, p := range t.plans {
		entities := max(1, int64(len(p.known(p.q.By))))
		periods := entities * int64(len(p.q.Buckets))
		c.Periods += periods
		for _, w := range p.wants {
			c.Totals += periods
			if w.Distribution {
				c.Spread += periods
			}
		}
		p.reads(&c, entities)
	}
	return c
}

// cost is what it takes to trace totals through some quarters: all of them, where a
// figure takes all of its bucket, else about as many as are read at once.
func (t *tracer) cost(places []place) (c Cost) {
	for _, p := range places {
		if first, end := t.filled(p.quarter, p.quarter+1); first < end {
			c.Quarters++
		}
	}
	if !t.whole {
		c.Quarters = min(c.Quarters, mostQuarters)
	}
	return c
}

// reads adds the blocks that the plan reads, in the time in which there are any.
func (p *plan) reads(c *Cost, entities int64) {
	seen := map[cell.Wanted]bool{}
	if p.q.By == measure.None {
		entities = 1
	}
	from, to := p.filled(cell.QuarterOf(p.request.From), cell.QuarterOf(p.request.To-1)+1)
	if from >= to {
		return
	}
	for _, w := range p.request.Wanted {
		whole := w // what is read in several ranges
		whole.Low, whole.High = "", ""
		const month = 30 * 96
		c.Ranges += int64(to-from)/month + 1
		if !seen[whole] {
			c.Blocks += entities * (w.Class.Number(to-1) - w.Class.Number(from) + 1)
		}
		seen[whole] = true
	}
}

// filledYears is of how many years before now a tenant is taken to have data.
const filledYears = 10

// filled is the part of some quarters in which there may be any data.
func (s *Snapshot) filled(from, to cell.Quarter) (cell.Quarter, cell.Quarter) {
	now := cell.QuarterOf(s.now)
	return max(from, now-filledYears*366*96), min(to, now+1)
}

// TooMuchError says that a question takes more than any may, and what to ask instead.
type TooMuchError struct {
	Cost Cost
	// Instead are a sentence's words.
	Instead string
	err     error
}

func (e *TooMuchError) Error() string { return e.err.Error() }

func (e *TooMuchError) Unwrap() error { return e.err }

// admit waits until there is room for a question.
func (s *Snapshot) admit(c Cost) error {
	err := admission.Need(s.ctx, c.Bytes())
	if _, ok := errors.AsType[*admission.TooMuchError](err); !ok {
		return err
	}
	instead := "take a shorter range or longer periods"
	if c.Quarters*perQuarter > c.Bytes()/2 {
		instead = "take a shorter range, or fewer filters at once, since what is filtered so is looked up fact by fact"
	}
	return &TooMuchError{Cost: c, Instead: instead, err: err}
}
