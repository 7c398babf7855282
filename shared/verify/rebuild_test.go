package verify_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/verify"
)

// Ways to damage a record of the state.
var (
	remove = func(item table.Item) table.Op { return table.Op{Verb: table.Delete, Item: item} }
	spoil  = func(item table.Item) table.Op {
		item.Value = []byte("spoilt")
		return table.Op{Item: item}
	}
	// swap puts what another record of the same kind holds.
	swap = func(other table.Item) func(table.Item) table.Op {
		return func(item table.Item) table.Op {
			item.Value = other.Value
			return table.Op{Item: item}
		}
	}
)

func TestRebuildMendsWhateverIsDamaged(t *testing.T) {
	r := source(t)
	s, rest, _ := half(t, r, 12*time.Hour, 0.01)
	if err := apply(s.folder(), rest, 50); err != nil {
		t.Fatal(err)
	}
	want := s.answers()
	for _, name := range []string{"removed", "spoilt", "another's"} {
		s := s
		if r.IntN(2) == 0 {
			s = s.copy()
			s.merge()
		}
		for _, part := range []string{"fact/chat/", "fact/visitor/", "fact/agent/", "dir/agent", "dir/department", "block/n", "block/h", "block/s", "block/k", "detail/", "open"} {
			var of []table.Item
			for item, err := range s.state.Scan(context.Background(), acme+"/"+part) {
				if err != nil {
					t.Fatal(err)
				}
				of = append(of, item)
			}
			if len(of) == 0 && part != "open" {
				t.Errorf("nothing to damage in %s", part)
			}
			if len(of) < 2 || r.IntN(2) == 0 { // half of them each time: others the next
				continue
			}
			one, two := r.IntN(len(of)), r.IntN(len(of))
			for try := 0; string(of[one].Value) == string(of[two].Value) && try < 100; try++ {
				one, two = r.IntN(len(of)), r.IntN(len(of))
			}
			if string(of[one].Value) == string(of[two].Value) {
				continue
			}
			s := s.copy()
			do := map[string]func(table.Item) table.Op{"removed": remove, "spoilt": spoil, "another's": swap(of[two])}[name]
			if err := s.state.Write(context.Background(), do(of[one])); err != nil {
				t.Fatal(err)
			}
			t.Run(strings.Trim(part, "/")+" "+name, func(t *testing.T) {
				s.t = t
				if s.harmless(of[one], name) {
					s.alike(want)
					return
				}
				t.Logf("%s %s", of[one].Part, of[one].Sort)
				s.run(verify.Options{}, -1)
				report := s.run(optionsOfRebuild, 0)
				if len(report.Mended) == 0 {
					t.Error("nothing was mended")
				}
				s.alike(want)
				s.merge()
				s.alike(want)
			})
		}
	}
}

// harmless says that a record says nothing, so that removing it changes nothing.
func (s *system) harmless(item table.Item, how string) bool {
	return how == "removed" && len(item.Value) <= 4 && !strings.Contains(item.Part, "/fact/") && !strings.Contains(item.Part, "/dir/")
}

// TestRebuildOfManyThingsAtOnce: every fifth record of the state is damaged.
func TestRebuildOfManyThingsAtOnce(t *testing.T) {
	r := source(t)
	s, rest, want := half(t, r, 12*time.Hour, 0.01)
	if err := apply(s.folder(), rest, 50); err != nil {
		t.Fatal(err)
	}
	// A merge died on its way, too.
	plan := tabletest.CrashAt(3+r.IntN(9), tabletest.Partly)
	_ = counter.Merge(context.Background(), tabletest.NewFaulty(s.state, plan), acme)
	damaged := s.damage(r, 5)
	report := s.run(optionsOfRebuild, 0)
	t.Logf("%d records damaged, %d differences mended", damaged, len(report.Mended))
	s.same(want)
}

var optionsOfRebuild = verify.Options{Rebuild: true}

// damage removes or spoils one record of the state in so many, and says how many.
func (s *system) damage(r *rand.Rand, every int) int {
	s.t.Helper()
	var ops []table.Op
	for item, err := range s.state.Scan(context.Background(), acme+"/") {
		if err != nil {
			s.t.Fatal(err)
		}
		if part := table.Split(item.Part)[1]; part == "log" || part == "merge" || r.IntN(every) > 0 {
			continue
		}
		if r.IntN(2) == 0 {
			ops = append(ops, remove(item))
		} else {
			ops = append(ops, spoil(item))
		}
	}
	if _, err := s.state.PutEach(context.Background(), ops...); err != nil {
		s.t.Fatal(err)
	}
	return len(ops)
}

// TestRebuildRemovesFactsWithoutEvents: what no event says does not count.
func TestRebuildRemovesFactsWithoutEvents(t *testing.T) {
	s, rest, want := half(t, source(t), 12*time.Hour, 0.01)
	if err := apply(s.folder(), rest, 50); err != nil {
		t.Fatal(err)
	}
	stray := newSystem(t, s.now)
	items := stray.append([]event.Event{
		{ID: "1", Source: "stray", Type: "chat.requested", Subject: "stray", At: start.UnixMilli(), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor"}},
		{ID: "2", Source: "stray", Type: "visit.started", Subject: "stray", At: start.UnixMilli(), Data: event.Data{SessionID: "x"}},
		{ID: "3", Source: "stray", Type: "agent.status_changed", Subject: "stray", At: start.UnixMilli(), Data: event.Data{Status: "online"}},
		{ID: "4", Source: "stray", Type: "department.updated", Subject: "stray", At: start.UnixMilli()},
	})
	if err := apply(s.folder(), items, 10); err != nil {
		t.Fatal(err)
	}
	s.run(verify.Options{}, -1)
	s.run(optionsOfRebuild, 0)
	s.same(want)
}

// TestDifferencesSayWhere: an event that was never folded, and a number changed.
func TestDifferencesSayWhere(t *testing.T) {
	s := newSystem(t, start.Add(24*time.Hour))
	ctx := context.Background()
	request := event.Event{ID: "1", Source: "s", Type: "chat.requested", Subject: "c1", At: start.Add(10 * time.Hour).UnixMilli(), Data: event.Data{VisitorID: "v", Source: "visitor", InitiatedBy: "visitor", DepartmentID: "sales"}}
	if err := apply(s.folder(), s.append([]event.Event{request}), 1); err != nil {
		t.Fatal(err)
	}
	s.verify()
	refused := event.Event{ID: "2", Source: "s", Type: "chat.refused", Subject: "c1", At: request.At + 1200_000}
	if _, err := journal.New(s.journal).Append(ctx, acme, []event.Event{refused}, s.now); err != nil {
		t.Fatal(err)
	}
	got := printed(s.run(verify.Options{}, -1))
	for _, line := range []string{
		"fact chat/c1/- day 2026-03-02 quarter 10:00 refusedChats contribution: stored 0, expected 1\n",
		"fact chat/c1/-: it holds 1 events, the journal 2\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	s.run(optionsOfRebuild, 0)
	s.merge()
	// A fact that says something else than what was counted.
	items, err := s.state.Get(ctx, table.Key{Part: "acme/fact/chat/c1", Sort: "-"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := fact.Decode(items[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	f.Chat.Refused = 0
	if items[0].Value, err = f.Encode(); err != nil {
		t.Fatal(err)
	}
	if err := s.state.Write(ctx, table.Op{Item: items[0]}); err != nil {
		t.Fatal(err)
	}
	got = printed(s.run(verify.Options{}, -1))
	for _, line := range []string{
		"block department/sales day 2026-03-02 quarter 10:00 refusedChats count: stored 1, expected 0\n",
		"verified tenant acme: 1 facts, ",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	// Only the days asked for.
	got = printed(s.run(verify.Options{From: start.AddDate(0, 0, 1), To: start.AddDate(0, 0, 9)}, -1))
	if strings.Contains(got, "block ") {
		t.Errorf("differences of other days:\n%s", got)
	}
}
