package verify_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

const acme = "acme"

// system is the chain from journal to report over an embedded engine. Tests put
// tables that fail or wait in front of it.
type system struct {
	t              *testing.T
	db             *embedded.DB
	copies         *int
	journal, state table.Table
	now            time.Time
}

func newSystem(t *testing.T, now time.Time) *system {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &system{t: t, db: db, copies: new(int), journal: db.Table("journal"), state: db.Table("state"), now: now}
}

// empty is a system with the same journal and no state.
func (s *system) empty() *system {
	c := *s
	*s.copies++
	c.state = s.db.Table(fmt.Sprint("state", *s.copies))
	return &c
}

// copy is a system with the same journal and a copy of the state.
func (s *system) copy() *system {
	s.t.Helper()
	c := s.empty()
	var ops []table.Op
	for item, err := range s.state.Scan(context.Background(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		ops = append(ops, table.Op{Item: item})
	}
	if _, err := c.state.PutEach(context.Background(), ops...); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// with is the same system behind other tables.
func (s *system) with(journal, state table.Table) *system {
	c := *s
	c.journal, c.state = journal, state
	return &c
}

func (s *system) merge() {
	s.t.Helper()
	if err := counter.Merge(context.Background(), s.state, acme); err != nil {
		s.t.Fatal(err)
	}
}

// mergeStep merges what is short enough at once, and holds back documents.
func (s *system) mergeStep() {
	s.t.Helper()
	if _, err := counter.MergeStep(context.Background(), s.state, acme); err != nil {
		s.t.Fatal(err)
	}
}

// shorten bundles the log, or merges it.
func (s *system) shorten() {
	s.t.Helper()
	if _, err := counter.Bundle(context.Background(), s.state, acme); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) clock() time.Time { return s.now }

func (s *system) folder() *fold.Folder { return fold.New(s.journal, s.state, s.clock) }

// append stores events and returns their items in order of time, as a stream
// would deliver them.
func (s *system) append(events []event.Event) []table.Item {
	s.t.Helper()
	ctx := context.Background()
	if _, err := journal.New(s.journal).Append(ctx, acme, events, s.now); err != nil {
		s.t.Fatal(err)
	}
	var out []table.Item
	for item, err := range s.journal.Scan(ctx, table.Join(acme)+"/") {
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, item)
	}
	slices.SortStableFunc(out, func(a, b table.Item) int { return strings.Compare(a.Sort, b.Sort) })
	return out
}

// fresh appends events, and gives what is in the journal since the call before.
func (s *system) fresh() func(...event.Event) []table.Item {
	seen := map[table.Key]bool{}
	return func(events ...event.Event) (items []table.Item) {
		for _, item := range s.append(events) {
			if !seen[item.Key] {
				seen[item.Key], items = true, append(items, item)
			}
		}
		return items
	}
}

// apply folds items, a batch at a time.
func apply(f *fold.Folder, items []table.Item, batch int) error {
	for len(items) > 0 {
		n := min(batch, len(items))
		failed, err := f.Apply(context.Background(), items[:n])
		if err != nil {
			return err
		}
		for _, err := range failed {
			if err != nil {
				return fmt.Errorf("poisoned: %w", err)
			}
		}
		items = items[n:]
	}
	return nil
}

// verify wants no difference.
func (s *system) verify() verify.Report {
	s.t.Helper()
	return s.run(verify.Options{}, 0)
}

// run verifies and wants a number of differences; -1: some.
func (s *system) run(o verify.Options, want int) verify.Report {
	s.t.Helper()
	o.Tenant, o.Now = acme, s.clock
	if o.Wait == 0 {
		o.Wait, o.Tries = time.Millisecond, 1
	}
	r, err := verify.Run(context.Background(), s.journal, s.state, o)
	if err != nil {
		s.t.Fatal(err)
	}
	if n := len(r.Differences); want < 0 && n == 0 || want >= 0 && n != want {
		s.t.Fatalf("%d differences, want %d:\n%s", n, want, printed(r))
	}
	return r
}

func printed(r verify.Report) string {
	r.Differences = r.Differences[:min(20, len(r.Differences))]
	var b strings.Builder
	_, _ = r.Print(&b)
	return b.String()
}

// answers are the complete JSON answers to the questions.
func (s *system) answers() map[[2]string]string {
	s.t.Helper()
	out := map[[2]string]string{}
	for _, q := range s.questions() {
		out[q] = s.ask(s.state, q)
	}
	return out
}

// same wants no difference and all these answers.
func (s *system) same(want map[[2]string]string) {
	s.t.Helper()
	s.verify()
	for q := range want {
		s.answer(q, want)
	}
}

// alike wants no difference and some of these answers, others each time.
func (s *system) alike(want map[[2]string]string) {
	s.t.Helper()
	s.verify()
	n := 0
	for q := range want {
		if s.answer(q, want); n == 8 {
			return
		}
		n++
	}
}

func (s *system) answer(q [2]string, want map[[2]string]string) {
	s.t.Helper()
	if got := s.ask(s.state, q); got != want[q] {
		s.t.Fatalf("%s?%s:\n%s", q[0], q[1], firstDifference(got, want[q]))
	}
}

func firstDifference(got, want string) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	from := max(0, i-300)
	return "got  …" + got[from:min(len(got), i+200)] + "…\nwant …" + want[from:min(len(want), i+200)] + "…"
}

// questions are one question to every report, ungrouped, by its first grouping
// and by its last, over a range that cuts quarters.
func (s *system) questions() [][2]string {
	var out [][2]string
	for n, r := range comm100.Reports() {
		groups := append([]string{}, r.Groups...)
		if len(groups) == 0 {
			groups = []string{""}
		}
		for i, g := range groups {
			if i != 0 && i != len(groups)-1 {
				continue
			}
			q := url.Values{}
			if !r.Realtime {
				q.Set("timeFrom", s.now.AddDate(0, 0, -2).Add(7*time.Minute).Format("2006-01-02T15:04:05"))
				q.Set("timeTo", s.now.Add(-3*time.Minute).Format("2006-01-02T15:04:05"))
			}
			if r.Path != "realtime/rightNow" && n%2 == 0 {
				q.Set("timezone", "+05:17")
			}
			if g != "" {
				q.Set("group", g)
			}
			out = append(out, [2]string{r.Path, q.Encode()})
		}
	}
	return out
}

func (s *system) ask(state table.Table, q [2]string) string {
	s.t.Helper()
	query, err := url.ParseQuery(q[1])
	if err != nil {
		s.t.Fatal(err)
	}
	who := &tenant.Tenant{ID: acme, Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	a, err := comm100.New(nil, state).Answer(context.Background(), &dialect.Request{Tenant: who, Path: comm100.Prefix + q[0], Query: query, Now: s.now})
	if err != nil {
		s.t.Fatalf("%v: %v", q, err)
	}
	raw, err := a.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw)
}

// simulated is some time of a small contact centre.
func simulated(seed uint64, start time.Time, length time.Duration, scale float64) []event.Event {
	var out []event.Event
	for e := range sim.New(sim.Config{Seed: seed, Start: start, End: start.Add(length), Scale: scale, Agents: 6, Departments: 3, Campaigns: 2}).Events() {
		out = append(out, e)
	}
	return out
}

// source is a random source whose seed is printed.
func source(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// delivered is items in a random order, some of them twice.
func delivered(items []table.Item, r *rand.Rand) []table.Item {
	out := append([]table.Item(nil), items...)
	for range len(items) / 8 {
		out = append(out, items[r.IntN(len(items))])
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
