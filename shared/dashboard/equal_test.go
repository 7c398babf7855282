package dashboard_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chatreports/infra/trial"
)

// panelOf is a panel as a page shows it: what it asked, its columns, and its figures.
type panelOf struct {
	id        string
	questions []string
	columns   []columnOf
	figures   []figureOf
}

type columnOf struct{ report, name, entity string }

// figureOf is a figure with the key of its row, as a number, and beside it that of another range;
// compared says whether there is one.
type figureOf struct {
	key, value, previous string
	column               int
	compared             bool
}

// panelsOf reads a page.
func panelsOf(t *testing.T, page string) (out []*panelOf) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if class, _ := attribute(n, "class"); n.Data != "section" || !strings.HasPrefix(class, "panel ") {
			continue
		}
		p := &panelOf{}
		p.id, _ = attribute(n, "id")
		key, column := "", 0
		for d := range n.Descendants() {
			if report, ok := attribute(d, "data-report"); ok {
				name, _ := attribute(d, "data-name")
				entity, _ := attribute(d, "data-entity")
				p.columns = append(p.columns, columnOf{report, name, entity})
			}
			if k, ok := attribute(d, "data-key"); ok {
				key, column = k, 0
			}
			if value, ok := attribute(d, "data-value"); ok {
				p.figures = append(p.figures, figureOf{key: key, value: value, column: column})
				column++
			}
			if previous, ok := attribute(d, "data-previous"); ok {
				f := &p.figures[len(p.figures)-1]
				f.previous, f.compared = previous, true
			}
			if d.Data == "code" && d.LastChild != nil && d.LastChild.Type == html.TextNode {
				if question, ok := strings.CutSuffix(d.LastChild.Data, "'"); ok {
					p.questions = append(p.questions, question)
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// told are the figures of a report, by its row's key, of two groups both, and a property's
// name, without those that there is nothing to compute from. What ChatBot's reports tell has
// one property, whose name is left empty.
func told(t *testing.T, s *trial.System, question string) map[string]map[string]float64 {
	t.Helper()
	status, _, body := get(t, s, question, "")
	if status != http.StatusOK {
		t.Fatalf("%s answers %d %s", question, status, body)
	}
	out := map[string]map[string]float64{}
	if strings.HasPrefix(question, "/reports/") {
		return botsTold(t, body)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(body), &rows); err != nil {
		t.Fatalf("%s answers %s", question, body)
	}
	// keyOf is the key of a row whose properties, or columns, at says.
	keyOf := func(at func(name string) any) (key string) {
		for _, id := range []string{"agentId", "departmentId", "conversionActionId", "autoInvitationId"} {
			if v := at(id); v != nil {
				key = fmt.Sprint(v)
			}
		}
		from := at("time.from")
		switch {
		case from == nil || strings.Contains(question, "group=total"):
			return key
		case strings.Contains(question, "by="):
			return fmt.Sprint(from) + key
		}
		return fmt.Sprint(from)
	}
	nothing := map[string]map[string]bool{}
	_, _, file := get(t, s, question+"&format=csv", "")
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(lines) <= len(rows) {
		t.Fatalf("%s has %d rows, and as CSV %d lines: %v", question, len(rows), len(lines), err)
	}
	for _, line := range lines[1:] {
		key := keyOf(func(name string) any {
			if c := slices.Index(lines[0], name); c >= 0 {
				return line[c]
			}
			return nil
		})
		nothing[key] = map[string]bool{}
		for c, name := range lines[0] {
			nothing[key][name] = line[c] == ""
		}
	}
	for _, r := range rows {
		key := keyOf(func(name string) any {
			if span, ok := r["time"].(map[string]any); ok && name == "time.from" {
				return span["from"]
			}
			return r[name]
		})
		if nothing[key] == nil {
			t.Errorf("%s has a row of %q, and as CSV none", question, key)
		}
		out[key] = map[string]float64{}
		var add func(name string, value any)
		add = func(name string, value any) {
			switch v := value.(type) {
			case float64:
				if !nothing[key][name] {
					out[key][name] = v
				}
			case map[string]any:
				for within, v := range v {
					add(strings.TrimPrefix(name+"."+within, "."), v)
				}
			}
		}
		add("", r)
	}
	return out
}

func botsTold(t *testing.T, body string) map[string]map[string]float64 {
	t.Helper()
	out := map[string]map[string]float64{}
	var points struct {
		Data []struct {
			Group, Date string
			Value       float64
			Summary     struct{ Total float64 }
		}
		Summary struct{ Total float64 }
	}
	if json.Unmarshal([]byte(body), &points) == nil {
		out[""] = map[string]float64{"": points.Summary.Total}
		for _, p := range points.Data {
			out[p.Date+p.Group] = map[string]float64{"": p.Value + p.Summary.Total}
		}
		return out
	}
	var used []struct {
		ID, Type string
		Value    float64
	}
	if err := json.Unmarshal([]byte(body), &used); err != nil {
		t.Fatal(err)
	}
	for _, i := range used {
		key := i.ID
		if key == "" {
			key = i.Type
		}
		if out[key] == nil {
			out[key] = map[string]float64{}
		}
		out[key][""] += i.Value
	}
	return out
}

// heats are the columns of heat maps.
var heats = map[string]columnOf{"hours": {"chatVolume", "avgChatRequests", ""}, "staff": {"waitTime", "answeredWithin", ""}}

// TestEveryFigureIsTheReports reads every page, asks what each panel says that it asked, and
// compares all figures.
func TestEveryFigureIsTheReports(t *testing.T) {
	s := centre(t)
	for _, path := range paths {
		for _, query := range []string{"?range=last7", "?range=yesterday&zone=America/New_York&compare=previous", "?range=today&compare=lastYear&within=60", "?range=last28&none=true"} {
			_, _, page := get(t, s, path+query, "a secret")
			compared, before := 0, 0
			for _, p := range panelsOf(t, page) {
				answers := map[string]map[string]map[string]float64{}
				for _, question := range p.questions {
					report, _, _ := strings.Cut(question, "?")
					answers[strings.TrimPrefix(report, "/api/v3/livechat/reports/")] = told(t, s, question)
				}
				one, heat := heats[p.id]
				if heat { // each hour's figure has its key, and there is one column
					p.columns = []columnOf{one}
				}
				for _, f := range p.figures {
					c := p.columns[0]
					if !heat {
						c = p.columns[f.column]
					}
					row, name := answers[c.report][f.key+c.entity], c.name
					if strings.HasPrefix(c.report, "/") {
						name = ""
					}
					want, ok := row[name]
					if f.compared {
						kind := "previous"
						if strings.Contains(query, "lastYear") {
							kind = "lastYear"
						}
						earlier, ok := row[kind+"."+name]
						if got, err := strconv.ParseFloat(f.previous, 64); ok != (f.previous != "") || ok && (err != nil || math.Abs(got-earlier) > 1e-9*math.Max(1, math.Abs(earlier))) {
							t.Errorf("%s, %s: %s was %q, and the report says %v (%t)", path+query, p.id, c.name, f.previous, earlier, ok)
						}
						before++
					}
					if f.value == "" {
						if ok {
							t.Errorf("%s, %s: %s of %q is missing, and the report says %v", path+query, p.id, c.name, f.key, want)
						}
						continue
					}
					got, err := strconv.ParseFloat(f.value, 64)
					if err != nil || !ok || math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
						t.Errorf("%s, %s: %s of %q is %s, and the report says %v (%t)", path+query, p.id, c.name, f.key, f.value, want, ok)
					}
					compared++
				}
			}
			if tiles := strings.Contains(page, "panel tiles") && path != "/dashboard/bots"; strings.Contains(query, "compare") && tiles != (before > 0) {
				t.Errorf("of %s %d figures of another range were compared", path+query, before)
			}
			if compared < 10 {
				t.Errorf("of %s only %d figures were compared", path+query, compared)
			}
		}
	}
}
