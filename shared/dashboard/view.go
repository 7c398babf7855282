package dashboard

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
)

// view is what a page shows of all there is, as its address says: a range of days, a
// zone, filters.
type view struct {
	Preset   string
	From, To string // the first and the last day, yyyy-MM-dd
	Zone     string
	// Compare is with which other range totals are compared, as the reports' parameter; empty:
	// with none.
	Compare string
	// Within is in how many seconds whoever is answered in time is answered.
	Within int
	// None: tables of entities have a row of what is of none.
	None bool
	// Sort is by which column tables of entities are sorted, after a minus the largest first;
	// empty: by their first one.
	Sort string
	// Filters are ids by what is filtered by.
	Filters map[string]string

	first, after time.Time // midnights, as if the zone were UTC
	zone         calendar.Zone
}

// filters are what pages can be filtered by: groups that reports have too.
var filters = []struct{ Name, Label string }{
	{byDepartment, "All departments"},
	{byAgent, "All agents"},
	{byCampaign, "All campaigns"},
}

// withinAnyway is the service level of an address that says none.
const withinAnyway = 20

// day is how a day is written in an address.
const day = time.DateOnly

// takes declares what an address may say.
var takes = dialect.Parameters{
	{Name: "range", Values: presetNames(), About: "which days"},
	{Name: "from", About: "the first day, yyyy-MM-dd"},
	{Name: "to", About: "the last day, yyyy-MM-dd"},
	{Name: "zone", Kind: dialect.Zone, About: "where days begin"},
	{Name: "compare", Values: comparisonNames(), About: "with another range"},
	{Name: "within", Kind: dialect.Number, Least: 1, Most: 86_400, About: "seconds of the service level"},
	{Name: "none", Kind: dialect.Flag, About: "a row of what is of none"},
	{Name: "sort", About: "by which column tables of entities are sorted, after a minus the largest first"},
	{Name: byDepartment, About: "only of one department"},
	{Name: byAgent, About: "only of one agent"},
	{Name: byCampaign, About: "only of one campaign"},
}

func presetNames() (names []string) {
	for _, p := range presets {
		names = append(names, p.Name)
	}
	return names
}

func comparisonNames() (names []string) {
	for _, c := range comparisons {
		names = append(names, c.Name)
	}
	return names
}

// read reads an address.
func read(query url.Values, t *tenant.Tenant, now time.Time) (view, *dialect.Refusal) {
	values, refused := takes.Read(query)
	if refused != nil {
		return view{}, refused
	}
	v := view{Preset: values.Text("range"), Zone: values.Text("zone"), Compare: values.Text("compare"), Within: values.Number("within", withinAnyway), None: values.Flag("none"), Sort: values.Text("sort"), Filters: map[string]string{}}
	for _, f := range filters {
		if id := values.Text(f.Name); id != "" {
			v.Filters[f.Name] = id
		}
	}
	if v.Zone == "" {
		v.Zone = t.Zone
	}
	zone, err := calendar.ParseZone(v.Zone)
	if err != nil {
		return view{}, dialect.Invalid("zone", "%s", err)
	}
	if v.Preset == "" {
		v.Preset = "last28"
		if values.Text("from") != "" {
			v.Preset = "custom"
		}
	}
	y, m, d := now.In(zone.Location).Date()
	v.first, v.after = days(v.Preset, time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	if v.Preset == "custom" {
		if v.first, refused = readDay(values, "from"); refused != nil {
			return view{}, refused
		}
		last, refused := readDay(values, "to")
		if refused != nil {
			return view{}, refused
		}
		v.after = last.AddDate(0, 0, 1)
		if !v.first.Before(v.after) {
			return view{}, dialect.Invalid("to", "%s is before the first day, %s", last.Format(day), v.first.Format(day))
		}
	}
	v.zone = zone
	v.From, v.To = v.first.Format(day), v.after.AddDate(0, 0, -1).Format(day)
	return v, nil
}

func readDay(values *dialect.Values, name string) (time.Time, *dialect.Refusal) {
	text := values.Text(name)
	if text == "" {
		return time.Time{}, dialect.Missing(name)
	}
	t, err := time.Parse(day, text)
	if err != nil {
		return t, dialect.Invalid(name, "%q is no day such as 2026-11-30", dialect.Clip(text))
	}
	return t, nil
}

// days are the first day of a range and the one after its last.
func days(preset string, today time.Time) (first, after time.Time) {
	tomorrow := today.AddDate(0, 0, 1)
	month := today.AddDate(0, 0, 1-today.Day())
	switch preset {
	case "today":
		return today, tomorrow
	case "yesterday":
		return today.AddDate(0, 0, -1), today
	case "last7":
		return tomorrow.AddDate(0, 0, -7), tomorrow
	case "last90":
		return tomorrow.AddDate(0, 0, -90), tomorrow
	case "thisMonth":
		return month, month.AddDate(0, 1, 0)
	case "lastMonth":
		return month.AddDate(0, -1, 0), month
	}
	return tomorrow.AddDate(0, 0, -28), tomorrow
}

// period is the one that suits the range: some thirty to ninety of it.
func (v *view) period() string {
	switch n := v.after.Sub(v.first).Hours() / 24; {
	case n <= 3:
		return "hour"
	case n <= 92:
		return "day"
	case n <= 732:
		return "week"
	}
	return "month"
}

// address is the view as a query, without what is as it is anyway, with some of it
// changed: names and values in turn.
func (v *view) address(changes ...string) string {
	q := url.Values{}
	switch v.Preset {
	case "custom":
		q.Set("from", v.From)
		q.Set("to", v.To)
	default:
		q.Set("range", v.Preset)
	}
	q.Set("zone", v.Zone)
	if v.Compare != "" {
		q.Set("compare", v.Compare)
	}
	if v.Within != withinAnyway {
		q.Set("within", strconv.Itoa(v.Within))
	}
	if v.None {
		q.Set("none", "true")
	}
	if v.Sort != "" {
		q.Set("sort", v.Sort)
	}
	for name, id := range v.Filters {
		q.Set(name, id)
	}
	for pair := range slices.Chunk(changes, 2) {
		if q.Del(pair[0]); pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	return q.Encode()
}

// question is the view as a report's parameters.
func (v *view) question() url.Values {
	q := url.Values{"timeFrom": {v.first.Format(calendar.WallLayout)}, "timeTo": {v.after.Format(calendar.WallLayout)}}
	if v.Zone != "UTC" {
		q.Set("timezone", v.Zone)
	}
	return q
}
