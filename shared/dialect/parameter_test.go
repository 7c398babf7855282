package dialect_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
)

func query(t *testing.T, text string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

var declared = dialect.Parameters{
	{Name: "from", Kind: dialect.Time, Required: true},
	{Name: "to", Kind: dialect.Time},
	{Name: "zone", Kind: dialect.Zone},
	{Name: "group", Values: []string{"day", "week"}, Spellings: map[string]string{"daily": "day"}},
	{Name: "name", Repeatable: true},
	{Name: "limit", Kind: dialect.Number, Least: 1, Most: 10},
	{Name: "whole", Kind: dialect.Flag},
	{Name: "percentiles", Kind: dialect.List},
}

func TestParametersAreReadAsDeclared(t *testing.T) {
	v, refused := declared.Read(query(t, "from=x&to=&zone=+05:30&group=daily&name=a&name=&name=b&limit=7&whole=true&percentiles=50,,90"))
	if refused != nil {
		t.Fatal(refused)
	}
	if v.Text("from") != "x" || v.Text("to") != "" || v.Text("group") != "day" || !slices.Equal(v.All("name"), []string{"a", "b"}) ||
		v.Number("limit", 3) != 7 || !v.Flag("whole") || !slices.Equal(v.List("percentiles"), []string{"50", "90"}) || v.Zone("zone").String() != "+05:30" {
		t.Errorf("%+v", v)
	}
	v, refused = declared.Read(query(t, "from=x"))
	if refused != nil || v.Number("limit", 3) != 3 || v.Flag("whole") || len(v.List("percentiles")) != 0 || v.Zone("zone").String() != "UTC" {
		t.Errorf("%+v, %v", v, refused)
	}
}

func TestParametersAreRefusedByName(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "Parameter 'from' is required.",
		"from=":                    "Parameter 'from' is required.",
		"from=x&b=1&a=1":           "Parameter 'a' is unknown. Known parameters: from, to, zone, group, name, limit, whole, percentiles.",
		"from=x&From=x":            "Parameter 'From' is unknown: 'from' was probably meant. Known parameters: from, to,",
		"from=x&from=y":            "Parameter 'from' is invalid: it is given 2 times; give it once.",
		"from=x&group=year":        `Parameter 'group' is invalid: "year" is none of day, week.`,
		"from=x&limit=0":           `Parameter 'limit' is invalid: "0" is no whole number from 1 to 10.`,
		"from=x&limit=1.5":         `"1.5" is no whole number from 1 to 10.`,
		"from=x&whole=1":           `Parameter 'whole' is invalid: "1" is none of true, false.`,
		"from=x&zone=Local":        `Parameter 'zone' is invalid: "Local" is neither an offset`,
		"from=x&group=day&group=x": "Parameter 'group' is invalid: it is given 2 times",
	} {
		_, refused := declared.Read(query(t, text))
		if refused == nil || !strings.Contains(refused.Sentence(), want) || refused.Field == "" || refused.Status != 400 {
			t.Errorf("%s: %v, want %s", text, refused, want)
		}
	}
}

func TestRanges(t *testing.T) {
	berlin, err := calendar.ParseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	epoch, now := time.Unix(0, 0), time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		form dialect.Form
		text string
		want string // from and to in UTC, or the refusal
	}{
		{dialect.Wall, "from=2026-03-01T00:00:00&to=2026-03-02T00:00:00", "2026-02-28T23:00:00Z 2026-03-01T23:00:00Z"},
		{dialect.Wall, "from=2026-03-01", `Parameter 'from' is invalid: "2026-03-01" is not of the form`},
		{dialect.Wall, "from=2026-03-02T00:00:00&to=2026-03-02T00:00:00", "Parameter 'to' is invalid: it must be later than 'from'."},
		{dialect.Wall, "from=2026-03-29T02:00:00&to=2026-03-29T03:00:00", "Parameter 'to' is invalid: it must be later than 'from', but the clocks of the zone were moved"},
		{dialect.Wall, "from=1926-03-29T03:00:00&to=2026-03-29T03:00:00", "1926-03-29T02:00:00Z 2026-03-29T01:00:00Z"}, // a century by the clock
		{dialect.Wall, "from=1926-03-29T03:00:00&to=2026-03-29T03:00:01", "1926-03-29T02:00:00Z 2026-03-29T01:00:01Z Parameter 'to' is invalid: it is more than 100 years after 'from'."},
		{dialect.Instant, "from=2026-03-01&to=2026-03-02T06:00:00%2B02:00", "2026-02-28T23:00:00Z 2026-03-02T04:00:00Z"},
		{dialect.Instant, "from=2026-03-01T00:00:00.5Z", "2026-03-01T00:00:00.5Z 2026-03-10T12:00:00Z"},
		{dialect.Instant, "", "1970-01-01T00:00:00Z 2026-03-10T12:00:00Z"},
		{dialect.Instant, "from=2026-03-11", "Parameter 'to' is invalid: it must be later than 'from'."},
		{dialect.Instant, "to=2026-02-30", `Parameter 'to' is invalid: "2026-02-30" is neither a moment such as`},
	} {
		v, refused := dialect.Parameters{{Name: "from", Kind: dialect.Time}, {Name: "to", Kind: dialect.Time}}.Read(query(t, c.text))
		if refused != nil {
			t.Fatal(refused)
		}
		r, refused := v.Range("from", "to", berlin, c.form, dialect.Range{From: epoch, To: now})
		got := r.From.UTC().Format(time.RFC3339Nano) + " " + r.To.UTC().Format(time.RFC3339Nano)
		if refused != nil {
			got = refused.Sentence()
		} else if refused = r.Bounded("from", "to", berlin); refused != nil {
			got += " " + refused.Sentence()
		}
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "invalid") != strings.Contains(c.want, "invalid") {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}
