package conversation24

import (
	"maps"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	"chatreports/shared/step"
)

var performanceColumns = []dialect.Column{
	{Name: "chatcampaign_id", Of: "campaign", About: "the campaign; empty where there is none"},
	{Name: "agent_id", Of: "agent", About: "the agent"},
	{Name: "workshift_id", About: "the id of the event that began the work shift"},
	{Name: "account_id", About: "the campaign's account, else the tenant's id"},
	{Name: "chatcampaign_name", About: "the campaign's name"},
	{Name: "workshift_start", Type: dialect.Moment, About: "when the agent logged in; it decides in which window the row is"},
	{Name: "workshift_end", Type: dialect.Moment, About: "when the agent logged out; empty while the agent is on"},
	{Name: "num_chats", Type: dialect.Whole, About: "how often the agent joined a chat of the campaign within the shift"},
	{Name: "num_breaks", Type: dialect.Whole, About: "how often the agent ceased to be online within the shift"},
	{Name: "num_ignored", Type: dialect.Whole, About: "of the chats joined within the shift those in which the visitor never wrote"},
	{Name: "num_abandoned", Type: dialect.Whole, About: "those in which this agent never wrote"},
	{Name: "avg_concurrency", Type: dialect.Decimal, About: "the time in chats, each by itself, by session_duration"},
	{Name: "first_response_duration", Type: dialect.Whole, About: "for how long the agent had not written yet in any of the chats, since joining it"},
	{Name: "open_duration", Type: dialect.Whole, About: "for how long the agent was in any chat of the campaign"},
	{Name: "closed_duration", Type: dialect.Whole, About: "session_duration without that"},
	{Name: "online_duration", Type: dialect.Whole, About: "for how long the agent was online"},
	{Name: "offline_duration", Type: dialect.Whole, About: "session_duration without that"},
	{Name: "available_duration", Type: dialect.Whole, About: "for how long the agent was online with fewer chats, of all campaigns, than maxConcurrentChats"},
	{Name: "idle_duration", Type: dialect.Whole, About: "for how long the agent was in no chat of any campaign"},
	{Name: "session_duration", Type: dialect.Whole, About: "the length of the shift"},
	{Name: "survey_num_good", Type: dialect.Whole, About: "ratings of 4 and 5 within the shift, of the campaign's chats that the agent had joined"},
	{Name: "survey_num_bad", Type: dialect.Whole, About: "those of 0 to 2"},
	{Name: "survey_num_moderate", Type: dialect.Whole, About: "those of 3"},
}

// part is what a work shift comes to for one campaign.
type part struct {
	chats, ignored, abandoned int
	time                      int64 // in chats, each by itself
	open, unanswered          []step.Edge
	received                  []string // the chats joined
	good, bad, moderate       int
}

// shiftRows are the rows of a work shift: one for each campaign for which the agent was
// logged in or had a chat. Where none is named, there is one without. A rating alone makes none.
func shiftRows(w *extract.Window, names extract.Names, s *shift, of *presence) []extract.Row {
	parts := map[string]*part{}
	at := func(campaign string) *part {
		if parts[campaign] == nil {
			parts[campaign] = &part{}
		}
		return parts[campaign]
	}
	for _, c := range s.LoggedIn {
		if c != "" {
			at(c)
		}
	}
	var chats []step.Edge // of all campaigns
	for _, stay := range of.stays {
		chats = append(chats, at(stay.Campaign).add(stay, s)...)
	}
	if len(parts) == 0 {
		at("")
	}
	for _, r := range of.ratings { // one may be of a chat of an earlier shift
		if p := parts[r.Campaign]; p != nil {
			p.rate(r.Score)
		}
	}
	busy := step.Length(step.Above(slices.Clone(chats)))
	rows := make([]extract.Row, 0, len(parts))
	for _, campaign := range slices.Sorted(maps.Keys(parts)) {
		rows = append(rows, parts[campaign].row(w, names, s, campaign, busy, chats))
	}
	return rows
}

// add adds a stay, and gives the edges of its time within the shift.
func (p *part) add(stay *stay, s *shift) []step.Edge {
	if stay.Joined && s.covers(stay.From) {
		p.chats++
		if !slices.Contains(p.received, stay.Chat) {
			p.received = append(p.received, stay.Chat)
			p.ignored += one(!stay.VisitorWrote)
			p.abandoned += one(!stay.AgentWrote)
		}
	}
	if silent := clip(stay.From, stay.Word, s.Span); silent.From < silent.To {
		p.unanswered = append(p.unanswered, edges(silent)...)
	}
	here := clip(stay.From, stay.To, s.Span)
	if here.From >= here.To {
		return nil
	}
	p.time += here.To - here.From
	p.open = append(p.open, edges(here)...)
	return edges(here)
}

func (p *part) rate(score int64) {
	switch {
	case score >= 4:
		p.good++
	case score == 3:
		p.moderate++
	default:
		p.bad++
	}
}

func (p *part) row(w *extract.Window, names extract.Names, s *shift, campaign string, busy int64, chats []step.Edge) extract.Row {
	session := s.To - s.From
	open := step.Length(step.Above(p.open))
	on, own := s.Online[campaign]
	if !own {
		on = s.AnyOnline
	}
	online := step.Length(on)
	end, name := "", ""
	if !s.On {
		end = dialect.FormatMoment(s.To)
	}
	if campaign != "" {
		name = names.Name("campaign", campaign)
	}
	return extract.Row{At: s.From, Order: []string{s.Agent, campaign}, Cells: []string{
		campaign, s.Agent, s.Event, websiteAccount(w.Tenant, names, "", campaign), name, dialect.FormatMoment(s.From), end,
		whole(p.chats), whole(breaks(on, s)), whole(p.ignored), whole(p.abandoned), ratio(p.time, session),
		seconds(step.Length(step.Above(p.unanswered))), seconds(open), seconds(session - open), seconds(online), seconds(session - online),
		seconds(online - step.Length(step.Both(on, full(chats, names.Entry("agent", s.Agent).MaxConcurrentChats, s.Span)))),
		seconds(session - busy), seconds(session), whole(p.good), whole(p.bad), whole(p.moderate),
	}}
}

// breaks counts how often the agent ceased to be online strictly within the shift.
func breaks(online []step.Span, s *shift) (n int) {
	for _, on := range online {
		n += one(on.To < s.To)
	}
	return n
}

// full is when there were as many chats as there may be.
func full(chats []step.Edge, most *int64, within step.Span) []step.Span {
	switch {
	case most == nil:
		return nil
	case *most <= 0:
		return []step.Span{within}
	}
	var out []step.Span
	step.Sweep(slices.Clone(chats), func(from, to, n int64) {
		if n >= *most {
			out = append(out, step.Span{From: from, To: to})
		}
	})
	return out
}

func edges(s step.Span) []step.Edge {
	return []step.Edge{{At: s.From, N: 1}, {At: s.To, N: -1}}
}

func clip(from, to int64, within step.Span) step.Span {
	return step.Span{From: max(from, within.From), To: min(to, within.To)}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
