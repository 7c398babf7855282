package comm100

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/nearest"
	"chatreports/shared/tenant"
)

// shape of refusals: the code is the HTTP status × 1000.
var shape = dialect.Shape{Basic: true, ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	return struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{r.Status * 1000, message(r)}
}}

// message is a refusal in the words of the document, where it has some.
func message(r *dialect.Refusal) string {
	if r.Code == dialect.MissingParameter {
		return fmt.Sprintf("Parameter '%s' is required.", r.Field)
	}
	return r.Sentence()
}

// maxBuckets bounds the rows of one answer.
const maxBuckets = 100_000

// parameters are those of one request, read and checked.
type parameters struct {
	zone        calendar.Zone
	from, to    time.Time
	group       string
	by          string            // entities that the rows of a group by time are of too
	filters     map[string]string // value by name
	compare     string            // with which other range, as one of the constants
	names       bool              // beside each id
	percentiles []float64
	within      int64 // seconds of the service level; 0: it is not asked for
	avgScore    bool
	none, alone bool   // a row of what counts for no entity; and no other
	sort        string // by which column, after a minus the largest first
	weekStart   time.Weekday
}

// find returns the report at a path. Another path is refused with the one that it
// nearly is, or all that there are.
func find(path string) (*definition, *dialect.Refusal) {
	var all []string
	nearly := ""
	for i := range definitions {
		d := &definitions[i]
		for _, name := range d.paths {
			switch {
			case Prefix+name == path, olderPrefix+name == path:
				return d, nil
			case nearly == "" && strings.EqualFold(Prefix+name, strings.TrimRight(path, "/")):
				nearly = Prefix + name
			}
		}
		all = append(all, d.paths[0])
	}
	r := dialect.Refuse(http.StatusNotFound, "no_such_report", "There is no report at '%s'. Below %s are: %s.", dialect.Clip(path), Prefix, strings.Join(all, ", "))
	r.Known = all
	if meant := nearest.Name(strings.TrimPrefix(path, Prefix), all); meant != "" {
		r.Detail = fmt.Sprintf("There is no report at '%s'; '%s' was probably meant. Below %s are: %s.", dialect.Clip(path), Prefix+meant, Prefix, strings.Join(all, ", "))
	}
	if nearly != "" {
		r.Detail = fmt.Sprintf("There is no report at '%s', but at '%s'.", dialect.Clip(path), nearly)
	}
	return nil, r
}

// Nothing is what is answered at a path that is no report's.
func Nothing(path string) (dialect.Shape, *dialect.Refusal) {
	_, refused := find(path)
	return shape, refused
}

// Paths lists every path of every report.
func Paths() []string {
	var out []string
	for _, d := range definitions {
		for _, p := range d.paths {
			out = append(out, Prefix+p)
		}
	}
	return out
}

// allowed says whether a tenant's edition has the report.
func (d *definition) allowed(t *tenant.Tenant) *dialect.Refusal {
	if d.enterprise && t.Edition == tenant.Business {
		return dialect.Refuse(http.StatusForbidden, "forbidden", "Report '%s' is not available in the Business edition.", d.paths[0])
	}
	return nil
}

// takes declares the parameters of a report.
func (d *definition) takes() dialect.Parameters {
	var ps dialect.Parameters
	if !d.realtime() {
		ps = append(ps,
			dialect.Parameter{Name: "timeFrom", Kind: dialect.Time, Required: true, About: "where the range begins, as wall time of the zone: yyyy-MM-ddTHH:mm:ss"},
			dialect.Parameter{Name: "timeTo", Kind: dialect.Time, Required: true, About: "where it ends, not included"})
	}
	if !d.zoneless {
		ps = append(ps, dialect.Parameter{Name: "timezone", Kind: dialect.Zone, About: "±hh:mm or an IANA name; UTC without it"})
	}
	if d.filters != nil {
		ps = append(ps,
			dialect.Parameter{Name: "filterName", Repeatable: true, Values: d.filters, About: "what to filter by; several go with as many values, in order"},
			dialect.Parameter{Name: "filterValue", Repeatable: true, About: "the id that is kept"})
	}
	if d.groups != nil {
		ps = append(ps,
			// The other spelling is that of the document's own sample request.
			dialect.Parameter{Name: "group", Required: true, Values: d.groups, Spellings: map[string]string{"departmemt": "department"}, About: "what the rows are"},
			dialect.Parameter{Name: "by", Values: d.byEntities(), About: "what the rows of a group by time are also of: one for each period and entity"},
			dialect.Parameter{Name: "none", Kind: dialect.Flag, About: "with rows of agents, departments and the like, one more of what counts for none, its id null"},
			dialect.Parameter{Name: "sort", About: "with a group of entities, the property that rows are sorted by; after a minus the largest first"},
			dialect.Parameter{Name: "weekStart", Values: []string{"sunday", "monday"}, About: "the day weeks begin on; sunday without it"},
			dialect.Parameter{Name: "compare", Values: []string{comparePrevious, compareLastYear}, About: "beside every row the same figures of the range just before, or of that a year earlier"})
	}
	if d.timed() {
		ps = append(ps, dialect.Parameter{Name: "percentiles", Kind: dialect.List, About: "numbers above 0 and at most 100: percentiles of the times that there are averages of"})
	}
	if d.serviceLevel {
		ps = append(ps, dialect.Parameter{Name: "within", Kind: dialect.Number, Least: 1, Most: 86_400, About: "seconds: beside the rest, the share of queued requests that an agent took before they were over"})
	}
	if d.scored {
		ps = append(ps, dialect.Parameter{Name: "avgScore", Kind: dialect.Flag, About: "beside the rest, the mean of the scores; null without any"})
	}
	// A key is of one tenant, so it says nothing.
	ps = append(ps, dialect.Parameter{Name: "siteId", Repeatable: true, About: "what clients of the vendor's other APIs send with every call; it changes nothing"})
	return append(append(ps, dialect.Naming), dialect.Formatting...)
}

func (d *definition) realtime() bool { return d.family == "realtime" }

// read checks the parameters of a request.
func (d *definition) read(v *dialect.Values) (p parameters, refused *dialect.Refusal) {
	p.zone, p.compare, p.names = v.Zone("timezone"), v.Text("compare"), v.Flag(dialect.Naming.Name)
	p.within, p.avgScore = int64(v.Number("within", 0)), v.Flag("avgScore")
	if v.Text("weekStart") == "monday" {
		p.weekStart = time.Monday
	}
	if !d.realtime() {
		r, refused := v.Range("timeFrom", "timeTo", p.zone, dialect.Wall, dialect.Range{})
		if refused == nil {
			refused = r.Bounded("timeFrom", "timeTo", p.zone)
		}
		if refused != nil {
			return p, refused
		}
		p.from, p.to = r.From, r.To
	}
	if refused := p.readGroup(v); refused != nil {
		return p, refused
	}
	if refused := p.readPercentiles(v); refused != nil {
		return p, refused
	}
	if refused := p.readFilters(v); refused != nil {
		return p, refused
	}
	return p, p.readNone(v)
}

// byEntities are the groups whose rows are entities.
func (d *definition) byEntities() []string {
	return slices.DeleteFunc(slices.Clone(d.groups), func(group string) bool { return entities[group].dim == measure.None })
}

// of is the group of entities that rows are of, empty if they are of none.
func (p *parameters) of() string {
	if entities[p.group].dim != measure.None {
		return p.group
	}
	return p.by
}

func (p *parameters) readGroup(v *dialect.Values) *dialect.Refusal {
	p.group, p.by = v.Text("group"), v.Text("by")
	if p.by != "" && p.of() != p.by {
		return dialect.Invalid("by", "it goes with a group by time, such as %s, and not with %q", groupDay, p.group)
	}
	if p.group == groupWeekHour && p.weekStart != time.Sunday {
		return dialect.Invalid("weekStart", "the slots of %s begin on Sunday; leave it out", groupWeekHour)
	}
	length, ok := shortest[p.group]
	switch {
	case !ok || p.to.Sub(p.from)/length <= maxBuckets:
		return nil
	case p.group == groupWeekHour || p.group == groupHalfHour:
		return dialect.Invalid("group", "%q would be the mean of more than %d periods; take a shorter range", p.group, maxBuckets)
	}
	return dialect.Invalid("group", "%q would give more than %d rows; take a shorter range or longer periods", p.group, maxBuckets)
}

var shortest = map[string]time.Duration{groupHour: time.Hour, groupWeekHour: time.Hour, groupHalfHour: 30 * time.Minute, groupDay: 24 * time.Hour}

// readFilters reads pairs of filterName and filterValue; the first name goes with
// the first value. Several filters at once are ours.
func (p *parameters) readFilters(v *dialect.Values) *dialect.Refusal {
	names, values := v.All("filterName"), v.All("filterValue")
	p.filters = map[string]string{}
	for i, name := range names {
		switch {
		case i >= len(values):
			return dialect.MissingWhen("filterValue", "when 'filterName' is given")
		case p.filters[name] != "":
			return dialect.Invalid("filterName", "%q is given twice", name)
		}
		p.filters[name] = values[i]
	}
	if len(values) > len(names) {
		return dialect.MissingWhen("filterName", "when 'filterValue' is given")
	}
	return nil
}

// maxPercentiles is how many percentiles one request may ask for.
const maxPercentiles = 10

func (p *parameters) readPercentiles(v *dialect.Values) *dialect.Refusal {
	list := v.List("percentiles")
	if len(list) > maxPercentiles {
		return dialect.Invalid("percentiles", "it has %d numbers; at most %d are taken", len(list), maxPercentiles)
	}
	for _, s := range list {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f > 0 && f <= 100) || len(s) > 8 {
			return dialect.Invalid("percentiles", "%q is no number above 0 and at most 100, such as 50,90,99.9", dialect.Clip(s))
		}
		if !slices.Contains(p.percentiles, f) {
			p.percentiles = append(p.percentiles, f)
		}
	}
	return nil
}
