package verify_test

import (
	"encoding/json"
	"math"
	"net/url"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/comm100"
)

// TestAnswersAreThoseOfTheOracle: after random delivery, a rebuild of a damaged
// state included, the answers are those of the slow reference.
func TestAnswersAreThoseOfTheOracle(t *testing.T) {
	r := source(t)
	length := 20 * time.Hour
	s := newSystem(t, start.Add(length))
	events := simulated(r.Uint64(), start, length, 0.03)
	items := delivered(s.append(events), r)
	f := s.folder()
	if err := apply(f, items[:len(items)/2], 100); err != nil {
		t.Fatal(err)
	}
	s.damage(r, 4)
	s.run(optionsOfRebuild, 0)
	if err := apply(f, items[len(items)/2:], 100); err != nil {
		t.Fatal(err)
	}
	o := oracle.New(oracle.Tenant{ID: acme, Edition: "enterprise", AutoAllocation: true, Chatbot: true}, events)
	for _, q := range s.questions() {
		query, err := url.ParseQuery(q[1])
		if err != nil {
			t.Fatal(err)
		}
		status, body := o.Comm100(comm100.Prefix+q[0], query, s.now)
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text := s.ask(s.state, q)
		var want, got any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if status != 200 || !alike(got, want) {
			t.Errorf("%s?%s: %s\nwant %d %s", q[0], q[1], text, status, raw)
		}
	}
}

// alike compares JSON values, numbers to one part in a billion.
func alike(a, b any) bool {
	switch b := b.(type) {
	case float64:
		x, ok := a.(float64)
		return ok && math.Abs(x-b) <= 1e-9*math.Max(1, math.Abs(b))
	case []any:
		x, ok := a.([]any)
		if !ok || len(x) != len(b) {
			return false
		}
		for i := range b {
			if !alike(x[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		x, ok := a.(map[string]any)
		if !ok || len(x) != len(b) {
			return false
		}
		for k := range b {
			if v, ok := x[k]; !ok || !alike(v, b[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}
