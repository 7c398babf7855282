package drift_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

var conversations = flag.Int("conversations", 10_000, "how many conversations BenchmarkQueries asks, spread over a year")

// BenchmarkQueries asks a year of conversations: those of a month, those closed on a day,
// those that changed in the last week, and a page of all.
func BenchmarkQueries(b *testing.B) {
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s, err := trial.Open(b.TempDir(), end, tenant.Entry{Tenant: tenant.Tenant{ID: "acme"}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	load(b, s, end)
	state := s.State
	clock := time.Unix(0, 0) // a minute on for each query: how often a tenant asks is bounded
	api := drift.New(nil, state, func() time.Time { clock = clock.Add(time.Minute); return clock })
	for _, c := range []struct{ name, filter, more string }{
		{"month", `{"property": "createdAt", "operation": "BETWEEN", "values": ["2025-06-01", "2025-06-30"]}`, ""},
		{"closed on a day", `{"property": "firstCloseAt", "operation": "BETWEEN", "values": ["2025-06-01", "2025-06-02"]}`, ""},
		{"changed in the last week", `{"property": "updatedAt", "operation": "GT", "values": ["2025-12-25"]}`, ""},
		{"a page of all that agents answered", `{"property": "firstAgentId", "operation": "HAS_PROPERTY"}`, `, "limit": 1000`},
	} {
		b.Run(c.name, func(b *testing.B) {
			var bytes int
			for b.Loop() {
				r := &dialect.Request{Tenant: &tenant.Tenant{ID: "acme"}, Now: end, Body: []byte(`{"filters": [` + c.filter + `], "metrics": ["timeToCloseMillis", "createdAt"]` + c.more + `}`)}
				answer, err := api.Answer(b.Context(), r)
				if err != nil {
					b.Fatal(err)
				}
				raw, err := answer.Bytes()
				if err != nil {
					b.Fatal(err)
				}
				bytes = len(raw)
			}
			b.ReportMetric(float64(bytes), "answer-B")
		})
	}
}

// load has every conversation asked for, answered and closed.
func load(b *testing.B, s *trial.System, end time.Time) {
	r := rand.New(rand.NewPCG(1, 2))
	var batch []event.Event
	send := func() {
		if err := s.Send(batch); err != nil {
			b.Fatal(err)
		}
		batch, s.Accepted = batch[:0], nil
	}
	year := 365 * 24 * time.Hour
	for i := range *conversations {
		at := end.Add(-year).UnixMilli() + year.Milliseconds()*int64(i)/int64(*conversations)
		id, agent := fmt.Sprint(947943100000000+i), fmt.Sprint(1+r.IntN(40))
		add := func(typ string, after int64, d event.Data) {
			batch = append(batch, event.Event{ID: fmt.Sprint(id, "-", len(batch)), Source: "bench", Type: typ, Subject: id, At: at + after, Data: d})
		}
		add("chat.requested", 0, event.Data{VisitorID: fmt.Sprint("visitor-", r.IntN(*conversations)), InitiatedBy: "visitor", Source: "visitor", PageURL: "https://www.example.com/pricing"})
		add("message.sent", 5_000, event.Data{MessageID: "1", Actor: &event.Actor{Type: "user", ID: "v"}})
		if r.IntN(10) > 0 {
			add("message.sent", 20_000+r.Int64N(60_000), event.Data{MessageID: "2", Actor: &event.Actor{Type: "agent", ID: agent}})
		}
		add("chat.closed", 200_000+r.Int64N(600_000), event.Data{By: &event.Actor{Type: "agent", ID: agent}})
		if len(batch) > 900 {
			send()
		}
	}
	send()
	if err := s.Merge(); err != nil {
		b.Fatal(err)
	}
}
