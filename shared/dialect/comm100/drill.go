package comm100

import (
	"context"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/explain"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/rfc3339"
	"chatreports/shared/table"
)

// drill is one question for the figure of a report.
type drill struct {
	*request
	columns []column
	column  int
	// label is the property as it was asked for.
	label  string
	entity string
	// occurrences are the buckets of a slot; nil: there is one bucket.
	occurrences []int
}

// Names lists the reports whose figures are made of rows.
func (explained) Names() []string {
	var names []string
	for i := range definitions {
		if d := &definitions[i]; len(d.columns) > 0 {
			names = append(names, d.paths[0])
		}
	}
	return names
}

// Find is one of them by any of its paths.
func (explained) Find(name string) explain.Report {
	for i := range definitions {
		if d := &definitions[i]; len(d.columns) > 0 && slices.Contains(d.paths, name) {
			return d
		}
	}
	return nil
}

// Instead says what to ask for where a report has no such figures.
func (explained) Instead(name string) string {
	for i := range definitions {
		if d := &definitions[i]; slices.Contains(d.paths, name) {
			return d.instead
		}
	}
	return ""
}

// Parameters are those that say which figure is meant.
func (d *definition) Parameters() dialect.Parameters {
	return d.takes().Without("compare", "names", "sort", "siteId", "format", "spreadsheetSafe")
}

// Figure reads the figure that the parameters name.
func (d *definition) Figure(ctx context.Context, state table.Table, r *dialect.Request, v *dialect.Values) (*explain.Figure, error) {
	if refused := d.allowed(r.Tenant); refused != nil {
		return nil, refused
	}
	q, err := d.drill(r, v)
	if err != nil {
		return nil, err
	}
	if err := q.open(ctx, state); err != nil {
		return nil, err
	}
	f, err := q.figure()
	if err != nil {
		return nil, err
	}
	f.Mistyped = func(ctx context.Context, records table.Table) ([]string, error) {
		unannounced := q.unannounced(ctx)
		if unannounced == nil {
			return nil, nil
		}
		listed, err := unannounced()
		if err != nil || len(listed) == 0 {
			return nil, err
		}
		return q.mistyped(ctx, records, state, listed)
	}
	return f, nil
}

// drill reads the parameters.
func (d *definition) drill(r *dialect.Request, v *dialect.Values) (*drill, error) {
	p, refused := d.read(v)
	if refused != nil {
		return nil, refused
	}
	q := &drill{entity: v.Text("entity"), request: &request{parameters: p, def: d, tenant: r.Tenant, now: r.Now}}
	if d.realtime() {
		day := q.today()
		q.from, q.to = time.UnixMilli(day.From), time.UnixMilli(day.To)
	}
	if err := q.readMeasure(v.Text("measure")); err != nil {
		return nil, err
	}
	if err := q.readBucket(v.Text("bucket")); err != nil {
		return nil, err
	}
	if err := q.readEntity(r.Query.Has("entity")); err != nil {
		return nil, err
	}
	return q, q.readOfNone()
}

// readOfNone takes an empty id for the row of what counts for none, where there is one.
func (d *drill) readOfNone() error {
	if d.none = d.none && d.entity == ofNone; !d.none {
		return nil
	}
	d.alone = true
	if !d.tellsNone(&d.columns[d.column]) {
		return dialect.Invalid("measure", "%q is null in the row of no %s: what chats make up together, and one's own part of a chat, is nobody's", d.label, d.of())
	}
	return nil
}

// figure reads the figure.
func (d *drill) figure() (*explain.Figure, error) {
	f := &explain.Figure{Report: d.def.paths[0], Property: d.label, Entity: d.entity, Buckets: d.occurrences, Occurrences: d.occurrences != nil, Snapshot: d.Snapshot}
	d.asked = &f.Queries
	s, err := d.sheet(d.columns)
	if err != nil {
		return nil, err
	}
	if d.def.keys != nil {
		f.Entity = ""
	}
	if f.Buckets == nil {
		f.Buckets = []int{0}
	}
	c := &d.columns[d.column]
	f.Unit, f.Wants, f.Empty, f.Key = c.unit(), c.want, s.result.Totals[f.Entity] == nil, d.named
	f.Totals = func(bucket int) []*report.Total { return s.totals(f.Entity, bucket, d.column) }
	f.Value = func() any {
		if f.Occurrences {
			return s.over(f.Entity, d.occurrences, d.column)
		}
		return c.property(f.Totals(0))
	}
	return f, nil
}

// named is what a key stands for; where rows are made of keys it counts in one row.
func (d *drill) named(key string) (any, bool) {
	if d.def.keys == nil {
		return namedKey{VisitorID: key}, true
	}
	k, ok := d.def.keys(d.request, key)
	return k, ok && (d.entity == "" || k.of == d.entity)
}

// unit is the unit of a column's value.
func (c *column) unit() string {
	m := measure.Get(c.want[0].Measure)
	switch {
	case c.number:
		return "count"
	case c.pooled && len(c.want) > 1:
		return "ratio"
	case m.Unit == "ms" || m.Shape == measure.Step:
		return "seconds"
	case m.Unit == "millionths", m.Unit == "thousands":
		return "value"
	}
	return m.Unit
}

// readMeasure finds the column: a property by the name that the answer gives it, or
// a measure that one of them is computed from.
func (d *drill) readMeasure(name string) error {
	d.label, d.columns = name, d.extended(d.shown())
	var names []string
	for i, c := range d.columns {
		label := d.request.label(&c)
		names = append(names, label)
		if name != "" && (name == c.name || name == label) {
			d.column = i
			return nil
		}
	}
	for _, c := range d.columns {
		for _, w := range c.want {
			m := measure.Get(w.Measure)
			if name == m.Name {
				d.column = len(d.columns)
				d.columns = append(slices.Clone(d.columns), pure(m))
				return nil
			}
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	if name == "" {
		return dialect.Missing("measure", names...)
	}
	return dialect.NoneOf("measure", name, names)
}

// pure is a measure itself, added up.
func pure(m *measure.Measure) column {
	c := column{name: m.Name, whole: true, want: wants(m.ID)}
	switch {
	case m.Shape == measure.Keyed:
		c.value = uses("", m.ID).value
	case m.Shape == measure.Step:
		c.value = func(t []*report.Total) float64 { return float64(t[0].Present()) / 1000 }
	case m.Unit == "ms":
		c.value = seconds("", "", m.ID).value
	case m.Unit == "millionths":
		c.value = func(t []*report.Total) float64 { return float64(t[0].N) / 1e6 }
	case m.Unit == "thousands":
		c.value = func(t []*report.Total) float64 { return float64(t[0].N) * 1e3 }
	default:
		c.value = count("", "", m.ID).value
	}
	return c
}

// readBucket narrows the range to one row of a report by time; without a bucket the
// whole range is one.
func (d *drill) readBucket(text string) error {
	_, byTime := periods[d.group]
	byTime = byTime || d.group == groupTotal
	switch {
	case text == "" && byTime:
		d.group = ""
		return nil
	case text == "":
		return nil
	case !byTime:
		return dialect.Invalid("bucket", "rows are by time only with a group such as %s", groupDay)
	}
	buckets := d.buckets()
	if d.inDistribution() {
		for i, b := range buckets {
			if d.slot(b) == text {
				d.occurrences = append(d.occurrences, i)
			}
		}
		if d.occurrences == nil && !slices.Contains(d.slots(), text) {
			return dialect.NoneOf("bucket", text, d.slots())
		}
		if d.occurrences == nil {
			d.occurrences = []int{}
		}
		return nil
	}
	moment, exact := rfc3339.Parse(strings.ReplaceAll(text, " ", "+"))
	for _, b := range buckets {
		if exact == nil && moment.UnixMilli() == b.From || text == d.period(b).Get("from") {
			d.from, d.to, d.group = time.UnixMilli(b.From), time.UnixMilli(b.To), ""
			return nil
		}
	}
	first, last := d.period(buckets[0]).Get("from"), d.period(buckets[len(buckets)-1]).Get("from")
	return dialect.Invalid("bucket", "no row begins at %q; the first does at %s, the last at %s", text, first, last)
}

// slot is the row of a distribution that a bucket belongs to.
func (d *drill) slot(b report.Bucket) string {
	wall := d.zone.Wall(b.From)
	if d.group == groupWeekHour {
		return weekSlot(int(wall.Weekday())*24 + wall.Hour())
	}
	return daySlot(wall.Hour()*2 + wall.Minute()/30)
}

func (d *drill) slots() []string {
	n, name := 48, daySlot
	if d.group == groupWeekHour {
		n, name = 168, weekSlot
	}
	out := make([]string, n)
	for i := range out {
		out[i] = name(i)
	}
	return out
}

// readEntity checks that the row of a report by entity is named.
func (d *drill) readEntity(given bool) error {
	byEntity := d.of() != ""
	switch {
	case byEntity && !given:
		return dialect.MissingWhen("entity", "where rows are by %s: the %s of the row", d.of(), cmpProperty(d.of()))
	case given && !byEntity && d.def.keys == nil:
		return dialect.Invalid("entity", "the rows of this question have no id")
	}
	return nil
}

// cmpProperty is the property that holds the id of a row.
func cmpProperty(group string) string {
	if p := entities[group].property; p != "" {
		return p
	}
	return "id"
}
