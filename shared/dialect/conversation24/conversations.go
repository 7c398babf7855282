package conversation24

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/extract"
)

var conversations = extract.Report{
	Name: "conversations",
	Columns: []dialect.Column{
		{Name: "chatcampaign_id", Of: "campaign", About: "the campaign of the request"},
		{Name: "conversation_start", Type: dialect.Moment, About: "when the first agent joined; it decides in which window the row is"},
		{Name: "session_id", About: "of the visitor's newest visit that has one, at or before the request"},
		{Name: "assigned_agent_id", Of: "agent", About: "the first agent to join"},
		{Name: "assigned_agent_account_id", About: "that agent's account, else the tenant's id"},
		{Name: "assigned_agent_account_name", About: "the tenant's name, if the account is the tenant's"},
		{Name: "last_agent_id", Of: "agent", About: "the last agent to join"},
		{Name: "last_agent_account_id", About: "that agent's account, else the tenant's id"},
		{Name: "last_agent_account_name", About: "the tenant's name, if the account is the tenant's"},
		{Name: "visitor_id", Of: "user", About: "the visitor"},
		{Name: "account_id", About: "the website's account: the host's, else the campaign's, else the tenant's id"},
		{Name: "host_id", Of: "host", About: "the host of the request"},
		{Name: "num_messages", Type: dialect.Whole, About: "messages of everybody, private ones left out"},
		{Name: "duration_total_secs", Type: dialect.Whole, About: "from the start to the chat's end; of an open chat to now"},
		{Name: "duration_conversation_secs", Type: dialect.Whole, About: "from the start to the last message; 0 without messages"},
		{Name: "duration_afterclose_secs", Type: dialect.Whole, About: "from the visitor's last message to the chat's end; 0 without either"},
		{Name: "avgMessageLength", Type: dialect.Decimal, About: "characters a message, at most two places; 0 without messages"},
		{Name: "maxMessageLength", Type: dialect.Whole, About: "characters of the longest; 0 without messages"},
		{Name: "requestType", About: "reactive if the visitor began, else proactive"},
		{Name: "requestSource", About: "the entry point's name, else the invitation's"},
		{Name: "firstResponseTime", Type: dialect.Whole, About: "from the start to the first message of an agent"},
		{Name: "firstReplyTime", Type: dialect.Whole, About: "from the visitor's first message to the next of an agent"},
		{Name: "avgResponseTime", Type: dialect.Whole, About: "the mean of how long the visitor waited for an agent's answer, over the whole chat"},
		{Name: "maxResponseTime", Type: dialect.Whole, About: "the longest of these"},
		{Name: "decisionTime", Type: dialect.Whole, About: "from when the visitor last saw the chat's entry point, else was sent its invitation, to the request"},
		{Name: "transcriptUrl", About: "from the tenant's template"},
		{Name: "acceptUrl", About: "the page of the request"},
		{Name: "successcode", About: "of the last close that has one"},
		{Name: "survey_result", Type: dialect.Whole, About: "the newest rating"},
		{Name: "survey_comment", About: "what was written with it"},
		{Name: "visitor_identifier", About: "the visitor's name, else the id"},
		{Name: "blocked", About: "yes or no"},
		{Name: "block_reason", About: "the newest reason"},
		{Name: "goals", About: "the actions of the chat's conversions in order, with commas between them"},
		{Name: "totalGoalValue", Type: dialect.Decimal, About: "the sum of their values; empty without any"},
		{Name: "handlingType", About: "self, external or hybrid: whether the agents who joined are of the website's account"},
	},
	Chats: conversationRow,
}

// conversationRow tells a chat that an agent joined.
func conversationRow(w *extract.Window, names extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
	joined := joinings(c)
	if len(joined) == 0 {
		return
	}
	start := joined[0].From
	if start < w.From || start >= w.To {
		return // before it asks for what only a row needs
	}
	r, d := &said{}, &c.Request.Data
	for _, s := range c.Steps() {
		r.take(s)
	}
	t, before := w.Tenant, visitOf(names, c.Request)
	account := websiteAccount(t, names, d.HostID, d.Campaign())
	end := w.Now
	if c.End != nil {
		end = c.End.At
	}
	cells := []string{d.Campaign(), dialect.FormatMoment(start), before.session}
	for _, agent := range []string{joined[0].Agent, joined[len(joined)-1].Agent} {
		of := accountOf(t, names, "agent", agent)
		cells = append(cells, agent, of, accountName(t, of))
	}
	cells = append(cells, d.VisitorID, account, d.HostID, whole(r.messages), seconds(end-start))
	cells = append(cells, r.lengths(start, c)...)
	cells = append(cells, truth(d.Source == "visitor", "reactive", "proactive"), requestSource(names, d))
	cells = append(cells, r.responses(start)...)
	cells = append(cells, before.decision(c.Request), t.Links.TranscriptURL(c.ID), d.PageURL, r.success)
	cells = append(cells, r.rating[:]...)
	cells = append(cells, cmp.Or(names.Name("user", d.VisitorID), d.VisitorID), truth(r.blocked, "yes", "no"), r.reason)
	cells = append(cells, strings.Join(r.goals, ","), r.value(), handling(t.ID, account, names, joined))
	emit(extract.Row{At: start, Order: []string{c.ID}, Cells: cells})
}

// joins says whether a stay began by joining: a reopening only puts back who was in the
// chat.
func joins(s *conversation.Stay) bool { return s.Joined.Type != "chat.reopened" }

// joinings are the stays that began by joining.
func joinings(c *conversation.Conversation) []*conversation.Stay {
	var out []*conversation.Stay
	for i := range c.Stays {
		if joins(&c.Stays[i]) {
			out = append(out, &c.Stays[i])
		}
	}
	return out
}

// said is what was said in a chat, over all of its events.
type said struct {
	messages        int
	length, longest int64
	// When the last message was sent, the first and the last of the visitor, the first of an
	// agent, and the first of an agent after the first of the visitor.
	last, ofVisitor, lastOfVisitor, ofAgent, reply *int64

	samples          int64
	waited, mostWait int64
	rating           [2]string // the cells
	success          string
	blocked          bool
	reason           string
	goals            []string
	worth            big.Int // millionths
}

func (r *said) take(s *conversation.Step) {
	d := &s.Data
	switch {
	case s.IsMessage():
		r.message(s.Event)
	case s.Type == "chat.closed" && d.SuccessCode != "":
		r.success = d.SuccessCode
	case s.Type == "chat.rated":
		r.rating = [2]string{whole(int(d.Score)), d.Comment}
	case s.Type == "chat.blocked":
		r.blocked, r.reason = true, d.Reason
	case s.Type == "conversion.recorded":
		r.goals = append(r.goals, d.ActionID)
		r.worth.Add(&r.worth, big.NewInt(int64(d.Value)))
	}
	if s.Response != nil {
		r.samples++
		r.waited += s.Response.Millis
		r.mostWait = max(r.mostWait, s.Response.Millis)
	}
}

func (r *said) message(e *event.Event) {
	r.messages++
	r.length += e.Data.Length
	r.longest = max(r.longest, e.Data.Length)
	at := e.At
	r.last = &at
	switch e.Data.Actor.Type {
	case "user":
		r.lastOfVisitor = &at
		r.ofVisitor = cmp.Or(r.ofVisitor, &at)
	case "agent":
		r.ofAgent = cmp.Or(r.ofAgent, &at)
		if r.ofVisitor != nil {
			r.reply = cmp.Or(r.reply, &at)
		}
	}
}

// lengths are the cells of how long the conversation and what came after it lasted, and
// of how long messages are.
func (r *said) lengths(start int64, c *conversation.Conversation) []string {
	if r.messages == 0 {
		return []string{"0", "0", "0", "0"}
	}
	after := "0"
	if c.End != nil && r.lastOfVisitor != nil {
		after = seconds(c.End.At - *r.lastOfVisitor)
	}
	return []string{seconds(*r.last - start), after, short(r.length, int64(r.messages)), whole(int(r.longest))}
}

// responses are the cells of how long answers took, empty where there were none.
func (r *said) responses(start int64) []string {
	out := make([]string, 4)
	if r.ofAgent != nil {
		out[0] = seconds(*r.ofAgent - start)
	}
	if r.reply != nil {
		out[1] = seconds(*r.reply - *r.ofVisitor)
	}
	if r.samples > 0 {
		out[2], out[3] = seconds(r.waited/r.samples), seconds(r.mostWait)
	}
	return out
}

// value is the sum of all goals' values.
func (r *said) value() string {
	if len(r.goals) == 0 {
		return ""
	}
	s := new(big.Rat).SetFrac(&r.worth, big.NewInt(1e6)).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// visit is what a visitor had done by the time of a request: the newest of each.
type visit struct {
	session string
	seen    *event.Event // what the chat began with
}

// visitOf looks for it, back from the request.
func visitOf(names extract.Names, request *event.Event) (v visit) {
	d := &request.Data
	var invited *event.Event
	names.Newest(d.VisitorID, request.At, func(e *event.Event) bool {
		switch {
		case e.Type == "visit.started" && v.session == "":
			v.session = e.Data.SessionID
		case e.Type == "entrypoint.viewed" && v.seen == nil && (e.Data.EntrypointID == d.EntrypointID || d.EntrypointID == "" && d.InvitationID == ""):
			v.seen = e
		case e.Type == "invitation.sent" && invited == nil && d.InvitationID != "" && e.Data.InvitationID == d.InvitationID:
			invited = e
		}
		return v.session != "" && (v.seen != nil || d.EntrypointID == "" && invited != nil)
	})
	if v.seen == nil {
		v.seen = invited
	}
	return v
}

// decision is how long the visitor took from seeing what the chat began with: its entry
// point, else its invitation; of a chat that names neither, any entry point.
func (v *visit) decision(request *event.Event) string {
	if v.seen == nil {
		return ""
	}
	return seconds(request.At - v.seen.At)
}

func requestSource(names extract.Names, d *event.Data) string {
	var name string
	if d.EntrypointID != "" {
		name = names.Name("entrypoint", d.EntrypointID)
	}
	if name == "" && d.InvitationID != "" {
		name = names.Name("invitation", d.InvitationID)
	}
	return name
}

// handling says whether the agents who joined are of the website's account: self, all of
// them; external, none; hybrid, some.
func handling(tenantID, account string, names extract.Names, joined []*conversation.Stay) string {
	inside := func(s *conversation.Stay) bool {
		return cmp.Or(own(names, "agent", s.Agent), tenantID) == account
	}
	outside := func(s *conversation.Stay) bool { return !inside(s) }
	switch {
	case !slices.ContainsFunc(joined, outside):
		return "self"
	case !slices.ContainsFunc(joined, inside):
		return "external"
	}
	return "hybrid"
}
