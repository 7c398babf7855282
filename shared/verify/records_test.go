package verify_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"chatreports/events"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

var write = flag.String("write", "", "write the records that the code stores now, as a generation of this name")

// TestEveryKindOfRecordIsKept wants a record of every kind that is stored, of the
// samples and some more, half of it merged, among those kept. Where a kind, or the
// form of one, is new, a generation is added:
//
//	go test ./shared/verify -run EveryKind -write NAME && go test ./shared/cell ./shared/fact ./shared/journal ./shared/tenant -run Generation -add
func TestEveryKindOfRecordIsKept(t *testing.T) {
	ctx := context.Background()
	s := newSystem(t, recordsNow)
	if err := tenant.Put(ctx, s.state, tenant.Entry{
		Tenant: tenant.Tenant{
			ID: acme, Name: "Acme Ltd", Zone: "Europe/Berlin", Edition: "business", AutoAllocation: true, Chatbot: true,
			BusinessHours: tenant.Week{"mon": {{From: 540, To: 1020}}, "tue": nil}, Holidays: []string{"2026-12-25"},
			CustomMetrics: []tenant.CustomMetric{{ID: "m1", Name: "Good", Expression: "chats / 2"}},
			Links:         tenant.Links{Conversation: "https://x.example/{chatId}", Transcript: "https://y.example/{chatId}"},
			Webhooks:      []tenant.Webhook{{ID: "fc", Provider: tenant.Freshchat, PublicKey: "PEM"}, {ID: "dr", Provider: tenant.Drift, Token: "t"}},
		},
		Keys: []tenant.Key{{ID: "admin", Secret: "s3cret", Scopes: []string{"events:write", "reports:read"}}},
	}); err != nil {
		t.Fatal(err)
	}
	folder := s.folder()
	sample := samples(t)
	items := s.append(sample)
	if err := apply(folder, items, 20); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		more []event.Event
		then func()
	}{{more(), s.merge}, {open(), s.mergeStep}, {unmerged(), s.shorten}, {last(), func() {}}} {
		known := s.append(nil)
		if err := apply(folder, fresh(known, s.append(c.more)), 1000); err != nil {
			t.Fatal(err)
		}
		c.then()
	}
	s.verify()
	var list []storedtest.Record
	for _, of := range []struct {
		name  string
		table table.Table
	}{{"journal", s.journal}, {"state", s.state}} {
		for item, err := range of.table.Scan(ctx, "") {
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, storedtest.Record{Table: of.name, Item: item})
		}
	}
	if *write == "" {
		kept := map[string]bool{}
		for _, r := range storedtest.All(t, func(*storedtest.Record) bool { return true }) {
			kept[kindOf(&r)] = true
		}
		for i := range list {
			if kind := kindOf(&list[i]); !kept[kind] {
				t.Errorf("of %s no record is kept: run this with -write NAME", kind)
			}
		}
		return
	}
	comment := "Records as the code stored them when this generation was written. Never changed."
	if err := storedtest.Write("../stored/storedtest", *write, comment, list); err != nil {
		t.Fatal(err)
	}
}

// A system that an earlier version has left goes on: nothing in it is different from
// what follows from its journal, before and after more events and a merge.
func TestWhatEarlierVersionsStoredGoesOn(t *testing.T) {
	for _, generation := range storedtest.Generations(t) {
		t.Run(generation, func(t *testing.T) {
			s := newSystem(t, recordsNow.Add(time.Hour))
			ops := map[string][]table.Op{}
			for _, r := range storedtest.Read(t, generation) {
				r.Expires = 0 // the log would be gone by now
				ops[r.Table] = append(ops[r.Table], table.Op{Item: r.Item})
			}
			for name, to := range map[string]table.Table{"journal": s.journal, "state": s.state} {
				if _, err := to.PutEach(t.Context(), ops[name]...); err != nil {
					t.Fatal(err)
				}
			}
			before := s.verify()
			if before.Facts == 0 || before.Blocks == 0 || before.Details == 0 {
				t.Fatalf("compared %+v", before)
			}
			known := s.append(nil)
			if err := apply(s.folder(), fresh(known, s.append(goingOn())), 1000); err != nil {
				t.Fatal(err)
			}
			s.verify()
			s.merge()
			s.verify()
			f, err := factsOf(t, s.state, "chat")
			if err != nil || len(f) < 7 {
				t.Errorf("%d chats, %v", len(f), err)
			}
			for id, c := range f {
				if c.Chat.Open || len(c.Seen) == 0 {
					t.Errorf("chat %s is not closed by what came since", id)
				}
			}
		})
	}
}

// kindOf is the kind of a record: of a block with its class, of a fact with what it is of.
func kindOf(r *storedtest.Record) string {
	part := table.Split(r.Part)
	if part[0] == acme {
		part = part[1:]
	}
	kind := r.Table + " " + part[0]
	switch part[0] {
	case "block", "fact", "dir":
		kind += " " + part[1]
	case "detail":
		kind += " " + r.Sort[:1] // d: of a whole day
	}
	return kind
}

var recordsNow = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

func samples(t *testing.T) []event.Event {
	t.Helper()
	raw, err := events.Files.ReadFile("samples/batch.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	out := make([]event.Event, len(list))
	for i := range list {
		var refusal *event.Refusal
		if out[i], _, refusal = event.Parse(list[i], recordsNow); refusal != nil {
			t.Fatal(refusal)
		}
	}
	return out
}

// fresh are the items that are not among those known.
func fresh(known, all []table.Item) []table.Item {
	have := map[table.Key]bool{}
	for _, item := range known {
		have[item.Key] = true
	}
	var out []table.Item
	for _, item := range all {
		if !have[item.Key] {
			out = append(out, item)
		}
	}
	return out
}

// told are events of one source at times on 2 March 2026 and later.
type told struct{ list []event.Event }

func (l *told) at(day, clock, typ, subject string, d event.Data) {
	at, err := time.Parse(time.RFC3339, day+"T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	l.list = append(l.list, event.Event{ID: fmt.Sprint(typ, "-", subject, "-", day, clock), Source: "more", Type: typ, Subject: subject, At: at.UnixMilli(), Data: d})
}

// more adds what the samples do not have: manual invitations, conversions of visitors,
// messages left twice, what lasts for days, and a chat with much in it.
func more() []event.Event {
	l := &told{}
	l.at("2026-03-03", "10:00:00", "invitation.sent", "visitor-7", event.Data{Kind: "manual", InvitationID: "by-hand", AgentID: "7"})
	l.at("2026-03-03", "10:00:05", "invitation.accepted", "visitor-7", event.Data{Kind: "manual", InvitationID: "by-hand", AgentID: "7"})
	l.at("2026-03-03", "10:30:00", "conversion.recorded", "visitor-7", event.Data{ActionID: "newsletter", Value: 2_500_000, AgentID: "7", DepartmentID: "support"})
	for _, clock := range []string{"11:00:00", "11:05:00"} {
		l.at("2026-03-03", clock, "offline_message.submitted", "left-2", event.Data{From: "button", DepartmentID: "sales", CampaignID: new("main-site")})
	}
	l.at("2026-03-03", "12:00:00", "agent.updated", "7", event.Data{DepartmentIDs: &[]string{"support"}})
	l.at("2026-03-06", "18:00:00", "agent.status_changed", "7", event.Data{Status: "offline"})
	l.at("2026-03-03", "13:00:00", "chat.requested", "chat-long", event.Data{
		VisitorID: "visitor-7", InitiatedBy: "agent", Source: "manual_invitation", CampaignID: new("main-site"), DepartmentID: "support",
		SegmentIDs: []string{"cart"}, PageURL: "https://www.example.com/a?" + strings.Repeat("long=1&", 200),
	})
	l.at("2026-03-03", "13:00:10", "bot.interaction", "chat-long", event.Data{StoryID: "first-aid", InteractionType: "fallback"})
	l.at("2026-03-03", "13:00:20", "chat.accepted", "chat-long", event.Data{AgentID: "7", DepartmentID: "support"})
	for i := range 40 {
		clock := fmt.Sprintf("13:%02d:%02d", 1+i/4, i%4*15)
		who := &event.Actor{Type: "user", ID: "visitor-7"}
		if i%2 == 1 {
			who = &event.Actor{Type: "agent", ID: "7"}
		}
		l.at("2026-03-03", clock, "message.sent", "chat-long", event.Data{MessageID: fmt.Sprint("m", i), Actor: who, Length: 10})
	}
	l.at("2026-03-04", "09:00:00", "chat.closed", "chat-long", event.Data{By: &event.Actor{Type: "agent", ID: "7"}})
	// For 32,768, 1,024 and 32 days, each from a multiple of them.
	since := time.Unix(0, 0).UTC().AddDate(0, 0, -32768)
	l.at(since.Format(time.DateOnly), "00:00:00", "agent.status_changed", "8", event.Data{Status: "online"})
	l.at(since.AddDate(0, 0, 32768+1024+32).Format(time.DateOnly), "00:00:00", "agent.status_changed", "8", event.Data{Status: "offline"})
	return l.list
}

// open is what has not ended.
func open() []event.Event {
	l := &told{}
	l.at("2026-03-09", "09:00:00", "agent.status_changed", "7", event.Data{Status: "online"})
	l.at("2026-03-09", "11:10:00", "chat.requested", "chat-now", event.Data{VisitorID: "visitor-8", InitiatedBy: "visitor", Source: "visitor", CampaignID: new("main-site")})
	l.at("2026-03-09", "11:11:00", "chat.queued", "chat-now", event.Data{RouteTo: &event.Route{Type: "department", ID: "support"}})
	l.at("2026-03-09", "11:12:00", "chat.requested", "chat-talk", event.Data{VisitorID: "visitor-9", InitiatedBy: "visitor", Source: "visitor"})
	l.at("2026-03-09", "11:13:00", "chat.accepted", "chat-talk", event.Data{AgentID: "7", DepartmentID: "support"})
	return l.list
}

// unmerged is what blocks do not hold yet.
func unmerged() []event.Event {
	l := &told{}
	l.at("2026-03-09", "08:00:00", "agent.status_changed", "12", event.Data{Status: "away"})
	l.at("2026-03-09", "11:00:00", "visit.started", "visitor-8", event.Data{CampaignID: new("main-site"), HostID: "www", SessionID: "s"})
	l.at("2026-03-09", "11:14:00", "message.sent", "chat-talk", event.Data{MessageID: "t", Actor: &event.Actor{Type: "user", ID: "visitor-9"}})
	return l.list
}

// last is what bundles do not hold, either.
func last() []event.Event {
	l := &told{}
	l.at("2026-03-09", "11:15:00", "message.sent", "chat-talk", event.Data{MessageID: "u", Actor: &event.Actor{Type: "agent", ID: "7"}})
	return l.list
}

// goingOn ends what is open.
func goingOn() []event.Event {
	l := &told{}
	l.at("2026-03-09", "12:10:00", "chat.accepted", "chat-now", event.Data{AgentID: "12"})
	l.at("2026-03-09", "12:11:00", "message.sent", "chat-now", event.Data{MessageID: "m", Actor: &event.Actor{Type: "agent", ID: "12"}})
	l.at("2026-03-09", "12:20:00", "visit.started", "visitor-8", event.Data{SessionID: "t"})
	l.at("2026-03-09", "12:30:00", "agent.status_changed", "7", event.Data{Status: "offline"})
	l.at("2026-03-09", "12:30:00", "agent.updated", "12", event.Data{DepartmentIDs: &[]string{"support"}})
	for _, chat := range []string{"chat-now", "chat-talk"} {
		l.at("2026-03-09", "12:40:00", "chat.closed", chat, event.Data{})
	}
	return l.list
}

// factsOf are the facts stored of one kind, by id.
func factsOf(t *testing.T, state table.Table, kind string) (map[string]*fact.Fact, error) {
	t.Helper()
	out := map[string]*fact.Fact{}
	for item, err := range state.Scan(t.Context(), table.Join(acme, "fact", kind)+"/") {
		if err != nil {
			return nil, err
		}
		f, err := fact.Decode(item.Value)
		if err != nil {
			return nil, err
		}
		out[table.Split(item.Part)[3]] = f
	}
	return out, nil
}
