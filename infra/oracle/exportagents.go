package oracle

import (
	"maps"
	"slices"

	"chatreports/shared/event"
)

// series is an agent's status events that name one campaign, or none.
type series struct{ agent, campaign string }

// period is a time in which an agent was online, or not, by the event that began it.
type period struct {
	series
	span
	online bool
	by     *event.Event
}

func (p period) state() string {
	if p.online {
		return "Online"
	}
	return "Offline"
}

// statuses is the status events of every series, in order.
func (o *Oracle) statuses() map[series][]*event.Event {
	list := map[series][]*event.Event{}
	for _, e := range o.events {
		if e.Type == "agent.status_changed" {
			s := series{e.Subject, e.Data.Campaign()}
			list[s] = append(list[s], e)
		}
	}
	return list
}

// periods is every series cut where the state changes.
func (o *Oracle) periods() []period {
	var all []period
	for s, list := range o.statuses() {
		var own []period
		for _, e := range list {
			online := isOnline(e.Data.Status)
			n := len(own)
			if n > 0 && own[n-1].online == online {
				continue
			}
			if n > 0 {
				own[n-1].e = e.At
			}
			own = append(own, period{s, span{e.At, forever}, online, e})
		}
		all = append(all, own...)
	}
	return all
}

// cut is the part of a time that is in the window and not after now.
func (w *exported) cut(s span) (span, bool) {
	s.s, s.e = max(s.s, w.from), min(s.e, w.to, w.now)
	return s, s.s < s.e
}

func (w *exported) activity() (rows []rowOut) {
	for _, p := range w.periods() {
		if s, ok := w.cut(p.span); ok {
			rows = append(rows, rowOut{s.s, sorted(p.agent, p.campaign), p.by, cells{
				"chatcampaign_id": p.campaign, "agent_id": p.agent, "state": p.state(),
				"time_start": moment(s.s), "time_end": moment(s.e), "duration_secs": wholeSeconds(s.e - s.s),
				"account_id": w.siteAccount("", p.campaign), "activity_id": p.by.ID,
			}})
		}
	}
	return rows
}

// entrypointTypes is what a chat's source is called.
var entrypointTypes = map[string]string{"visitor": "button", "auto_invitation": "auto_invite", "manual_invitation": "manual_invite"}

func (w *exported) slotRows() (rows []rowOut) {
	add := func(s span, agent, campaign, state, kind, chat string) {
		if s, ok := w.cut(s); ok {
			rows = append(rows, rowOut{s.s, sorted(agent, campaign, kind, chat), nil, cells{
				"chatcampaign_id": campaign, "agent_id": agent, "time_start": moment(s.s), "time_end": moment(s.e),
				"state": state, "entrypoint_type": kind, "duration": wholeSeconds(s.e - s.s),
			}})
		}
	}
	for _, p := range w.periods() {
		add(p.span, p.agent, p.campaign, p.state(), "", "")
	}
	for _, c := range w.told {
		d := &c.request.Data
		for _, s := range c.stays {
			add(s.span, s.agent, d.Campaign(), "Online", entrypointTypes[d.Source], c.id)
		}
	}
	return rows
}

// agents is every agent that any event names.
func (w *exported) agents() (rows []rowOut) {
	for _, id := range slices.Sorted(maps.Keys(w.namedAgents)) {
		p := w.profile(id)
		disabled := "0"
		if p.disabled {
			disabled = "1"
		}
		rows = append(rows, rowOut{0, id, nil, cells{
			"id": id, "username": p.username, "firstname": p.first, "lastname": p.last, "email": p.email,
			"account_id": w.agentAccount(id), "disabled": disabled,
		}})
	}
	return rows
}

// hostRows is every host that was announced or that any event names.
func (w *exported) hostRows() (rows []rowOut) {
	for id, h := range w.hosts {
		rows = append(rows, rowOut{0, id, nil, cells{
			"id": id, "account_id": w.siteAccount(id, ""), "hostname": h.name, "multiple_acc_id": h.multiple,
		}})
	}
	return rows
}
