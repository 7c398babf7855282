package oracle

import (
	"maps"

	"chatreports/shared/event"
)

// An outcome is how a request ended.
const (
	pending   = "pending"
	isChat    = "chat"
	refused   = "refused"
	missed    = "missed"
	abandoned = "abandoned" // missed, because the visitor left
	switched  = "switched"  // missed, because the visitor wrote a message instead
	answered  = "accepted"
	closed    = "closed"
	requeued  = "requeued"
)

// chat is what one requested chat's events say, walked in order.
type chat struct {
	id          string
	req         *event.Event
	requestedAt int64

	outcome   string // pending, isChat, refused or missed
	decidedBy string // of refused and missed: refused, abandoned, switched, missed or closed

	waited   bool // wait time of every report but waitTime
	waitMs   int64
	accepted int64 // first acceptance by agent or bot; forever without one
	byAgent  int64 // first acceptance by an agent; forever without one
	byBot    int64 // first acceptance by a bot; forever without one
	botFirst bool  // a bot accepted before the first agent did

	asked       string // the department asked for
	departments map[string]bool
	agents      map[string]bool    // who took part
	pairs       map[[2]string]bool // agent and department: in it while it was there

	open     []span // while it was open
	chatTime []span
	inAgent  map[string][]span // while this agent took part
	inDept   map[string][]span

	stays     []stay // in one queue
	waits     []stay // from queueing to leaving the last queue
	queued    bool
	queuedAt  int64  // the first queueing
	queueEnd  string // what came after it: answered, refused, abandoned, switched, missed; empty: nothing yet
	queueWait int64  // of answered, abandoned, switched, missed

	messages  []message // not private
	responses []response

	transferred   bool
	toDepartments map[string]bool
	ofDepartments map[string]bool

	rating       *event.Event // the last
	wrapup       *event.Event // the last
	surveys      []*event.Event
	interactions []*event.Event
}

// queue names a queue: of the site, of a department or of an agent.
type queue struct{ kind, id string }

// stay is a time of waiting; end says how it ended, if it did.
type stay struct {
	queue
	span
	end string
}

type message struct {
	at         int64
	actor      string // user, agent, bot, system
	id         string
	canned     string
	category   string
	department string          // the chat is in now
	agents     map[string]bool // who is in the chat now
}

// response is one agent's answer to the visitor.
type response struct {
	at, ms            int64
	agent, department string
}

// walk is the state between two events of a chat.
type walk struct {
	*chat
	isOpen     bool
	openSince  int64
	closedOnce bool            // this interaction had its close
	in         map[string]bool // who is in the chat; true: took part, false: merely assigned
	since      map[string]int64
	dept       string
	deptSince  int64
	savedIn    map[string]bool
	savedDept  string

	lost       bool            // abandoned, switched or missed
	first      string          // the first of refused, abandoned, switched, missed
	firstAt    int64           //
	closeSeen  bool            //
	hadAgent   bool            // an agent accepted
	hadBot     bool            //
	acceptedBy map[string]bool // agents who accepted
	refusedIn  string          // department named by the first refusal that names one
	lastQueue  string          // the last department queue

	inQueue   *stay
	waiting   *stay
	queueLost bool
	unanswered
}

// unanswered is the visitor's first message without an answer.
type unanswered struct {
	is    bool
	since int64
}

// walkChat walks the sorted events of one chat; nil without a request.
func walkChat(id string, events []*event.Event) *chat {
	c := &chat{
		id: id, accepted: forever, byAgent: forever, byBot: forever,
		departments: map[string]bool{}, agents: map[string]bool{}, pairs: map[[2]string]bool{},
		inAgent: map[string][]span{}, inDept: map[string][]span{},
		toDepartments: map[string]bool{}, ofDepartments: map[string]bool{},
	}
	for _, e := range events {
		if e.Type == "chat.requested" {
			c.req, c.requestedAt = e, e.At
			break
		}
	}
	if c.req == nil {
		return nil
	}
	w := &walk{
		chat: c, isOpen: true, openSince: events[0].At,
		in: map[string]bool{}, since: map[string]int64{}, acceptedBy: map[string]bool{},
	}
	for _, e := range events {
		w.step(e)
		for agent, tookPart := range w.in {
			if tookPart && w.dept != "" {
				c.pairs[[2]string{agent, w.dept}] = true
			}
		}
	}
	w.finish()
	return c
}

func (w *walk) step(e *event.Event) {
	d := &e.Data
	switch e.Type {
	case "chat.reopened":
		w.reopen(e.At)
	case "chat.queued":
		w.enqueue(e)
	case "chat.assigned":
		w.assign(e)
	case "chat.accepted":
		w.accept(e.At, d.AgentID, d.DepartmentID)
	case "chat.transferred":
		w.transfer(e)
	case "chat.refused":
		if w.refusedIn == "" && !w.hadAgent {
			w.refusedIn = d.DepartmentID
		}
		w.leaveQueue(e.At, refused)
		w.decide(e.At, refused)
		w.leave(e.At, d.AgentID)
	case "chat.left":
		w.leave(e.At, d.AgentID)
	case "chat.abandoned":
		w.lose(e.At, abandoned)
	case "chat.missed":
		w.lose(e.At, missed)
	case "chat.switched_to_message":
		w.lose(e.At, switched)
	case "chat.closed":
		w.close(e.At)
	case "message.sent":
		if !d.Private && d.Actor != nil {
			w.message(e)
		}
	case "bot.interaction":
		w.interactions = append(w.interactions, e)
		w.acceptBot(e.At)
	case "chat.rated":
		w.rating = e
	case "chat.wrapped_up":
		w.wrapup = e
	case "survey.submitted":
		w.surveys = append(w.surveys, e)
	}
}

// accept is an acceptance by an agent: said so, or shown by a first message.
func (w *walk) accept(at int64, agent, department string) {
	w.acceptedBy[agent] = true
	w.leaveQueue(at, answered)
	if w.queued && !w.queueLost && w.queueEnd != answered {
		w.queueEnd, w.queueWait = answered, at-w.queuedAt
	}
	if department == "" && !w.hadAgent {
		department = w.askedFor()
	}
	if !w.hadAgent {
		w.hadAgent, w.byAgent, w.botFirst = true, at, w.hadBot
		w.asked = w.askedFor()
	}
	w.setDepartment(at, department)
	w.taken(at)
	w.join(at, agent, true)
}

func (w *walk) acceptBot(at int64) {
	if w.hadBot {
		return
	}
	w.hadBot, w.byBot = true, at
	w.leaveQueue(at, answered)
	w.taken(at)
}

// taken makes it a chat, unless the visitor was lost before.
func (w *walk) taken(at int64) {
	if w.outcome != isChat && !w.lost {
		w.outcome, w.accepted = isChat, at
	}
}

// lose is an end in which nobody took the request up: abandoned, switched, missed.
func (w *walk) lose(at int64, how string) {
	w.leaveQueue(at, how)
	w.decide(at, how)
	w.lost = true
	w.end(at)
}

// decide notes the first of refused, abandoned, switched and missed, of the
// request and of its time since it was first queued.
func (w *walk) decide(at int64, how string) {
	if w.first == "" {
		w.first, w.firstAt = how, at
	}
	if !w.queued {
		return
	}
	if w.queueEnd == "" {
		w.queueEnd, w.queueWait = how, at-w.queuedAt
	}
	if how != refused {
		w.queueLost = true
	}
}

func (w *walk) close(at int64) {
	w.leaveQueue(at, closed)
	w.closeSeen = true
	if !w.closedOnce {
		w.closedOnce = true
		w.unanswered = unanswered{}
	}
	w.end(at)
}

// end is the chat's end: whoever was in it is no more.
func (w *walk) end(at int64) {
	if !w.isOpen {
		return
	}
	w.savedIn, w.savedDept = maps.Clone(w.in), w.dept
	for agent := range w.savedIn {
		w.leave(at, agent)
	}
	w.setDepartmentNow(at, "")
	w.isOpen = false
	w.open = append(w.open, span{w.openSince, at})
}

// reopen puts back who was in it at the close, and the department.
func (w *walk) reopen(at int64) {
	w.closedOnce = false
	if w.isOpen {
		return
	}
	w.isOpen, w.openSince = true, at
	w.setDepartmentNow(at, w.savedDept)
	for agent, tookPart := range w.savedIn {
		w.join(at, agent, tookPart)
	}
}

// setDepartment moves the chat; a closed chat will be there when it is reopened.
func (w *walk) setDepartment(at int64, department string) {
	if department == "" {
		return
	}
	w.departments[department] = true
	if w.isOpen {
		w.setDepartmentNow(at, department)
	} else {
		w.savedDept = department
	}
}

func (w *walk) setDepartmentNow(at int64, department string) {
	if w.dept == department {
		return
	}
	if w.dept != "" {
		w.inDept[w.dept] = append(w.inDept[w.dept], span{w.deptSince, at})
	}
	w.dept, w.deptSince = department, at
}

// join puts an agent into an open chat; whoever took part goes on taking part.
func (w *walk) join(at int64, agent string, tookPart bool) {
	if !w.isOpen || agent == "" || w.in[agent] {
		return
	}
	w.in[agent] = tookPart
	if tookPart {
		w.since[agent] = at
		w.agents[agent] = true
	}
}

func (w *walk) leave(at int64, agent string) {
	if w.in[agent] {
		w.inAgent[agent] = append(w.inAgent[agent], span{w.since[agent], at})
	}
	delete(w.in, agent)
}

func (w *walk) assign(e *event.Event) {
	agent, group := e.Data.AgentID, e.Data.GroupID
	if agent == "" && group == "" {
		return
	}
	for other := range maps.Clone(w.in) {
		if other != agent {
			w.leave(e.At, other)
		}
	}
	w.join(e.At, agent, false)
}

func (w *walk) transfer(e *event.Event) {
	d := &e.Data
	w.transferred = true
	from := d.FromDepartmentID
	if from == "" {
		from = w.dept
	}
	if d.ToDepartmentID != "" && d.ToDepartmentID != from {
		w.toDepartments[d.ToDepartmentID] = true
		if from != "" {
			w.ofDepartments[from] = true
		}
	}
	if d.FromAgentID != "" {
		w.leave(e.At, d.FromAgentID)
	} else {
		for agent := range maps.Clone(w.in) {
			w.leave(e.At, agent)
		}
	}
	w.setDepartment(e.At, d.ToDepartmentID)
	w.join(e.At, d.ToAgentID, true)
}

func (w *walk) enqueue(e *event.Event) {
	q := queue{kind: "site"}
	if r := e.Data.RouteTo; r != nil && r.Type != "site" {
		q = queue{r.Type, r.ID}
	}
	w.leaveOne(e.At, requeued)
	w.inQueue = &stay{queue: q, span: span{e.At, forever}}
	if w.waiting == nil {
		w.waiting = &stay{span: span{e.At, forever}}
	}
	w.waiting.queue = q
	if !w.queued {
		w.queued, w.queuedAt = true, e.At
	}
	if q.kind == "department" && !w.hadAgent {
		w.lastQueue = q.id
	}
}

func (w *walk) leaveQueue(at int64, how string) {
	w.leaveOne(at, how)
	if w.waiting != nil {
		w.waiting.e, w.waiting.end = at, how
		w.waits = append(w.waits, *w.waiting)
		w.waiting = nil
	}
}

func (w *walk) leaveOne(at int64, how string) {
	if w.inQueue != nil {
		w.inQueue.e, w.inQueue.end = at, how
		w.stays = append(w.stays, *w.inQueue)
		w.inQueue = nil
	}
}

func (w *walk) message(e *event.Event) {
	d := &e.Data
	switch d.Actor.Type {
	case "user":
		if !w.unanswered.is {
			w.unanswered = unanswered{true, e.At}
		}
	case "agent":
		if w.isOpen && !w.acceptedBy[d.Actor.ID] {
			w.accept(e.At, d.Actor.ID, "")
		}
		w.join(e.At, d.Actor.ID, true)
		if w.unanswered.is {
			w.responses = append(w.responses, response{e.At, e.At - w.unanswered.since, d.Actor.ID, w.dept})
			w.unanswered = unanswered{}
		}
	case "bot":
		w.acceptBot(e.At)
		w.unanswered = unanswered{}
	}
	m := message{
		at: e.At, actor: d.Actor.Type, id: d.Actor.ID,
		canned: d.CannedMessageID, category: d.CannedCategoryID,
		department: w.dept, agents: map[string]bool{},
	}
	for agent, tookPart := range w.in {
		if tookPart {
			m.agents[agent] = true
		}
	}
	w.messages = append(w.messages, m)
}

// askedFor is the department asked for, as far as is known before an agent accepts.
func (w *walk) askedFor() string {
	switch {
	case w.req.Data.DepartmentID != "":
		return w.req.Data.DepartmentID
	case w.refusedIn != "":
		return w.refusedIn
	}
	return w.lastQueue
}

// finish leaves what has not ended open, decides the outcome and, where there was
// no chat, takes back who took part.
func (w *walk) finish() {
	c := w.chat
	if w.isOpen {
		c.open = append(c.open, span{w.openSince, forever})
	}
	for agent := range maps.Clone(w.in) {
		w.leave(forever, agent)
	}
	w.setDepartmentNow(forever, "")
	if w.inQueue != nil {
		c.stays = append(c.stays, *w.inQueue)
	}
	if w.waiting != nil {
		c.waits = append(c.waits, *w.waiting)
	}
	if !w.hadAgent {
		c.asked = w.askedFor()
	}

	switch {
	case c.outcome == isChat:
		c.waited, c.waitMs = true, max(0, c.accepted-c.requestedAt)
	case w.first == refused:
		c.outcome, c.decidedBy = refused, refused
	case w.first != "":
		c.outcome, c.decidedBy = missed, w.first
		c.waited, c.waitMs = true, max(0, w.firstAt-c.requestedAt)
	case w.closeSeen:
		c.outcome, c.decidedBy = missed, closed
	default:
		c.outcome = pending
	}

	if c.outcome != isChat {
		c.accepted, c.byAgent, c.byBot = forever, forever, forever
		c.agents, c.pairs = map[string]bool{}, map[[2]string]bool{}
		c.inAgent, c.inDept = map[string][]span{}, map[string][]span{}
	}
	if c.byAgent == forever {
		c.departments = map[string]bool{}
		if c.asked != "" {
			c.departments[c.asked] = true
		}
	}
	c.chatTime = both(c.open, []span{{c.byAgent, forever}})
	for agent := range c.inAgent {
		c.inAgent[agent] = union(c.inAgent[agent])
	}
	for department := range c.inDept {
		c.inDept[department] = union(c.inDept[department])
	}
}

// part is the chat time of an agent, of a department, of both, or of the chat.
func (c *chat) part(sc scope) []span {
	spans := c.chatTime
	if sc.agent != nil {
		spans = both(spans, c.inAgent[*sc.agent])
	}
	if sc.department != nil {
		spans = both(spans, c.inDept[*sc.department])
	}
	return spans
}
