package comm100_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/tenant"
)

// TestCSVTellsWhatJSONDoes reads CSV back and compares it with JSON, cell by cell, in
// all reports, groups and filters; only an average of nothing is empty in the one and
// 0 in the other.
func TestCSVTellsWhatJSONDoes(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, start.AddDate(0, 0, 2))
	s.tenant.CustomMetrics = []tenant.CustomMetric{{ID: "m", Expression: "chats"}}
	s.send(simulated(7, start, 2, 0.1))
	lines := 0
	for _, report := range comm100.Reports() {
		for _, group := range append(report.Groups, "")[:max(1, len(report.Groups))] {
			for _, filter := range append([]string{""}, report.Filters...) {
				q := url.Values{}
				if !report.Realtime {
					q = params("timeFrom", "2026-03-27T00:00:00", "timeTo", "2026-03-28T12:30:00")
				}
				if group != "" {
					q.Set("group", group)
					q.Set("compare", "previous")
				}
				if filter != "" || report.Filters == nil {
					q.Set("names", "true")
				}
				if report.Path == "waitTime" {
					q.Set("percentiles", "50,99.9")
				}
				if filter != "" {
					q.Set("filterName", filter)
					q.Set("filterValue", "1")
				}
				lines += s.compareCSV(report.Path, q)
			}
		}
	}
	if lines < 5000 {
		t.Errorf("only %d lines were compared", lines)
	}
}

func (s *system) compareCSV(path string, q url.Values) int {
	s.t.Helper()
	a, err := comm100.New(s.Journal, s.state).Answer(context.Background(), &dialect.Request{Tenant: &s.tenant, Path: comm100.Prefix + path, Query: q, Accept: "text/csv", Now: s.now})
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := a.Bytes()
	if err != nil {
		s.t.Fatalf("%s?%s: %v", path, q.Encode(), err)
	}
	records, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	_, body := s.ask(path, q)
	s.compareOrder(path, q, records[0])
	list, ok := body.([]any)
	if !ok {
		list = []any{body}
	}
	var want []map[string]string
	for _, item := range list {
		want = append(want, linesOf(map[string]string{}, "", item.(map[string]any))...)
	}
	header := records[0]
	if len(records)-1 != len(want) {
		s.t.Fatalf("%s?%s: %d lines, want %d", path, q.Encode(), len(records)-1, len(want))
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(header)))); n != len(header) {
		s.t.Errorf("%s?%s: a column is there twice in %v", path, q.Encode(), header)
	}
	for i, cells := range records[1:] {
		for j, name := range header {
			if value := want[i][name]; cells[j] != value && (cells[j] != "" || value != "0") {
				s.t.Fatalf("%s?%s: line %d: %s is %q, want %q", path, q.Encode(), i, name, cells[j], value)
			}
		}
		for name := range want[i] {
			if !slices.Contains(header, name) {
				s.t.Fatalf("%s?%s: there is no column %s", path, q.Encode(), name)
			}
		}
	}
	return len(want)
}

// compareOrder checks that JSON has its properties in the order of CSV's columns.
func (s *system) compareOrder(path string, q url.Values, header []string) {
	s.t.Helper()
	a, err := comm100.New(s.Journal, s.state).Answer(context.Background(), &dialect.Request{Tenant: &s.tenant, Path: comm100.Prefix + path, Query: q, Now: s.now})
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := a.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	at := 0
	for _, name := range header {
		if top, rest, nested := strings.Cut(name, "."); !nested || rest == "from" {
			n := bytes.Index(raw, []byte(`"`+top+`":`))
			if n >= 0 && n < at {
				s.t.Errorf("%s?%s: %s is not where CSV has it in %.500s", path, q.Encode(), top, raw)
			}
			at = max(at, n)
		}
	}
}

// linesOf is a row's lines, by name of column, as the reference says they are.
func linesOf(around map[string]string, prefix string, row map[string]any) []map[string]string {
	line := maps.Clone(around)
	lists := map[string][]any{}
	collect(line, lists, prefix, row)
	var out []map[string]string
	names := slices.Sorted(maps.Keys(lists))
	slices.SortStableFunc(names, func(a, b string) int { // what is compared with comes last
		return cmp.Compare(strings.Index(a, "previous."), strings.Index(b, "previous."))
	})
	for _, name := range names {
		for _, entry := range lists[name] {
			out = append(out, linesOf(line, name+".", entry.(map[string]any))...)
		}
	}
	if out == nil {
		out = append(out, line)
	}
	return out
}

func collect(line map[string]string, lists map[string][]any, prefix string, row map[string]any) {
	for name, value := range row {
		switch v := value.(type) {
		case nil:
		case map[string]any:
			collect(line, lists, prefix+name+".", v)
		case []any:
			lists[prefix+name] = v
		case string:
			line[prefix+name] = v
		default:
			text, err := json.Marshal(v)
			line[prefix+name] = string(text)
			if err != nil {
				line[prefix+name] = fmt.Sprint(err)
			}
		}
	}
}
