package chatbot

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzParameters: a request is refused by the name of a parameter, or what is read is in
// bounds, and its points follow each other from the beginning of the range to its end.
func FuzzParameters(f *testing.F) {
	for i, q := range []string{
		"", "period=today&dimension=auto", "period=lastYear&group=storyId", "from=2026-3-1&to=2026-03-09&dimension=hour&source=app,slack&source[]=widget",
		"from=2026-03-01T00:00:00.5%2B02:00", "to=1974-1-2&dimension=year", "from=0001-1-1&to=0099-12-31&dimension=month", "offset=-720&storyId=a", "from=2026-13-1", "from=9999-12-31",
		"source=fax", "storyId=a,b&storyId[]=,", "dimension=week", "offset=1e3", "from=&to=", "Period=today", "format=csv&spreadsheetSafe=true",
	} {
		for report := range definitions {
			f.Add(byte(report), int64(i)*86_399_999, q)
		}
	}
	f.Fuzz(func(t *testing.T, report byte, at int64, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		d := &definitions[int(report)%len(definitions)]
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(at%(40*365*86_400_000)) * time.Millisecond)
		v, refused := d.parameters().Read(query)
		if refused == nil {
			var r *request
			if r, refused = d.read(v, now); refused == nil {
				checkPoints(t, r)
			}
		}
		if refused != nil && (refused.Status != 400 || refused.Field == "" || !strings.HasPrefix(refused.Sentence(), "Parameter '")) {
			t.Fatalf("%s?%s: %+v", d.name, raw, refused)
		}
	})
}

func checkPoints(t *testing.T, r *request) {
	from, to := r.within.From.UnixMilli(), r.within.To.UnixMilli()
	if from > to || r.within.To.Sub(r.within.From) > 101*366*24*time.Hour || r.offset.Abs() > 12*time.Hour {
		t.Fatalf("%+v", r.within)
	}
	if r.dimension == byHour && (to-from)/3_600_000 > maxPoints {
		t.Fatalf("%+v by hour", r.within)
	}
	buckets := r.buckets()
	if len(buckets) == 0 {
		t.Fatalf("%+v has no points", r.within)
	}
	before := time.Time{}
	for _, b := range buckets {
		start := r.start(b.From)
		if b.From != from || b.To < b.From || !start.After(before) && !before.IsZero() || start.UnixMilli() > b.From || r.finer(b) < 1 || r.finer(b) > 31 {
			t.Fatalf("%+v: a point from %d to %d, of %s", r.within, b.From, b.To, start)
		}
		before, from = start, b.To
	}
	if from != to {
		t.Fatalf("%+v: the points end at %d", r.within, from)
	}
}
