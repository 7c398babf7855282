package comm100_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/counter"
	"chatreports/shared/dialect/comm100"
)

var (
	nonsenseSeeds = flag.Int("nonsense.seeds", 8, "how many random seeds TestNonsense takes")
	nonsenseFirst = flag.Uint64("nonsense.first", 0, "the first seed; 0: a random one")
	nonsenseOf    = flag.String("nonsense.of", "", "a part of the names of the families to ask; empty: all")
)

// TestNonsense compares the product with the slow reference over events that make
// no sense, after random delivery, at some moment during or after them.
func TestNonsense(t *testing.T) {
	first := *nonsenseFirst
	if first == 0 {
		first = rand.Uint64N(1_000_000) + 1
	}
	t.Logf("seeds %d to %d", first, first+uint64(*nonsenseSeeds)-1)
	for seed := first; seed < first+uint64(*nonsenseSeeds) && !t.Failed(); seed++ {
		nonsense(t, seed)
		if t.Failed() {
			t.Logf("seed %d: -nonsense.first=%d -nonsense.seeds=1", seed, seed)
		}
	}
}

func nonsense(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	now := oracle.AfterAny
	if r.IntN(3) == 0 { // every event must be past, or at most five minutes ahead
		now = now.Add(time.Duration(r.IntN(3*86400)) * -time.Second)
	}
	events := oracle.AnyEvents(seed, 100+r.IntN(500))
	past := events[:0]
	for _, e := range events {
		// What is still to come ends the time before it at that moment, not at now: the
		// two readings differ until it has come.
		ends := strings.HasPrefix(e.Type, "chat.") || strings.HasPrefix(e.Type, "agent.")
		if e.At <= now.UnixMilli() || !ends && e.At <= now.Add(5*time.Minute).UnixMilli() {
			past = append(past, e)
		}
	}
	delivered := oracle.Delivered(past, r)
	s := newSystem(t, now)
	for rest := delivered; len(rest) > 0; {
		n := min(len(rest), 1+r.IntN(120))
		s.send(rest[:n])
		rest = rest[n:]
		if r.IntN(4) == 0 {
			if err := counter.Merge(context.Background(), s.state, s.tenant.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := oracle.New(oracle.Tenant{ID: "acme", Edition: "enterprise", AutoAllocation: true, Chatbot: true}, delivered)
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for _, report := range comm100.Reports() {
		if !strings.Contains(report.Family, *nonsenseOf) {
			continue
		}
		for _, group := range append(report.Groups, "")[:max(1, len(report.Groups))] {
			filters := []string{""}
			if len(report.Filters) > 0 {
				filters = append(filters, report.Filters[r.IntN(len(report.Filters))])
			}
			for _, filter := range filters {
				q := url.Values{}
				if !report.Realtime {
					from := pick("2024-10-26T10:20:30", "2024-10-26T12:00:00", "2024-10-27T02:00:00", "2024-10-27T02:30:00", "2024-10-01T00:00:00")
					to := pick("2024-10-27T03:00:00", "2024-10-27T17:11:13", "2024-10-28T23:00:00", "2024-11-01T00:00:00")
					q.Set("timeFrom", from)
					q.Set("timeTo", to)
				}
				if report.Path != "realtime/rightNow" {
					q.Set("timezone", pick("", "+08:00", "-03:30", "+05:17", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"))
				}
				if group != "" {
					q.Set("group", group)
				}
				if filter != "" {
					q.Set("filterName", filter)
					q.Set("filterValue", nonsenseValue(filter, pick))
				}
				askMore(q, report, filter, r)
				compareAnswers(t, s, o, report.Path, q)
			}
		}
	}
}

func nonsenseValue(filter string, pick func(...string) string) string {
	switch filter {
	case "department":
		return pick("x", "y", "z", "empty", "nobody")
	case "campaign":
		return pick("k", "l", "quiet", "nobody")
	case "agent":
		return pick("1", "2", "10", "ann", "nobody")
	case "visitorSegment":
		return pick("s", "t", "u", "nobody")
	case "conversion":
		return pick("buy", "join", "nobody")
	}
	return pick("g", "nobody")
}
