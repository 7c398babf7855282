package explain_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// asking is a system with half a day of a small contact centre.
type asking struct {
	*testing.T
	*trial.System
}

func newAsking(t *testing.T) asking {
	t.Helper()
	now := time.Date(2026, 3, 5, 15, 20, 0, 0, time.UTC)
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
		Keys:   []tenant.Key{{ID: "all", Secret: "a secret", Scopes: tenant.Scopes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 4, Start: now.Add(-12 * time.Hour), End: now, Scale: 0.03, Agents: 4, Departments: 2, Campaigns: 2, RoundTheClock: true}).Events() {
		events = append(events, e)
	}
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
	return asking{t, s}
}

// rows asks for rows, and gives where the next page is.
func (a asking) rows(target string) (body, next string) {
	a.Helper()
	status, body, next := a.answer(target)
	if status != http.StatusOK {
		a.Fatalf("%s answers %d %s", target, status, body)
	}
	return body, next
}

func (a asking) answer(target string) (status int, body, next string) {
	a.Helper()
	response, err := a.Request("GET", target, http.Header{"Authorization": {"Bearer a secret"}}, "")
	if err != nil {
		a.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		a.Fatal(err)
	}
	next, _ = strings.CutPrefix(response.Header.Get("Link"), "<")
	next, _, _ = strings.Cut(next, ">; rel=\"next\"")
	return response.StatusCode, string(raw), next
}

// lines are those of CSV, the names of the columns first.
func (a asking) lines(target string) (lines [][]string, next string) {
	a.Helper()
	body, next := a.rows(target)
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		a.Fatal(err)
	}
	return lines, next
}

// flat are the texts in a value of JSON by where they stand, those of lists in order.
func flat(at string, value any, texts map[string][]string) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			flat(strings.TrimPrefix(at+"."+name, "."), v[name], texts)
		}
	case []any:
		for _, e := range v {
			flat(at, e, texts)
		}
	case nil:
	default:
		texts[at] = append(texts[at], fmt.Sprint(v))
	}
}

// Every figure of every report has the same rows as CSV, cell by cell, and they are the same
// a few at a time.
func TestRowsAsCSVAreTheRows(t *testing.T) {
	a := newAsking(t)
	body, _ := a.rows("/v1/measures")
	var catalogue struct {
		Measures []struct {
			Reports []struct{ Report, Property string }
		}
	}
	if err := json.Unmarshal([]byte(body), &catalogue); err != nil {
		t.Fatal(err)
	}
	asked, compared := map[string]bool{}, 0
	for _, m := range catalogue.Measures {
		for _, p := range m.Reports {
			q := url.Values{"report": {p.Report}, "measure": {p.Property}, "names": {"true"}, "limit": {"1000"}}
			switch {
			case strings.HasPrefix(p.Report, "/") || p.Report == "drift" || strings.HasPrefix(p.Report, "realtime/"):
				continue
			case p.Report != "chatSource/requestPage" && !strings.Contains(strings.ToLower(p.Report), "survey") && p.Report != "cannedMessage" && p.Report != "agentStatus":
				q.Set("group", "total")
			}
			q.Set("timeFrom", "2026-03-05T00:00:00")
			q.Set("timeTo", "2026-03-06T00:00:00")
			if asked[p.Report+p.Property] || p.Report == "agentStatus" {
				continue
			}
			if status, _, _ := a.answer("/v1/rows?" + q.Encode()); status == http.StatusBadRequest {
				continue // a property of another group
			}
			asked[p.Report+p.Property] = true
			compared += a.compare(q)
		}
	}
	if compared < 2000 || len(asked) < 60 {
		t.Errorf("only %d cells of %d figures were compared", compared, len(asked))
	}
}

// compare compares the rows of a figure as CSV with those as JSON.
func (a asking) compare(q url.Values) (compared int) {
	a.Helper()
	body, _ := a.rows("/v1/rows?" + q.Encode())
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var told struct{ Rows []map[string]any }
	if err := d.Decode(&told); err != nil {
		a.Fatal(err)
	}
	q.Set("format", "csv")
	lines, _ := a.lines("/v1/rows?" + q.Encode())
	if len(lines) != len(told.Rows)+1 {
		a.Fatalf("%s: %d rows, and %d lines", q.Encode(), len(told.Rows), len(lines))
	}
	for i, row := range told.Rows {
		texts := map[string][]string{}
		flat("", row, texts)
		for c, name := range lines[0] {
			compared++
			if got, want := lines[i+1][c], strings.Join(texts[name], ","); got != want {
				a.Errorf("%s: %s of row %d is %q, and as CSV %q", q.Encode(), name, i, want, got)
			}
			delete(texts, name)
		}
		if len(texts) > 0 {
			a.Errorf("%s: row %d has %v, and CSV has no columns of these", q.Encode(), i, texts)
		}
	}
	if len(lines) < 3 {
		return compared
	}
	q.Set("limit", fmt.Sprint((len(lines)+1)/2))
	page, next := a.lines("/v1/rows?" + q.Encode())
	for n := 0; next != "" && n < 9; n++ {
		var more [][]string
		more, next = a.lines(next)
		if !slices.Equal(more[0], page[0]) {
			a.Errorf("%s: the pages have other columns: %v, %v", q.Encode(), page[0], more[0])
		}
		page = append(page, more[1:]...)
	}
	if !slices.EqualFunc(page, lines, slices.Equal) {
		a.Errorf("%s: the pages have %d lines, want %d", q.Encode(), len(page), len(lines))
	}
	return compared
}

// Without names there are no columns of names.
func TestNamesAreTheirOwnColumns(t *testing.T) {
	a := newAsking(t)
	const of = "/v1/rows?report=chatVolume&timeFrom=2026-03-05T00:00:00&timeTo=2026-03-06T00:00:00&group=total&measure=chats&format=csv"
	plain, _ := a.lines(of)
	named, _ := a.lines(of + "&names=true")
	for i := range plain {
		line := map[string]string{}
		for c, name := range named[0] {
			line[name] = named[i][c]
		}
		for c, name := range plain[0] {
			if strings.Contains(name, "ame") || plain[i][c] != line[name] {
				t.Errorf("%s of line %d is %q, with names %q", name, i, plain[i][c], line[name])
			}
		}
		if i > 0 && (line["chat.href"] == "" || line["chat.outcome"] == "") {
			t.Errorf("nothing is told of the chat %v", line)
		}
	}
}
