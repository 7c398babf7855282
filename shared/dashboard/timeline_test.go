package dashboard

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

// inWordsOf are the samples of all types in words: who, of what sort, what, and what was said.
var inWordsOf = map[string]string{
	"agent.auto_assign_changed": "Ben Costa|agent|chats are assigned automatically from now on|",
	"agent.status_changed":      "||became online, campaign main-site|",
	"agent.updated":             "||the agent is Anna Weber, anna, of support, sales|",
	"bot.interaction":           "|bot|answered, in the story “first-aid”: Delivery|",
	"campaign.updated":          "||the campaign is called Main site|",
	"canned_message.updated":    "||the canned message is called Greeting|",
	"channel.updated":           "||the channel is called Web chat|",
	"chat.abandoned":            "Kim|visitor|gave up waiting|",
	"chat.accepted":             "Anna Weber|agent|took the chat up, in Support|",
	"chat.assigned":             "|system|assigned the chat to Ben Costa in Sales, automatically|",
	"chat.blocked":              "||the visitor was blocked: spam|",
	"chat.closed":               "Ben Costa|agent|closed the chat, as sold|",
	"chat.labelled":             "Ben Costa|agent|labelled it Order, Change|",
	"chat.left":                 "7|agent|left the chat|",
	"chat.missed":               "||nobody took the chat up in time|",
	"chat.queued":               "Kim|visitor|began to wait for support|",
	"chat.rated":                "Kim|visitor|rated it 5 of 5, solved|Quick and friendly.",
	"chat.refused":              "12|agent|refused the chat, in support|",
	"chat.reopened":             "Kim|visitor|opened the chat again, since the visitor wrote|",
	"chat.requested":            "Kim|visitor|asked for a chat with support, after an automatic invitation “need-a-hand”, on https://www.example.com/checkout, through Web chat, campaign main-site|",
	"chat.scored":               "||scored 2 as a lead|",
	"chat.switched_to_message":  "Kim|visitor|left a message instead of waiting|",
	"chat.tagged":               "||tagged shipping|",
	"chat.transferred":          "7|agent|passed the chat on to 12, from support to sales|",
	"chat.untagged":             "||no longer tagged shipping|",
	"chat.wrapped_up":           "12|agent|wrapped the chat up: Result: Sold|Sent the offer",
	"conversion.recorded":       "Kim|visitor|reached purchase, worth 59.9, thanks to 12|",
	"department.updated":        "||the department is called Support|",
	"entrypoint.clicked":        "Kim|visitor|clicked the invitation “Need a hand?”|",
	"entrypoint.viewed":         "Kim|visitor|saw the invitation “Need a hand?”|",
	"event.retracted":           "||chat.accepted sample-69 was taken back|",
	"host.updated":              "||the host is called www.example.com|",
	"invitation.accepted":       "Kim|visitor|accepted an automatic invitation “Need a hand?”|",
	"invitation.cancelled":      "||an automatic invitation “Need a hand?” was cancelled|",
	"invitation.declined":       "Kim|visitor|declined an automatic invitation “Need a hand?”|",
	"invitation.expired":        "||an automatic invitation “Need a hand?” expired|",
	"invitation.ignored":        "Kim|visitor|ignored an automatic invitation “Need a hand?”|",
	"invitation.matched":        "Kim|visitor|was one whom an automatic invitation “Need a hand?” is for|",
	"invitation.sent":           "||an automatic invitation “Need a hand?” was sent|",
	"invitation.unavailable":    "||an automatic invitation “Need a hand?” was not sent: nobody was there|",
	"invitation.updated":        "||the invitation is called Need a hand?|",
	"message.sent":              "Anna Weber|agent|wrote a message of 61 characters, with the canned message “greeting”|",
	"offline_message.submitted": "Kim|visitor|left a message out of the queue for support|",
	"page.viewed":               "Kim|visitor|looked at https://www.example.com/checkout|",
	"story.updated":             "||the story is called First aid|",
	"survey.submitted":          "Kim|visitor|filled in the survey after the chat: What was good? Speed, Tone; Why did you write? Delivery|",
	"visit.started":             "Kim|visitor|came to the site, at https://www.example.com/, campaign main-site|",
}

// TestEveryEventIsToldInWords tells the sample of every type there is.
func TestEveryEventIsToldInWords(t *testing.T) {
	types := event.TypeNames()
	for _, typ := range types {
		e := sampleOf(t, typ)
		tell := &teller{asker: &asker{}, chat: knownChat{VisitorID: "v-1", VisitorName: "Kim"}}
		h, err := tell.tell(&e, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join([]string{h.Who.Name, h.Who.Role, h.What, h.Said}, "|"); got != inWordsOf[typ] || h.What == "" {
			t.Errorf("%q: %q, want %q", typ, got, inWordsOf[typ])
		}
	}
	for typ := range happenings() {
		if !slices.Contains(types, typ) {
			t.Errorf("there are words for %s, which is no type", typ)
		}
	}
}

func sampleOf(t *testing.T, typ string) (e sent) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "events", "samples", typ+".json"))
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestWordsNameMembersOfTheirEvents: what stands in braces is a member that the type has, and what
// has words is a value that it may have.
func TestWordsNameMembersOfTheirEvents(t *testing.T) {
	takes := func(typ, member, value string) bool {
		e := sampleOf(t, typ)
		var data map[string]any
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		data[member] = value
		raw, err := json.Marshal(map[string]any{"specversion": "1.0", "id": "1", "source": "s", "subject": "x", "type": typ, "time": e.Time, "data": data})
		if err != nil {
			t.Fatal(err)
		}
		_, warnings, refused := event.Parse(raw, time.Now())
		if value != "" && refused != nil {
			return refused.Code == "wrong_type" && (value == "true" || value == "false" || value == "auto")
		}
		return !slices.ContainsFunc(warnings, func(w event.Warning) bool { return w.Field == "data."+member })
	}
	valued := map[string]bool{}
	for typ, words := range happenings() {
		for _, place := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(words.what, -1) {
			if !takes(typ, place[1], "") {
				t.Errorf("%s has no member %s", typ, place[1])
			}
			for value := range values() {
				member, value, _ := strings.Cut(value, "=")
				valued[member+"="+value] = valued[member+"="+value] || member == place[1] && takes(typ, member, value)
			}
		}
		for who := range strings.FieldsSeq(words.who) {
			if who != roleVisitor && who != roleBot && !takes(typ, who, "") {
				t.Errorf("%s has no member %s", typ, who)
			}
		}
	}
	for value := range values() {
		if !valued[value] && !strings.HasPrefix(value, "initiatedBy=") && !strings.HasPrefix(value, "by=") && !strings.HasPrefix(value, "routeTo=") && !strings.HasPrefix(value, "outcome=") {
			t.Errorf("no event that is told can have %s", value)
		}
	}
}

// TestWaitsAreToldWithEvents tells a chat: how long after the one before each event came, how long the
// visitor waited, and what counts nowhere in its place.
func TestWaitsAreToldWithEvents(t *testing.T) {
	at := func(clock, typ, data string) sent {
		return sent{Type: typ, Time: "2026-03-02T" + clock + "Z", Source: "s", ID: clock, Data: json.RawMessage(data)}
	}
	var chat knownChat
	if err := json.Unmarshal([]byte(`{"visitorId": "v", "visitorName": "Kim", "waitSeconds": 39, "interactions": [{"firstResponseSeconds": 80}]}`), &chat); err != nil {
		t.Fatal(err)
	}
	told, err := (&asker{}).timeline(&chat, []sent{
		at("09:00:00", "chat.requested", `{"visitorId": "v", "initiatedBy": "bot"}`),
		at("09:00:00", "chat.queued", `{"routeTo": {"type": "site"}}`),
		at("09:00:39", "chat.accepted", `{"agentId": "7"}`),
		at("09:01:00", "message.sent", `{"actor": {"type": "agent", "id": "7"}, "length": 8, "private": true}`),
		at("09:01:20", "message.sent", `{"actor": {"type": "agent", "id": "7"}, "length": 9}`),
		at("09:01:25", "message.sent", `{"actor": {"type": "agent", "id": "7"}, "length": 10}`),
		at("10:30:00", "chat.accepted", `{"agentId": "8"}`),
	}, []sent{at("09:01:10", "chat.closed", `{"by": "auto"}`)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range told {
		got = append(got, fmt.Sprintf("%s|%s %s|%s|%v", h.After, h.Who.Name, h.Who.Role, h.What, h.Out))
	}
	want := []string{
		"| a bot|asked for a chat|false", "|Kim visitor|began to wait for anybody|false", "39 s|7 agent|took the chat up, after a wait of 39 s|false",
		"21 s|7 agent|wrote a message of 8 characters: a note that the visitor does not see|false", "| a rule|closed the chat|true",
		"20 s|7 agent|wrote a message of 9 characters: the first response, after 1 m 20 s|false", "5.0 s|7 agent|wrote a message of 10 characters|false", "1 h 28 m|8 agent|took the chat up|false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it is told as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
