package document_test

import (
	"encoding/hex"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/quick"

	"chatreports/shared/document"
	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// A document that was stored is read for good: these bytes never change.
func TestStoredBytesStay(t *testing.T) {
	d := document.Document{
		ID: "chat-1", CreatedAt: 1772452800000, UpdatedAt: 1772452900000,
		PlaybookID: "671581", EndUserID: "v1", EndUserType: "lead", EndUserBegan: true, PageURL: "https://example.com/ü",
		Offline: true, CQLScore: -1, Tags: []string{"a", "b"}, Status: document.Closed, BotStatus: document.BotAssisted,
		FirstAgentID: "7", LastAgentID: "8", FirstBotID: "bot", AgentMessages: 3, BotMessages: 2, UserMessages: 1,
		FirstAgentMessage: fact.MomentOf(1772452860000), FirstBotMessage: fact.MomentOf(1772452801000),
		FirstUserMessage: fact.MomentOf(0), FirstClose: fact.MomentOf(1772452899999),
		Agents: []string{"7", "8"}, Departments: []string{"sales"}, CampaignID: "c",
	}
	const want = "0106636861742d31" + // version, id
		"8098dbe69567" + "c09a0c" + // requested; updated so much later
		"ffffff03" + // which fields there are
		"06363731353831" + "027631" + "046c656164" + "1668747470733a2f2f6578616d706c652e636f6d2fc3bc" +
		"01" + "0201610162" + "04" + "06" + // score, tags, statuses
		"0137" + "0138" + "03626f74" + "06" + "04" + "02" + // who, how many
		"c0a907" + "d00f" + "ff97dbe69567" + "be9a0c" + // when, from the request
		"0201370138" + "010573616c6573" + "0163"
	if got := hex.EncodeToString([]byte(d.Encode())); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	raw, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	var back document.Document
	if err := back.Decode(string(raw)); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%+v, %v, want %+v", back, err, d)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	same := func(d document.Document) bool {
		d.Status, d.BotStatus = document.Status(uint64(d.Status)%3), document.BotStatus(uint64(d.BotStatus)%4)
		for _, m := range []*fact.Moment{&d.FirstAgentMessage, &d.FirstBotMessage, &d.FirstUserMessage, &d.FirstClose} {
			if *m == fact.Moment(fact.Forever/2) || m.Came() && m.Millis() == 0 {
				*m = fact.MomentOf(0)
			}
		}
		for _, l := range []*[]string{&d.Tags, &d.Agents, &d.Departments} {
			if len(*l) == 0 {
				*l = nil
			}
		}
		var back document.Document
		return back.Decode(d.Encode()) == nil && reflect.DeepEqual(back, d)
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// Whatever fields are wanted, and in however many steps: those that were read are as in the
// whole document, and the others as if it did not have them.
func TestAPartIsReadAsOfTheWhole(t *testing.T) {
	same := func(d document.Document, wanted, first document.Fields) bool {
		d.Status, d.BotStatus = document.Status(uint64(d.Status)%3), document.BotStatus(uint64(d.BotStatus)%4)
		stored := d.Encode()
		var whole document.Document
		r := document.Reader{Wanted: wanted}
		if whole.Decode(stored) != nil || r.Open(stored) != nil || r.Read(first) != nil || r.Read(document.AllFields) != nil {
			return false
		}
		others := document.Reader{Wanted: document.AllFields &^ wanted}
		if others.Open(stored) != nil || others.Read(document.AllFields) != nil {
			return false
		}
		got, rest, all := reflect.ValueOf(r.Document), reflect.ValueOf(others.Document), reflect.ValueOf(whole)
		for i := range all.NumField() {
			g, o, w := got.Field(i), rest.Field(i), all.Field(i)
			if !reflect.DeepEqual(g.Interface(), w.Interface()) && !(g.IsZero() && reflect.DeepEqual(o.Interface(), w.Interface())) {
				return false
			}
		}
		return true
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// Bytes that are cut off or altered are refused or are another document, and never panic.
func TestDamagedBytes(t *testing.T) {
	d := document.Document{ID: "chat", CreatedAt: 1, UpdatedAt: 2, Tags: []string{"x", "y"}, PageURL: "https://example.com", UserMessages: 300}
	good := d.Encode()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range len(good) {
		if err := new(document.Document).Decode(good[:n]); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(good))
		}
	}
	for range 5000 {
		b := []byte(good)
		b[r.IntN(len(b))] = byte(r.Uint32())
		_ = new(document.Document).Decode(string(b))
	}
}

func said(at int64, by string) event.Event {
	return event.Event{ID: by + string(rune('0'+at)), Source: "s", Type: "message.sent", Subject: "c", At: at, Data: event.Data{MessageID: by + string(rune('0'+at)), Actor: &event.Actor{Type: by, ID: by}}}
}

func of(typ string, at int64) event.Event {
	return event.Event{ID: typ, Source: "s", Type: typ, Subject: "c", At: at, Data: event.Data{VisitorID: "v", InitiatedBy: "visitor", AgentID: "7"}}
}

func TestWhereAConversationStands(t *testing.T) {
	requested := of("chat.requested", 1)
	for _, c := range []struct {
		name   string
		events []event.Event
		status document.Status
		bot    document.BotStatus
	}{
		{"asked for", []event.Event{requested, said(2, "user")}, document.Pending, document.NoResponse},
		{"accepted", []event.Event{requested, of("chat.accepted", 2)}, document.Open, document.NoResponse},
		{"answered", []event.Event{requested, said(2, "agent")}, document.Open, document.HumanOnly},
		{"answered by a bot", []event.Event{requested, said(2, "bot")}, document.Open, document.BotOnly},
		{"by both", []event.Event{requested, said(2, "bot"), said(3, "agent")}, document.Open, document.BotAssisted},
		{"by a bot's interaction", []event.Event{requested, of("bot.interaction", 2)}, document.Open, document.BotOnly},
		{"given up", []event.Event{requested, of("chat.abandoned", 2)}, document.Closed, document.NoResponse},
		{"answered and given up", []event.Event{requested, said(2, "agent"), of("chat.missed", 3)}, document.Open, document.HumanOnly},
		{"closed", []event.Event{requested, of("chat.closed", 2)}, document.Closed, document.NoResponse},
		{"reopened", []event.Event{requested, of("chat.closed", 2), of("chat.reopened", 3)}, document.Open, document.NoResponse},
		{"closed before it was requested", []event.Event{of("chat.closed", 0), requested}, document.Pending, document.NoResponse},
		{"given up, reopened and never answered", []event.Event{requested, of("chat.missed", 2), of("chat.reopened", 3)}, document.Closed, document.NoResponse},
	} {
		f := fact.New("chat")
		f.Fold(c.events...)
		if d := document.Of(f.Chat); d.Status != c.status || d.BotStatus != c.bot {
			t.Errorf("%s: %s, %s, want %s, %s", c.name, d.Status, d.BotStatus, c.status, c.bot)
		}
	}
}
