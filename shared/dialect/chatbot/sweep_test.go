package chatbot_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/event"
	"chatreports/shared/scenario"
	"chatreports/shared/tenant"
)

var who = tenant.Tenant{ID: "acme", Chatbot: true}

// newSystem is the whole system, in which some events have arrived in random batches,
// merged in between.
func newSystem(t *testing.T, now time.Time, events []event.Event, r *rand.Rand) *trial.System {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{Tenant: who})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for len(events) > 0 {
		n := min(len(events), 1+r.IntN(60))
		if err := s.Send(events[:n]); err != nil {
			t.Fatal(err)
		}
		events = events[n:]
		if r.IntN(3) == 0 {
			if err := s.Merge(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// answer is what an API answers: a body, or the status of a refusal.
func answer(t *testing.T, api dialect.API, path string, query url.Values, now time.Time) (int, string) {
	t.Helper()
	a, err := api.Answer(context.Background(), &dialect.Request{Tenant: &who, Path: path, Query: query, Now: now})
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		return refused.Status, refused.Sentence()
	}
	if err != nil {
		t.Fatalf("%s?%s: %v", path, query.Encode(), err)
	}
	body, err := a.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return 200, string(body)
}

func value(t *testing.T, body string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// ofBots are events without sense, mostly of chats with bots.
func ofBots(seed uint64, r *rand.Rand) []event.Event {
	return slices.DeleteFunc(oracle.AnyEvents(seed, 2500), func(e event.Event) bool {
		switch e.Type {
		case "bot.interaction", "story.updated", "message.sent":
			return false
		case "chat.requested", "chat.accepted", event.Retracted:
			return r.IntN(3) == 0
		}
		return true
	})
}

// question is a request of any parameters.
func question(path string, r *rand.Rand) url.Values {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	switch r.IntN(3) {
	case 0:
		set("period", pick("today", "yesterday", "last7days", "last30days", "thisMonth", "lastMonth", "last3Months", "thisYear", "lastYear"))
	case 1:
		set("from", pick("2024-10-26", "2024-10-26T13:20:30Z", "2024-10-27T05:07:13.250+05:30", "2024-1-1", "2024-7-3"))
		set("to", pick("2024-10-28", "2024-10-28T02:30:00Z", "2024-10-29T00:00:00.001Z", "2024-11-1", "2024-12-31"))
	}
	if path != "/reports/interactions" && r.IntN(2) == 0 {
		set("source", pick("widget", "slack", "app", "livechat3"))
	}
	if r.IntN(2) == 0 {
		set("storyId", pick("s", "t/", "u", "quiet", "nobody"))
	}
	switch path {
	case "/reports/interactions":
	case "/reports/busiest-period":
		set("offset", pick("", "60", "-720", "345", "7", "-1"))
	default:
		set("group", pick("", "storyId", "source"))
		set("dimension", pick("", "auto", "hour", "day", "month", "year"))
		if r.IntN(4) == 0 {
			q["source"] = []string{"widget", "slack,app"}
		}
		if r.IntN(4) == 0 {
			q["storyId[]"] = []string{"s", "u"}
		}
	}
	return q
}

// TestSweep compares the product with the slow reference: all reports, periods, dimensions,
// groups and filters, of random events in random orders with merges between.
func TestSweep(t *testing.T) {
	for range 2 {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 0))
		events := ofBots(seed, r)
		now := []time.Time{oracle.AfterAny, time.Date(2024, 10, 28, 0, 0, 0, 0, time.UTC), time.Date(2024, 10, 28, 9, 41, 7, 3e6, time.UTC)}[r.IntN(3)]
		delivered := oracle.Delivered(events, r)
		s := newSystem(t, now, delivered, r)
		o := oracle.New(oracle.Tenant{ID: who.ID}, delivered)
		api := chatbot.New(s.State)
		told := 0
		for _, path := range chatbot.Paths() {
			for range 60 {
				q := question(path, r)
				wantStatus, want := o.ChatBot(strings.TrimPrefix(path, chatbot.Prefix), q, now)
				status, body := answer(t, api, path, q, now)
				if status != wantStatus {
					t.Fatalf("seed %d: %s?%s at %s: %d, want %d: %s", seed, path, q.Encode(), now, status, wantStatus, body)
				}
				if status != 200 {
					continue
				}
				raw, err := json.Marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				if d := scenario.Differ(value(t, body), value(t, string(raw))); d != "" {
					t.Fatalf("seed %d: %s?%s at %s: %s\n%.2000s\n%.2000s", seed, path, q.Encode(), now, d, body, raw)
				}
				if strings.ContainsAny(body, "123456789") {
					told++
				}
			}
		}
		t.Logf("seed %d: %d events, %d answers", seed, len(events), told)
	}
}
