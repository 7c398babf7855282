package sim

import "chatreports/shared/event"

// patient brings somebody who waits long, say for an answer in a messenger, and,
// shortly before the wait is over, the next one: in a centre that never closes
// somebody always waits.
func (r *run) patient() {
	v := r.visit()
	v.entry = "button-1"
	v.patience = r.between(30*minute, 90*minute)
	r.browse(v, 0, func() { r.request(v, "visitor", nil) })
	r.after(v.patience-2*minute, r.patient)
}

// hold lets a chat wait in the line of its department for as long as the visitor's
// patience lasts, whoever is free.
func (r *run) hold(c *chat) {
	c.line = &line{route: c.department.line.route, department: c.department} // nobody serves it
	c.enter(waiting)
	r.held++
	r.emit("chat.queued", c.id, &event.Data{RouteTo: c.line.route})
	r.later(c, c.visit.patience, func() { r.letGo(c) })
}

// letGo ends a long wait once somebody else waits, and somebody has room.
func (r *run) letGo(c *chat) {
	a := r.choose(r.cast.site, nil)
	if r.held < 2 || a == nil {
		r.later(c, r.between(5*second, 20*second), func() { r.letGo(c) })
		return
	}
	r.held--
	if r.chance(0.15) {
		r.giveUp(c)
		return
	}
	c.line = r.cast.site
	if a.in(c.department) {
		c.line = c.department.line
	}
	r.ring(c, a)
}
