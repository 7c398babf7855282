package comm100

import (
	"fmt"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
)

// ofNone stands where the id of an entity would, of what counts for none: events name nothing
// by an empty id.
const ofNone = ""

// readNone reads whether there is a row of what counts for none.
func (p *parameters) readNone(v *dialect.Values) *dialect.Refusal {
	p.none = v.Flag("none")
	e := entities[p.of()]
	switch {
	case !p.none:
	case e.dim == measure.None:
		return dialect.Invalid("none", "it goes with rows of agents, departments and the like: 'group' or 'by' names them")
	case e.always:
		return dialect.Invalid("none", "there is nothing in this report that is of no %s", p.of())
	case p.filters[p.of()] != "":
		return dialect.Invalid("none", "the filter leaves one %s, and nothing of none", p.of())
	}
	return nil
}

// tellsNone says whether a column can be told of what counts for none. What many chats make up
// together, and an own part of a chat, can not.
func (r *request) tellsNone(c *column) bool {
	for _, w := range c.want {
		if !measure.Get(w.Measure).TellsNone(entities[r.of()].dim) {
			return false
		}
	}
	return true
}

// note says how the rows add up, where that is not to the total.
func (r *request) note() string {
	e, of := entities[r.of()], r.of()
	more := e.several && !r.def.ofOne
	several := fmt.Sprintf("what is of more than one %s counts in the row of each", of)
	none := "what is of none is in no row, and with none=true in one of its own"
	switch {
	case e.dim == measure.None || r.filters[of] != "":
	case e.always:
		return "rows add up to the total in conversions, and not in chats, which are all chats in each"
	case more && r.none:
		return "rows may add up to more than the total: " + several
	case more:
		return "rows may add up to more or less than the total: " + several + "; " + none
	case !r.none:
		return "rows may add up to less than the total: " + none
	}
	return ""
}
