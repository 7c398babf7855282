package measure

import (
	"slices"

	"chatreports/shared/document"
	"chatreports/shared/fact"
)

// firstResponsesSince is the generation of facts that first contributed first responses, and
// waits and ratings for the campaign and the segments of the request too.
const firstResponsesSince = 5

// ofChat lists what a chat contributes. Without its request it counts nowhere, but
// conversions and the interactions of bots do.
func ofChat(l *list, c *fact.Chat, generation uint8) {
	for i := range c.Conversions {
		ofConversion(l, &c.Conversions[i], c)
	}
	ofStories(l, c)
	if c.Request == nil {
		return
	}
	l.touched(c)
	l.attending(c)
	at := c.Request.At
	departments := values(Department, c.InDepartments())
	var campaign Dims
	if c.Request.CampaignID != "" {
		campaign = Dims{{Campaign, c.Request.CampaignID}}
	}
	request := siteDims.with(departments...).with(campaign...).with(values(Segment, c.Request.Segments)...)
	agents := agentsOf(c)
	parts := request.with(agents...)
	handled := siteDims.with(departments...)
	handledBy := handled.with(agents...)
	served := parts
	if generation < firstResponsesSince {
		served = handledBy
	}

	l.point(ChatRequests, at, 1, request)
	outcome := c.Outcome()
	switch outcome {
	case fact.IsChat:
		l.point(Chats, at, 1, parts)
		l.keyed(ChattedVisitors, at, c.Request.VisitorID, handledBy)
		l.point(sourceMeasure(c.Request.Source), at, 1, handled)
		if c.Request.PageURL != "" {
			l.keyed(ChatsByPage, at, c.Request.PageURL, siteDims)
		}
		ofTransfers(l, c, at, handled)
	case fact.Refused:
		l.point(RefusedChats, at, 1, request)
	case fact.Missed:
		l.point(MissedChats, at, 1, request)
	}
	if until := waitedUntil(c); until.Came() {
		l.sample(Wait, at, until.Millis()-at, served)
	}
	ofQueue(l, c, at, handled)
	if c.AgentAccepted.Came() {
		ofTime(l, c, at, handledBy)
	}
	if len(agents) > 0 {
		l.point(ChatsWithAgent, at, 1, handledBy)
		if c.WrapUp != nil && c.WrapUp.Comment {
			l.point(WrapUps, at, 1, handledBy)
		}
		ofMessages(l, c, at, handledBy)
	}
	if c.LastActor == "agent" && outcome == fact.IsChat {
		l.point(LastByAgent, at, 1, handled.with(lastAgent(c, agents)...))
	}
	for _, r := range c.Responses {
		l.sample(Response, r.At, r.Millis, siteDims.with(agentIn(c.Names.Name(r.Agent), c.Names.Name(r.Department))...))
	}
	for _, r := range c.FirstResponses {
		l.sample(FirstResponse, r.At, r.Millis, siteDims.with(agentIn(c.Names.Name(r.Agent), c.Names.Name(r.Department))...).with(campaign...))
	}
	l.keyed(Documents, at, document.Of(c).Encode(), siteDims)
	ofFeedback(l, c, served)
	ofCanned(l, c)
	ofNow(l, c, agents)
}

// agentsOf are the agents who took part, and the pairs with the departments the
// chat was in while they were. A request that became no chat has none.
func agentsOf(c *fact.Chat) Dims {
	var d Dims
	if c.Outcome() != fact.IsChat {
		return nil
	}
	for i := range c.Stays {
		if s := &c.Stays[i]; s.Part {
			agent := c.Names.Name(s.Agent)
			d = append(d, Value{Agent, agent})
			if s.Department != 0 {
				d = append(d, Value{AgentDepartment, Pair(agent, c.Names.Name(s.Department))})
			}
		}
	}
	return d.normal()
}

// agentIn is an agent's own part in one department.
func agentIn(agent, department string) Dims {
	var d Dims
	if agent != "" {
		d = append(d, Value{Agent, agent})
	}
	if department != "" {
		d = append(d, Value{Department, department})
		if agent != "" {
			d = append(d, Value{AgentDepartment, Pair(agent, department)})
		}
	}
	return d
}

// lastAgent is the agent who wrote the last message, with the departments that
// agent was in the chat for.
func lastAgent(c *fact.Chat, agents Dims) Dims {
	id := c.Names.Name(c.LastAgent)
	var d Dims
	for _, v := range agents {
		a, _ := Unpair(v.ID)
		if v.Dim == Agent && v.ID == id || v.Dim == AgentDepartment && a == id {
			d = append(d, v)
		}
	}
	return d
}

func sourceMeasure(source string) ID {
	switch source {
	case "manual_invitation":
		return ChatsByManualInvitation
	case "auto_invitation":
		return ChatsByAutoInvitation
	}
	return ChatsByVisitors
}

// waitedUntil is when the request's wait ended: refused requests and pending ones have
// no wait.
func waitedUntil(c *fact.Chat) fact.Moment {
	switch c.Outcome() {
	case fact.IsChat:
		if !c.AgentAccepted.Came() || c.BotAccepted.Came() && c.BotAccepted.Millis() < c.AgentAccepted.Millis() {
			return c.BotAccepted
		}
		return c.AgentAccepted
	case fact.Missed:
		return c.Lost
	}
	return 0
}

func ofTransfers(l *list, c *fact.Chat, at int64, handled Dims) {
	if c.Transferred {
		l.point(TransferredChats, at, 1, handled)
	}
	if len(c.MovedIn) > 0 {
		l.point(DepartmentTransferredChats, at, 1, handled)
	}
	for _, d := range c.MovedIn {
		l.point(TransferredIn, at, 1, dims(Value{Department, c.Names.Name(d)}))
	}
	for _, d := range c.MovedOut {
		l.point(TransferredOut, at, 1, dims(Value{Department, c.Names.Name(d)}))
	}
}

func ofQueue(l *list, c *fact.Chat, at int64, handled Dims) {
	q := &c.Queue
	if !q.From.Came() {
		return
	}
	l.point(QueuedRequests, at, 1, handled)
	switch q.Outcome {
	case "accepted":
		l.point(ChatsFromQueue, at, 1, handled)
	case "refused":
		l.point(QueueRefused, at, 1, handled)
	case "chat.abandoned":
		l.point(QueueAbandoned, at, 1, handled)
	case "chat.switched_to_message":
		l.point(QueueSwitched, at, 1, handled)
	}
	if q.Ended != "" && q.Outcome != "refused" {
		l.sample(QueueWait, at, q.Until.Millis()-q.From.Millis(), handled)
		if q.Ended != "accepted" {
			l.sample(QueueWaitMissed, at, q.Until.Millis()-q.From.Millis(), handled)
		}
	}
	for i := range c.Waits {
		w := &c.Waits[i]
		l.level(QueueLevel, w.From, w.To, Dims{{Queue, Pair(w.Type, c.Names.Name(w.ID))}})
	}
}

// ofTime lists chat time as a level and as one sample a chat: of the site once,
// of each department and agent their own part.
func ofTime(l *list, c *fact.Chat, at int64, handledBy Dims) {
	total := lengths{}
	total.add(at, at, handledBy) // also those who had no time in it
	for i := range c.Spells {
		s := &c.Spells[i]
		d := siteDims
		if s.Department != 0 {
			d = d.with(Value{Department, c.Names.Name(s.Department)})
		}
		l.level(ChatTime, s.From, s.To, d)
		total.add(s.From, s.To, d)
	}
	for i := range c.Stays {
		if s := &c.Stays[i]; s.Part {
			d := agentIn(c.Names.Name(s.Agent), "")
			if s.Department != 0 {
				d = d.with(Value{AgentDepartment, Pair(c.Names.Name(s.Agent), c.Names.Name(s.Department))})
			}
			from := s.From
			if c.AgentAccepted.Came() {
				from = max(from, c.AgentAccepted.Millis())
			}
			l.level(ChatTime, from, s.To, d)
			l.level(InChat, from, s.To, d)
			total.add(from, max(from, s.To), d)
		}
	}
	total.samples(l, at)
}

// lengths adds up times per value of a dimension.
type lengths []length

type length struct {
	of     Value
	closed int64
	since  int64 // of the part still open
	open   bool
}

func (t *lengths) add(from, to int64, dims Dims) {
	for _, v := range dims {
		n := slices.IndexFunc(*t, func(l length) bool { return l.of == v })
		if n < 0 {
			n = len(*t)
			*t = append(*t, length{of: v})
		}
		if s := &(*t)[n]; to == fact.Forever {
			s.since, s.open = from, true
		} else {
			s.closed += to - from
		}
	}
}

func (t lengths) samples(l *list, at int64) {
	for _, s := range t {
		if s.open {
			l.growing(at, s.closed, s.since, Dims{s.of})
		} else {
			l.sample(ChatLength, at, s.closed, Dims{s.of})
		}
	}
}

// ofMessages counts the messages of a chat, for those among whom it counts.
func ofMessages(l *list, c *fact.Chat, at int64, handledBy Dims) {
	part := func(agent, department string) Dims {
		var d Dims
		for _, v := range agentIn(agent, department) {
			if handledBy.Has(v.Dim, v.ID) {
				d = append(d, v)
			}
		}
		return d
	}
	for i := range c.Messages {
		m := &c.Messages[i]
		department := c.Names.Name(m.Department)
		if m.ByAgent != 0 {
			d := siteDims.with(part(c.Names.Name(m.ByAgent), department)...)
			l.point(AgentMessages, at, m.Count, d)
			l.point(CannedMessages, at, m.Canned, d)
			continue
		}
		d := siteDims.with(part("", department)...)
		for _, a := range m.Agents {
			d = d.with(part(c.Names.Name(a), department)...)
		}
		l.point(VisitorMessages, at, m.Count, d)
	}
}
