package scenario_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/cell"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/scenario"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var update = flag.Bool("update", false, "write the product's answers into the scenarios; then read what changed")

const directory = "../../events/scenarios"

// TestScenarios runs every scenario on the product, once for every way in which the
// events may arrive, and on the slow reference.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob(directory + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s: %v", directory, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := scenario.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				rewrite(t, file, s)
				return
			}
			run(t, s)
		})
	}
}

func run(t *testing.T, s *scenario.Scenario) {
	seed := rand.Uint64()
	for _, d := range s.Deliveries(rand.New(rand.NewPCG(seed, 0))) {
		to := newProduct(t, s)
		err := d.Run(s, to, func(a *scenario.Ask, status int, body any) {
			if status != a.Status {
				t.Errorf("%s (seed %d): GET %s: status %d, want %d: %v", d.Name, seed, a.Name, status, a.Status, body)
				return
			}
			if diff := scenario.Differ(values(t, body), a.Answer); diff != "" {
				t.Errorf("%s (seed %d): GET %s: %s", d.Name, seed, a.Name, diff)
			}
		})
		if err != nil {
			t.Fatalf("%s (seed %d): %v", d.Name, seed, err)
		}
		to.close()
		if t.Failed() {
			break // one way is enough to see what is wrong
		}
	}
	reference(t, s)
}

// reference compares with the oracle, whose refusals differ in their words.
func reference(t *testing.T, s *scenario.Scenario) {
	tenant := oracle.Tenant{ID: s.Tenant.ID, Edition: s.Tenant.Edition, AutoAllocation: s.Tenant.AutoAllocation, Chatbot: s.Tenant.Chatbot}
	for _, m := range s.Tenant.CustomMetrics {
		tenant.CustomMetrics = append(tenant.CustomMetrics, oracle.CustomMetric{ID: m.ID, Expression: m.Expression})
	}
	o := oracle.New(tenant, s.Events)
	for i := range s.Asks {
		a := &s.Asks[i]
		status, body := o.Comm100(comm100.Prefix+a.Path, a.Query, s.Now)
		if status != a.Status {
			t.Errorf("reference: GET %s: status %d, want %d: %v", a.Name, status, a.Status, body)
		}
		if status != 200 {
			continue
		}
		if diff := scenario.Differ(values(t, body), a.Answer); diff != "" {
			t.Errorf("reference: GET %s: %s", a.Name, diff)
		}
	}
}

func rewrite(t *testing.T, file string, s *scenario.Scenario) {
	to := newProduct(t, s)
	d := scenario.Delivery{Batches: [][]event.Event{s.Events}}
	err := d.Run(s, to, func(a *scenario.Ask, status int, body any) {
		got := values(t, body)
		if status == a.Status && scenario.Differ(got, a.Answer) == "" {
			return
		}
		if err := s.Write(a, status, got); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, s.Text(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func values(t *testing.T, body any) any {
	t.Helper()
	v, err := scenario.Values(body)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// product is the chain from journal to report over an embedded engine.
type product struct {
	*scenario.Scenario
	db      *embedded.DB
	journal embedded.FeedTable
	state   table.Table
	folder  *fold.Folder
	stored  time.Time
}

func newProduct(t *testing.T, s *scenario.Scenario) *product {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p := &product{Scenario: s, db: db, journal: db.FeedTable("journal"), state: db.Table("state"), stored: s.Now}
	p.folder = fold.New(p.journal, p.state, func() time.Time { return s.Now })
	return p
}

func (p *product) close() { _ = p.db.Close() }

// Deliver stores a batch and folds what the feed brings of it.
func (p *product) Deliver(batch []event.Event) error {
	ctx := context.Background()
	p.stored = p.stored.Add(time.Second)
	if _, err := journal.New(p.journal).Append(ctx, p.Tenant.ID, batch, p.stored); err != nil {
		return err
	}
	for {
		changes, err := p.journal.Next(ctx, "0", 1000)
		if err != nil || len(changes) == 0 {
			return err
		}
		items := make([]table.Item, len(changes))
		for i := range changes {
			items[i] = changes[i].Item
		}
		failed, err := p.folder.Apply(ctx, items)
		if err != nil {
			return err
		}
		for _, err := range failed {
			if err != nil {
				return err
			}
		}
		if err := p.journal.Acknowledge(ctx, "0", changes[len(changes)-1].Sequence); err != nil {
			return err
		}
	}
}

// Merge takes the log into blocks.
func (p *product) Merge() error { return cell.Merge(context.Background(), p.state, p.Tenant.ID) }

// Ask asks a report.
func (p *product) Ask(path string, query url.Values) (int, any, error) {
	return comm100.New(p.state).Answer(context.Background(), &p.Tenant, comm100.Prefix+path, query, p.Now)
}
