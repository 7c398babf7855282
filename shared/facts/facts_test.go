package facts_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

func entity(kind, id string) journal.Entity {
	return journal.Entity{Tenant: "acme", Kind: kind, ID: id}
}

// What is stored lies where it always lay, and is found again from there.
func TestKeysOfFactsStay(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC).UnixMilli()
	for _, c := range []struct {
		entity journal.Entity
		want   table.Key
	}{
		{entity("chat", "a/b"), table.Key{Part: "acme/fact/chat/a%2Fb", Sort: "-"}},
		{entity("message", "m1"), table.Key{Part: "acme/fact/message/m1", Sort: "-"}},
		{entity("visitor", "v1"), table.Key{Part: "acme/fact/visitor/v1", Sort: "2026-03-01T09"}},
		{entity("agent", ""), table.Key{Part: "acme/fact/agent/%", Sort: "2026-03-01"}},
		{entity("department", "a/b"), table.Key{Part: "acme/dir/department", Sort: "a%2Fb"}},
	} {
		got := facts.Key(c.entity, facts.SegmentAt(c.entity.Kind, at).Name)
		if got != c.want {
			t.Errorf("the fact of %v lies at %v, want %v", c.entity, got, c.want)
		}
		if e, ok := facts.EntityOf(got); !ok || e != c.entity {
			t.Errorf("at %v lies a fact of %v, %v; want %v", got, e, ok, c.entity)
		}
	}
	if k := facts.ChainKey(entity("agent", "a1")); k != (table.Key{Part: "acme/chain/a1", Sort: "-"}) {
		t.Errorf("the chain's record lies at %v", k)
	}
	for _, k := range []table.Key{facts.ChainKey(entity("agent", "a1")), {Part: "acme/log", Sort: "1"}, {Part: "acme/block/nv/a/2026-03"}} {
		if e, ok := facts.EntityOf(k); ok {
			t.Errorf("at %v lies no fact, but %v", k, e)
		}
	}
}

// Segments follow each other without a gap, before 1970 too.
func TestSegmentsCoverAllTimes(t *testing.T) {
	for _, at := range []int64{0, -1, 1, math.MinInt32, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() + 1} {
		for _, kind := range []string{"visitor", "agent"} {
			s := facts.SegmentAt(kind, at)
			if at < s.From || at >= s.To {
				t.Errorf("%s at %d: in [%d, %d)", kind, at, s.From, s.To)
			}
			if next := facts.SegmentAt(kind, s.To); next.From != s.To || next.Name == s.Name {
				t.Errorf("%s after %s comes %s, from %d on", kind, s.Name, next.Name, next.From)
			}
		}
	}
}

func TestDaysAreFoundByWhenTheyBegin(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, state, agent := t.Context(), db.Table("state"), entity("agent", "a1")
	midnight := func(d int) int64 { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC).UnixMilli() }
	for _, d := range []int{1, 2, 5} {
		raw, err := fact.NewAgent("a1", midnight(d), fact.Forever, fact.AgentState{}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		key := facts.Key(agent, facts.SegmentAt("agent", midnight(d)).Name)
		if err := state.Write(ctx, table.Op{Item: table.Item{Key: key, Value: raw, Version: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()
	for _, c := range []struct {
		name     string
		from, to int64
		last     int
		want     []int
	}{
		{"all", math.MinInt64, fact.Forever, 0, []int{1, 2, 5}},
		{"from a midnight on", midnight(2), fact.Forever, 0, []int{2, 5}},
		{"from just after it", midnight(2) + 1, fact.Forever, 0, []int{5}},
		{"to a midnight", math.MinInt64, midnight(5), 0, []int{1, 2}},
		{"to just after it", math.MinInt64, midnight(5) + 1, 0, []int{1, 2, 5}},
		{"to the last moment there is", midnight(1), far, 0, []int{1, 2, 5}},
		{"the newest two", 0, fact.Forever, 2, []int{5, 2}},
		{"the last before a midnight", 0, midnight(2), 1, []int{1}},
		{"the last until a midnight", 0, midnight(2) + 1, 1, []int{2}},
		{"the last before the first", 0, midnight(1), 1, nil},
	} {
		days, err := facts.Days(ctx, state, agent, c.from, c.to)
		if c.last > 0 {
			days, err = facts.LastDays(ctx, state, agent, c.to, c.last)
		}
		var got []int
		for _, d := range days {
			got = append(got, time.UnixMilli(d.Start).UTC().Day())
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: days %v, want %v, error %v", c.name, got, c.want, err)
		}
	}
}
