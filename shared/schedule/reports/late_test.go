package reports_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/counter"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// bucket keeps objects in memory, by those methods that schedules use.
type bucket struct {
	object.Store
	made map[string][]byte
}

func (b bucket) Create(_ context.Context, key string) (object.Upload, error) {
	return &upload{key: key, bucket: b}, nil
}

func (b bucket) Delete(_ context.Context, key string) error {
	delete(b.made, key)
	return nil
}

func (bucket) Abandon(context.Context, string) error { return nil }

type upload struct {
	bytes.Buffer
	key    string
	bucket bucket
}

func (u *upload) Commit() error {
	u.bucket.made[u.key] = u.Bytes()
	return nil
}

func (u *upload) Abort() {}

// However late events come, and in whatever order, the newest object of each period is
// in the end what its report says.
func TestWhateverComesLateIsDelivered(t *testing.T) {
	for seed := range uint64(6) {
		late(t, seed)
	}
}

func late(t *testing.T, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 7))
	s := newSystem(t)
	// What is announced has a row in every period from then on, and makes no new versions; nor
	// does what a visitor did before a chat.
	announced := func(e event.Event) bool {
		typ := e.Type
		if typ == event.Retracted {
			typ = e.Data.Type
		}
		return strings.HasSuffix(typ, ".updated") || typ == "visit.started" || typ == "entrypoint.viewed" || typ == "invitation.sent"
	}
	events := oracle.Delivered(nameless(oracle.AnyEvents(seed, 400)), r)
	slices.SortStableFunc(events, func(a, b event.Event) int { return cmp.Compare(order(announced(a)), order(announced(b))) })
	first := slices.IndexFunc(events, func(e event.Event) bool { return !announced(e) })
	all := reports.All(s.state, s.journal)
	declared := schedules(r, all)
	if err := tenant.Put(t.Context(), s.state, tenant.Entry{Tenant: tenant.Tenant{
		ID: "acme", Zone: "Europe/Berlin", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true, Schedules: declared,
	}}); err != nil {
		t.Fatal(err)
	}
	acme, _, err := tenant.Get(t.Context(), s.state, "acme")
	if err != nil {
		t.Fatal(err)
	}
	now := oracle.AfterAny.Add(-4 * 24 * time.Hour)
	clock := func() time.Time { return now }
	objects := bucket{made: map[string][]byte{}}
	scheduler := &schedule.Scheduler{State: s.state, Journal: s.journal, Objects: objects, Reports: all, Now: clock, Real: clock}
	seen := map[table.Key]bool{}
	var runs []time.Time
	s.fold(events[:first], seen, now)
	events = events[first:]
	for len(events) > 0 || now.Before(oracle.AfterAny.Add(24*time.Hour)) {
		if len(events) > 0 {
			n := min(len(events), r.IntN(60))
			s.fold(events[:n], seen, now)
			events = events[n:]
		}
		if r.IntN(3) == 0 {
			if err := counter.Merge(t.Context(), s.state, "acme"); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(time.Duration(1+r.IntN(12*60)) * time.Minute)
		if err := scheduler.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, now)
	}
	now = now.Add(48 * time.Hour) // everything is looked at once more
	if err := scheduler.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs = append(runs, now)
	for i := range declared {
		d, report := &declared[i], all[declared[i].Report]
		again := 0
		for name, raw := range objects.made {
			folder, ok := strings.CutSuffix(name, "manifest.json")
			if !ok || !strings.HasPrefix(name, schedule.Prefix("acme", d.ID)) {
				continue
			}
			var m struct {
				Periods []struct {
					From, To time.Time
					Versions []struct {
						Object    string
						WrittenAt time.Time
					}
				}
			}
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			for _, p := range m.Periods {
				again += len(p.Versions) - 1
				newest := p.Versions[len(p.Versions)-1]
				// What has not ended goes up to the moment at which it was last looked at.
				right := slices.ContainsFunc(runs, func(at time.Time) bool {
					if at.Before(newest.WrittenAt) {
						return false
					}
					var want bytes.Buffer
					_, err := report.Write(t.Context(), &want, &schedule.Asked{
						Tenant: &acme, Parameters: d.Parameters, Format: d.Format, From: p.From.UnixMilli(), To: p.To.UnixMilli(), Now: at,
					})
					if err != nil {
						t.Fatal(err)
					}
					return bytes.Equal(want.Bytes(), objects.made[folder+newest.Object])
				})
				if !right {
					t.Errorf("seed %d: %s from %s to %s is delivered, after %d versions, as\n%s", seed, d.Report, p.From, p.To, len(p.Versions), objects.made[folder+newest.Object])
				}
			}
		}
		if again == 0 {
			t.Logf("seed %d: nothing of %s was delivered again", seed, d.Report)
		}
	}
}

func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

// nameless takes the names from events: what entities are called makes no new versions.
func nameless(events []event.Event) []event.Event {
	for i := range events {
		d := &events[i].Data
		for _, name := range []*string{&d.AgentName, &d.DepartmentName, &d.GroupName, &d.ChannelName, &d.VisitorName, &d.EntrypointName, &d.InvitationName, &d.CategoryName, &d.SubCategoryName} {
			*name = ""
		}
		for _, a := range []**event.Actor{&d.Actor, &d.By} {
			if *a != nil {
				other := **a
				other.Name, *a = "", &other
			}
		}
	}
	return events
}

// schedules are some of the reports of what happened in a period.
func schedules(r *rand.Rand, all map[string]*schedule.Report) (out []tenant.Schedule) {
	groups := map[string][]string{}
	for _, c := range comm100.Reports() {
		groups["comm100/"+c.Path] = c.Groups
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
		return all[name].Listing || name == "conversation24/agent-performance" // here shifts last for days
	})
	some := r.Perm(len(names))
	query := slices.Index(some, slices.Index(names, "drift/conversations")) // of the one there is, always
	some[0], some[query] = some[query], some[0]
	for i, n := range some[:8] {
		formats := all[names[n]].Formats
		s := tenant.Schedule{ID: strconv.Itoa(i), Report: names[n], Rate: []string{"1 day", "6 hours", "1 hour"}[r.IntN(3)], Format: formats[r.IntN(len(formats))]}
		if g := groups[s.Report]; len(g) > 0 {
			s.Parameters = map[string]string{"group": g[r.IntN(len(g))]}
		}
		if s.Report == "drift/conversations" {
			s.Parameters = map[string]string{"query": `{"metrics": ["updatedAt", "timeToCloseMillis", "numBotMessages", "lastAgentId"], "sort": "-updatedAt"}`}
		}
		out = append(out, s)
	}
	return out
}

// fold stores events and folds what is new in the journal.
func (s *system) fold(events []event.Event, seen map[table.Key]bool, now time.Time) {
	s.t.Helper()
	if _, err := journal.New(s.journal).Append(s.t.Context(), "acme", events, now); err != nil {
		s.t.Fatal(err)
	}
	var items []table.Item
	for item, err := range s.journal.Scan(s.t.Context(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		if !seen[item.Key] {
			seen[item.Key], items = true, append(items, item)
		}
	}
	if _, err := fold.New(s.journal, s.state, func() time.Time { return now }).Apply(s.t.Context(), items); err != nil {
		s.t.Fatal(err)
	}
}
