package comm100_test

import (
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/comm100"
)

var parameterNamed = regexp.MustCompile(`^Parameter '([^']*)'`)

// TestRefusals compares with the slow reference what is taken and what is refused
// over parameters right and wrong in many combinations.
func TestRefusals(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	now := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, now)
	o := oracle.New(oracle.Tenant{ID: "acme", Edition: "enterprise", AutoAllocation: true, Chatbot: true}, nil)
	values := map[string][]string{
		"timeFrom":    {"2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-01T00:00:00", "2026-03-02T00:00:00", "2026-03-29T02:30:00", "", "2026-03-01", "2026-02-30T00:00:00"},
		"timeTo":      {"2026-03-02T00:00:00", "2026-03-02T00:00:00", "2026-03-02T00:00:00", "2026-03-29T03:00:00", "", "x"},
		"timezone":    {"", "+08:00", " 08:00", "-00:30", "Europe/Berlin", "Local", "8", "+25:00", "+08:60", "Asia/Kathmandu"},
		"group":       {"hour", "day", "week", "month", "agent", "department", "departmemt", "campaign", "visitorSegment", "autoInvitation", "conversionAction", "24*7Distribution", "halfHourDistribution", "year", ""},
		"filterName":  {"", "agent", "department", "campaign", "visitorSegment", "conversion", "category", "x"},
		"filterValue": {"", "1", "x"},
		"weekStart":   {"", "monday", "sunday", "Monday"},
		"limit":       {"", "1"},
	}
	often := map[string]int{"timeFrom": 95, "timeTo": 95, "group": 90, "timezone": 40, "filterName": 30, "filterValue": 30, "weekStart": 10, "limit": 3}
	reports := comm100.Reports()
	taken := 0
	for range 4000 {
		report := reports[r.IntN(len(reports))]
		q := url.Values{}
		for _, name := range []string{"timeFrom", "timeTo", "timezone", "group", "filterName", "filterValue", "weekStart", "limit"} {
			chance := often[name]
			if report.Realtime && slices.Contains([]string{"timeFrom", "timeTo", "group"}, name) || report.Groups == nil && name == "group" {
				chance = 5
			}
			if r.IntN(100) < chance {
				q.Set(name, values[name][r.IntN(len(values[name]))])
			}
		}
		wantStatus, want := o.Comm100(comm100.Prefix+report.Path, q, now)
		status, got := s.ask(report.Path, q)
		if status != wantStatus {
			t.Errorf("%s?%s: %d %v, want %d %v", report.Path, q.Encode(), status, got, wantStatus, want)
			continue
		}
		if status == 200 {
			taken++
			continue
		}
		named := parameterNamed.FindStringSubmatch(got.(map[string]any)["message"].(string))
		if named == nil || values[named[1]] == nil { // which of several mistakes is named is not settled
			t.Errorf("%s?%s: %v names no parameter", report.Path, q.Encode(), got)
		}
	}
	if taken < 400 {
		t.Errorf("only %d of 4000 were taken", taken)
	}
}
