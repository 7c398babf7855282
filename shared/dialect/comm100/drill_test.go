package comm100_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/calendar"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/explain"
)

// explain asks one of our own endpoints, as JSON values.
func (s *system) explain(path string, q url.Values) (int, any) {
	s.t.Helper()
	return s.answer(explain.New(s.Journal, s.state, comm100.Explained), path, q)
}

// counted is one row of an answer.
type counted struct {
	Kind, ID, Time, Until, Measure, AgentID string
	Open                                    bool
	Count                                   *float64
	Seconds                                 *float64
	Value                                   *float64
	Key                                     map[string]string
}

// explained is an answer with the rows of all its pages.
type explained struct {
	Unit        string
	Total       any
	Occurrences *int
	Sums        []struct {
		Measure               string
		Count, Seconds, Value *float64
		Keys                  *int
	}
	Rows []counted
	Next *string
}

// rows asks for all rows of a figure, in pages.
func (s *system) rows(q url.Values, limit int) explained {
	s.t.Helper()
	var all explained
	q = also(q, "limit", strconv.Itoa(limit))
	for pages := 0; ; pages++ {
		status, body := s.explain(explain.RowsPath, q)
		if status != 200 {
			s.t.Fatalf("%s: %d %v", q.Encode(), status, body)
		}
		raw, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		var page explained
		if err := json.Unmarshal(raw, &page); err != nil {
			s.t.Fatal(err)
		}
		rows := append(all.Rows, page.Rows...)
		if len(page.Rows) > limit || page.Next != nil && len(page.Rows) < limit {
			s.t.Fatalf("%s: a page of %d rows, next %v", q.Encode(), len(page.Rows), page.Next)
		}
		all = page
		all.Rows = rows
		if page.Next == nil {
			break
		}
		q.Set("cursor", *page.Next)
	}
	for i := 1; i < len(all.Rows); i++ {
		a, b := &all.Rows[i-1], &all.Rows[i]
		if a.Time > b.Time || a.Time == b.Time && a.ID > b.ID {
			s.t.Fatalf("%s: row %d is out of order: %v before %v", q.Encode(), i, a, b)
		}
	}
	return all
}

// also is a copy of parameters with more of them.
func also(q url.Values, more ...string) url.Values {
	out := maps.Clone(q)
	for i := 0; i < len(more); i += 2 {
		out.Set(more[i], more[i+1])
	}
	return out
}

func (e *explained) sum(measure string, of func(*counted) *float64) (sum float64) {
	for i := range e.Rows {
		if r := &e.Rows[i]; measure == "" || r.Measure == measure {
			if n := of(r); n != nil {
				sum += *n
			}
		}
	}
	return sum
}

func count(r *counted) *float64   { return r.Count }
func seconds(r *counted) *float64 { return r.Seconds }

func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// figure computes a property from the rows alone.
func (e *explained) figure(property string, zone calendar.Zone) float64 {
	occurrences := 1.0
	if e.Occurrences != nil {
		occurrences = float64(*e.Occurrences)
	}
	name := strings.TrimPrefix(property, "avg")
	switch name {
	case "ChatTime", "WaitTime", "AgentResponseTime", "WaitTimeOfMissedChats", "FirstResponseTime":
		return over(e.sum("", seconds), e.sum("", count))
	case "medianFirstResponseTime":
		return e.rank(0.5)
	case "p90FirstResponseTime":
		return e.rank(0.9)
	case "Score":
		points := 0.0
		for score := 1.0; score <= 5; score++ {
			points += score * e.sum(fmt.Sprint("ratingScore", score), count)
		}
		return over(points, e.sum("", count))
	case "maxWaitTime", "maxWaitTimeOfMissedChats", "MaxWaitTime", "MaxWaitTimeOfMissedChats":
		longest := map[string]float64{}
		for i := range e.Rows {
			at, _ := time.Parse(time.RFC3339Nano, e.Rows[i].Time)
			day := "all"
			if e.Occurrences != nil {
				day = at.In(zone.Location).Format("2006-01-02 -0700")
			}
			longest[day] = math.Max(longest[day], math.Floor(*e.Rows[i].Seconds))
		}
		sum := 0.0
		for _, n := range longest {
			sum += n
		}
		return over(sum, occurrences)
	case "agentUtilization", "AgentUtilization":
		return over(e.sum("linearChatTime", seconds), e.sum("loggedInTime", seconds))
	case "ConcurrentChats":
		return over(e.sum("totalChatTime", seconds), e.sum("loggedInTime", seconds))
	case "idleTime", "IdleTime":
		return over(e.sum("loggedInTime", seconds)-e.sum("linearChatTime", seconds), occurrences)
	case "AgentsChatMessages":
		return over(e.sum("agentMessages", count), e.sum("chatsWithAgent", count))
	case "VisitorsChatMessages":
		return over(e.sum("visitorMessages", count), e.sum("chatsWithAgent", count))
	case "CannedMessages":
		return over(e.sum("cannedMessages", count), e.sum("chatsWithAgent", count))
	case "lastMessageSentByAgent":
		return e.sum("", count)
	case "chattedVisitors", "convertedVisitors", "convertedChattedVisitors":
		return float64(e.distinct("visitorId"))
	case "agentsUsedIt":
		return float64(e.distinct("agentId"))
	case "value":
		return e.sum("", func(r *counted) *float64 { return r.Value })
	}
	if e.Unit == "seconds" {
		return over(e.sum("", seconds), occurrences)
	}
	return over(e.sum("", count), occurrences)
}

// rank is the whole second of the sample that a share of all do not exceed.
func (e *explained) rank(share float64) float64 {
	var all []float64
	for i := range e.Rows {
		all = append(all, math.Floor(*e.Rows[i].Seconds))
	}
	slices.Sort(all)
	return all[int(math.Ceil(share*float64(len(all))-1e-9))-1]
}

func (e *explained) distinct(key string) int {
	seen := map[string]bool{}
	for i := range e.Rows {
		seen[e.Rows[i].Key[key]] = true
	}
	return len(seen)
}

// checkRow takes one property of one row of an answer and compares it with the rows
// that it is made of.
func checkRow(t *testing.T, s *system, q url.Values, item map[string]any, property string, limit int) {
	t.Helper()
	zone, err := calendar.ParseZone(q.Get("timezone"))
	if err != nil {
		t.Fatal(err)
	}
	q = also(q, "measure", property)
	if period, ok := item["time"].(map[string]any); ok {
		q.Set("bucket", period["from"].(string))
	}
	for _, id := range []string{"departmentId", "campaignId", "visitorSegmentId", "agentId", "autoInvitationId", "conversionActionId", "requestPage", "id"} {
		if v, ok := item[id]; ok && (id != "campaignId" || item["autoInvitationId"] == nil) {
			q.Set("entity", fmt.Sprint(v))
			if v == nil { // of none
				q.Set("entity", "")
			}
			if n, ok := v.(float64); ok {
				q.Set("entity", strconv.FormatFloat(n, 'f', -1, 64))
			}
		}
	}
	e := s.rows(q, limit)
	if d := differ("total", e.Total, item[property]); d != "" {
		t.Errorf("%s: %s", q.Encode(), d)
	}
	for _, sum := range e.Sums {
		for name, pair := range map[string][2]float64{
			"count":   {value(sum.Count), e.sum(sum.Measure, count)},
			"seconds": {value(sum.Seconds), e.sum(sum.Measure, seconds)},
		} {
			if d := differ(name, pair[1], pair[0]); d != "" {
				t.Errorf("%s: the rows' %s of %s", q.Encode(), d, sum.Measure)
			}
		}
	}
	switch want := item[property].(type) {
	case float64:
		if d := differ(property, e.figure(property, zone), want); d != "" {
			t.Errorf("%s: of %d rows, %s", q.Encode(), len(e.Rows), d)
		}
	case []any: // statusDistribution
		in, online := e.sum("loggedInTime", seconds), e.sum("onlineTime", seconds)
		for i, n := range []float64{in, online, in - online} {
			if d := differ("time", n, want[i].(map[string]any)["time"]); d != "" {
				t.Errorf("%s: %v: %s", q.Encode(), want[i], d)
			}
		}
	}
}

func value(n *float64) float64 {
	if n == nil {
		return 0
	}
	return *n
}

// checkRows compares figures of one answer with their rows: some rows of it, and
// some properties of each.
func checkRows(t *testing.T, s *system, path string, q url.Values, r *rand.Rand) (checked int) {
	t.Helper()
	status, body := s.ask(path, q)
	if status != 200 {
		t.Fatalf("%s?%s: %d %v", path, q.Encode(), status, body)
	}
	list := body.([]any)
	q = also(q, "report", path)
	for range min(2, len(list)) {
		i := r.IntN(len(list))
		item := list[i].(map[string]any)
		if i > 0 {
			sayWhich(t, q.Get("timezone"), item, list[i-1].(map[string]any))
		}
		var names []string
		empty := true
		for name, v := range item {
			if name == "fields" {
				checkSurvey(t, s, q, item)
				checked++
			}
			n, isNumber := v.(float64)
			if _, isList := v.([]any); (isNumber || isList) && !strings.HasSuffix(strings.ToLower(name), "id") && name != "fields" {
				names = append(names, name)
				empty = empty && n == 0
			}
		}
		if empty && r.IntN(4) != 0 {
			continue
		}
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names[:min(2, len(names))] {
			checkRow(t, s, q, item, name, []int{1000, 1000, 1000, 100}[r.IntN(4)])
			checked++
		}
	}
	return checked
}

// checkSurvey compares the counts of a campaign's options with the rows.
func checkSurvey(t *testing.T, s *system, q url.Values, campaign map[string]any) {
	t.Helper()
	type option struct{ field, group, name string }
	flat := q.Get("report") == "prechatSurvey"
	want, got := map[option]float64{}, map[option]float64{}
	for _, f := range campaign["fields"].([]any) {
		field := f.(map[string]any)
		add := func(group string, options any) {
			list, _ := options.([]any)
			for _, o := range list {
				o := o.(map[string]any)
				want[option{field["fieldId"].(string), group, o["name"].(string)}] = o["count"].(float64)
			}
		}
		add("", field["options"])
		groups, _ := field["groups"].([]any)
		for _, g := range groups {
			add(g.(map[string]any)["name"].(string), g.(map[string]any)["options"])
		}
	}
	e := s.rows(also(q, "measure", "options", "entity", campaign["campaignId"].(string)), 500)
	for _, r := range e.Rows {
		group := r.Key["group"]
		if flat {
			group = ""
		}
		got[option{r.Key["fieldId"], group, r.Key["option"]}] += *r.Count
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s, campaign %v: rows %v, want %v", q.Encode(), campaign["campaignId"], got, want)
	}
}

// TestRowsAddUpToTheFigure is the promise of the drill-down, for every report, group
// and filter.
func TestRowsAddUpToTheFigure(t *testing.T) {
	start := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	events := simulated(11, start, 2, 0.04)
	now := start.AddDate(0, 0, 1).Add(14*time.Hour + 7*time.Minute + 3*time.Second)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	s := newSystem(t, now)
	past := events[:0]
	for _, e := range events {
		if e.At <= now.UnixMilli() {
			past = append(past, e)
		}
	}
	s.sendMerging(oracle.Delivered(past, r), r)
	ranges := [][2]string{
		{"2026-03-27T00:00:00", "2026-03-30T00:00:00"},
		{"2026-03-28T10:07:13", "2026-03-29T13:22:51"},
		{"2026-03-28T08:00:00", "2026-03-28T17:30:00"},
		{"2026-03-01T00:00:00", "2026-05-01T00:00:00"},
	}
	zones := []string{"", "+08:00", "+05:17", "Europe/Berlin", "Australia/Lord_Howe"}
	s.sweepRows(r, ranges, zones, func(filter string) string { return filterValue(filter, past, r) })
}
