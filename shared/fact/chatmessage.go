package fact

import (
	"slices"

	"chatreports/shared/event"
)

func (c *Chat) message(e *event.Event) {
	d := &e.Data
	if d.Private {
		return
	}
	actor, here := d.Actor, c.here()
	switch actor.Type {
	case "agent":
		a := c.Names.ref(actor.ID)
		if c.Open && !slices.Contains(c.Accepted, a) {
			c.acceptedBy(e.At, actor.ID, "")
			here = c.here()
		}
		c.join(e.At, a, true)
		canned := int64(0)
		if d.CannedMessageID != "" {
			canned = 1
			c.Canned = append(c.Canned, Canned{At: e.At, ID: c.Names.ref(d.CannedMessageID), Category: c.Names.ref(d.CannedCategoryID), Agent: a})
		}
		c.count(Messages{ByAgent: a, Department: here}, canned)
		if c.Unanswered.Came() {
			c.Responses = append(c.Responses, Response{At: e.At, Millis: e.At - c.Unanswered.Millis(), Agent: a, Department: here})
			c.Unanswered = 0
		}
		c.firstResponse(e.At, a, here)
		c.LastAgent, c.LastDept = a, here
	case "bot":
		c.botTook(e.At)
		c.Unanswered = 0
	case "user":
		var in []Ref
		for _, s := range c.Stays {
			if s.To == Forever && s.Part {
				in = append(in, s.Agent)
			}
		}
		c.count(Messages{Agents: in, Department: here}, 0)
		if !c.Unanswered.Came() {
			c.Unanswered = moment(e.At)
		}
	}
	c.LastActor = actor.Type
}

// firstResponse notes an agent's message if it is the first of its interaction. What comes
// before the request, which is known by then, belongs to the first one, and took no time.
func (c *Chat) firstResponse(at int64, agent, here Ref) {
	if c.Due.Came() {
		c.FirstResponses = append(c.FirstResponses, Response{At: at, Millis: max(0, at-c.Due.Millis()), Agent: agent, Department: here})
		c.Due = 0
	}
}

func (c *Chat) count(m Messages, canned int64) {
	for i := range c.Messages {
		o := &c.Messages[i]
		if o.ByAgent == m.ByAgent && o.Department == m.Department && slices.Equal(o.Agents, m.Agents) {
			o.Count++
			o.Canned += canned
			return
		}
	}
	m.Count, m.Canned = 1, canned
	c.Messages = append(c.Messages, m)
}
