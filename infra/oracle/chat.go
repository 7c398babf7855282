package oracle

import "chatreports/shared/event"

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
	firsts    []response // of each interaction the first message of an agent

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
