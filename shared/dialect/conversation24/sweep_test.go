package conversation24_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

var (
	sweepSeeds = flag.Int("sweep.seeds", 6, "how many random seeds TestSweep takes")
	sweepFirst = flag.Uint64("sweep.first", 0, "the first seed; 0: a random one")
)

// tenantOf is the tenant of sweeps, as the product and as the reference have it.
func tenantOf(zone string) (tenant.Tenant, oracle.Tenant) {
	const transcript = "https://x.example/?chat={chatId}"
	return tenant.Tenant{ID: "acme", Name: "Acme Ltd", Zone: zone, Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true, Links: tenant.Links{Transcript: transcript}},
		oracle.Tenant{ID: "acme", Name: "Acme Ltd", Zone: zone, AutoAllocation: true, Chatbot: true, TranscriptLink: transcript}
}

var zones = []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"}

// asking is a system with a tenant's events, asked by HTTP.
type asking struct {
	*system
	now time.Time
}

func asked(t *testing.T, who tenant.Tenant, now time.Time, events []event.Event, r *rand.Rand) *asking {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{Tenant: who, Keys: scoped()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for rest := events; len(rest) > 0; {
		n := min(len(rest), 1+r.IntN(400))
		if err := s.Send(rest[:n]); err != nil {
			t.Fatal(err)
		}
		if rest = rest[n:]; r.IntN(4) == 0 {
			if err := s.Merge(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return &asking{&system{s, t}, now}
}

// export is the rows of an export, the names of the columns first.
func (s *asking) export(report string, query url.Values) [][]string {
	s.t.Helper()
	a := s.ask("all", http.MethodGet, "/v1/exports/"+report+"?"+query.Encode(), "")
	if a.status != http.StatusOK {
		s.t.Fatalf("%s?%s: %d %s", report, query.Encode(), a.status, a.body)
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

// compare compares an export with the reference's.
func (s *asking) compare(o *oracle.Oracle, report string, query url.Values) {
	s.t.Helper()
	want := o.Export(report, query.Get("from"), query.Get("to"), s.now)
	if campaign := query.Get("campaign"); campaign != "" {
		want = append(want[:1:1], slices.DeleteFunc(slices.Clone(want[1:]), func(row []string) bool { return row[0] != campaign })...)
	}
	got := s.export(report, query)
	for i := range max(len(got), len(want)) {
		var g, w []string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = slices.Clone(want[i])
			for j := range w { // as the reader gives it
				w[j] = strings.ReplaceAll(w[j], "\r\n", "\n")
			}
		}
		if slices.Equal(g, w) {
			continue
		}
		for j := range min(len(g), len(w)) {
			if g[j] != w[j] {
				s.t.Errorf("%s of row %d is %q, want %q", want[0][j], i, g[j], w[j])
			}
		}
		s.t.Fatalf("%s?%s: row %d of %d is\n%q, want of %d\n%q", report, query.Encode(), i, len(got), g, len(want), w)
	}
}

// TestSweep compares every export with the slow reference over events that make no sense,
// after random delivery, over odd windows.
func TestSweep(t *testing.T) {
	first := *sweepFirst
	if first == 0 {
		first = rand.Uint64N(1_000_000) + 1
	}
	for seed := first; seed < first+uint64(*sweepSeeds) && !t.Failed(); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { sweep(t, seed) }) // again: -sweep.first=SEED -sweep.seeds=1
	}
}

func sweep(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	now := oracle.AfterAny
	events := oracle.AnyEvents(seed, 100+r.IntN(500))
	who, same := tenantOf(zones[r.IntN(len(zones))])
	delivered := oracle.Delivered(events, r) // of two with one id the first counts
	s, o := asked(t, who, now, delivered, r), oracle.New(same, delivered)
	var campaigns []string
	for i := range events {
		if c := events[i].Data.Campaign(); c != "" {
			campaigns = append(campaigns, c)
		}
	}
	first, last := events[0].At, events[0].At
	for i := range events {
		first, last = min(first, events[i].At), max(last, events[i].At)
	}
	for _, report := range oracle.Exports() {
		for i := range 6 {
			query := url.Values{}
			from := first + r.Int64N(last-first)
			to := from + 1 + r.Int64N(last-from+1)
			if i == 0 { // from one event to another
				from, to = events[r.IntN(len(events))].At, events[r.IntN(len(events))].At+1
			}
			if from < to && i > 1 || i == 0 && from < to {
				query.Set("from", time.UnixMilli(from).UTC().Format("2006-01-02T15:04:05.999Z"))
				query.Set("to", time.UnixMilli(to).UTC().Format("2006-01-02T15:04:05.999Z"))
			}
			if i == 2 {
				query.Del("to")
			}
			if i == 3 {
				query.Del("from")
			}
			if i == 4 && len(campaigns) > 0 && report != "agents" && report != "hosts" {
				query.Set("campaign", campaigns[r.IntN(len(campaigns))])
			}
			s.compare(o, report, query)
		}
	}
}

// TestSimulatedCentre compares the exports of a few days of a believable contact centre.
func TestSimulatedCentre(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 5, Start: start, End: start.AddDate(0, 0, 4), Scale: 0.05}).Events() {
		events = append(events, e)
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d events", seed, len(events))
	r := rand.New(rand.NewPCG(seed, 0))
	who, same := tenantOf("Europe/Berlin") // where the clocks are moved on the 29th
	s, o := asked(t, who, start.AddDate(0, 0, 4), oracle.Delivered(events, r), r), oracle.New(same, events)
	for _, report := range oracle.Exports() {
		for _, window := range [][2]string{{"", ""}, {"2026-03-28", "2026-03-29"}, {"2026-03-29", "2026-03-30"}, {"2026-03-28T10:07:13Z", "2026-03-30T18:22:51.250Z"}} {
			s.compare(o, report, url.Values{"from": {window[0]}, "to": {window[1]}})
		}
	}
}
