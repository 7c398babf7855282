package comm100

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
)

// shape of refusals: the code is the HTTP status × 1000.
var shape = dialect.Shape{Basic: true, ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	return struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{r.Status * 1000, r.Sentence()}
}}

// maxBuckets bounds the rows of one answer.
const maxBuckets = 100_000

// parameters are those of one request, read and checked.
type parameters struct {
	zone        calendar.Zone
	from, to    time.Time
	group       string
	filters     map[string]string // value by name
	compare     bool              // with the previous range
	percentiles []float64
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
			case Prefix+name == path:
				return d, nil
			case nearly == "" && strings.EqualFold(Prefix+name, strings.TrimRight(path, "/")):
				nearly = Prefix + name
			}
		}
		all = append(all, d.paths[0])
	}
	r := dialect.Refuse(http.StatusNotFound, "no_such_report", "There is no report at '%s'. Reports: %s.", dialect.Clip(path), strings.Join(all, ", "))
	r.Known = all
	if nearly != "" {
		r.Detail = fmt.Sprintf("There is no report at '%s', but at '%s'.", dialect.Clip(path), nearly)
	}
	return nil, r
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

// takes lists the parameters a report knows.
func (d *definition) takes() []string {
	var names []string
	if !d.realtime() {
		names = append(names, "timeFrom", "timeTo")
	}
	if !d.zoneless {
		names = append(names, "timezone")
	}
	if d.filters != nil {
		names = append(names, "filterName", "filterValue")
	}
	if d.groups != nil {
		names = append(names, "group", "weekStart", "compare")
	}
	if d.timed() {
		names = append(names, "percentiles")
	}
	return names
}

func (d *definition) realtime() bool { return d.family == "realtime" }

// read checks the parameters of a request.
func (d *definition) read(query url.Values) (p parameters, refused *dialect.Refusal) {
	known := d.takes()
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return p, dialect.Unknown(name, known)
		}
		if len(query[name]) > 1 && name != "filterName" && name != "filterValue" {
			return p, dialect.Invalid(name, "it is given %d times; give it once", len(query[name]))
		}
	}
	required := []string{}
	if !d.realtime() {
		required = append(required, "timeFrom", "timeTo")
	}
	if d.groups != nil {
		required = append(required, "group")
	}
	for _, name := range required {
		if query.Get(name) == "" {
			return p, dialect.Missing(name)
		}
	}
	var err error
	if p.zone, err = calendar.ParseZone(query.Get("timezone")); err != nil {
		return p, dialect.Invalid("timezone", "%s", err)
	}
	if !d.realtime() {
		if refused := p.readRange(query); refused != nil {
			return p, refused
		}
	}
	if refused := p.readGroup(d, query); refused != nil {
		return p, refused
	}
	if refused := p.readMore(query); refused != nil {
		return p, refused
	}
	return p, p.readFilters(d, query)
}

func (p *parameters) readRange(query url.Values) *dialect.Refusal {
	var err error
	if p.from, err = p.zone.ParseWall(query.Get("timeFrom")); err != nil {
		return dialect.Invalid("timeFrom", "%s", err)
	}
	if p.to, err = p.zone.ParseWall(query.Get("timeTo")); err != nil {
		return dialect.Invalid("timeTo", "%s", err)
	}
	if !p.from.Before(p.to) {
		if query.Get("timeFrom") < query.Get("timeTo") { // the form is such that text compares as time does
			return dialect.Invalid("timeTo", "it must be later than 'timeFrom', but the clocks of the zone were moved, and both are the same moment or the other way round")
		}
		return dialect.Invalid("timeTo", "it must be later than 'timeFrom'")
	}
	if p.to.Sub(p.from) > 100*366*24*time.Hour {
		return dialect.Invalid("timeTo", "it is more than 100 years after 'timeFrom'")
	}
	return nil
}

func (p *parameters) readGroup(d *definition, query url.Values) *dialect.Refusal {
	p.group = query.Get("group")
	if p.group == "departmemt" { // the document's own sample request
		p.group = "department"
	}
	if d.groups != nil && !slices.Contains(d.groups, p.group) {
		return dialect.NoneOf("group", p.group, d.groups)
	}
	if length, ok := shortest[p.group]; ok && p.to.Sub(p.from)/length > maxBuckets {
		if p.group == groupWeekHour || p.group == groupHalfHour {
			return dialect.Invalid("group", "%q would be the mean of more than %d periods; take a shorter range", p.group, maxBuckets)
		}
		return dialect.Invalid("group", "%q would give more than %d rows; take a shorter range or longer periods", p.group, maxBuckets)
	}
	switch s := query.Get("weekStart"); s {
	case "", "sunday":
		p.weekStart = time.Sunday
	case "monday":
		p.weekStart = time.Monday
	default:
		return dialect.Invalid("weekStart", "%q is neither sunday nor monday", dialect.Clip(s))
	}
	return nil
}

var shortest = map[string]time.Duration{groupHour: time.Hour, groupWeekHour: time.Hour, groupHalfHour: 30 * time.Minute, groupDay: 24 * time.Hour}

// readFilters reads pairs of filterName and filterValue; the first name goes with
// the first value. Several filters at once are ours.
func (p *parameters) readFilters(d *definition, query url.Values) *dialect.Refusal {
	names, values := given(query["filterName"]), given(query["filterValue"])
	p.filters = map[string]string{}
	for i, name := range names {
		switch {
		case !slices.Contains(d.filters, name):
			return dialect.NoneOf("filterName", name, d.filters)
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

// given leaves out empty values: an empty parameter is an absent one.
func given(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// maxPercentiles is how many percentiles one request may ask for.
const maxPercentiles = 10

// readMore reads the parameters that are ours.
func (p *parameters) readMore(query url.Values) *dialect.Refusal {
	switch c := query.Get("compare"); c {
	case "":
	case "previous":
		p.compare = true
	default:
		return dialect.Invalid("compare", "%q is not previous", dialect.Clip(c))
	}
	list := given(strings.Split(query.Get("percentiles"), ","))
	if len(list) > maxPercentiles {
		return dialect.Invalid("percentiles", "it has %d numbers; at most %d are taken", len(list), maxPercentiles)
	}
	for _, s := range list {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v > 0 && v <= 100) || len(s) > 8 {
			return dialect.Invalid("percentiles", "%q is no number above 0 and at most 100, such as 50,90,99.9", dialect.Clip(s))
		}
		p.percentiles = append(p.percentiles, v)
	}
	return nil
}
