package fact

import (
	"slices"

	"chatreports/shared/event"
)

func (c *Chat) fold(e *event.Event) {
	d := &e.Data
	c.mark(e)
	switch e.Type {
	case "chat.requested":
		c.requested(e)
	case "chat.queued":
		c.queued(e.At, d.RouteTo)
	case "chat.accepted":
		c.acceptedBy(e.At, d.AgentID, d.DepartmentID)
	case "chat.assigned":
		c.assigned(e.At, d.AgentID, d.GroupID)
	case "chat.transferred":
		c.transferred(e.At, d)
	case "chat.refused":
		c.refused(e.At, d)
	case "chat.left":
		c.leave(e.At, c.Names.ref(d.AgentID))
	case "chat.abandoned", "chat.missed", "chat.switched_to_message":
		c.lost(e)
	case "chat.closed":
		c.closed(e)
	case "chat.reopened":
		c.reopened(e.At)
	case "message.sent":
		c.message(e)
	case "bot.interaction":
		c.botTook(e.At)
		c.interacted(e)
	case "chat.rated":
		c.Rating = &Rating{At: e.At, Score: d.Score}
	case "survey.submitted":
		c.Surveys = append(c.Surveys, Survey{At: e.At, ID: e.ID, Kind: d.Kind, Campaign: c.Names.ref(d.Campaign()), Fields: d.Fields})
	case "chat.wrapped_up":
		c.WrapUp = &Survey{At: e.At, ID: e.ID, Kind: "wrapup", Campaign: c.Names.ref(d.Campaign()), Comment: d.Comment != "", Fields: d.Fields}
	case "conversion.recorded":
		c.Conversions = append(c.Conversions, conversion(e))
	}
}

// requested takes the first request; what another one says does not count.
func (c *Chat) requested(e *event.Event) {
	if c.Request == nil {
		d := &e.Data
		c.Request = &Request{
			At: e.At, VisitorID: d.VisitorID, InitiatedBy: d.InitiatedBy, Source: d.Source, InvitationID: d.InvitationID,
			CampaignID: d.Campaign(), DepartmentID: d.DepartmentID, Segments: unique(d.SegmentIDs), PageURL: d.PageURL,
			VisitorType: d.VisitorType, PlaybookID: d.PlaybookID, Offline: d.Offline != nil && *d.Offline,
		}
		c.Due = moment(e.At)
	}
}

// late says that the visitor had gone before anybody took the request up: it is
// missed, whoever accepts it now.
func (c *Chat) late() bool { return c.Lost.Came() && !c.AgentAccepted.Came() && !c.BotAccepted.Came() }

// acceptedBy is an acceptance by an agent, said or shown by writing.
func (c *Chat) acceptedBy(at int64, agent, department string) {
	c.dequeue(at, "chat.accepted")
	if q := &c.Queue; q.From.Came() && q.Ended == "" {
		q.Until, q.Outcome, q.Ended = moment(at), "accepted", "accepted"
	}
	if len(c.Accepted) == 0 && c.Department == 0 && department == "" {
		department = c.AskedFor()
	}
	a := c.Names.ref(agent)
	c.Accepted = add(c.Accepted, a)
	c.enter(at, c.Names.ref(department))
	if !c.AgentAccepted.Came() && !c.late() {
		c.AgentAccepted = moment(at)
		endSpell(c.BotSpells, at)
		c.startSpell(at)
	}
	c.join(at, a, true)
}

// botTook notes that a bot answered: the first time it is an acceptance.
func (c *Chat) botTook(at int64) {
	if c.BotCame {
		return
	}
	c.BotCame = true
	c.dequeue(at, "bot")
	if !c.late() {
		c.BotAccepted = moment(at)
		c.BotFirst = !c.AgentAccepted.Came()
		c.startSpell(at)
	}
}

// here is the department the chat is in: none while it is closed.
func (c *Chat) here() Ref {
	if !c.Open {
		return 0
	}
	return c.Department
}

// enter moves the chat into a department: whoever is in it stays, from now on in
// that department. A closed chat will be there when it is reopened.
func (c *Chat) enter(at int64, department Ref) {
	if department == 0 {
		return
	}
	c.Departments = add(c.Departments, department)
	if c.Department == department {
		return
	}
	c.Department = department
	for i, n := 0, len(c.Stays); i < n; i++ {
		if s := c.Stays[i]; s.To == Forever {
			c.Stays[i].To = at
			c.Stays = append(c.Stays, Stay{Agent: s.Agent, Department: department, From: at, To: Forever, Part: s.Part})
		}
	}
	if n := len(c.Spells); n > 0 && c.Spells[n-1].To == Forever {
		c.Spells[n-1].To = at
		c.Spells = append(c.Spells, Spell{Department: department, From: at, To: Forever})
	}
}

// join puts an agent into the open chat. part: by accepting, a transfer or
// writing; a stay that was only an assignment becomes a part from now on.
func (c *Chat) join(at int64, agent Ref, part bool) {
	if !c.Open || agent == 0 {
		return
	}
	for i, s := range c.Stays {
		if s.Agent != agent || s.To != Forever {
			continue
		}
		if s.Part || !part {
			return
		}
		c.Stays[i].To = at
	}
	c.Stays = append(c.Stays, Stay{Agent: agent, Department: c.Department, From: at, To: Forever, Part: part})
}

// leave takes an agent out of the chat, or with agent 0 everybody.
func (c *Chat) leave(at int64, agent Ref) {
	for i, s := range c.Stays {
		if s.To == Forever && (agent == 0 || s.Agent == agent) {
			c.Stays[i].To = at
		}
	}
}

func (c *Chat) assigned(at int64, agent, group string) {
	switch {
	case agent != "":
		a := c.Names.ref(agent)
		for _, s := range c.Stays {
			if s.To == Forever && s.Agent != a {
				c.leave(at, s.Agent)
			}
		}
		c.join(at, a, false)
	case group != "":
		c.leave(at, 0)
	}
}

func (c *Chat) transferred(at int64, d *event.Data) {
	c.Transferred = true
	from := c.here()
	if d.FromDepartmentID != "" {
		from = c.Names.ref(d.FromDepartmentID)
	}
	to := c.Names.ref(d.ToDepartmentID)
	if to != 0 && to != from {
		c.MovedIn = add(c.MovedIn, to)
		if from != 0 {
			c.MovedOut = add(c.MovedOut, from)
		}
	}
	c.leave(at, c.Names.ref(d.FromAgentID)) // nobody named: all
	c.enter(at, to)
	c.join(at, c.Names.ref(d.ToAgentID), true)
}

func (c *Chat) refused(at int64, d *event.Data) {
	if !c.Refused.Came() {
		c.Refused = moment(at)
		c.RefusedFirst = !c.Lost.Came()
	}
	if c.RefusedDept == 0 && len(c.Accepted) == 0 {
		c.RefusedDept = c.Names.ref(d.DepartmentID)
	}
	if q := &c.Queue; q.From.Came() && q.Outcome == "" {
		q.Outcome = "refused"
	}
	if d.AgentID != "" {
		c.leave(at, c.Names.ref(d.AgentID))
	}
	c.dequeue(at, "chat.refused")
}

func (c *Chat) lost(e *event.Event) {
	if !c.Lost.Came() {
		c.Lost, c.LostBy = moment(e.At), e.Type
	}
	if q := &c.Queue; q.From.Came() && q.Ended == "" {
		q.Until, q.Ended = moment(e.At), e.Type
		if q.Outcome == "" {
			q.Outcome = e.Type
		}
	}
	c.end(e.At, e.Type)
}

func (c *Chat) closed(e *event.Event) {
	if !c.Closed.Came() {
		c.Closed = moment(e.At)
	}
	if !c.Resolved {
		c.Resolved, c.Unanswered = true, 0
	}
	c.end(e.At, e.Type)
}

// end closes what is open: stays, chat time, the wait in a queue.
func (c *Chat) end(at int64, by string) {
	c.dequeue(at, by)
	if !c.Open {
		return
	}
	c.Open = false
	c.AtEnd = nil
	for _, s := range c.Stays {
		if s.To == Forever {
			c.AtEnd = append(c.AtEnd, s)
		}
	}
	c.leave(at, 0)
	endSpell(c.Spells, at)
	endSpell(c.BotSpells, at)
}

func (c *Chat) reopened(at int64) {
	c.Resolved = false
	if c.Request != nil && at >= c.Request.At {
		c.Due = moment(at)
	}
	if c.Open {
		return
	}
	c.Open = true
	for _, s := range c.AtEnd {
		c.join(at, s.Agent, s.Part)
	}
	c.startSpell(at)
}

// startSpell begins chat time in an open chat: an agent's, or as long as no agent
// took it up a bot's.
func (c *Chat) startSpell(at int64) {
	list := &c.Spells
	switch {
	case !c.Open:
		return
	case !c.AgentAccepted.Came() && !c.BotAccepted.Came():
		return
	case !c.AgentAccepted.Came():
		list = &c.BotSpells
	}
	if n := len(*list); n == 0 || (*list)[n-1].To != Forever {
		*list = append(*list, Spell{Department: c.Department, From: at, To: Forever})
	}
}

func endSpell(list []Spell, at int64) {
	if n := len(list); n > 0 && list[n-1].To == Forever {
		list[n-1].To = at
	}
}

func (c *Chat) queued(at int64, to *event.Route) {
	since := at
	if n := len(c.Waits); n > 0 && c.Waits[n-1].To == Forever {
		since = c.Waits[n-1].Since
	}
	c.dequeue(at, "chat.queued")
	if to.Type == "department" && len(c.Accepted) == 0 {
		c.QueueDept = c.Names.ref(to.ID)
	}
	id := to.ID
	if to.Type == "site" {
		id = ""
	}
	c.Waits = append(c.Waits, Wait{Type: to.Type, ID: c.Names.ref(id), From: at, To: Forever, Since: since})
	if !c.Queue.From.Came() {
		c.Queue.From = moment(at)
	}
}

func (c *Chat) dequeue(at int64, by string) {
	if n := len(c.Waits); n > 0 && c.Waits[n-1].To == Forever {
		c.Waits[n-1].To, c.Waits[n-1].End = at, by
	}
}

func conversion(e *event.Event) Conversion {
	d := &e.Data
	c := Conversion{At: e.At, Action: d.ActionID, Value: int64(d.Value), Visitor: e.Subject, Agent: d.AgentID, Department: d.DepartmentID}
	if d.Wide {
		c.Thousands, c.Value = int64(d.Value/event.Thousand), int64(d.Value%event.Thousand)
	}
	return c
}

func add(list []Ref, r Ref) []Ref {
	if r == 0 || slices.Contains(list, r) {
		return list
	}
	return append(list, r)
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
