package comm100

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

// Parameters of the rows' own; all others are the report's.
var drillParameters = []string{"report", "measure", "bucket", "entity", "limit", "cursor"}

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
	own := url.Values{}
	rest := maps.Clone(query)
	for _, name := range drillParameters {
		if v := query[name]; len(v) > 1 {
			return nil, dialect.Invalid(name, "it is given %d times; give it once", len(v))
		}
		own.Set(name, query.Get(name))
		delete(rest, name)
	}
	d := &drill{entity: own.Get("entity")}
	def, err := drillable(own.Get("report"))
	if err != nil {
		return nil, err
	}
	if e := def.allowed(t); e != nil {
		return nil, e
	}
	known := append(slices.Clone(drillParameters), slices.DeleteFunc(def.takes(), func(name string) bool { return name == "compare" })...)
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		if !slices.Contains(known, name) {
			return nil, dialect.Unknown(name, known)
		}
	}
	p, refused := def.read(rest)
	if refused != nil {
		return nil, refused
	}
	d.request = &request{parameters: p, def: def, tenant: t, now: now}
	if def.realtime() {
		day := d.today()
		d.from, d.to = time.UnixMilli(day.From), time.UnixMilli(day.To)
	}
	if err := d.readMeasure(own.Get("measure")); err != nil {
		return nil, err
	}
	if err := d.readBucket(own.Get("bucket")); err != nil {
		return nil, err
	}
	if err := d.readEntity(query.Has("entity")); err != nil {
		return nil, err
	}
	return d, d.readPage(own, query)
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
		label := c.name
		if d.inDistribution() && c.inDistribution != "" {
			label = c.inDistribution
		}
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

func (d *drill) inDistribution() bool { return d.group == groupWeekHour || d.group == groupHalfHour }

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
		if exact == nil && moment.UnixMilli() == b.From || text == d.period(b)["from"] {
			d.from, d.to, d.group = time.UnixMilli(b.From), time.UnixMilli(b.To), ""
			return nil
		}
	}
	first, last := d.period(buckets[0])["from"], d.period(buckets[len(buckets)-1])["from"]
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

func (d *drill) readPage(own, query url.Values) error {
	d.limit = defaultLimit
	if s := own.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxLimit {
			return dialect.Invalid("limit", "%q is no number from 1 to %d", s, maxLimit)
		}
		d.limit = n
	}
	question := fingerprint(query)
	d.cursor.question = question
	if s := own.Get("cursor"); s != "" {
		c, ok := readCursor(s)
		if !ok || c.question != question {
			return dialect.Invalid("cursor", "it is not the 'next' of an answer to the same question")
		}
		d.cursor = c
	}
	return nil
}
