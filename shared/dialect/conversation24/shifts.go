package conversation24

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"chatreports/shared/conversation"
	"chatreports/shared/extract"
)

// The rows of a work shift follow from two streams, each in order of time: the shifts that
// begin in the window, and the stays in chats and the ratings from the window's beginning on.
// Both travel as rows of one cell.

var beginningShifts = extract.Report{
	Name: "agent-performance",
	Agents: func(w *extract.Window, _ extract.Names, a *extract.Agent, emit func(extract.Row)) {
		for _, s := range shifts(w, a) {
			emit(extract.Row{At: s.From, Order: []string{s.Agent}, Cells: packed(s)})
		}
	},
}

// attended is a stay in a chat or a rating of one: one of the two.
type attended struct {
	Stay   *stay   `json:",omitempty"`
	Rating *rating `json:",omitempty"`
}

func (a *attended) at(w *extract.Window) int64 {
	if a.Rating != nil {
		return a.Rating.At
	}
	return max(a.Stay.From, w.From)
}

var attendance = extract.Report{
	Name:        "agent-performance",
	Overlapping: true,
	Chats: func(w *extract.Window, _ extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
		for _, s := range staysOf(c) {
			if s.To > w.From || s.From >= w.From {
				emit(extract.Row{At: max(s.From, w.From), Order: []string{s.Agent, s.Chat}, Cells: packed(attended{Stay: &s})})
			}
		}
		for _, r := range ratingsOf(c) {
			emit(extract.Row{At: r.At, Order: []string{r.Agent, c.ID}, Cells: packed(attended{Rating: &r})})
		}
	},
}

func packed(v any) []string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("conversation24: " + err.Error())
	}
	return []string{string(raw)}
}

// unpacked reads a stream that packed wrote.
func unpacked[T any](from rows) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for cells, err := range from {
			v := new(T)
			if err == nil {
				err = json.Unmarshal([]byte(cells[0]), v)
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// roster is the shifts under way, with what is known of the agents' chats so far. An
// agent has one shift at a time.
type roster struct {
	window *extract.Window
	names  extract.Names
	queue  []*duty
	// last is each agent's last shift, stays the agent's times in chats that may last.
	last  map[string]*duty
	stays map[string][]*stay
}

// duty is a shift and, once it is over, its rows.
type duty struct {
	*shift
	presence presence
	rows     []extract.Row
}

// close makes the rows of a shift of which all is known.
func (r *roster) close(d *duty) {
	if d.rows == nil {
		d.rows = shiftRows(r.window, r.names, d.shift, &d.presence)
		d.presence = presence{}
	}
}

// begin takes a shift.
func (r *roster) begin(s *shift) {
	if before := r.last[s.Agent]; before != nil {
		r.close(before)
	}
	d := &duty{shift: s}
	r.queue, r.last[s.Agent] = append(r.queue, d), d
	r.stays[s.Agent] = lasting(r.stays[s.Agent], s.From)
	d.presence.stays = slices.Clone(r.stays[s.Agent])
}

// attend takes a stay or a rating.
func (r *roster) attend(a *attended) {
	if a.Rating != nil {
		if d := r.last[a.Rating.Agent]; d != nil && d.covers(a.Rating.At) {
			d.presence.ratings = append(d.presence.ratings, a.Rating)
		}
		return
	}
	s := a.Stay
	r.stays[s.Agent] = append(lasting(r.stays[s.Agent], s.From), s)
	// One that began before the window may come after a shift that begins with it.
	if d := r.last[s.Agent]; d != nil && (d.covers(s.From) || s.From < d.From && s.To > d.From) {
		d.presence.stays = append(d.presence.stays, s)
	}
}

// lasting are the stays that have not ended by then.
func lasting(stays []*stay, at int64) []*stay {
	return slices.DeleteFunc(stays, func(s *stay) bool { return s.To <= at })
}

// finish gives the rows of the shifts that were over by then, as far as no earlier one
// goes on.
func (r *roster) finish(at int64, yield func(extract.Row) bool) bool {
	for len(r.queue) > 0 && at >= r.queue[0].end() {
		d := r.queue[0]
		r.close(d)
		for _, row := range d.rows {
			if !yield(row) {
				return false
			}
		}
		if r.queue = r.queue[1:]; r.last[d.Agent] == d {
			delete(r.last, d.Agent)
		}
	}
	return true
}

// performanceRows tells the work shifts that begin in the window. It keeps the shifts since
// the earliest that goes on, and reads no further than to where the last one ends.
func performanceRows(ctx context.Context, g *extract.Ground, s *extract.Source, q *request) rows {
	return func(yield func([]string, error) bool) {
		until := q.Window
		until.To = q.Now + 1
		chats, err := g.Open(ctx, &until)
		if err != nil {
			yield(nil, err)
			return
		}
		next, stop := iter.Pull2(unpacked[attended](chats.Run(&attendance, nil).Rows))
		defer stop()
		r := &roster{window: &q.Window, names: s.Names(), last: map[string]*duty{}, stays: map[string][]*stay{}}
		told := func(row extract.Row) bool { return yield(row.Cells, s.Err()) }
		var a *attended // the one that comes next; nil: it was not read yet, or there is none
		more := true
		// before takes what came before a time, and tells the shifts that are over by then.
		before := func(at int64) bool {
			for more {
				if a == nil {
					if a, err, more = next(); err != nil {
						yield(nil, err)
						return false
					}
					continue
				}
				if a.at(&until) >= at {
					break
				}
				if !r.finish(a.at(&until), told) {
					return false
				}
				r.attend(a)
				a = nil
			}
			return r.finish(at, told)
		}
		for shift, err := range unpacked[shift](s.Run(&beginningShifts, nil).Rows) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !before(shift.From) {
				return
			}
			r.begin(shift)
		}
		for len(r.queue) > 0 {
			if !before(r.queue[0].end()) {
				return
			}
		}
	}
}
