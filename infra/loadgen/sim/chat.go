package sim

import (
	"chatreports/shared/event"
)

// state is where a chat is.
type state uint8

const (
	atBot   state = iota
	waiting       // in a line
	ringing       // offered to an agent
	talking
	over
)

// chat is one conversation, from the request to the last thing said about it.
type chat struct {
	id          string
	visit       *visit
	user        event.Actor
	channel     int
	department  *department // asked for, later the one it is in
	offline     bool
	state       state
	turn        int // counts changes of state, so that what was planned before is void
	wait        int // counts entries into a line
	line        *line
	since       int64 // when the wait began
	requestedAt int64
	refusedBy   []*agent

	agent       *agent // the one who talks
	agentsSoFar int
	botTook     bool
	left        int // exchanges still to come
	reopened    int
}

// enter changes the state and makes void what was planned in the state before.
func (c *chat) enter(s state) int {
	if s == waiting && c.state != ringing {
		c.wait++
	}
	c.state = s
	c.turn++
	return c.turn
}

// later plans something for this state of the chat.
func (r *run) later(c *chat, ms int64, do func()) {
	turn := c.turn
	r.after(ms, func() {
		if c.turn == turn {
			do()
		}
	})
}

// request asks for a chat.
func (r *run) request(v *visit, source string, by *agent) {
	r.chats++
	c := &chat{id: r.number(1, r.chats), visit: v, requestedAt: r.now, since: r.now, channel: min(r.rng.IntN(4), r.rng.IntN(4))}
	c.user = event.Actor{Type: "user", ID: v.id, Name: v.name}
	if r.chance(0.68) {
		c.department = r.askedDepartment()
	}
	switch {
	case v.patience > 0 && r.cast.desk != nil:
		c.department = r.cast.desk
	case v.patience > 0 && c.department == nil:
		c.department = r.askedDepartment()
	}
	staffed := r.anyoneHere(r.cast.site)
	d := event.Data{
		VisitorID: v.id, VisitorName: v.name, VisitorType: v.kind, InitiatedBy: "visitor", Source: source,
		CampaignID: &v.campaign.id, ChannelID: r.cast.channels[c.channel].id, ChannelName: r.cast.channels[c.channel].name,
		SegmentIDs: v.segments, HostID: v.host.id, PageURL: v.page,
	}
	switch {
	case by != nil:
		d.InitiatedBy, d.InvitationID = "agent", v.entry
	case source == "auto_invitation":
		d.InvitationID, d.EntrypointID = v.entry, v.entry
	default:
		d.EntrypointID = v.entry
		switch p := r.rng.Float64(); {
		case p < 0.02:
			d.InitiatedBy = "bot"
		case p < 0.03:
			d.InitiatedBy = "system"
		}
	}
	if c.department != nil {
		d.DepartmentID = c.department.id
	}
	if r.chance(0.15) {
		d.PlaybookID = "playbook-" + v.host.id
	}
	bot := v.patience == 0 && (d.InitiatedBy == "bot" || by == nil && (r.chance(0.2) || !staffed && r.chance(0.6)))
	if !bot && by == nil && !staffed {
		c.offline = r.chance(0.5)
		d.Offline = new(c.offline)
	}
	r.emit("chat.requested", c.id, &d)
	if r.chance(0.1) {
		r.survey(c, "prechat")
	}
	switch {
	case by != nil:
		by.open++
		r.take(c, by)
	case bot:
		r.startBot(c)
	case v.patience > 0 && r.cast.desk != nil:
		r.queueAtDesk(c)
	case v.patience > 0:
		r.hold(c)
	default:
		if r.chance(0.6) {
			r.after(r.around(second, 4*second), func() {
				if c.state != over {
					r.say(c, &c.user, 60)
				}
			})
		}
		r.enqueue(c)
	}
}

// askedDepartment prefers the first departments.
func (r *run) askedDepartment() *department {
	all := r.cast.departments
	if r.short() { // who asks for the desk then does so for its sake
		all = r.cast.usual
	}
	n := len(all)
	if r.chance(0.25) {
		return all[min(r.rng.IntN(n), r.rng.IntN(n))]
	}
	return all[r.rng.IntN(n)]
}

// take lets an agent accept a chat; the agent's place is taken already.
func (r *run) take(c *chat, a *agent) {
	c.enter(talking)
	c.agent = a
	c.agentsSoFar++
	switch {
	case c.line != nil && c.line.department != nil:
		c.department = c.line.department
	case c.department == nil || !a.in(c.department):
		c.department = a.departments[0]
	}
	c.visit.lastAgent = a
	r.emit("chat.accepted", c.id, &event.Data{
		AgentID: a.id, AgentName: a.name, DepartmentID: c.department.id, DepartmentName: c.department.name,
	})
	if c.left == 0 {
		c.left = 1 + min(int(r.rng.ExpFloat64()*2.15), 30)
	}
	if r.chance(0.04) {
		sub := event.Actor{Type: "system", ID: "system", SubType: "agent_joined"}
		r.emit("message.sent", c.id, &event.Data{MessageID: r.otherID("m"), Actor: &sub, Length: 24, Routing: "rule"})
	}
	r.later(c, r.around(2*second, 10*second), func() {
		r.answer(c, 0.4)
		r.exchange(c)
	})
}

// say sends one message; typical is its length in characters.
func (r *run) say(c *chat, who *event.Actor, typical float64) {
	r.emit("message.sent", c.id, &event.Data{MessageID: r.otherID("m"), Actor: who, Length: r.length(typical)})
}

// answer sends an agent's message, canned with that probability.
func (r *run) answer(c *chat, canned float64) {
	d := event.Data{MessageID: r.otherID("m"), Actor: c.agent.actor, Length: r.length(90)}
	if r.chance(canned) {
		text := pick(r, r.cast.canned)
		d.CannedMessageID = text.id
		if r.chance(0.7) {
			d.CannedCategoryID = text.category
		}
	}
	r.emit("message.sent", c.id, &d)
}

// exchange is one question and one answer; then another, or the end.
func (r *run) exchange(c *chat) {
	if c.left <= 0 {
		r.finish(c)
		return
	}
	c.left--
	pace := int64(1)
	if c.agent.specialist {
		pace = slowness
	}
	r.later(c, r.around(5*second, pace*50*second), func() {
		r.say(c, &c.user, 55)
		if r.chance(0.18) {
			r.later(c, r.around(second, 5*second), func() { r.say(c, &c.user, 30) })
		}
		// Who has much to do answers later.
		busy := float64(c.agent.open) / float64(c.agent.max)
		r.later(c, r.around(6*second, pace*int64((30+35*busy)*float64(second))), func() {
			if r.chance(0.02) {
				c.agent.sayPrivately(r, c)
			}
			r.answer(c, 0.12)
			switch p := r.rng.Float64(); {
			case p < 0.025 && r.transfer(c):
			case p < 0.033:
				r.join(c)
				r.exchange(c)
			default:
				r.exchange(c)
			}
		})
	})
}

func (a *agent) sayPrivately(r *run, c *chat) {
	r.emit("message.sent", c.id, &event.Data{MessageID: r.otherID("m"), Actor: a.actor, Length: r.length(120), Private: true})
}

// join lets a second agent help for a moment.
func (r *run) join(c *chat) {
	helper := r.choose(r.cast.site, []*agent{c.agent})
	if helper == nil {
		return
	}
	helper.open++
	r.emit("chat.accepted", c.id, &event.Data{AgentID: helper.id, AgentName: helper.name})
	r.after(r.around(5*second, 20*second), func() {
		if c.state == talking {
			r.emit("message.sent", c.id, &event.Data{MessageID: r.otherID("m"), Actor: helper.actor, Length: r.length(90)})
			r.emit("chat.left", c.id, &event.Data{AgentID: helper.id})
		}
		r.release(helper)
	})
}

// transfer hands a chat to another agent or to another department, if there is one.
func (r *run) transfer(c *chat) bool {
	from := c.agent
	d := event.Data{FromAgentID: from.id, FromDepartmentID: c.department.id}
	if r.chance(0.55) {
		to := r.choose(r.cast.site, []*agent{from})
		if to == nil {
			return false
		}
		d.ToAgentID = to.id
		if !to.in(c.department) {
			c.department = to.departments[0]
			d.ToDepartmentID = c.department.id
		}
		r.emit("chat.transferred", c.id, &d)
		to.open++
		c.enter(talking)
		c.agent = to
		c.agentsSoFar++
		r.later(c, r.around(3*second, 12*second), func() {
			r.answer(c, 0.2)
			r.exchange(c)
		})
	} else {
		to := pick(r, r.cast.usual)
		if to == c.department {
			return false
		}
		c.department = to
		d.ToDepartmentID = to.id
		r.emit("chat.transferred", c.id, &d)
		c.agent = nil
		c.since = r.now
		r.enqueue(c)
	}
	r.release(from)
	return true
}

// finish brings a chat to its close.
func (r *run) finish(c *chat) {
	p := r.rng.Float64()
	if p < 0.015 { // the agent leaves, the system tidies up
		r.later(c, r.around(5*second, 30*second), func() {
			a := c.agent
			r.emit("chat.left", c.id, &event.Data{AgentID: a.id})
			c.enter(talking)
			r.release(a)
			r.later(c, r.around(30*second, minute), func() { r.closeBy(c, r.cast.system, "auto") })
		})
		return
	}
	wait := r.around(8*second, 70*second)
	by, how := c.agent.actor, "agent"
	switch {
	case p < 0.25:
		by, how = &c.user, ""
	case p < 0.35:
		by, how, wait = r.cast.system, "auto", 5*minute
	}
	r.later(c, wait, func() {
		a := c.agent
		r.closeBy(c, by, how)
		r.release(a)
	})
}

var successCodes = []string{"", "", "solved", "solved", "sold", "callback", "unsolved"}

func (r *run) closeBy(c *chat, by *event.Actor, how string) {
	d := event.Data{By: by, ResolveType: how, SuccessCode: pick(r, successCodes)}
	if c.agent != nil && r.chance(0.6) {
		d.AgentID, d.GroupID = c.agent.id, c.department.id
	}
	r.emit("chat.closed", c.id, &d)
	c.enter(over)
	r.afterwards(c)
}
