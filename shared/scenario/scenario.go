// Package scenario reads scenarios: what happened, and what reports must answer,
// as text (README.md explains the format). In: a text. Out: events in the orders in
// which they may arrive, questions, and where an answer differs from the one
// expected. It knows no storage and no report: whoever runs it brings a System.
package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
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
	// Events in the order of the text. InOrder: they are to arrive so and no other way.
	Events  []event.Event
	InOrder bool
	Asks    []Ask

	archive *txtar.Archive
}

// Ask is one question with the answer expected.
type Ask struct {
	// Name is the line as written, Path the report's path behind the common prefix.
	Name, Path string
	Query      url.Values
	Status     int
	Answer     any // as JSON gives it; see Differ
	file       int
	remarks    string // lines that begin with '#'
}

// Parse reads a scenario.
func Parse(text []byte) (*Scenario, error) {
	s := &Scenario{
		archive: txtar.Parse(text),
		Tenant:  tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
	}
	with := url.Values{}
	for i, f := range s.archive.Files {
		switch name, rest, _ := strings.Cut(f.Name, " "); {
		case f.Name == "given":
			if err := s.given(string(f.Data), with); err != nil {
				return nil, err
			}
		case name == "GET":
			ask, err := parseAsk(rest, with, f.Data)
			if err != nil {
				return nil, fmt.Errorf("GET %s: %w", rest, err)
			}
			ask.file = i
			s.Asks = append(s.Asks, ask)
		default:
			return nil, fmt.Errorf("-- %s --: a part is called 'given' or 'GET path?query'", f.Name)
		}
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
			e, err = parseEvent(day, line, len(s.Events), s.Now)
			s.Events = append(s.Events, e)
		}
		if err != nil {
			return fmt.Errorf("line %d of 'given', %q: %w", n, line, err)
		}
	}
	return nil
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func parseAsk(name string, with url.Values, data []byte) (Ask, error) {
	path, query, _ := strings.Cut(name, "?")
	a := Ask{Name: name, Path: path, Status: 200, Query: url.Values{}}
	own, err := url.ParseQuery(query)
	if err != nil {
		return a, err
	}
	for _, q := range []url.Values{with, own} {
		maps.Copy(a.Query, q)
	}
	for name, values := range a.Query { // 'group=' takes back what 'with' says
		if slices.Equal(values, []string{""}) {
			delete(a.Query, name)
		}
	}
	text := ""
	for line := range strings.Lines(string(data)) {
		if line[0] == '#' {
			a.remarks += line
		} else {
			text += line
		}
	}
	text = strings.TrimSpace(text)
	if first, rest, _ := strings.Cut(text, "\n"); len(first) == 3 {
		if a.Status, err = strconv.Atoi(first); err != nil {
			return a, err
		}
		text = rest
	}
	if text == "" {
		return a, nil // still to be written
	}
	return a, json.Unmarshal([]byte(text), &a.Answer)
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
	Ask(path string, query url.Values) (status int, body any, err error)
}

// Run delivers the events and calls check with every answer.
func (d *Delivery) Run(s *Scenario, to System, check func(a *Ask, status int, body any)) error {
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
	for i := range s.Asks {
		status, body, err := to.Ask(s.Asks[i].Path, s.Asks[i].Query)
		if err != nil {
			return fmt.Errorf("GET %s: %w", s.Asks[i].Name, err)
		}
		check(&s.Asks[i], status, body)
	}
	return nil
}

// Write gives the text with one question's answer replaced.
func (s *Scenario) Write(a *Ask, status int, body any) error {
	text, err := write(body)
	if err != nil {
		return err
	}
	if status != 200 {
		text = strconv.Itoa(status) + "\n" + text
	}
	s.archive.Files[a.file].Data = []byte(text + a.remarks)
	return nil
}

// Text is the scenario as text.
func (s *Scenario) Text() []byte { return txtar.Format(s.archive) }
