package comm100

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"math"
	"net/url"
	"slices"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Rows is one page of what a figure is made of.
type Rows struct {
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
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Time    string `json:"time"`
	Until   string `json:"until,omitempty"`
	Open    bool   `json:"open,omitempty"`
	Measure string `json:"measure"`
	amounts
	AgentID string    `json:"agentId,omitempty"`
	Key     *namedKey `json:"key,omitempty"`
}

// amountsOf are a measure's number and length as they are told.
func amountsOf(m *measure.Measure, n, millis int64) (a amounts) {
	seconds, value := float64(millis)/1000, float64(n)/1e6
	switch {
	case m.Unit == "millionths":
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

// unit is the unit of a column's value.
func (c *column) unit() string {
	m := measure.Get(c.want[0].Measure)
	switch {
	case c.pooled && len(c.want) > 1:
		return "ratio"
	case m.Unit == "ms" || m.Shape == measure.Step:
		return "seconds"
	case m.Unit == "millionths":
		return "value"
	}
	return m.Unit
}

// answer reads the figure and one page of its rows.
func (d *drill) answer() (*Rows, error) {
	var asked []*report.Query
	d.asked = &asked
	s, err := d.sheetBy(d.columns, func(buckets []report.Bucket, by measure.Dim, where []measure.Value, want []report.Want) (*report.Result, error) {
		where = slices.DeleteFunc(where, func(v measure.Value) bool { return v.Dim == measure.None })
		return d.runConversions(buckets, by, where, want)
	})
	if err != nil {
		return nil, err
	}
	f := &figure{drill: d, sheet: s, id: d.entity, buckets: d.occurrences}
	if d.def.keys != nil {
		f.id = ""
	}
	if f.buckets == nil {
		f.buckets = []int{0}
	}
	f.narrow()
	page, err := f.page(asked)
	if err != nil {
		return nil, err
	}
	c := &d.columns[d.column]
	page.Report, page.Measure, page.Unit = d.def.paths[0], d.label, c.unit()
	page.Sums = f.sums()
	if d.occurrences == nil {
		page.Total = c.property(s.totals(f.id, 0, d.column))
		return page, nil
	}
	n := len(d.occurrences)
	page.Occurrences, page.Total = &n, s.over(d.occurrences, d.column)
	return page, nil
}

// figure is the totals that are asked for.
type figure struct {
	*drill
	sheet   *sheet
	id      string // of the row
	buckets []int
}

// narrow leaves only the keys that count, in all of the column's measures.
func (f *figure) narrow() {
	for _, b := range f.buckets {
		totals := f.sheet.totals(f.id, b, f.column)
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

func (f *figure) counts(key string, totals []*report.Total) bool {
	for _, t := range totals {
		if t.Keys[key] <= 0 {
			return false
		}
	}
	k, ok := f.named(key)
	return ok && (f.def.keys == nil || f.entity == "" || k.of == f.entity)
}

// named is what a key stands for.
func (f *figure) named(key string) (namedKey, bool) {
	if f.def.keys != nil {
		return f.def.keys(f.request, key)
	}
	return namedKey{VisitorID: key}, true
}

// measures are those of the column, each once.
func (f *figure) measures() []measure.ID {
	var out []measure.ID
	for _, w := range f.columns[f.column].want {
		if !slices.Contains(out, w.Measure) {
			out = append(out, w.Measure)
		}
	}
	return out
}

// sums adds up the totals of every measure.
func (f *figure) sums() []Sum {
	out := []Sum{}
	for i, w := range f.columns[f.column].want {
		m := measure.Get(w.Measure)
		if slices.ContainsFunc(out, func(s Sum) bool { return s.Measure == m.Name }) {
			continue
		}
		var all report.Total
		present := int64(0)
		for _, b := range f.buckets {
			t := f.sheet.totals(f.id, b, f.column)[i]
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

// page reads the rows after the cursor.
func (f *figure) page(asked []*report.Query) (*Rows, error) {
	page := &Rows{Rows: []Row{}}
	if f.sheet.result.Rows[f.id] == nil {
		return page, nil
	}
	var all []report.Row // of several queries, which must be brought into one order
	for _, q := range asked {
		pick := report.Pick{Buckets: f.buckets, From: math.MinInt64}
		if f.cursor.ID != "" {
			pick.From = f.cursor.At
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
			pick.Entity = f.id
		}
		left := f.limit + f.cursor.N + 1
		for r, err := range f.Rows(q, pick) {
			if err != nil {
				return nil, err
			}
			if measure.Get(r.Measure).Shape == measure.Keyed && !f.counts(r.Key, f.sheet.totals(f.id, r.Bucket, f.column)) {
				continue
			}
			if f.cursor.compare(&r) > 0 {
				continue
			}
			all = append(all, r)
			if left--; left == 0 {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b report.Row) int { return a.Compare(&b) })
	for n := f.cursor.N; n > 0 && len(all) > 0 && f.cursor.compare(&all[0]) == 0; n-- {
		all = all[1:]
	}
	next := f.cursor
	for i := range all {
		if i == f.limit {
			text := next.String()
			page.Next = &text
			break
		}
		next.pass(&all[i])
		page.Rows = append(page.Rows, f.row(&all[i]))
	}
	return page, nil
}

const instant = "2006-01-02T15:04:05.000Z"

func (f *figure) row(r *report.Row) Row {
	m := measure.Get(r.Measure)
	out := Row{
		Kind: r.Kind, ID: r.ID, Time: time.UnixMilli(r.At).UTC().Format(instant), Open: r.Open, Measure: m.Name, AgentID: r.Agent,
		amounts: amountsOf(m, r.N, r.Millis),
	}
	if r.Until != 0 {
		out.Until = time.UnixMilli(r.Until).UTC().Format(instant)
	}
	if m.Shape == measure.Keyed {
		k, _ := f.named(r.Key)
		out.Key = &k
	}
	return out
}

// cursor is a place among the rows: after the first N of those that have its time
// and id.
type cursor struct {
	question string
	At       int64
	ID       string
	N        int
}

// pass moves the cursor behind a row.
func (c *cursor) pass(r *report.Row) {
	if id := table.Join(r.ID, r.Kind); c.At != r.At || c.ID != id {
		c.At, c.ID, c.N = r.At, id, 0
	}
	c.N++
}

// compare compares the cursor's time and id with a row's.
func (c *cursor) compare(r *report.Row) int {
	if c.ID == "" {
		return -1
	}
	id := table.Split(c.ID)
	return cmp.Or(cmp.Compare(c.At, r.At), cmp.Compare(id[0], r.ID), cmp.Compare(id[1], r.Kind))
}

func (c *cursor) String() string {
	raw, err := json.Marshal([]any{c.question, c.At, c.ID, c.N})
	if err != nil {
		panic("comm100: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readCursor(s string) (c cursor, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(raw, &[]any{&c.question, &c.At, &c.ID, &c.N}) != nil {
		return c, false
	}
	return c, len(table.Split(c.ID)) == 2 && c.N > 0 && c.String() == s
}

// fingerprint is a question without its paging.
func fingerprint(query url.Values) string {
	q := url.Values{}
	for name, v := range query {
		if name != "cursor" && name != "limit" {
			q[name] = v
		}
	}
	h := fnv.New64a()
	h.Write([]byte(q.Encode()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
