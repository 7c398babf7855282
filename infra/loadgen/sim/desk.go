package sim

import (
	"strconv"

	"chatreports/shared/event"
)

// deskName is the department that has too few agents some time, and slowness how much longer its
// chats take: what is asked there is hard. Nobody waits there for much longer than mostPatience.
const (
	deskName     = "Technical"
	slowness     = 2
	mostPatience = 45 * minute
)

// addDesk gives one department specialists, who work one after another, alone, and on every day.
// The other agents have the other departments.
func (c *cast) addDesk(cfg Config, name func() (first, last string)) {
	for k := range thirds {
		a := &agent{id: strconv.Itoa(cfg.Agents + 1 + k), departments: []*department{c.desk}, max: 1, specialist: true, status: "offline"}
		a.first, a.last = name()
		a.name = a.first + " " + a.last
		a.actor = &event.Actor{Type: "agent", ID: a.id, Name: a.name}
		a.own = &line{route: &event.Route{Type: "agent", ID: a.id}, agents: []*agent{a}}
		c.agents = append(c.agents, a)
		c.desk.line.agents = append(c.desk.line.agents, a)
	}
}

// short says whether the desk has too few agents by now.
func (r *run) short() bool { return r.cast.desk != nil && r.now >= r.cfg.Shortage.UnixMilli() }

// keepDesk sees to it that more visitors come to the desk than its specialist can take: the next one
// does once only one waits.
func (r *run) keepDesk() {
	if r.atDesk()+r.coming < 2 {
		r.coming++
		v := r.visit()
		v.entry, v.patience = "button-1", min(r.around(6*minute, 30*minute), mostPatience)
		r.browse(v, 0, func() {
			r.coming--
			r.request(v, "visitor", nil)
		})
	}
	r.after(r.around(10*second, 50*second), r.keepDesk)
}

// atDesk is how many wait there.
func (r *run) atDesk() (n int) {
	l := r.cast.desk.line
	for _, c := range l.waiting[l.first:] {
		if c != nil && l.waits(c) {
			n++
		}
	}
	return n
}

// queueAtDesk lets a chat wait for the specialist, for as long as the visitor's patience lasts.
func (r *run) queueAtDesk(c *chat) {
	c.line, c.refusedBy = r.cast.desk.line, nil
	c.enter(waiting)
	r.emit("chat.queued", c.id, &event.Data{RouteTo: c.line.route})
	c.line.waiting = append(c.line.waiting, c)
	r.after(c.visit.patience, func() { r.leaveDesk(c) })
	for _, a := range c.line.agents {
		r.pull(a)
	}
}

// leaveDesk ends a long wait, once somebody else waits.
func (r *run) leaveDesk(c *chat) {
	switch {
	case c.agentsSoFar > 0 || c.state != waiting && c.state != ringing:
	case c.state == ringing || r.atDesk() < 2:
		r.after(r.between(20*second, minute), func() { r.leaveDesk(c) })
	default:
		r.giveUp(c)
	}
}

// staysOpen says whether a chat goes on for ever that nobody takes up and nobody closes: a bot had
// it before. Editions without a desk leave it so.
func (r *run) staysOpen(c *chat) bool { return r.cast.desk != nil && c.botTook }
