package derive

import (
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/step"
)

// A union, such as the time in which an agent was in any chat, while logged in: where two
// functions are above zero.

// together is 1 where both functions are above zero. It ends where both are for good:
// from there on it is one open level (togetherOpen), so that what happens later changes
// nothing.
func together(f []function, from, to int64) []step.Edge {
	to = min(to, max(f[0].forGood(), f[1].forGood()))
	var out []step.Edge
	for _, s := range step.Both(step.Above(f[0].until(to)), step.Above(f[1].until(to))) {
		if s.From, s.To = max(s.From, from), min(s.To, to); s.From < s.To {
			out = append(out, step.Edge{At: s.From, N: 1}, step.Edge{At: s.To, N: -1})
		}
	}
	return out
}

// togetherOpen is the level that has no end: both functions are above zero for good.
func togetherOpen(f []function) []step.Edge {
	if since := max(f[0].forGood(), f[1].forGood()); since != measure.Forever {
		return []step.Edge{{At: since, N: 1}}
	}
	return nil
}

// togetherThroughout is 1 if both are above zero.
func togetherThroughout(n []int64) int64 {
	if n[0] > 0 && n[1] > 0 {
		return 1
	}
	return 0
}

// reachOfTogether: the union changes where the functions do. A beginning without an end
// may change it at any later time, as far as anything is known, but not after both
// functions are above zero for good. Of what has not ended only the first counts: from
// then on the function is above zero.
func reachOfTogether(c *valueChange, running []running, horizon int64) {
	for n := range running {
		c.was[n].open = running[n].first(nil)
		c.is[n].open = running[n].first(summed(slices.Clone(c.open[n])))
	}
	reach := c.changed
	if c.since != measure.Forever {
		for _, f := range [][]function{c.was, c.is} {
			end := horizon
			if since := togetherOpen(f); len(since) > 0 {
				end = since[0].At
			}
			reach.To = max(reach.To, end)
		}
	}
	c.reach = []span{reach}
}

// changeOfTogether is what follows from the functions as they are, less what followed from
// them as they were. Outside reach it is the same.
func changeOfTogether(c *valueChange) (edges, open []step.Edge) {
	for n := range c.is {
		c.is[n].ended = slices.Concat(c.was[n].ended, c.ended[n])
	}
	from, to := c.reach[0].From, c.reach[0].To
	return less(together(c.is, from, to), together(c.was, from, to)), less(togetherOpen(c.is), togetherOpen(c.was))
}
