package erase_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/erase"
	"chatreports/shared/event"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// declare has reports of rows, and some of figures, be delivered each day.
func (c *centre) declare(t *testing.T) {
	t.Helper()
	var declared []tenant.Schedule
	for _, name := range slices.Sorted(maps.Keys(reports.All(nil, nil))) {
		if s := (tenant.Schedule{Report: name, Rate: "1 day"}); strings.HasPrefix(name, "freshchat/") || strings.HasPrefix(name, "conversation24/") {
			declared = append(declared, s)
		}
	}
	declared = append(declared,
		tenant.Schedule{Report: "comm100/chatVolume", Rate: "1 day", Parameters: map[string]string{"group": "hour"}},
		tenant.Schedule{Report: "drift/conversations", Rate: "1 day", Parameters: map[string]string{"query": `{"filters": [{"property": "status", "operation": "EQ", "values": ["closed"]}], "metrics": ["timeToCloseMillis"]}`}},
	)
	for i := range declared {
		declared[i].ID = strings.ToLower(strings.ReplaceAll(declared[i].Report, "/", "-"))
	}
	if err := tenant.Put(t.Context(), table.Divide(c.State), tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, Chatbot: true, Schedules: declared}}); err != nil {
		t.Fatal(err)
	}
}

// deliver delivers what is due at a time.
func (c *centre) deliver(t *testing.T, now time.Time) {
	t.Helper()
	c.now = now
	state := table.Divide(c.State)
	s := &schedule.Scheduler{State: state, Journal: c.Journal, Objects: c.Objects, Reports: reports.All(state, c.Journal), Now: c.clock, Real: c.clock}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// delivered are the objects that manifests name: the newest of each period, and the others.
func (c *centre) delivered(t *testing.T) (newest, earlier map[string]string) {
	t.Helper()
	newest, earlier = map[string]string{}, map[string]string{}
	objects := map[string]string{}
	for at, raw := range all(t, c.Stores) {
		if _, key, ok := strings.Cut(at, " "); ok && strings.HasPrefix(key, schedule.Objects) {
			objects[key] = raw
		}
	}
	for key, raw := range objects {
		folder, ok := strings.CutSuffix(key, "manifest.json")
		if !ok {
			continue
		}
		var m struct {
			Periods []struct{ Versions []struct{ Object string } }
		}
		if err := json.Unmarshal([]byte(raw), &m); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Periods {
			for i, v := range p.Versions {
				to := earlier
				if i == len(p.Versions)-1 {
					to = newest
				}
				to[folder+v.Object] = objects[folder+v.Object]
			}
		}
	}
	return newest, earlier
}

// naming are the objects that name the visitor.
func naming(objects map[string]string) (out []string) {
	for key, raw := range objects {
		if slices.ContainsFunc(personal, func(p string) bool { return strings.Contains(raw, p) }) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// What is delivered after a visitor was erased says nothing of the visitor, neither of days
// that are over since nor of those delivered before, which are delivered again. Earlier versions
// are left to whoever has them.
func TestWhatIsDeliveredAfterAVisitorWasErased(t *testing.T) {
	c := newCentre(t)
	c.declare(t)
	day := c.now.Truncate(24 * time.Hour)
	c.deliver(t, day.Add(27*time.Hour))
	before, earlier := c.delivered(t)
	named := naming(before)
	if len(named) < 4 || len(before) < 15 || len(earlier) > 0 {
		t.Fatalf("%d objects are delivered, %d earlier ones, and %q name the visitor", len(before), len(earlier), named)
	}
	c.take(t, event.Event{ID: "next", Source: "test", Type: "page.viewed", Subject: zoe, At: c.now.UnixMilli(), Data: event.Data{PageURL: "https://www.example.com/e"}},
		event.Event{ID: "next2", Source: "test", Type: "message.sent", Subject: "waits", At: c.now.UnixMilli(), Data: event.Data{MessageID: "m9", Actor: &event.Actor{Type: "user", ID: zoe, Name: "Zoe Secret"}, Length: 3}})
	if _, err := c.erase(t.Context(), c.Stores); err != nil {
		t.Fatal(err)
	}
	for _, later := range []int{51, 75} {
		c.deliver(t, day.Add(time.Duration(later)*time.Hour))
		newest, earlier := c.delivered(t)
		if still := naming(newest); len(still) > 0 {
			t.Errorf("after %d hours %q name the visitor", later, still)
		}
		if left := naming(earlier); !slices.Equal(left, named) {
			t.Errorf("after %d hours, of earlier versions %q name the visitor, want %q", later, left, named)
		}
		if len(newest) <= len(before) {
			t.Errorf("after %d hours there are %d objects, before there were %d", later, len(newest), len(before))
		}
	}
}

// Of a tenant who leaves nothing that was delivered is left, and nothing is delivered any more.
func TestNothingIsDeliveredAfterATenantWasErased(t *testing.T) {
	c := newCentre(t)
	c.declare(t)
	day := c.now.Truncate(24 * time.Hour)
	c.deliver(t, day.Add(27*time.Hour))
	if _, err := (&erase.Tenant{Stores: c.Stores, ID: "acme"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, later := range []int{27, 51} {
		for where := range all(t, c.Stores) {
			if names.MatchString(where) {
				t.Errorf("%s is left", where)
			}
		}
		c.deliver(t, day.Add(time.Duration(later)*time.Hour))
	}
}
