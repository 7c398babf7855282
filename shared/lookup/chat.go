package lookup

import (
	"context"
	"math"
	"net/http"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
)

// Chat is everything of one chat.
type Chat struct {
	ID string `json:"id"`
	// Known is what follows from its events; nil without a request: it counts nowhere then.
	Known *Known `json:"known"`
	// Events are those that count, in order; LeftOut the others: taken back, or with an id
	// that was used before.
	Events  []Event `json:"events"`
	LeftOut []Event `json:"leftOut,omitempty"`
	// Counts are the figures it counts in.
	Counts []Count `json:"counts"`
}

// Event is one event, as it was sent.
type Event struct {
	ID     string     `json:"id"`
	Source string     `json:"source"`
	Type   string     `json:"type"`
	Time   string     `json:"time"`
	Data   event.Data `json:"data"`
}

// Known is what is known of a chat.
type Known struct {
	RequestedAt string `json:"requestedAt"`
	VisitorID   string `json:"visitorId"`
	VisitorName string `json:"visitorName,omitempty"`
	CampaignID  string `json:"campaignId,omitempty"`
	// Outcome is chat, missed, refused or pending.
	Outcome string `json:"outcome"`
	Open    bool   `json:"open"`
	EndedAt string `json:"endedAt,omitempty"`
	// WaitSeconds is from the request to the first acceptance; 0 if that came first.
	WaitSeconds  *float64 `json:"waitSeconds,omitempty"`
	Departments  []Named  `json:"departments"`
	Agents       []Stay   `json:"agents"`
	Interactions []Part   `json:"interactions"`
	Rating       *int64   `json:"rating,omitempty"`
	AgentWrote   int      `json:"agentMessages"`
	VisitorWrote int      `json:"visitorMessages"`
	BotWrote     int      `json:"botMessages"`
}

// Named is an entity with its name.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Stay is a time an agent was in the chat.
type Stay struct {
	Named
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Part is one interaction.
type Part struct {
	Number  int    `json:"number"`
	BeganAt string `json:"beganAt"`
	// ClosedAt is when it was resolved.
	ClosedAt string `json:"closedAt,omitempty"`
	// FirstResponseSeconds is from there to the first message of an agent.
	FirstResponseSeconds *float64 `json:"firstResponseSeconds,omitempty"`
	// ResponseSeconds are the waits of the visitor for an agent's answer.
	ResponseSeconds []float64 `json:"responseSeconds"`
}

// Count is what the chat adds to a measure.
type Count struct {
	Measure string `json:"measure"`
	Unit    string `json:"unit"`
	// At is when it counts; until is the end of what lasts, and missing while it goes on.
	At    string `json:"at"`
	Until string `json:"until,omitempty"`
	N     int64  `json:"n"`
	// Millis is the length of a sample.
	Millis int64 `json:"millis,omitempty"`
	// For are the values it counts for, by dimension.
	For map[string][]string `json:"for"`
}

// chat tells everything of one chat.
func (a *API) chat(ctx context.Context, r *dialect.Request, id string) (*dialect.Answer, error) {
	if _, refused := (dialect.Parameters{}).Read(r.Query); refused != nil {
		return nil, refused
	}
	h, err := journal.New(a.journal).Read(ctx, journal.Entity{Tenant: r.Tenant.ID, Kind: "chat", ID: id}, math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	if len(h.Events)+len(h.LeftOut) == 0 {
		return nil, dialect.Refuse(http.StatusNotFound, "unknown_chat", "No event of a chat %q has come.", dialect.Clip(id))
	}
	s, err := a.source(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &Chat{ID: id, Events: told(h.Events), LeftOut: told(h.LeftOut), Counts: []Count{}}
	f := fact.New("chat")
	f.Fold(h.Events...)
	if c := (&conversation.Teller{Groups: s.Names().Groups}).Tell(event.InSequence(h.Events), nil); c != nil {
		name := func(kind, id string) Named { return Named{id, s.Names().Name(kind, id)} }
		out.Known = knownOf(c, f.Chat, name)
	}
	out.Counts = countsOf(f)
	answer := dialect.JSON(out)
	answer.CountedUntil = s.CountedUntil()
	return answer, s.Err()
}

func told(events []event.Event) []Event {
	out := make([]Event, len(events))
	for i := range events {
		e := &events[i]
		out[i] = Event{e.ID, e.Source, e.Type, instant(e.At), e.Data}
	}
	return out
}

func instant(ms int64) string { return dialect.FormatMoment(ms) }

// until is the end of what lasts, empty while it goes on.
func until(ms int64) string {
	if ms == 0 || ms >= fact.Forever {
		return ""
	}
	return instant(ms)
}

func knownOf(c *conversation.Conversation, known *fact.Chat, name func(kind, id string) Named) *Known {
	k := &Known{
		RequestedAt: instant(known.Request.At), VisitorID: known.Request.VisitorID, VisitorName: name("user", known.Request.VisitorID).Name,
		CampaignID: known.Request.CampaignID, Outcome: known.Outcome(), Open: known.Open,
		Departments: []Named{}, Agents: []Stay{}, Interactions: []Part{},
	}
	if k.Outcome == fact.Pending {
		k.Outcome = "pending"
	}
	if c.End != nil {
		k.EndedAt = instant(c.End.At)
	}
	if known.Rating != nil {
		k.Rating = &known.Rating.Score
	}
	if first := known.AgentAccepted; first.Came() || known.BotAccepted.Came() {
		if !first.Came() || known.BotAccepted.Came() && known.BotAccepted.Millis() < first.Millis() {
			first = known.BotAccepted
		}
		wait := float64(max(first.Millis()-known.Request.At, 0)) / 1000
		k.WaitSeconds = &wait
	}
	for _, id := range known.InDepartments() {
		k.Departments = append(k.Departments, name("department", id))
	}
	for i := range known.Stays {
		s := &known.Stays[i]
		k.Agents = append(k.Agents, Stay{name("agent", known.Names.Name(s.Agent)), instant(s.From), until(s.To)})
	}
	for i := range c.Interactions {
		p := &c.Interactions[i]
		part := Part{Number: p.Number, BeganAt: instant(p.Begin.At), ResponseSeconds: []float64{}}
		if p.Close != nil {
			part.ClosedAt = instant(p.Close.At)
		}
		k.Interactions = append(k.Interactions, part)
	}
	for i, step := range c.Steps() {
		part := &k.Interactions[i.Number-1]
		if step.Response != nil {
			part.ResponseSeconds = append(part.ResponseSeconds, float64(step.Response.Millis)/1000)
		}
		if step.IsMessage() {
			switch step.Data.Actor.Type {
			case "agent":
				if k.AgentWrote++; part.FirstResponseSeconds == nil {
					first := float64(max(0, step.At-i.Begin.At)) / 1000
					part.FirstResponseSeconds = &first
				}
			case "user":
				k.VisitorWrote++
			case "bot":
				k.BotWrote++
			}
		}
	}
	return k
}

// countsOf is what a chat contributes to the measures of reports; what only lists it is left
// out.
func countsOf(f *fact.Fact) []Count {
	out := []Count{}
	for _, c := range measure.Of(f) {
		m := measure.Get(c.Measure)
		if len(m.Series) == 0 || c.Measure == measure.Documents || c.Dims[0].Dim == measure.Named || c.Dims[0].Dim == measure.User {
			continue
		}
		count := Count{Measure: m.Name, Unit: m.Unit, At: instant(c.At), Until: until(c.Until), N: c.N, For: map[string][]string{}}
		if m.Shape == measure.Samples {
			count.Millis = c.Value
		}
		for _, v := range c.Dims {
			if v.Dim == measure.Site {
				continue
			}
			count.For[v.Dim.String()] = append(count.For[v.Dim.String()], v.ID)
		}
		out = append(out, count)
	}
	return out
}
