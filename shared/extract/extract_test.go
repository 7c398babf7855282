package extract_test

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/fact"
	"chatreports/shared/report"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/verify"
)

// Whatever order events come in, twice, taken back, with faults and deaths in between,
// merged or not: chats, names, visitors' acts, agents' states and rows are those of the
// journal gone through from end to end. After a rebuild of nothing they are the same.
func TestWhatIsFoundIsWhatTheJournalSays(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for range rounds {
		r := source(t)
		s := newSystem(t, oracle.AfterAny)
		items := delivered(s.append(oracle.AnyEvents(r.Uint64(), 150+r.IntN(500))), r)
		plan := tabletest.Randomly(r.Uint64(), 0.02)
		s.fold(items, tabletest.NewFaulty(s.state, plan), r)
		tr := truthOf(t, s.journal)
		s.same(tr, r)
		s.state = table.Divide(s.db.Table("rebuilt"))
		s.rebuild()
		s.same(tr, r)
	}
}

// rebuild makes the state anew, or what is wrong in it.
func (s *system) rebuild() {
	s.t.Helper()
	o := verify.Options{Tenant: acme, Rebuild: true, Tries: 1, Wait: time.Microsecond, Now: func() time.Time { return s.now }}
	if rep, err := verify.Run(s.t.Context(), s.journal, s.state, o); err != nil || len(rep.Differences) > 0 {
		s.t.Fatalf("%v, %v", rep.Differences, err)
	}
}

func (s *system) same(tr *truth, r *rand.Rand) {
	s.t.Helper()
	source := s.all()
	for k := range tr.known {
		if k[0] == "canned_message" || k[0] == "story" { // rows do not name them
			continue
		}
		if got, want := source.Names().Name(k[0], k[1]), tr.name(k[0], k[1]); got != want {
			s.t.Fatalf("%s %q is called %q, want %q", k[0], k[1], got, want)
		}
	}
	for _, kind := range []string{"agent", "host"} {
		var want []string
		for k := range tr.known {
			if k[0] == kind {
				want = append(want, k[1])
			}
		}
		slices.Sort(want)
		if got, err := source.Known(kind); err != nil || !slices.Equal(got, want) {
			s.t.Fatalf("known of %s: %q, want %q, %v", kind, got, want, err)
		}
	}
	acts := map[string]int64{}
	err := source.Acts(math.MinInt64/2, math.MaxInt64/2, func(a report.Act) error {
		acts[fmt.Sprint(a.At, a.Type, a.Campaign, a.ID)] += a.N
		return nil
	})
	maps.DeleteFunc(acts, func(_ string, n int64) bool { return n == 0 })
	if err != nil || !maps.Equal(acts, tr.acts) {
		s.t.Fatalf("acts %v, want %v, %v", acts, tr.acts, err)
	}
	for range 12 {
		from := s.now.UnixMilli() - r.Int64N(5*86_400_000)
		if r.IntN(3) == 0 {
			from -= from % 86_400_000
		}
		to := from + 1 + r.Int64N(3*86_400_000)
		source := s.open(from, to)
		if got, err := source.Chats(from, to); err != nil || !slices.Equal(got, tr.touched(from, to)) {
			s.t.Fatalf("chats from %s to %s: %q, want %q, %v", time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC(), got, tr.touched(from, to), err)
		}
		s.sameAgents(source, tr, from, to)
		s.sameVisitors(source, tr, from)
		for _, most := range []int{1, 24 << 20} { // in files, and in memory
			was := extract.SetMostBytes(most)
			s.sameRows(source, tr, from, to)
			extract.SetMostBytes(was)
		}
	}
	s.sameRows(source, tr, math.MinInt64, math.MaxInt64)
	if err := source.Err(); err != nil {
		s.t.Fatal(err)
	}
}

func between(events []event.Event, from, to int64) (out []event.Event) {
	for _, e := range events {
		if from <= e.At && e.At < to {
			out = append(out, e)
		}
	}
	return out
}

func collected(events iter.Seq[*event.Event]) (out []event.Event) {
	for e := range events {
		out = append(out, *e)
	}
	return out
}

func ids(events []event.Event) (out []string) {
	for i := range events {
		out = append(out, events[i].ID)
	}
	return out
}

func (s *system) sameAgents(source *extract.Source, tr *truth, from, to int64) {
	s.t.Helper()
	for id, events := range tr.agents {
		a, err := source.Agent(id)
		if err != nil {
			s.t.Fatal(err)
		}
		if got, want := ids(collected(a.Events)), ids(between(events, from, to)); !slices.Equal(got, want) {
			s.t.Fatalf("agent %s in the window: %q, want %q", id, got, want)
		}
		if got, want := ids(collected(a.Later)), ids(between(events, to, math.MaxInt64)); !slices.Equal(got, want) {
			s.t.Fatalf("agent %s later: %q, want %q", id, got, want)
		}
		if got, want := told(&a.Before), toldBefore(events, from); got != want {
			s.t.Fatalf("agent %s before the window: %s\nwant %s", id, got, want)
		}
	}
}

// told is a state in words.
func told(s *fact.AgentState) string {
	var b strings.Builder
	period := func(p *fact.Period) {
		fmt.Fprintf(&b, "%s: %s since %d by %s, online or not since %d by %s; ", p.Campaign, p.Status, p.Since, p.Event, p.Turned, p.TurnedBy)
	}
	if s.Current != nil {
		period(s.Current)
	}
	series := slices.Clone(s.Series)
	slices.SortFunc(series, func(a, b fact.Period) int { return strings.Compare(a.Campaign, b.Campaign) })
	for i := range series {
		period(&series[i])
	}
	if a := s.AutoAssign; a != nil {
		fmt.Fprintf(&b, "assigned %v since %d by %s (%v)", a.Enabled, a.Since, a.Event, a.By)
	}
	return b.String()
}

// toldBefore is the state before a time, looked up backwards for each thing anew.
func toldBefore(events []event.Event, from int64) string {
	before := between(events, math.MinInt64, from)
	var s fact.AgentState
	last := func(matches func(*event.Event) bool) (p *fact.Period) {
		var of []event.Event
		for i := range before {
			if e := &before[i]; e.Type == "agent.status_changed" && matches(e) {
				of = append(of, *e)
			}
		}
		if len(of) == 0 {
			return nil
		}
		n := len(of) - 1
		i, j := n, n
		for i > 0 && strings.EqualFold(of[i-1].Data.Status, of[n].Data.Status) {
			i--
		}
		for j > 0 && (of[j-1].Data.Status == "online") == (of[n].Data.Status == "online") {
			j--
		}
		return &fact.Period{Status: of[i].Data.Status, Since: of[i].At, Event: of[i].ID, Turned: of[j].At, TurnedBy: of[j].ID}
	}
	s.Current = last(func(*event.Event) bool { return true })
	campaigns := map[string]bool{}
	for i := range before {
		campaigns[before[i].Data.Campaign()] = true
	}
	for campaign := range campaigns {
		if p := last(func(e *event.Event) bool { return e.Data.Campaign() == campaign }); p != nil {
			p.Campaign = campaign
			s.Series = append(s.Series, *p)
		}
	}
	for i := range before {
		e := &before[i]
		if e.Type == "agent.auto_assign_changed" && (s.AutoAssign == nil || s.AutoAssign.Enabled != e.Data.Enabled) {
			s.AutoAssign = &fact.AutoAssign{Enabled: e.Data.Enabled, Since: e.At, Event: e.ID, By: e.Data.By}
		}
	}
	return told(&s)
}

func (s *system) sameVisitors(source *extract.Source, tr *truth, at int64) {
	s.t.Helper()
	for id, events := range tr.visitors {
		for _, typ := range []string{"visit.started", "entrypoint.viewed", "invitation.sent"} {
			got := source.Names().Newest(id, at, func(e *event.Event) bool { return e.Type == typ })
			var want *event.Event
			for i := range events {
				if events[i].Type == typ && events[i].At <= at {
					want = &events[i]
				}
			}
			if (got == nil) != (want == nil) || got != nil && (got.ID != want.ID || got.At != want.At) {
				s.t.Fatalf("the newest %s of %s at %d: %v, want %v", typ, id, at, got, want)
			}
		}
	}
}

var steps = extract.Report{
	Name: "steps", Columns: []dialect.Column{{Name: "at"}, {Name: "chat"}, {Name: "event"}, {Name: "text"}},
	Chats: func(_ *extract.Window, names extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
		for _, step := range c.Steps() {
			who := ""
			if a := step.Data.Actor; a != nil {
				who = names.Name(a.Type, a.ID)
			}
			emit(extract.Row{At: step.At, Order: []string{c.ID}, Cells: []string{fmt.Sprint(step.At), c.ID, step.ID, who + "\r\n\"é,"}})
		}
	},
}

func (s *system) sameRows(source *extract.Source, tr *truth, from, to int64) {
	s.t.Helper()
	var want [][]string
	for id, events := range tr.chats {
		c := (&conversation.Teller{Groups: tr.groups}).Tell(event.InSequence(events), nil)
		for _, step := range c.Steps() {
			who := ""
			if a := step.Data.Actor; a != nil {
				who = tr.name(a.Type, a.ID)
			}
			if from <= step.At && step.At < to {
				want = append(want, []string{fmt.Sprint(step.At), id, step.ID, who + "\r\n\"é,"})
			}
		}
	}
	slices.SortStableFunc(want, func(a, b []string) int { return slices.Compare(a[:2], b[:2]) })
	var got [][]string
	var last extract.Progress
	for cells, err := range source.Run(&steps, func(p extract.Progress) { last = p }).Rows {
		if err != nil {
			s.t.Fatal(err)
		}
		got = append(got, slices.Clone(cells))
	}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		s.t.Fatalf("%d rows, want %d:\n%q\n%q", len(got), len(want), got, want)
	}
	if last.Done != last.Of || int(last.Rows) != len(got) {
		s.t.Fatalf("%d rows, and in the end %+v", len(got), last)
	}
}

// What earlier versions stored does not say on which days anything happened: that is told,
// and a rebuild mends it.
func TestWhatEarlierVersionsStoredIsReadAfterARebuild(t *testing.T) {
	for _, generation := range storedtest.Generations(t) {
		t.Run(generation, func(t *testing.T) {
			s := newSystem(t, time.Date(2026, 3, 9, 13, 0, 0, 0, time.UTC))
			noted := false
			for _, r := range storedtest.Read(t, generation) {
				r.Expires = 0
				noted = noted || strings.HasPrefix(r.Part, acme+"/generation") && r.Value[0] >= 4 // categories are named
				to := map[string]table.Table{"journal": s.journal, "state": s.state}[r.Table]
				if err := to.Write(t.Context(), table.Op{Item: r.Item}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := (&extract.Ground{Journal: s.journal, State: s.state}).Open(t.Context(), s.window(0, 1))
			if errors.Is(err, report.ErrEarlier) == noted {
				t.Fatalf("before a rebuild: %v", err)
			}
			s.rebuild()
			s.same(truthOf(t, s.journal), source(t))
		})
	}
}

// What only names a chat in the log, since it was not asked for yet, is no day of the window.
func TestADayIsToldOnce(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	at := func(d, hour int) int64 { return day.AddDate(0, 0, d).Add(time.Duration(hour) * time.Hour).UnixMilli() }
	ask := event.Data{VisitorID: "v", InitiatedBy: "visitor", Source: "visitor"}
	first := []event.Event{
		{ID: "1", Source: "s", Type: "chat.requested", Subject: "c1", At: at(0, 9), Data: ask},
		{ID: "2", Source: "s", Type: "chat.accepted", Subject: "c1", At: at(0, 10), Data: event.Data{AgentID: "7"}},
		{ID: "3", Source: "s", Type: "chat.requested", Subject: "c2", At: at(1, 9), Data: ask},
		{ID: "4", Source: "s", Type: "chat.accepted", Subject: "c2", At: at(1, 10), Data: event.Data{AgentID: "7"}},
	}
	unasked := event.Event{ID: "5", Source: "s", Type: "chat.tagged", Subject: "c3", At: at(0, 11), Data: event.Data{Tag: "t"}}
	for seed := range uint64(8) { // merged or not
		r := rand.New(rand.NewPCG(seed, 0))
		s := newSystem(t, day.AddDate(0, 0, 2))
		s.fold(s.append(first), s.state, r)
		s.fold(s.append([]event.Event{unasked}), s.state, r)
		report := extract.Report{Overlapping: true, Chats: func(w *extract.Window, _ extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
			emit(extract.Row{At: max(c.Stays[0].From, w.From), Cells: []string{c.ID}})
		}}
		var got []string
		for cells, err := range s.open(at(1, 1), at(2, 0)).Run(&report, nil).Rows {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, cells[0])
		}
		if !slices.Equal(got, []string{"c1", "c2"}) {
			t.Errorf("seed %d: told %v", seed, got)
		}
	}
}
