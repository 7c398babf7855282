package schedule_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"chatreports/shared/tenant/tenantfile"
)

// block is the first block of a language on the page.
func block(t *testing.T, page, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "```"+language+"\n")
	text, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("the page has no block of %s", language)
	}
	return text
}

// What the page shows is what is read and written.
func TestThePageShowsWhatIs(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := tenantfile.Parse([]byte(block(t, string(raw), "yaml")))
	if err != nil || len(file.Entries[0].Tenant.Schedules) < 3 {
		t.Errorf("the tenants file of the page: %v", err)
	}
	shown := json.NewDecoder(strings.NewReader(block(t, string(raw), "json")))
	shown.DisallowUnknownFields()
	var m struct {
		Tenant, Schedule, Report, Zone, Day string
		manifest
	}
	if err := shown.Decode(&m); err != nil || len(m.Periods) != 1 || m.Periods[0].Versions[0].Rows != 24 {
		t.Errorf("the manifest of the page: %v", err)
	}
}
