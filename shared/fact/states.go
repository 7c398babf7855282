package fact

import (
	"strings"

	"chatreports/shared/event"
)

// Period is a time an agent is in one status.
type Period struct {
	_        struct{} `cbor:",toarray"`
	Campaign string   // of a series of its own; empty: none was said
	Status   string   // as sent
	Since    int64
	Event    string // the id of the event that began it
	// Turned is when the agent came online, or ceased to be, in this series, and TurnedBy
	// the id of the event by which: what other statuses there are plays no part.
	Turned   int64
	TurnedBy string
}

// Online says whether it is a time online.
func (p *Period) Online() bool { return p.Status == "online" }

// AutoAssign is whether chats are assigned to an agent automatically.
type AutoAssign struct {
	_       struct{} `cbor:",toarray"`
	Enabled bool
	Since   int64
	Event   string       // the id of the event that began it
	By      *event.Actor // who said so
}

// Beginning is the state of an agent before any event.
func Beginning() AgentState { return AgentState{Told: true} }

// tell takes what an event says of statuses. Without Told the state before is not known.
func (s *AgentState) tell(e *event.Event) {
	if !s.Told {
		return
	}
	switch e.Type {
	case "agent.status_changed":
		if s.Current == nil {
			s.Current = &Period{}
		} else {
			current := *s.Current
			s.Current = &current
		}
		s.Current.take(e, "")
		s.series(e)
	case "agent.auto_assign_changed":
		if s.AutoAssign == nil || s.AutoAssign.Enabled != e.Data.Enabled {
			s.AutoAssign = &AutoAssign{Enabled: e.Data.Enabled, Since: e.At, Event: e.ID, By: e.Data.By}
		}
	}
}

// series takes a status into the series of its campaign.
func (s *AgentState) series(e *event.Event) {
	campaign := e.Data.Campaign()
	for i := range s.Series {
		if s.Series[i].Campaign == campaign {
			s.Series[i].take(e, campaign)
			return
		}
	}
	var p Period
	p.take(e, campaign)
	s.Series = append(s.Series, p)
}

// take goes on with a period, or begins another. A repeat of a status, in any case of
// letters, is no change.
func (p *Period) take(e *event.Event, campaign string) {
	status := e.Data.Status
	if p.Event != "" && strings.EqualFold(p.Status, status) {
		return
	}
	next := Period{Campaign: campaign, Status: status, Since: e.At, Event: e.ID, Turned: p.Turned, TurnedBy: p.TurnedBy}
	if p.Event == "" || p.Online() != next.Online() {
		next.Turned, next.TurnedBy = e.At, e.ID
	}
	*p = next
}

// After is the state after more events of the agent, in order.
func (s AgentState) After(id string, events []event.Event) AgentState {
	f := NewAgent(id, 0, Forever, s)
	f.Fold(events...)
	return f.Agent.After
}
