package report

import (
	"slices"

	"chatreports/shared/measure"
)

// ofNone says whether a condition keeps what counts for no value of its dimension.
func ofNone(v measure.Value) bool { return v.ID == "" }

// holds says whether a contribution counts under all conditions.
func (p *plan) holds(c *measure.Contribution) bool {
	for _, v := range p.q.Where {
		if ofNone(v) && !p.none(c, v.Dim) || !ofNone(v) && !(c.Dims.Has(v.Dim, v.ID) && p.together(c, v)) {
			return false
		}
	}
	return true
}

// none says whether a contribution that counts for the site, or under another condition,
// counts for no value of a dimension there.
func (p *plan) none(c *measure.Contribution, dim measure.Dim) bool {
	if !measure.Get(c.Measure).TellsNone(dim) {
		return false
	}
	of, is := measure.Site, func(v measure.Value) bool { return v.Dim == dim }
	for _, w := range p.q.Where {
		switch {
		case ofNone(w):
			continue
		case dim == measure.Department && w.Dim == measure.Agent:
			is = func(v measure.Value) bool {
				agent, _ := measure.Unpair(v.ID)
				return v.Dim == measure.AgentDepartment && agent == w.ID
			}
		case dim == measure.Agent && w.Dim == measure.Department:
			is = func(v measure.Value) bool {
				_, department := measure.Unpair(v.ID)
				return v.Dim == measure.AgentDepartment && department == w.ID
			}
		}
		of = w.Dim
	}
	return len(c.Dims.Of(of)) > 0 && !slices.ContainsFunc(c.Dims, is)
}

// together says whether a value may be combined with the conditions. A contribution may
// name several agents and several departments; an agent goes with a department only where
// the agent was in it.
func (p *plan) together(c *measure.Contribution, v measure.Value) bool {
	for _, w := range p.q.Where {
		switch {
		case ofNone(w):
		case v.Dim == measure.Agent && w.Dim == measure.Department && !c.Dims.Has(measure.AgentDepartment, measure.Pair(v.ID, w.ID)),
			v.Dim == measure.Department && w.Dim == measure.Agent && !c.Dims.Has(measure.AgentDepartment, measure.Pair(w.ID, v.ID)):
			return false
		}
	}
	return true
}
