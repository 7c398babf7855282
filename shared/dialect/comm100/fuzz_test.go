package comm100

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
)

// FuzzParameters: a request is refused by the name of a parameter, or everything
// read is in bounds and, written out again, read as the same.
func FuzzParameters(f *testing.F) {
	const rng = "timeFrom=2026-03-01T00:00:00&timeTo=2026-04-01T00:00:00"
	for i, q := range []string{
		"", rng, rng + "&group=day", rng + "&group=departmemt&timezone=+08:00", rng + "&group=24*7Distribution&timezone=Europe/Berlin",
		rng + "&group=hour&filterName=department&filterValue=x", rng + "&group=hour&filterName=department", rng + "&group=hour&filterValue=x",
		rng + "&group=week&weekStart=monday", rng + "&group=hour&group=day", rng + "&group=agent&compare=previous&percentiles=50,99.9",
		"timeTo=2026-03-01T00:00:00&timeFrom=2026-04-01T00:00:00&group=day", "timeFrom=0000-01-01T00:00:00&timeTo=9999-12-31T23:59:59&group=month",
		"timezone=-08:00", "Timezone=", "timezone=Local", rng + "&group=hour&filterName=campaign&filterValue=a&filterName=department&filterValue=b",
		rng + "&group=hour&percentiles=NaN", rng + "&group=hour&percentiles=1e2", rng + "&&;=%zz",
	} {
		f.Add(byte(i), q)
		f.Add(byte(i*5), q)
	}
	f.Fuzz(func(t *testing.T, report byte, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		d := &definitions[int(report)%len(definitions)]
		p, refused := readQuery(d, query)
		if refused != nil {
			if refused.Status != 400 || refused.Field == "" || !strings.HasPrefix(refused.Sentence(), "Parameter '") {
				t.Fatalf("%s?%s: %+v", d.paths[0], raw, refused)
			}
			return
		}
		again := url.Values{}
		set := func(name, value string) {
			if value != "" && slices.Contains(d.takes().Names(), name) {
				again.Add(name, value)
			}
		}
		if !d.realtime() {
			if length := p.to.Sub(p.from); length <= 0 || length > 100*366*24*time.Hour {
				t.Fatalf("%s: %v to %v", raw, p.from, p.to)
			}
			if n := p.to.Sub(p.from) / shortestOf(p.group); n > maxBuckets {
				t.Fatalf("%s: %d rows", raw, n)
			}
			// A wall time that occurs twice is read as the first, so what is read can be written.
			set("timeFrom", p.from.Format(calendar.WallLayout))
			set("timeTo", p.to.Format(calendar.WallLayout))
		}
		if d.groups != nil && !slices.Contains(d.groups, p.group) {
			t.Fatalf("%s: group %q", raw, p.group)
		}
		for name, value := range p.filters {
			if !slices.Contains(d.filters, name) || value == "" {
				t.Fatalf("%s: filter %q %q", raw, name, value)
			}
			set("filterName", name)
			set("filterValue", value)
		}
		set("timezone", p.zone.String())
		set("group", p.group)
		set("weekStart", strings.ToLower(p.weekStart.String()))
		set("by", p.by)
		if p.compare != "" {
			set("compare", p.compare)
		}
		for _, v := range p.percentiles {
			if text := strconv.FormatFloat(v, 'f', -1, 64); len(text) <= 8 {
				again.Set("percentiles", text)
			}
		}
		q, refused := readQuery(d, again)
		if refused != nil {
			if !d.realtime() && p.from.Format(calendar.WallLayout) == p.to.Format(calendar.WallLayout) {
				return // the two hours of one reading
			}
			t.Fatalf("%s?%s was taken, but not as %s: %v", d.paths[0], raw, again.Encode(), refused)
		}
		if q.group != p.group || q.weekStart != p.weekStart || len(q.filters) != len(p.filters) || !q.from.Equal(p.from) || !q.to.Equal(p.to) {
			t.Fatalf("%s is %+v, and then %+v", raw, p, q)
		}
	})
}

func readQuery(d *definition, query url.Values) (parameters, *dialect.Refusal) {
	v, refused := d.takes().Read(query)
	if refused != nil {
		return parameters{}, refused
	}
	return d.read(v)
}

func shortestOf(group string) time.Duration {
	if d, ok := shortest[group]; ok {
		return d
	}
	return 100 * 366 * 24 * time.Hour
}
