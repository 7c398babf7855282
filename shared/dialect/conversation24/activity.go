package conversation24

import (
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/extract"
)

var agentActivity = extract.Report{
	Name: "agent-activity",
	Columns: []dialect.Column{
		{Name: "chatcampaign_id", Of: "campaign", About: "the campaign for which the agent was so; empty where none was said"},
		{Name: "agent_id", Of: "agent", About: "the agent"},
		{Name: "time_start", Type: dialect.Moment, About: "when the state began, not before the window"},
		{Name: "time_end", Type: dialect.Moment, About: "when it ended, not after the window and not after now"},
		{Name: "state", About: "Online, or Offline: any status but online, away too"},
		{Name: "duration_secs", Type: dialect.Whole, About: "from the one to the other"},
		{Name: "account_id", About: "the campaign's account, else the tenant's id"},
		{Name: "activity_id", About: "the id of the event that began the state"},
	},
	Agents: func(w *extract.Window, names extract.Names, a *extract.Agent, emit func(extract.Row)) {
		for _, p := range periods(w, a) {
			emit(extract.Row{At: p.from, Order: []string{a.ID, p.campaign}, Cells: []string{
				p.campaign, a.ID, dialect.FormatMoment(p.from), dialect.FormatMoment(p.to), p.state(), seconds(p.to - p.from),
				websiteAccount(w.Tenant, names, "", p.campaign), p.event,
			}})
		}
	},
}

// period is a time for which an agent was online for a campaign, or was not.
type period struct {
	campaign string
	online   bool
	from, to int64
	event    string // the id of the one that began it
}

func (p *period) state() string { return truth(p.online, "Online", "Offline") }

// periods lists an agent's states, each campaign by itself, cut to the window and to now.
func periods(w *extract.Window, a *extract.Agent) []period {
	var out []period
	current := map[string]int{} // by campaign: its place in out
	begin := func(campaign string, online bool, at int64, event string) {
		current[campaign] = len(out)
		out = append(out, period{campaign, online, at, min(w.To, w.Now), event})
	}
	for i := range a.Before.Series {
		s := &a.Before.Series[i]
		begin(s.Campaign, s.Online(), s.Turned, s.TurnedBy)
	}
	for e := range a.Events {
		if e.Type != statusChanged {
			continue
		}
		campaign, online := e.Data.Campaign(), isOnline(e)
		if n, known := current[campaign]; known {
			if out[n].online == online {
				continue
			}
			out[n].to = min(out[n].to, e.At)
		}
		begin(campaign, online, e.At, e.ID)
	}
	kept := out[:0]
	for _, p := range out {
		if p.from = max(p.from, w.From); p.from < p.to {
			kept = append(kept, p)
		}
	}
	return kept
}

const statusChanged = "agent.status_changed"

func isOnline(e *event.Event) bool { return e.Data.Status == "online" }

func isOffline(e *event.Event) bool { return e.Data.Status == "offline" }
