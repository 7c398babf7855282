package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/backlog"
	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/tenant"
)

// asker asks reports for one person, as of one moment.
type asker struct {
	context.Context
	*Handler
	tenant *tenant.Tenant
	view   view
	demo   bool
	now    time.Time
	// known are the entities by kind.
	known map[string]func() ([]known, error)
	// standing is how far all that was sent is counted.
	standing func() (backlog.Standing, error)
}

// body is what answers a question.
func (a *asker) body(api dialect.API, path string, query url.Values) (*dialect.Answer, []byte, error) {
	answer, err := api.Answer(a, &dialect.Request{Tenant: a.tenant, Path: path, Query: query, Now: a.now})
	if err != nil {
		return nil, nil, err
	}
	body, err := answer.Bytes()
	return answer, body, err
}

// get answers a question, and reads its JSON into out.
func (a *asker) get(api dialect.API, path string, query url.Values, out any) error {
	_, body, err := a.body(api, path, query)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("reading what %s answers: %w", path, err)
	}
	return nil
}

// reports are Comm100's by path: read when the first page is shown.
var reports = sync.OnceValue(func() map[string]comm100.Report {
	out := map[string]comm100.Report{}
	for _, r := range comm100.Reports() {
		out[r.Path] = r
	}
	return out
})

// ask is what a part of a panel asks, as its report's parameters.
func (v *view) ask(p *panel, part *part) url.Values {
	if ofBots(part.report) {
		return v.askBots(p)
	}
	q := v.question()
	group := p.group
	if group == byTime {
		group = v.period()
	}
	q.Set("group", group)
	if p.by != "" {
		q.Set("by", p.by)
	}
	if groups[p.of()].kind != "" {
		q.Set("names", "true")
	}
	if v.Compare != "" && p.compares() {
		q.Set("compare", v.Compare)
	}
	if v.None && p.rest() && v.Filters[p.group] == "" {
		q.Set("none", "true")
	}
	if part.report == "rating" && slices.Contains(part.columns, "avgScore") {
		q.Set("avgScore", "true")
	}
	if slices.Contains(part.columns, serviceLevel) {
		q.Set("within", strconv.Itoa(v.Within))
	}
	if slices.ContainsFunc(part.columns, func(c string) bool { return strings.Contains(c, "Percentiles.") }) {
		q.Set("percentiles", "50,90")
	}
	for _, f := range filters {
		if id := v.Filters[f.Name]; id != "" && slices.Contains(reports()[part.report].Filters, f.Name) {
			q.Add("filterName", f.Name)
			q.Add("filterValue", id)
		}
	}
	return q
}

// ungoverned names the filters that a part's report does not know.
func (v *view) ungoverned(part *part) (names []string) {
	for _, f := range filters {
		if v.Filters[f.Name] != "" && !slices.Contains(reports()[part.report].Filters, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// shown is a panel with its figures.
type shown struct {
	Name, Title, Note string
	Shape             shape
	Wide              bool
	Head              string
	// Sorted is in which order rows are by their names, if they are; SortBy leads to that.
	Sorted, SortBy string
	Columns        []column
	Rows           []line
	Curl           []question
	// Hours and Days are the rows of a heat map.
	Hours []int
	Days  []line
	// Until is what the clocks of a chart's periods show now: nothing can have been after it.
	Until string
	// Refused says why there are no figures.
	Refused string
}

// question is what a report is asked.
type question struct {
	Report string
	Curl   curl
	// CSV is the address of the same table as a file.
	CSV string
}

func (a *asker) questionOf(report string, q url.Values) question {
	file := maps.Clone(q)
	file.Set("report", report)
	return question{report, a.curl(pathOf(report) + "?" + q.Encode()), Prefix + "table?" + file.Encode()}
}

// curl is a line that asks for a path: with the demo's key, which is no secret, or with that of
// whoever pastes it, in a variable.
type curl struct{ Key, Path string }

func (a *asker) curl(path string) curl {
	if a.demo {
		return curl{a.DemoSecret, path}
	}
	return curl{"$KEY", path}
}

// Own says whether the key is that of whoever pastes the line.
func (c curl) Own() bool { return strings.HasPrefix(c.Key, "$") }

// column is one of a panel's: a property of a report, of one entity where there is a column
// for each.
type column struct {
	Report, Name, Entity string
	Sorted, SortBy       string // as those of a panel
	word
}

// line is one row of a panel.
type line struct {
	Key, Name, Href string
	Cells           []cell
}

// cell is one figure.
type cell struct {
	Key      string // of its row
	Value    float64
	Missing  bool
	Text     string
	Href     string // what it is made of
	Previous string // the same of the other range, empty if none is asked for
	before   float64
	Before   string // which range that is
	Earlier  string // the number itself, empty if there is none
	Change   string // better, worse, other or same
	Level    int    // from 0 to 9, of the largest of a heat map
}

// panel asks for a panel's figures. What is refused is shown in its place; an error is storage's.
func (a *asker) panel(p *panel) (*shown, time.Time, error) {
	s := &shown{Name: p.name, Title: p.title, Note: p.note, Shape: p.shape, Wide: p.wide, Head: groups[p.group].head}
	told := make([]*tale, len(p.parts))
	ask, ctx := errgroup.WithContext(a)
	at := *a
	at.Context = ctx
	for i := range p.parts {
		q := a.view.ask(p, &p.parts[i])
		s.Curl = append(s.Curl, a.questionOf(p.parts[i].report, q))
		ask.Go(func() (err error) {
			told[i], err = at.told(p, &p.parts[i], q)
			return err
		})
	}
	if err := ask.Wait(); err != nil {
		if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
			s.Refused = refused.Sentence()
			return s, time.Time{}, nil
		}
		return nil, time.Time{}, err
	}
	names, err := a.names(p.of())
	if err != nil {
		return nil, time.Time{}, err
	}
	if p.shape == entities { // notes differ in what they leave out: the longest has all
		s.note(slices.MaxFunc(told, func(x, y *tale) int { return len(x.note) - len(y.note) }).note)
	}
	for _, t := range told {
		for _, w := range t.wrong {
			s.note(w)
		}
	}
	counted := slices.MinFunc(told, func(x, y *tale) int { return x.counted.Compare(y.counted) }).counted
	if p.by != "" {
		s.spread(a, p, told[0].rows, names)
	} else {
		s.fill(a, p, told, names)
	}
	if p.compares() {
		s.compared(&a.view, a.now)
	}
	if s.Until = a.now.In(a.view.zone.Location).Format(calendar.WallLayout); ofBots(p.parts[0].report) {
		s.Until = a.now.UTC().Format(calendar.WallLayout)
	}
	return s, counted, nil
}

// fill makes lines of the rows of all parts: those of one key are one line.
func (s *shown) fill(a *asker, p *panel, parts []*tale, names map[string]string) {
	at := map[string]int{}
	for i := range p.parts {
		part := &p.parts[i]
		before := len(s.Columns)
		for _, name := range part.columns {
			s.Columns = append(s.Columns, a.column(part, name))
		}
		if missing := a.view.ungoverned(part); missing != nil {
			s.note(fmt.Sprintf("%s knows no filter by %s.", part.report, strings.Join(missing, ", ")))
		}
		for _, r := range parts[i].rows {
			key, name := keyOf(r, p.group)
			n, ok := at[key]
			if !ok {
				n = len(s.Rows)
				at[key] = n
				switch {
				case names[key] != "":
					name = names[key]
				case p.shape == entities && key == ofNone:
					name = nameOfNone
				case p.shape == series:
					name = wall(name)
				}
				s.Rows = append(s.Rows, line{Key: key, Name: name, Href: a.narrowed(p, key)})
			}
			for len(s.Rows[n].Cells) < before {
				s.Rows[n].Cells = append(s.Rows[n].Cells, cell{Missing: true, Text: "–"})
			}
			for _, name := range part.columns {
				s.Rows[n].Cells = append(s.Rows[n].Cells, a.cell(p, part, r, spot{key: key}, name))
			}
		}
	}
	for i := range s.Rows {
		for len(s.Rows[i].Cells) < len(s.Columns) {
			s.Rows[i].Cells = append(s.Rows[i].Cells, cell{Missing: true, Text: "–"})
		}
	}
	switch {
	case p.shape == heat && len(s.Rows) == 7*24:
		s.level()
		s.week()
	case p.shape == entities:
		s.distinguish()
		s.sort(&a.view)
	}
}

// note adds a sentence to what the panel says, if it does not say it yet.
func (s *shown) note(sentence string) {
	if !strings.Contains(s.Note, sentence) {
		s.Note = strings.TrimSpace(s.Note + " " + sentence)
	}
}

// column is one of a property, as it is told for what is chosen.
func (a *asker) column(part *part, name string) column {
	c := column{Report: part.report, Name: name, word: words[name]}
	if name == serviceLevel {
		c.Label = fmt.Sprintf("%s %d s", c.Label, a.view.Within)
	}
	return c
}
