package conversation24

import (
	"cmp"
	"context"
	"iter"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/extract"
)

var slotColumns = []dialect.Column{
	{Name: "chatcampaign_id", Of: "campaign", About: "the campaign of the state, or of the chat"},
	{Name: "agent_id", Of: "agent", About: "the agent"},
	{Name: "time_start", Type: dialect.Moment, About: "when the state or the stay in the chat began, not before the window"},
	{Name: "time_end", Type: dialect.Moment, About: "when it ended, not after the window and not after now"},
	{Name: "state", About: "Online, or Offline: any status but online, away too; of a stay Online"},
	{Name: "entrypoint_type", About: "of a stay: button, auto_invite or manual_invite; of a state empty"},
	{Name: "duration", Type: dialect.Whole, About: "from the one to the other, in seconds"},
}

// entrypointTypes are the words for how a chat came about.
var entrypointTypes = map[string]string{"visitor": "button", "auto_invitation": "auto_invite", "manual_invitation": "manual_invite"}

// slot is one row: a state of an agent, or a stay in a chat.
func slot(p *period, agent, typ, chat string) extract.Row {
	return extract.Row{At: p.from, Order: []string{agent, p.campaign, typ, chat}, Cells: []string{
		p.campaign, agent, dialect.FormatMoment(p.from), dialect.FormatMoment(p.to), p.state(), typ, seconds(p.to - p.from),
	}}
}

var states = extract.Report{
	Name: "slots",
	Agents: func(w *extract.Window, _ extract.Names, a *extract.Agent, emit func(extract.Row)) {
		for _, p := range periods(w, a) {
			emit(slot(&p, a.ID, "", ""))
		}
	},
}

var attendances = extract.Report{
	Name:        "slots",
	Overlapping: true,
	Chats: func(w *extract.Window, _ extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
		d := &c.Request.Data
		for i := range c.Stays {
			s := &c.Stays[i]
			p := period{campaign: d.Campaign(), online: true, from: max(s.From, w.From), to: min(s.To, w.To, w.Now)}
			if p.from < p.to {
				emit(slot(&p, s.Agent, entrypointTypes[d.Source], c.ID))
			}
		}
	},
}

// slotRows brings states and stays into one order.
func slotRows(_ context.Context, _ *extract.Ground, s *extract.Source, _ *request) rows {
	return func(yield func([]string, error) bool) {
		next, stop := iter.Pull2(s.Run(&attendances, nil).Rows)
		defer stop()
		stay, err, more := next()
		// stays tells those that come before a state; of nil all others.
		stays := func(state []string) bool {
			for more && err == nil && (state == nil || compareSlots(stay, state) < 0) {
				if !yield(stay, nil) {
					return false
				}
				stay, err, more = next()
			}
			if more && err != nil {
				yield(nil, err)
				return false
			}
			return true
		}
		for state, err := range s.Run(&states, nil).Rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if !stays(state) || !yield(state, nil) {
				return
			}
		}
		stays(nil)
	}
}

// compareSlots orders rows by start, agent, campaign and type, as their cells say them.
func compareSlots(a, b []string) int {
	return cmp.Or(cmp.Compare(a[2], b[2]), cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0]), cmp.Compare(a[5], b[5]))
}
