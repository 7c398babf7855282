package payload_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/chatbot"
	"chatreports/shared/webhook/comm100"
	"chatreports/shared/webhook/drift"
	"chatreports/shared/webhook/freshchat"
	"chatreports/shared/webhook/livechat"
	"chatreports/shared/webhook/standard"
)

var providers = []webhook.Provider{freshchat.Provider{}, drift.Provider{}, chatbot.Provider{}, livechat.Provider{}, comm100.Provider{}, standard.Provider{}}

var (
	start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	later = start.AddDate(0, 0, 2)
)

// understood is what the product's webhook of a vendor makes of a body.
func understood(t *testing.T, p webhook.Provider, body []byte) *webhook.Told {
	t.Helper()
	told, err := p.Events(&webhook.Delivery{Method: http.MethodPost, Body: body, Arrived: later, Clock: later})
	if err != nil || told.Unknown || len(told.Refused) > 0 {
		t.Fatalf("%s\n%+v, %v", body, told, err)
	}
	return told
}

// authentic takes a signed body for the vendor's, by the demo's webhook.
func authentic(t *testing.T, p webhook.Provider, body []byte) {
	t.Helper()
	s, err := payload.Sign(p.Name(), payload.DemoSecret(p.Name()), body, later)
	if err != nil {
		t.Fatal(err)
	}
	hooks, err := payload.Demo()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(hooks, func(w tenant.Webhook) bool { return w.Provider == p.Name() })
	d := &webhook.Delivery{Method: http.MethodPost, Header: s.Header, Query: s.Query, Body: s.Body, Arrived: later, Clock: later}
	if i < 0 || !p.Authentic(&hooks[i], d) {
		t.Fatalf("%s: its signature is not taken", p.Name())
	}
	understood(t, p, s.Body)
}

// What is said of the simulation, every vendor's webhook takes for the vendor's, understands
// without rest, and makes events of as many as there are to tell.
func TestWebhooksUnderstandWhatIsSaid(t *testing.T) {
	happened := map[string]int{}
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 3, Start: start, End: start.Add(4 * time.Hour), Agents: 12, Scale: 0.3}).Events() {
		events = append(events, e)
		happened[e.Type]++
		if d := &e.Data; e.Type == "message.sent" && (d.Actor.Type == "user" || d.Actor.Type == "agent") {
			happened["of people"]++
			if !d.Private {
				happened["public, of people"]++
			}
		}
	}
	// Types of events that come back in the same number as those that happened.
	same := map[string]map[string]string{
		tenant.Freshchat: {"message.sent": "message.sent", "chat.closed": "chat.closed", "chat.reopened": "chat.reopened"},
		tenant.Drift:     {"message.sent": "message.sent", "chat.closed": "chat.closed", "chat.reopened": "chat.reopened"},
		tenant.ChatBot:   {"bot.interaction": "bot.interaction"},
		tenant.LiveChat:  {"chat.requested": "chat.requested", "chat.accepted": "chat.accepted", "message.sent": "of people", "chat.rated": "chat.rated", "agent.status_changed": "agent.status_changed"},
		tenant.Comm100:   {"chat.wrapped_up": "chat.wrapped_up", "offline_message.submitted": "offline_message.submitted", "agent.status_changed": "agent.status_changed"},
	}
	for _, p := range providers {
		t.Run(p.Name(), func(t *testing.T) {
			speaker, err := payload.As(p.Name())
			if err != nil {
				t.Fatal(err)
			}
			came, bodies := map[string]int{}, 0
			for i := range events {
				said, err := speaker.Say(&events[i])
				if err != nil {
					t.Fatal(err)
				}
				for _, body := range said {
					if bodies++; bodies <= 20 {
						authentic(t, p, body)
					}
					for _, e := range understood(t, p, body).Events {
						came[e.Type]++
						if p.Name() == tenant.Standard && (e.ID != events[i].ID || e.At != events[i].At) {
							t.Fatalf("%+v came for %+v", e, events[i])
						}
					}
				}
			}
			if bodies < 50 {
				t.Errorf("only %d payloads", bodies)
			}
			if p.Name() == tenant.Standard && bodies != len(events) {
				t.Errorf("%d payloads of %d events", bodies, len(events))
			}
			for typ, of := range same[p.Name()] {
				if came[typ] != happened[of] || came[typ] == 0 {
					t.Errorf("%d %s came, %d happened", came[typ], typ, happened[of])
				}
			}
		})
	}
}

// One payload of each vendor is an event at the moment that it is about, or when it comes.
func TestAnExampleSaysSomething(t *testing.T) {
	for _, p := range providers {
		body, err := payload.Example(p.Name(), start.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		authentic(t, p, body)
		if len(understood(t, p, body).Events) == 0 {
			t.Errorf("%s: %s says nothing", p.Name(), body)
		}
	}
}

func TestWhatCannotBeSignedIsSaid(t *testing.T) {
	for _, c := range []struct{ vendor, secret, body string }{
		{"freshcat", "", "{}"},
		{tenant.Freshchat, "demo-key", "{}"},
		{tenant.Freshchat, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "{}"},
		{tenant.Standard, "no base64!", "{}"},
		{tenant.Drift, "x", "[]"},
		{tenant.LiveChat, "x", "null"},
	} {
		if s, err := payload.Sign(c.vendor, c.secret, []byte(c.body), start); err == nil {
			t.Errorf("%v is signed: %s", c, s.Body)
		}
	}
	if _, err := payload.As("freshcat"); err == nil {
		t.Error("there is somebody who speaks as freshcat")
	}
	if _, err := payload.Example("freshcat", 0); err == nil {
		t.Error("there is an example of freshcat")
	}
}
