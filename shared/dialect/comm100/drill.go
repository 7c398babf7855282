package comm100

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

// ofRows are the parameters of the rows' own; all others are the report's.
var ofRows = dialect.Parameters{
	{Name: "report", Required: true, About: "the report's path"},
	{Name: "measure", About: "the property whose figure it is, or a measure that it is computed from"},
	{Name: "bucket", About: "where the row of a report by time begins, or the slot of a distribution"},
	{Name: "entity", About: "the id of the row"},
	{Name: "limit", Kind: dialect.Number, Least: 1, Most: maxLimit, About: "rows in one answer"},
	{Name: "cursor", About: "the 'next' of the answer before"},
}

// How many rows are in a page.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// drill is one question for the rows of a figure.
type drill struct {
	*request
	columns []column
	column  int
	// label is the property as it was asked for.
	label  string
	entity string
	// occurrences are the buckets of a slot; nil: there is one bucket.
	occurrences []int
	limit       int
	cursor      cursor
}

// rows answers what one figure of a report is made of.
func (x *Explainer) rows(ctx context.Context, r *dialect.Request) (any, error) {
	d, err := x.drill(r.Tenant, r.Query, r.Now)
	if err != nil {
		return nil, err
	}
	if err := d.open(ctx, x.state); err != nil {
		return nil, err
	}
	return d.answer()
}

// drill reads the parameters.
func (x *Explainer) drill(t *tenant.Tenant, query url.Values, now time.Time) (*drill, error) {
	def, err := drillable(query.Get("report"))
	if err != nil {
		return nil, err
	}
	if refused := def.allowed(t); refused != nil {
		return nil, refused
	}
	v, refused := slices.Concat(ofRows, def.takes().Without("compare", "format", "spreadsheetSafe")).Read(query)
	if refused != nil {
		return nil, refused
	}
	p, refused := def.read(v)
	if refused != nil {
		return nil, refused
	}
	d := &drill{entity: v.Text("entity")}
	d.request = &request{parameters: p, def: def, tenant: t, now: now}
	if def.realtime() {
		day := d.today()
		d.from, d.to = time.UnixMilli(day.From), time.UnixMilli(day.To)
	}
	if err := d.readMeasure(v.Text("measure")); err != nil {
		return nil, err
	}
	if err := d.readBucket(v.Text("bucket")); err != nil {
		return nil, err
	}
	if err := d.readEntity(query.Has("entity")); err != nil {
		return nil, err
	}
	return d, d.readPage(v, query)
}

// drillable finds a report whose figures are made of rows.
func drillable(name string) (*definition, error) {
	var names []string
	for i := range definitions {
		d := &definitions[i]
		if len(d.columns) == 0 {
			continue
		}
		if slices.Contains(d.paths, name) {
			return d, nil
		}
		names = append(names, d.paths[0])
	}
	if name == "" {
		return nil, dialect.Missing("report", names...)
	}
	return nil, dialect.Invalid("report", "%q is none of those whose figures are made of rows: %s", name, strings.Join(names, ", "))
}

// readMeasure finds the column: a property by the name that the answer gives it, or
// a measure that one of them is computed from.
func (d *drill) readMeasure(name string) error {
	d.label, d.columns = name, d.withPercentiles(d.shown())
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
	default:
		c.value = count("", "", m.ID).value
	}
	return c
}

// readBucket narrows the range to one row of a report by time; without a bucket the
// whole range is one.
func (d *drill) readBucket(text string) error {
	_, byTime := periods[d.group]
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
	moment, exact := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
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
	byEntity := entities[d.group].dim != measure.None
	switch {
	case byEntity && !given:
		return dialect.MissingWhen("entity", "with group=%s: the %s of the row", d.group, cmpProperty(d.group))
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

func (d *drill) readPage(v *dialect.Values, query url.Values) error {
	d.limit = v.Number("limit", defaultLimit)
	question := fingerprint(query)
	d.cursor.question = question
	if s := v.Text("cursor"); s != "" {
		c, ok := readCursor(s)
		if !ok || c.question != question {
			return dialect.Invalid("cursor", "it is not the 'next' of an answer to the same question")
		}
		d.cursor = c
	}
	return nil
}
