package scenario_test

import (
	"flag"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/dialect/file/filetest"
	"chatreports/shared/event"
	"chatreports/shared/scenario"
	"chatreports/shared/tenant"
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
	for i, d := range s.Deliveries(rand.New(rand.NewPCG(seed, 0))) {
		to := newProduct(t, s)
		slow := reference{scenario: s}
		err := d.Run(s, to, func(step *scenario.Step, a scenario.Answer) {
			if diff := step.Differ(a); diff != "" {
				t.Errorf("%s (seed %d): %s: %s", d.Name, seed, step.Name, diff)
			}
			if i == 0 {
				slow.compare(t, step, to.Accepted[to.delivered:])
			}
		})
		if err != nil {
			t.Fatalf("%s (seed %d): %v", d.Name, seed, err)
		}
		to.Close()
		if t.Failed() {
			break // one way is enough to see what is wrong
		}
	}
}

func rewrite(t *testing.T, file string, s *scenario.Scenario) {
	d := scenario.Delivery{Batches: [][]event.Event{s.Events}}
	err := d.Run(s, newProduct(t, s), func(step *scenario.Step, a scenario.Answer) {
		if step.Differ(a) == "" {
			return
		}
		if err := s.Write(step, a); err != nil {
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

// reference is the oracle, of what was given and then posted.
type reference struct {
	scenario *scenario.Scenario
	posted   int
	*oracle.Oracle
}

// compare asks it, if it knows the question. Its refusals differ in their words.
func (r *reference) compare(t *testing.T, step *scenario.Step, posted []event.Event) {
	path, query, isReport := step.Report()
	export, params, isExport := step.Export()
	isExport = isExport && slices.Contains(oracle.Exports(), export)
	if !isReport && !isExport {
		return
	}
	s := r.scenario
	if r.Oracle == nil || len(posted) != r.posted {
		r.Oracle, r.posted = oracle.New(slowTenant(&s.Tenant), slices.Concat(s.Events, posted)), len(posted)
	}
	if isExport {
		sheet := oracle.OfCampaign(r.Export(export, params.Get("from"), params.Get("to"), s.Now), params.Get("campaign"))
		if diff := step.DifferText(oracle.CSV(sheet)); diff != "" {
			t.Errorf("reference: %s: %s", step.Name, diff)
		}
		return
	}
	status, body := r.Comm100(path, query, s.Now)
	if bots, ok := strings.CutPrefix(path, scenario.BotsPath); ok {
		status, body = r.ChatBot(bots, query, s.Now)
	}
	if diff := step.DifferReference(status, body); diff != "" {
		t.Errorf("reference: %s: %s", step.Name, diff)
	}
}

// slowTenant is a tenant as the reference knows it.
func slowTenant(from *tenant.Tenant) oracle.Tenant {
	who := oracle.Tenant{
		ID: from.ID, Name: from.Name, Zone: from.Zone, Edition: from.Edition, AutoAllocation: from.AutoAllocation, Chatbot: from.Chatbot,
		ConversationLink: from.Links.Conversation, TranscriptLink: from.Links.Transcript,
	}
	for _, m := range from.CustomMetrics {
		who.CustomMetrics = append(who.CustomMetrics, oracle.CustomMetric{ID: m.ID, Name: m.Name, Expression: m.Expression})
	}
	return who
}

// product is the system under test.
type product struct {
	*trial.System
	delivered int // of the events accepted, those that were given
}

func newProduct(t *testing.T, s *scenario.Scenario) *product {
	t.Helper()
	system, err := trial.Open(t.TempDir(), s.Now, tenant.Entry{Tenant: s.Tenant, Keys: s.Keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	return &product{System: system}
}

// Deliver stores and folds a batch.
func (p *product) Deliver(batch []event.Event) error {
	err := p.Send(batch)
	p.delivered = len(p.Accepted)
	return err
}

// Ask sends a request through the gateway.
func (p *product) Ask(r *scenario.Request) (a scenario.Answer, err error) {
	header := r.Header.Clone()
	if secret := header.Get("Webhook-Secret"); secret != "" { // a signature says when it was made
		signed, err := payload.Sign(tenant.Standard, secret, []byte(r.Body), time.Now())
		if err != nil {
			return a, err
		}
		header.Del("Webhook-Secret")
		maps.Copy(header, signed.Header)
	}
	response, err := p.Request(r.Method, r.Target, header, r.Body)
	if err != nil {
		return a, err
	}
	body, err := io.ReadAll(response.Body)
	a = scenario.Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if err == nil && a.Header.Get("Content-Type") == "application/vnd.apache.parquet" {
		a.Body, err = shown(body)
	}
	return a, err
}

// shown is what a reader of Parquet shows: its bytes are nobody's promise.
func shown(raw []byte) ([]byte, error) {
	f, err := filetest.Parquet(raw)
	if err != nil {
		return nil, err
	}
	text, err := f.Text()
	return []byte(text), err
}
