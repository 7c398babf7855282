package freshchat

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/job"
	"chatreports/shared/nearest"
)

// Kind is that of jobs for raw reports.
const Kind = "freshchat"

// shape is the vendor's: the status in words is a code that programs go by.
var shape = dialect.Shape{ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	p := problem{Code: r.Status, Status: strings.ToUpper(r.Code), Message: r.Sentence()}
	switch {
	case r.Status == http.StatusUnauthorized:
		p.Status = "UNAUTHORIZED"
	case r.Code == unknownEvent:
		p.ErrorCode = 5
	}
	return p
}}

type problem struct {
	Code    int    `json:"code"`
	Status  string `json:"status"`
	Message string `json:"message"`
	// ErrorCode is the vendor's own number of a mistake, where it is known.
	ErrorCode int `json:"error_code,omitempty"`
}

const unknownEvent = "unknown_event"

// What the vendor calls a format, and what it is. Without any it is the first: the vendor
// delivers a ZIP of one CSV.
var formats = []struct{ name, format, ending string }{
	{"csv", "zip", ".zip"},
	{"csv.zip", "zip", ".zip"},
	{"csv.plain", "csv", ".csv"},
	{"jsonl", "jsonl", ".jsonl"},
	{"parquet", "parquet", ".parquet"},
}

// parameters of a request's query.
var parameters = dialect.Parameters{
	{Name: safeParameter, Kind: dialect.Flag, About: "in CSV, an apostrophe before every cell that begins with = + - @, a tab or a return"},
}

const safeParameter = "spreadsheetSafe"

// read reads what a POST asks for; unknown members of its body are ignored.
func read(r *dialect.Request) (w job.Wanted, refused *dialect.Refusal) {
	values, refused := parameters.Read(r.Query)
	if refused != nil {
		return w, refused
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(r.Body, &body); err != nil || body == nil {
		return w, dialect.Refuse(http.StatusBadRequest, "malformed_body",
			`The body should be a JSON object such as {"start":"2026-03-01T00:00:00Z","end":"2026-03-02T00:00:00Z","event":"Conversation-Created","format":"csv"}.`)
	}
	w = job.Wanted{Kind: Kind, Safe: values.Flag(safeParameter)}
	if w.Report, refused = eventOf(body); refused != nil {
		return w, refused
	}
	if w.Format, w.Ending, refused = formatOf(body); refused != nil {
		return w, refused
	}
	w.From, w.To, refused = window(body, r.Now)
	return w, refused
}

// text is a member's text; empty if it is missing, null or empty.
func text(body map[string]json.RawMessage, name string) (string, *dialect.Refusal) {
	raw, ok := body[name]
	if !ok {
		return "", nil
	}
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", dialect.Invalid(name, "it is %s, and should be text", dialect.Clip(string(raw)))
	}
	if s == nil {
		return "", nil
	}
	return *s, nil
}

// names are those of all reports.
func names() (list []string) {
	for _, r := range Reports() {
		list = append(list, r.Name)
	}
	return list
}

func eventOf(body map[string]json.RawMessage) (string, *dialect.Refusal) {
	names := names()
	name, refused := text(body, "event")
	switch {
	case refused != nil:
		return "", refused
	case name == "":
		return "", dialect.Missing("event", names...)
	case !slices.Contains(names, name):
		refused = dialect.Refuse(http.StatusBadRequest, unknownEvent, "No matching event name: %s%q is none of %s.", nearest.Hint(name, names), dialect.Clip(name), strings.Join(names, ", "))
		refused.Field, refused.Known = "event", names
		return "", refused
	}
	return name, nil
}

func formatOf(body map[string]json.RawMessage) (name, ending string, refused *dialect.Refusal) {
	wanted, refused := text(body, "format")
	if refused != nil {
		return "", "", refused
	}
	var known []string
	for _, f := range formats {
		if wanted == "" || strings.EqualFold(f.name, wanted) {
			return f.format, f.ending, nil
		}
		known = append(known, f.name)
	}
	return "", "", dialect.NoneOf("format", wanted, known)
}

// How far back reports go, and how long one is, in calendar months.
const (
	mostBack  = 15
	mostSpace = 1
)

// window is the time asked for, to the millisecond. What bounds it is compared by UTC date.
func window(body map[string]json.RawMessage, now time.Time) (from, to int64, refused *dialect.Refusal) {
	start, refused := timeOf(body, "start")
	if refused != nil {
		return 0, 0, refused
	}
	end, refused := timeOf(body, "end")
	if refused != nil {
		return 0, 0, refused
	}
	earliest, latest := months(date(now), -mostBack), months(date(start), mostSpace)
	switch {
	case date(start).Before(earliest):
		return 0, 0, dialect.Invalid("start", "it is more than %d months ago: it may be from %s on", mostBack, earliest.Format(time.DateOnly))
	case !start.Before(end):
		return 0, 0, dialect.Invalid("end", "it must be later than 'start'")
	case date(end).After(latest):
		return 0, 0, dialect.Invalid("end", "it is more than a month after 'start': it may be %s at the latest", latest.Format(time.DateOnly))
	}
	return start.UnixMilli(), end.UnixMilli(), nil
}

// timeOf is a time with its offset, or a date: midnight UTC.
func timeOf(body map[string]json.RawMessage, name string) (time.Time, *dialect.Refusal) {
	s, refused := text(body, name)
	if refused != nil {
		return time.Time{}, refused
	}
	if s == "" {
		return time.Time{}, dialect.MissingWhen(name, "as a time with its offset such as 2026-03-01T09:00:00Z, or as a date")
	}
	t, err := dialect.Instant(calendar.Zone{Location: time.UTC}, s)
	if err != nil {
		return time.Time{}, dialect.Invalid(name, "%s", err)
	}
	return t.Truncate(time.Millisecond), nil
}

func date(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// months moves a date; where the month has no such day, to its last.
func months(d time.Time, n int) time.Time {
	moved := d.AddDate(0, n, 0)
	if moved.Day() != d.Day() {
		return moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// interval is the time of a job as the vendor writes it.
func interval(w *job.Wanted) string { return fmt.Sprintf("%s_%s", stamp(w.From), stamp(w.To)) }

// stamp has as many decimals as are needed, but one.
func stamp(ms int64) string {
	s := time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05.000")
	for strings.HasSuffix(s, "0") && !strings.HasSuffix(s, ".0") {
		s = strings.TrimSuffix(s, "0")
	}
	return s
}
