package explain

import (
	"math"
	"slices"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// Page is one page of the rows that a figure is made of.
type Page struct {
	Report  string `json:"report"`
	Measure string `json:"measure"`
	Unit    string `json:"unit"`
	// Total is the figure, as the report says it.
	Total any `json:"total"`
	// Occurrences is how many buckets the row of a distribution is made of.
	Occurrences *int `json:"occurrences,omitempty"`
	// Sums is what all rows add up to.
	Sums []Sum `json:"sums"`
	Rows []Row `json:"rows"`
	// Next is the cursor of the next page, or nil.
	Next *string `json:"next"`
}

// Sum is what all rows of one measure add up to.
type Sum struct {
	Measure    string `json:"measure"`
	Definition string `json:"definition"`
	amounts
	// Keys is how many different keys there are.
	Keys *int `json:"keys,omitempty"`
}

// amounts are those that a measure has.
type amounts struct {
	Count   *int64   `json:"count,omitempty"`
	Seconds *float64 `json:"seconds,omitempty"`
	Value   *float64 `json:"value,omitempty"`
}

// Row is what one fact adds.
type Row struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Name is that of an agent or a visitor, where names are asked for.
	Name    string `json:"name,omitempty"`
	Time    string `json:"time"`
	Until   string `json:"until,omitempty"`
	Open    bool   `json:"open,omitempty"`
	Measure string `json:"measure"`
	amounts
	AgentID   string `json:"agentId,omitempty"`
	AgentName string `json:"agentName,omitempty"`
	Key       any    `json:"key,omitempty"`
	// Chat is what is known of the chat, where names are asked for.
	Chat *Chat `json:"chat,omitempty"`
}

// amountsOf are a measure's number and length as they are told.
func amountsOf(m *measure.Measure, n, millis int64) (a amounts) {
	seconds, value := float64(millis)/1000, float64(n)/1e6
	switch {
	case m.Unit == "millionths":
		a.Value = &value
	case m.Unit == "thousands":
		value = float64(n) * 1e3
		a.Value = &value
	case m.Shape == measure.Level || m.Shape == measure.Step:
		a.Seconds = &seconds
	case m.Shape == measure.Samples:
		a.Count, a.Seconds = &n, &seconds
	default:
		a.Count = &n
	}
	return a
}

// narrow leaves only the keys that count, in all of the column's measures.
func (f *Figure) narrow() {
	for _, b := range f.Buckets {
		totals := f.Totals(b)
		for _, t := range totals {
			if t.Keys == nil {
				continue
			}
			keys := map[string]int64{}
			for key, n := range t.Keys {
				if f.counts(key, totals) {
					keys[key] = n
				}
			}
			t.Keys = keys
		}
	}
}

func (f *Figure) counts(key string, totals []*report.Total) bool {
	for _, t := range totals {
		if t.Keys[key] <= 0 {
			return false
		}
	}
	_, ok := f.Key(key)
	return ok
}

// measures are those it is computed from, each once.
func (f *Figure) measures() []measure.ID {
	var out []measure.ID
	for _, w := range f.Wants {
		if !slices.Contains(out, w.Measure) {
			out = append(out, w.Measure)
		}
	}
	return out
}

// sums adds up the totals of every measure.
func (f *Figure) sums() []Sum {
	out := []Sum{}
	for i, w := range f.Wants {
		m := measure.Get(w.Measure)
		if slices.ContainsFunc(out, func(s Sum) bool { return s.Measure == m.Name }) {
			continue
		}
		var all report.Total
		present := int64(0)
		for _, b := range f.Buckets {
			t := f.Totals(b)[i]
			all.Add(t)
			present += t.Present()
		}
		sum := Sum{Measure: m.Name, Definition: m.Definition}
		switch m.Shape {
		case measure.Step:
			all.Millis = present
		case measure.Keyed:
			n := len(all.Keys)
			sum.Keys = &n
			for _, n := range all.Keys {
				all.N += n
			}
		}
		sum.amounts = amountsOf(m, all.N, all.Millis)
		out = append(out, sum)
	}
	return out
}

// page is the page of at most limit rows after a place.
func (f *Figure) page(after cursor, limit int) (*Page, error) {
	page := &Page{Report: f.Report, Measure: f.Property, Unit: f.Unit, Total: f.Value(), Sums: f.sums(), Rows: []Row{}}
	if f.Occurrences {
		n := len(f.Buckets)
		page.Occurrences = &n
	}
	all, err := f.rows(after, limit+1)
	if err != nil {
		return nil, err
	}
	next := after
	for i := range all {
		if i == limit {
			text := next.String()
			page.Next = &text
			break
		}
		next.pass(&all[i])
		page.Rows = append(page.Rows, f.row(&all[i]))
	}
	return page, nil
}

// rows reads the rows after a place, and at least as many as asked for if there are.
func (f *Figure) rows(after cursor, most int) ([]report.Row, error) {
	if f.Empty {
		return nil, nil
	}
	var all []report.Row // of several queries, which must be brought into one order
	for _, q := range f.Queries {
		pick := report.Pick{Buckets: f.Buckets, From: math.MinInt64}
		if after.ID != "" {
			pick.From = after.At
		}
		for _, id := range f.measures() {
			if slices.ContainsFunc(q.Want, func(w report.Want) bool { return w.Measure == id }) {
				pick.Measures = append(pick.Measures, id)
			}
		}
		if len(pick.Measures) == 0 {
			continue
		}
		if q.By != measure.None {
			pick.Entity = f.Entity
		}
		left := most + after.N
		for r, err := range f.Snapshot.Rows(q, pick) {
			if err != nil {
				return nil, err
			}
			if measure.Get(r.Measure).Shape == measure.Keyed && !f.counts(r.Key, f.Totals(r.Bucket)) {
				continue
			}
			if after.compare(&r) > 0 {
				continue
			}
			all = append(all, r)
			if left--; left == 0 {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b report.Row) int { return a.Compare(&b) })
	for n := after.N; n > 0 && len(all) > 0 && after.compare(&all[0]) == 0; n-- {
		all = all[1:]
	}
	return all, nil
}

const instant = "2006-01-02T15:04:05.000Z"

func (f *Figure) row(r *report.Row) Row {
	m := measure.Get(r.Measure)
	out := Row{
		Kind: r.Kind, ID: r.ID, Time: time.UnixMilli(r.At).UTC().Format(instant), Open: r.Open, Measure: m.Name, AgentID: r.Agent,
		amounts: amountsOf(m, r.N, r.Millis),
	}
	if r.Until != 0 {
		out.Until = time.UnixMilli(r.Until).UTC().Format(instant)
	}
	if m.Shape == measure.Keyed {
		out.Key, _ = f.Key(r.Key)
	}
	return out
}
