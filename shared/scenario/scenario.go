// Package scenario reads scenarios: what happened, and what requests must answer,
// as text (README.md explains the format). In: a text. Out: events in the orders in
// which they may arrive, requests, and where an answer differs from the one
// expected. It knows no storage and no report: whoever runs it brings a System.
package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// Scenario is one text.
type Scenario struct {
	Now    time.Time
	Tenant tenant.Tenant
	// Keys with which requests may come, the one of those that name none first.
	Keys []tenant.Key
	// Events in the order of the text. InOrder: they are to arrive so and no other way.
	Events  []event.Event
	InOrder bool
	// Steps are the requests, in order; each comes when the answer before is there.
	Steps []Step

	archive *txtar.Archive
	lines   int // events written as lines so far: their ids count up
}

// ownKey is the secret of the key that may do all.
const ownKey = "scenario"

// Parse reads a scenario.
func Parse(text []byte) (*Scenario, error) {
	s := &Scenario{
		archive: txtar.Parse(text),
		Tenant:  tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
		Keys:    []tenant.Key{{ID: ownKey, Secret: ownKey, Scopes: tenant.Scopes()}},
	}
	with := url.Values{}
	files := s.archive.Files
	for i := 0; i < len(files); i++ {
		if files[i].Name == "given" {
			if err := s.given(string(files[i].Data), with); err != nil {
				return nil, err
			}
			continue
		}
		step, err := s.step(i, with)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", files[i].Name, err)
		}
		s.Steps = append(s.Steps, step)
		i = step.file
	}
	if s.Now.IsZero() {
		return nil, fmt.Errorf("'given' lacks the line 'now TIME'")
	}
	return s, nil
}

// given reads settings and events, a line each.
func (s *Scenario) given(text string, with url.Values) error {
	day := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		first, rest, _ := strings.Cut(line, " ")
		var err error
		switch {
		case line == "" || first[0] == '#':
		case first == "now":
			s.Now, err = time.Parse(time.RFC3339, rest)
		case first == "tenant":
			err = json.Unmarshal([]byte(rest), &s.Tenant)
		case first == "key":
			err = s.key(rest)
		case first == "with":
			var q url.Values
			q, err = url.ParseQuery(rest)
			maps.Copy(with, q)
		case line == "in order":
			s.InOrder = true
		case isDay(line):
			day = line
		default:
			var e event.Event
			e, err = s.event(day, line)
			s.Events = append(s.Events, e)
		}
		if err != nil {
			return fmt.Errorf("line %d of 'given', %q: %w", n, line, err)
		}
	}
	return nil
}

// key reads "SECRET [SCOPE …]".
func (s *Scenario) key(text string) error {
	words := strings.Fields(text)
	if len(words) == 0 {
		return fmt.Errorf("a key is a secret and its scopes")
	}
	for _, scope := range words[1:] {
		if !slices.Contains(tenant.Scopes(), scope) {
			return fmt.Errorf("%q is no scope; there are %s", scope, strings.Join(tenant.Scopes(), ", "))
		}
	}
	s.Keys = append(s.Keys, tenant.Key{ID: words[0], Secret: words[0], Scopes: words[1:]})
	return nil
}

func (s *Scenario) event(day, line string) (event.Event, error) {
	raw, err := s.eventJSON(day, line)
	if err != nil {
		return event.Event{}, err
	}
	e, _, refusal := event.Parse(raw, s.Now)
	if refusal != nil {
		return event.Event{}, refusal
	}
	return e, nil
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Delivery is one way in which the events may arrive.
type Delivery struct {
	Name    string
	Batches [][]event.Event
	// Merge: between batches everything is merged.
	Merge bool
}

// Deliveries are the ways to be tried; all must lead to the same answers.
func (s *Scenario) Deliveries(r *rand.Rand) []Delivery {
	one := func(events []event.Event) (out [][]event.Event) {
		for i := range events {
			out = append(out, events[i:i+1])
		}
		return out
	}
	out := []Delivery{
		{Name: "at once", Batches: [][]event.Event{s.Events}},
		{Name: "one by one", Batches: one(s.Events)},
		{Name: "merged after each", Batches: one(s.Events), Merge: true},
	}
	if s.InOrder {
		return out
	}
	backwards := slices.Clone(s.Events)
	slices.Reverse(backwards)
	twice := slices.Concat(s.Events, s.Events)
	r.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
	cut := r.IntN(len(twice) + 1)
	return append(out,
		Delivery{Name: "backwards", Batches: one(backwards)},
		Delivery{Name: "backwards, merged after each", Batches: one(backwards), Merge: true},
		Delivery{Name: "shuffled, twice", Batches: [][]event.Event{twice[:cut], twice[cut:]}, Merge: true},
	)
}

// System is what runs a scenario.
type System interface {
	Deliver(batch []event.Event) error
	Merge() error
	Ask(*Request) (Answer, error)
}

// Run delivers the events, sends the requests and calls check with every answer.
func (d *Delivery) Run(s *Scenario, to System, check func(*Step, Answer)) error {
	for _, batch := range d.Batches {
		if err := to.Deliver(batch); err != nil {
			return err
		}
		if d.Merge {
			if err := to.Merge(); err != nil {
				return err
			}
		}
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		answer, err := to.Ask(&step.Request)
		if err == nil && d.Merge && step.Method == http.MethodPost {
			err = to.Merge()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.Name, err)
		}
		check(step, answer)
	}
	return nil
}

// Write gives the text with one step's answer replaced.
func (s *Scenario) Write(step *Step, a Answer) error {
	text, err := step.write(a)
	if err != nil {
		return fmt.Errorf("%s: %w", step.Name, err)
	}
	s.archive.Files[step.file].Data = []byte(text + step.remarks)
	return nil
}

// Text is the scenario as text.
func (s *Scenario) Text() []byte { return txtar.Format(s.archive) }
