package report

import (
	"errors"
	"slices"

	"chatreports/shared/admission"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
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
	c.Quarters = t.filled(t.request.Cut)
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
	c.Quarters = int64(len(places))
	if !t.whole {
		c.Quarters = min(c.Quarters, mostQuarters)
	}
	return c
}

// reads adds the blocks that the plan reads, in the time in which there are any.
func (p *plan) reads(c *Cost, entities int64) {
	seen := map[counter.Wanted]bool{}
	if p.q.By == measure.None {
		entities = 1
	}
	for _, w := range p.request.Wanted {
		from, to := p.request.From, p.request.To
		whole := w // what is read in several ranges
		whole.Low, whole.High = "", ""
		for _, in := range p.merged.Within(cell.QuarterOf(from), cell.QuarterOf(to-1)+1) {
			const month = 30 * 96
			c.Ranges += int64(in.To-in.From)/month + 1
			if !seen[whole] {
				c.Blocks += entities * (w.Class.Number(in.To-1) - w.Class.Number(in.From) + 1)
			}
		}
		seen[whole] = true
	}
}

// filled is how many of some quarters, in order, may have any detail.
func (s *Snapshot) filled(quarters []cell.Quarter) (n int64) {
	if len(quarters) == 0 {
		return 0
	}
	for _, in := range s.merged.Within(quarters[0], quarters[len(quarters)-1]+1) {
		first, _ := slices.BinarySearch(quarters, in.From)
		end, _ := slices.BinarySearch(quarters, in.To)
		n += int64(end - first)
	}
	return n
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
