package sim

import (
	"chatreports/shared/event"
)

var (
	tags     = []string{"refund", "bug", "praise", "vip", "shipping", "login", "price", "follow-up"}
	comments = []string{"", "", "Thanks!", "Quick and friendly.", "Took too long", "+1 for the help", "Not solved, \"try again\" is no answer", "Très bien 👍"}
	labels   = []struct {
		id, name string
		sub      []string
	}{
		{"label-order", "Order", []string{"Status", "Change", "Return"}},
		{"label-account", "Account", []string{"Login", "Invoice"}},
		{"label-product", "Product", []string{"Question", "Defect"}},
		{"label-other", "Other", nil},
	}
	notes   = []string{"", "Asked for an invoice", "Will call back on Monday", "Solved", "Wants a discount"}
	reasons = []string{"abuse", "spam"}
)

// afterwards plans what follows a close.
func (r *run) afterwards(c *chat) {
	agent := c.agent // nil after a bot
	r.tag(c)
	if r.chance(0.3) {
		r.emit("chat.scored", c.id, &event.Data{CQLScore: r.between(-1, 4)})
	}
	if r.chance(0.002) {
		r.emit("chat.blocked", c.id, &event.Data{Reason: pick(r, reasons)})
		return
	}
	if r.chance(0.2) {
		r.after(r.between(0, 20*second), func() { r.label(c) })
	}
	if agent != nil && r.chance(0.35) {
		r.after(r.around(5*second, minute), func() { r.wrapUp(c, agent) })
	}
	if r.chance(0.25) {
		r.after(r.around(5*second, 40*second), func() { r.rateChat(c) })
	}
	if r.chance(0.1) {
		r.after(r.around(20*second, minute), func() { r.survey(c, "postchat") })
	}
	if r.chance(0.05) {
		r.after(r.around(minute, 2*hour), func() { r.convert(c.visit, c.id, c.agent, c.department) })
	}
	if c.reopened < 3 && r.chance(0.03) {
		r.after(r.around(2*minute, 3*hour), func() { r.reopen(c, "user_message", 12) })
	}
}

func (r *run) tag(c *chat) {
	if !r.chance(0.14) {
		return
	}
	d := event.Data{Tag: pick(r, tags)}
	r.emit("chat.tagged", c.id, &d)
	if r.chance(0.1) {
		r.after(r.around(10*second, 10*minute), func() { r.emit("chat.untagged", c.id, &d) })
	}
}

func (r *run) label(c *chat) {
	l := pick(r, labels)
	d := event.Data{CategoryID: l.id, CategoryName: l.name}
	if len(l.sub) > 0 {
		d.SubCategoryName = pick(r, l.sub)
		d.SubCategoryID = l.id + "-" + d.SubCategoryName
	}
	if c.agent != nil && r.chance(0.7) {
		d.By = c.agent.actor
	} else {
		d.By = &event.Actor{Type: "auto"}
	}
	r.emit("chat.labelled", c.id, &d)
}

// rateChat gives a rating, mostly a good one; some think again, and some who are
// angry come back.
func (r *run) rateChat(c *chat) {
	d := event.Data{Score: pick(r, []int64{5, 5, 5, 5, 5, 4, 4, 4, 3, 2, 1, 1, 0}), Comment: pick(r, comments)}
	if r.chance(0.4) {
		d.IssueResolved = new(d.Score >= 3)
	}
	if r.chance(0.5) {
		d.CSATID = "csat-1"
	}
	if r.chance(0.5) {
		d.By = &c.user
	}
	r.emit("chat.rated", c.id, &d)
	switch {
	case d.Score <= 2 && c.reopened < 3 && r.chance(0.2):
		r.after(r.around(second, 30*second), func() { r.reopen(c, "customer_dissatisfaction", 12) })
	case r.chance(0.06):
		r.after(r.around(10*second, 5*minute), func() { r.rateChat(c) })
	}
}

func (r *run) wrapUp(c *chat, by *agent) {
	d := event.Data{
		AgentID: by.id, Comment: pick(r, notes),
		Fields: []event.Answer{
			{FieldID: "wrapup-topic", FieldName: "Topic", Group: pick(r, []string{"Before the sale", "After the sale"}), Options: []string{pick(r, intents)}},
			{FieldID: "wrapup-result", FieldName: "Result", Options: []string{pick(r, []string{"Solved", "Passed on", "No answer"})}},
		},
	}
	if r.chance(0.5) {
		d.CampaignID = &c.visit.campaign.id
	}
	r.emit("chat.wrapped_up", c.id, &d)
	if r.chance(0.05) {
		r.after(r.around(minute, 20*minute), func() { r.wrapUp(c, by) })
	}
}

func (r *run) survey(c *chat, kind string) {
	d := event.Data{Kind: kind, CampaignID: &c.visit.campaign.id}
	if kind == "prechat" {
		d.Fields = []event.Answer{
			{FieldID: "pre-product", FieldName: "Product", Options: []string{pick(r, []string{"One", "Two", "Three"})}},
			{FieldID: "pre-customer", FieldName: "Are you a customer?", Options: []string{pick(r, []string{"Yes", "No"})}},
		}
	} else {
		d.Fields = []event.Answer{{FieldID: "post-found", FieldName: "What was good?", Options: []string{"Speed", "Tone", "Knowledge"}[:1+r.rng.IntN(3)]}}
		if r.chance(0.6) {
			d.Fields = append(d.Fields, event.Answer{
				FieldID: "post-reason", FieldName: "Why did you write?", Group: pick(r, []string{"Question", "Problem"}), Options: []string{pick(r, intents)},
			})
		}
	}
	r.emit("survey.submitted", c.id, &d)
}

// reopen starts a closed chat again as soon as somebody is there to take it.
func (r *run) reopen(c *chat, cause string, tries int) {
	if c.state != over {
		return
	}
	if c.agent == nil {
		r.reopenByBot(c)
		return
	}
	next := c.agent
	if !next.here() {
		next = r.choose(c.department.line, nil)
	}
	if next == nil {
		if tries > 0 {
			r.after(r.around(10*minute, hour), func() { r.reopen(c, cause, tries-1) })
		}
		return
	}
	d := event.Data{Cause: cause, By: &c.user}
	if cause == "customer_dissatisfaction" {
		d.By = r.cast.system
	} else if next == c.agent && r.chance(0.3) {
		d.Cause, d.By = "agent_reopen", next.actor
	}
	r.emit("chat.reopened", c.id, &d)
	c.reopened++
	c.enter(talking)
	c.left = 1 + r.rng.IntN(2)
	next.open++
	if next != c.agent {
		c.agent = next
		c.agentsSoFar++
		routing := "rule"
		if cause == "customer_dissatisfaction" {
			routing = "dsat"
		}
		r.emit("chat.assigned", c.id, &event.Data{
			AgentID: next.id, AgentName: next.name, GroupID: c.department.id, By: r.cast.system, Routing: routing,
		})
	}
	r.exchange(c)
}

func (r *run) reopenByBot(c *chat) {
	r.emit("chat.reopened", c.id, &event.Data{Cause: "bot", By: r.cast.bot})
	c.reopened++
	c.enter(atBot)
	r.askBot(c, pick(r, r.cast.stories), 1)
}
