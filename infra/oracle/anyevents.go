package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"chatreports/shared/event"
)

// AfterAny is after all of AnyEvents; before them, what has ended is longer than
// what has not.
var AfterAny = time.Date(2024, 10, 29, 17, 30, 0, 0, time.UTC)

// AnyEvents is events without sense: whatever can happen to a few chats, agents and
// visitors in three days around the end of Berlin's summer time, often at the same
// moments. Some use the source and id of an earlier event, and some are taken back,
// before or after they come.
func AnyEvents(seed uint64, n int) []event.Event {
	a := anything{Rand: rand.New(rand.NewPCG(seed, 1)), chats: max(2, n/12)}
	used := map[string][][2]string{} // source and id
	list := make([]event.Event, n-n/16, n)
	for i := range list {
		e := &list[i]
		a.any(e)
		e.ID, e.Source = fmt.Sprintf("%x-%d", a.IntN(256), i), a.pick("a", "b")
		of := together(e)
		if ids := used[of]; len(ids) > 0 && a.IntN(30) == 0 {
			again := ids[a.IntN(len(ids))]
			e.Source, e.ID = again[0], again[1]
		}
		used[of] = append(used[of], [2]string{e.Source, e.ID})
	}
	for i := range n / 16 {
		meant := &list[a.IntN(len(list))]
		for meant.Type == event.Retracted {
			meant = &list[a.IntN(len(list))]
		}
		list = slices.Insert(list, a.IntN(len(list)), a.retraction(fmt.Sprint("r", i), meant))
	}
	return list
}

// retraction takes an event back, or only seems to: it may name another type, source or id,
// and of a chat it may have an id that is used.
func (a *anything) retraction(id string, meant *event.Event) event.Event {
	e := event.Event{ID: id, Source: meant.Source, Type: event.Retracted, Subject: meant.Subject, At: meant.At + int64(a.IntN(5)-1)*600_000}
	e.Data.Type, e.Data.ID = meant.Type, meant.ID
	switch a.IntN(12) {
	case 0:
		if kind, _ := meant.Entity(); kind == "chat" && meant.Type != "conversion.recorded" {
			e.ID = meant.ID
		}
	case 1:
		if kind, _ := meant.Entity(); kind == "chat" && meant.Type != "conversion.recorded" {
			e.Data.Type = "chat.closed"
		}
	case 2:
		e.Data.ID += "?"
	case 3:
		e.Source = "c" // and so another event
	case 4, 5:
		e.Source, e.Data.Source = "c", meant.Source
	}
	return e
}

// together names what the product looks at together, and finds out that a source
// and id were used before: an hour of a visitor, a day of an agent, else all of it.
func together(e *event.Event) string {
	kind, id := e.Entity()
	switch kind {
	case "visitor":
		id += e.Time().Format(" 2006-01-02T15")
	case "agent":
		id += e.Time().Format(" 2006-01-02")
	}
	return kind + " " + id
}

type anything struct {
	*rand.Rand
	chats int
}

func (a *anything) pick(list ...string) string { return list[a.IntN(len(list))] }
func (a *anything) agent() string              { return a.pick("1", "2", "10", "ann", "") }
func (a *anything) department() string         { return a.pick("x", "y", "z", "") }
func (a *anything) visitor() string            { return a.pick("u", "v", "w") }

func (a *anything) chat() (id string, begins int64) {
	start := time.Date(2024, 10, 26, 12, 0, 0, 0, time.UTC).UnixMilli()
	n := a.IntN(a.chats)
	id = fmt.Sprint("c", n)
	if n%4 == 3 {
		id += " é,&"
	}
	return id, start + int64(n)*(3*86_400_000/int64(a.chats))
}

// kinds of events; what stands more than once comes more often.
var kinds = []string{
	"chat.requested", "chat.requested", "chat.requested", "chat.queued", "chat.queued", "chat.accepted", "chat.accepted",
	"chat.refused", "chat.abandoned", "chat.missed", "chat.switched_to_message", "chat.assigned", "chat.transferred", "chat.transferred",
	"chat.left", "message.sent", "message.sent", "message.sent", "chat.closed", "chat.reopened", "chat.reopened", "chat.rated", "chat.wrapped_up",
	"survey.submitted", "bot.interaction", "bot.interaction", "agent.status_changed", "agent.status_changed", "agent.updated", "conversion.recorded",
	"visit.started", "page.viewed", "offline_message.submitted", "invitation.sent", "invitation.accepted", "invitation.declined", "invitation.other", "updated",
	"entrypoint.viewed", "entrypoint.clicked", "chat.labelled", "chat.labelled", "chat.tagged", "chat.tagged", "chat.untagged", "chat.scored", "chat.blocked", "agent.auto_assign_changed",
}

func (a *anything) any(e *event.Event) {
	chat, begins := a.chat()
	e.Type, e.Subject = a.pick(kinds...), chat
	e.At = begins + int64(a.IntN(40))*20_500
	switch last := AfterAny.UnixMilli() - 3_600_000; a.IntN(16) {
	case 0: // on some later day
		e.At = begins + a.Int64N(last-begins)/20_500*20_500
	case 1: // at the full hour
		e.At -= e.At % 3_600_000
	case 2: // before the request
		e.At = begins - int64(a.IntN(40))*20_500
	}
	d := &e.Data
	campaign := a.pick("k", "l")
	switch e.Type {
	case "chat.requested":
		e.At = begins
		d.VisitorID, d.InitiatedBy, d.Source = a.visitor(), "visitor", a.pick("visitor", "manual_invitation", "auto_invitation")
		d.DepartmentID, d.CampaignID, d.PageURL = a.department(), &campaign, a.pick("", "https://example.com/", "https://example.com/a")
		d.SegmentIDs = []string{a.pick("s", "t"), a.pick("s", "u")}
		a.requested(d)
	case "chat.queued":
		d.RouteTo = &event.Route{Type: "site"}
		if department := a.department(); department != "" {
			d.RouteTo = &event.Route{Type: "department", ID: department}
		} else if agent := a.agent(); a.IntN(3) == 0 && agent != "" {
			d.RouteTo = &event.Route{Type: "agent", ID: agent}
		}
	case "chat.accepted":
		d.AgentID, d.DepartmentID = a.pick("1", "2", "ann"), a.department()
		d.AgentName, d.DepartmentName = a.name(), a.name()
	case "chat.left":
		d.AgentID = a.pick("1", "2", "ann")
	case "chat.refused":
		d.AgentID, d.DepartmentID = a.pick("1", "2", "ann", ""), a.department()
	case "chat.assigned":
		d.AgentID, d.GroupID, d.By = a.agent(), a.department(), a.actor("agent", "user", "bot", "system")
		d.AgentName, d.GroupName, d.Routing = a.name(), a.name(), a.pick("", "intelliAssign", "rule", "api", "dsat", "channel")
	case "chat.transferred":
		d.FromAgentID, d.ToAgentID, d.FromDepartmentID, d.ToDepartmentID = a.agent(), a.agent(), a.department(), a.department()
	case "message.sent":
		d.Actor = a.actor("user", "user", "agent", "agent", "bot", "system")
		d.MessageID, d.Length, d.Routing = fmt.Sprint(a.IntN(12)), int64(a.IntN(300)), a.pick("", "rule", "api")
		d.Private, d.CannedMessageID = a.IntN(6) == 0, a.pick("", "m", "n")
		if d.CannedMessageID != "" {
			d.CannedCategoryID = a.pick("", "g")
		}
	case "chat.rated":
		d.Score, d.Comment, d.CSATID, d.IssueResolved = int64(a.IntN(6)), a.pick("", "so, so", "it said \"no\"\r\n"), a.pick("", "q"), a.maybe()
		if a.IntN(2) == 0 {
			d.By = a.actor("user", "agent")
		}
	case "chat.closed":
		d.By, d.ResolveType, d.SuccessCode = a.actor("agent", "user", "bot", "system"), a.pick("", "", "agent", "auto", "bot"), a.pick("", "sold", "lost")
		d.AgentID, d.GroupID = a.pick("", "", a.agent()), a.pick("", "", a.department())
	case "chat.reopened":
		d.By, d.Cause = a.actor("agent", "user", "bot", "system"), a.pick("", "", "agent_reopen", "user_message", "customer_dissatisfaction", "bot")
	case "chat.labelled":
		d.By = a.actor("agent", "bot", "auto")
		d.CategoryID, d.CategoryName, d.SubCategoryID = a.pick("1", "2"), a.pick("A", "B"), a.pick("", "1", "2")
		if d.SubCategoryID != "" {
			d.SubCategoryName = a.name()
		}
	case "chat.tagged", "chat.untagged":
		d.Tag = a.pick("t", "u", "tu")
	case "chat.scored":
		d.CQLScore = int64(a.IntN(5)) - 1
	case "chat.blocked":
		d.Reason = a.pick("spam", "rude, very")
	case "chat.wrapped_up", "survey.submitted":
		d.Kind, d.Comment = a.pick("prechat", "postchat"), a.pick("", "c")
		if e.Type == "survey.submitted" || a.IntN(2) == 0 {
			d.CampaignID = &campaign
		}
		for range 1 + a.IntN(2) {
			d.Fields = append(d.Fields, event.Answer{FieldID: a.pick("1", "2"), FieldName: a.pick("n", "o", ""), Group: a.pick("", "g", "h/"), Options: [][]string{nil, {"p"}, {"q", "q"}, {"p", "%"}}[a.IntN(4)]})
		}
	case "bot.interaction":
		d.StoryID, d.Source, d.InteractionType = a.pick("s", "s", "t/", "u"), a.pick("widget", "widget", "slack", "app"), a.pick("", "welcome", "fallback", "contextFallback")
		d.InteractionID, d.ParentID, d.InteractionName = a.pick("", "i1", "i2"), a.pick("", "", "i1"), a.pick("", "Ask", "Tell", "% /")
	case "agent.status_changed":
		e.Subject, d.Status = a.pick("1", "2", "10", "ann"), a.pick("online", "online", "away", "offline", "lunch", "Lunch")
		if a.IntN(2) == 0 {
			d.CampaignID = &campaign
		}
	case "agent.auto_assign_changed":
		e.Subject, d.Enabled = a.pick("1", "2", "10", "ann"), a.IntN(2) == 0
		if a.IntN(2) == 0 {
			d.By = a.actor("agent", "system")
		}
	case "agent.updated":
		e.Subject, d.DepartmentIDs = a.pick("1", "2", "10"), &[]string{a.pick("x", "y"), a.pick("y", "z")}
		if most := int64(a.IntN(3)); most > 0 {
			d.MaxConcurrentChats = &most
		}
		d.Username, d.FirstName, d.LastName, d.Email = a.said("ann@x", ""), a.said("Ann", ""), a.said("Lee", ""), a.said("a@x", "b@x")
		d.AccountID, d.Disabled = a.said("t", "cc"), a.maybe()
	case "conversion.recorded":
		e.Subject, d.ActionID, d.ChatID = a.visitor(), a.pick("buy", "join"), a.pick("", chat)
		d.SetValue(event.Decimal(a.IntN([]int{1e7, 1e10, 1e18}[a.IntN(3)])))
		if a.IntN(3) == 0 {
			d.AgentID, d.DepartmentID = a.agent(), a.department()
		}
	case "visit.started", "page.viewed":
		e.Subject, d.CampaignID, d.PageURL, d.HostID = a.visitor(), &campaign, "https://example.com/", a.pick("", "h1", "h2")
		if e.Type == "visit.started" {
			d.SessionID = a.pick("", "s1", "s2")
		}
	case "entrypoint.viewed", "entrypoint.clicked":
		e.Subject, d.EntrypointID, d.EntrypointType, d.EntrypointName = a.visitor(), a.pick("p", "q", "i"), a.pick("button", "auto_invite"), a.name()
		if a.IntN(4) > 0 {
			d.CampaignID = &campaign
		}
	case "offline_message.submitted":
		e.Subject, d.From = fmt.Sprint("o", a.IntN(20)), a.pick("button", "queue")
		d.DepartmentID, d.CampaignID, d.SegmentIDs = a.department(), &campaign, []string{a.pick("s", "t"), a.pick("s", "t")}
	case "invitation.sent", "invitation.accepted", "invitation.declined", "invitation.other":
		if e.Type == "invitation.other" {
			e.Type = "invitation." + a.pick("matched", "ignored", "expired", "cancelled", "unavailable")
		}
		d.InvitationName = a.name()
		e.Subject, d.Kind, d.AgentID, d.InvitationID = a.visitor(), a.pick("manual", "auto"), a.agent(), a.pick("i", "j", "")
		if a.IntN(4) > 0 {
			d.CampaignID = &campaign
		}
	case "updated":
		a.updated(e, campaign)
	}
}

// updated announces an entity.
func (a *anything) updated(e *event.Event, campaign string) {
	d := &e.Data
	name := a.pick("A", "B")
	switch e.Type = a.pick("department", "campaign", "invitation", "canned_message", "channel", "host", "story") + ".updated"; e.Type {
	case "department.updated":
		e.Subject = a.pick("x", "y", "empty")
	case "campaign.updated":
		e.Subject, d.AccountID = a.pick("k", "quiet"), a.said("t", "cc")
	case "channel.updated":
		e.Subject = a.pick("c1", "c3")
	case "host.updated":
		e.Subject, d.AccountID, d.Hostname, d.MultipleAccID = a.pick("h1", "h3"), a.said("t", "cc"), a.said("x.org", ""), a.said("m", "n")
		return
	case "invitation.updated":
		e.Subject, d.Kind, d.CampaignID = a.pick("i", "h"), a.pick("", "auto", "auto", "manual"), &campaign
	case "story.updated":
		e.Subject = a.pick("s", "t/", "quiet")
		for range a.IntN(4) {
			d.Interactions = append(d.Interactions, event.Interaction{ID: a.pick("", "i1", "i3"), Name: a.pick("", "Told", "Asked"), Type: a.pick("", "welcome", "fallback"), ParentID: a.pick("", "i1")})
		}
	case "canned_message.updated":
		e.Subject, d.CategoryID = a.pick("m", "unused"), a.pick("", "g")
	}
	if a.IntN(6) > 0 {
		d.Name = &name
	}
}

// requested fills in what only rows tell of a request.
func (a *anything) requested(d *event.Data) {
	d.InitiatedBy, d.VisitorName = a.pick("visitor", "visitor", "agent", "bot", "system"), a.name()
	d.ChannelID, d.HostID, d.EntrypointID, d.InvitationID = a.pick("", "c1", "c2"), a.pick("", "h1", "h2"), a.pick("", "p", "q"), a.pick("", "i", "j")
	if d.ChannelID != "" {
		d.ChannelName = a.name()
	}
	d.Offline, d.PlaybookID, d.VisitorType = a.maybe(), a.pick("", "1", "007", "p"), a.pick("", "lead", "User")
	if a.IntN(4) == 0 {
		d.CampaignID = nil
	}
}

// actor is one of these types.
func (a *anything) actor(types ...string) *event.Actor {
	who := &event.Actor{Type: a.pick(types...), ID: a.pick("1", "2", "10"), Name: a.name()}
	switch who.Type {
	case "user":
		who.ID = a.pick(who.ID, a.visitor())
	case "bot", "system":
		who.SubType = a.pick("", "freddy", "greeting")
	case "auto":
		return &event.Actor{Type: "auto"}
	}
	return who
}

// name is one that an event may give, often none.
func (a *anything) name() string { return a.pick("", "", "A", "B", "Zoë, \"Z\"") }

// said is one of these, or nothing is said.
func (a *anything) said(list ...string) *string {
	if a.IntN(3) == 0 {
		return nil
	}
	s := a.pick(list...)
	return &s
}

// maybe is true, false, or nothing is said.
func (a *anything) maybe() *bool {
	if a.IntN(3) == 0 {
		return nil
	}
	yes := a.IntN(2) == 0
	return &yes
}

// Delivered is events as they may arrive: in any order, some of them twice.
func Delivered(events []event.Event, r *rand.Rand) []event.Event {
	out := slices.Clone(events)
	for range len(events) / 10 {
		out = append(out, events[r.IntN(len(events))])
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
