package comm100_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"chatreports/shared/explain"
	"chatreports/shared/tenant"
)

const (
	waited = `
		09:50:00 chat.requested early {"visitorId":"v","departmentId":"x"}
		09:50:00 chat.queued early {"routeTo":{"type":"department","id":"x"}}
		10:05:00 chat.accepted early {"agentId":"1"}
		10:00:00 chat.requested b {"visitorId":"v","departmentId":"x"}
		10:01:00 chat.queued b {"routeTo":{"type":"department","id":"x"}}
		10:03:00 chat.abandoned b
		10:00:00 chat.requested c {"visitorId":"v","departmentId":"y"}
		10:02:00 chat.queued c {"routeTo":{"type":"department","id":"y"}}
		10:06:00.500 chat.accepted c {"agentId":"1"}
		10:04:00 chat.requested d {"visitorId":"v","departmentId":"x"}
		10:04:00 chat.queued d {"routeTo":{"type":"department","id":"x"}}`

	worked = `
		10:00:00 agent.status_changed 1 {"status":"online"}
		10:40:00 agent.status_changed 1 {"status":"offline"}
		10:00:00 agent.status_changed 2 {"status":"online"}
		11:00:00 agent.status_changed 2 {"status":"away"}
		10:05:00 chat.requested a {"visitorId":"v"}
		10:10:00 chat.accepted a {"agentId":"1"}
		10:30:00 chat.closed a {"by":{"type":"agent","id":"1"}}
		10:15:00 chat.requested b {"visitorId":"v"}
		10:20:00 chat.accepted b {"agentId":"1"}
		10:45:00 chat.closed b {"by":{"type":"agent","id":"1"}}
		10:21:00 chat.requested c {"visitorId":"v"}
		10:22:00 chat.accepted c {"agentId":"1"}
		10:23:00 chat.closed c {"by":{"type":"agent","id":"1"}}
		10:41:00 chat.requested d {"visitorId":"v"}
		10:42:00 chat.accepted d {"agentId":"1"}
		10:43:00 chat.closed d {"by":{"type":"agent","id":"1"}}`
)

// brief writes rows in one line each: kind id time[-until] amounts [agent] [key].
func brief(e explained) []string {
	var out []string
	for _, r := range e.Rows {
		at, _ := time.Parse(time.RFC3339Nano, r.Time)
		line := fmt.Sprintf("%s %s %s", r.Kind, r.ID, at.Format("15:04:05.999"))
		if r.Until != "" {
			until, _ := time.Parse(time.RFC3339Nano, r.Until)
			line += "-" + until.Format("15:04:05.999")
		}
		for _, n := range []struct {
			name string
			n    *float64
		}{{"n", r.Count}, {"s", r.Seconds}, {"value", r.Value}} {
			if n.n != nil {
				line += fmt.Sprintf(" %s=%v", n.name, *n.n)
			}
		}
		if r.Open {
			line += " open"
		}
		if r.AgentID != "" {
			line += " agent " + r.AgentID
		}
		if r.Key != nil {
			line += " " + strings.TrimPrefix(fmt.Sprint(r.Key), "map")
		}
		out = append(out, line)
	}
	return out
}

// TestRowsOfAFigure says what is counted in a figure, and how.
func TestRowsOfAFigure(t *testing.T) {
	for _, c := range []struct {
		name, events, query string
		total               string
		rows                []string
	}{
		{
			"the longest queue is made of the waits in it then", waited, wholeDay + "report=queue&group=day&measure=maxQueueSize&bucket=2024-03-04T00:00:00", `2`,
			[]string{"chat early 09:50:00-10:05:00 n=1", "chat b 10:01:00-10:03:00 n=1"},
		},
		{
			"a wait carried into the bucket is cut", waited,
			"timeFrom=2024-03-04T10:04:30&timeTo=2024-03-04T10:30:00&report=queue&group=department&entity=x&measure=maxQueueSize", `2`,
			[]string{"chat d 10:04:30-10:30:00 n=1 open", "chat early 10:04:30-10:05:00 n=1"},
		},
		{
			"an average is made of its samples", waited, wholeDay + "report=waitTime&group=week&measure=avgWaitTime", `420.1666666666667`,
			[]string{"chat early 09:50:00 n=1 s=900", "chat b 10:00:00 n=1 s=120", "chat c 10:00:00 n=1 s=240.5"},
		},
		{
			"and so is the longest", waited, wholeDay + "report=waitTime&group=department&entity=y&measure=maxWaitTime", `240`,
			[]string{"chat c 10:00:00 n=1 s=240.5"},
		},
		{
			"a measure may be named as the catalogue does", waited, wholeDay + "report=waitTime&group=department&entity=y&measure=queueWaitTime", `240.5`,
			[]string{"chat c 10:00:00 n=1 s=240.5"},
		},
		{
			"each stay has the time that it adds while logged in", worked, wholeDay + "report=workload&group=agent&entity=1&measure=linearChatTime", `1800`,
			[]string{"chat a 10:10:00-10:30:00 s=1200 agent 1", "chat b 10:20:00-10:45:00 s=600 agent 1", "chat c 10:22:00-10:23:00 s=0 agent 1"},
		},
		{
			"a share has the rows of both", worked, "timeFrom=2024-03-04T10:15:00&timeTo=2024-03-04T10:35:00&report=workload&group=agent&entity=1&measure=agentUtilization", `1`,
			[]string{"agent 1 10:15:00-10:35:00 s=1200", "chat a 10:15:00-10:30:00 s=900 agent 1", "chat b 10:20:00-10:35:00 s=300 agent 1", "chat c 10:22:00-10:23:00 s=0 agent 1"},
		},
		{
			"of several agents online the first has the time", worked, wholeDay + "report=availability&group=hour&measure=online&bucket=2024-03-04T10:00:00", `3600`,
			[]string{"agent 1 10:00:00-10:40:00 s=2400", "agent 2 10:00:00-11:00:00 s=1200"},
		},
		{
			"the value of conversions", converted, wholeDay + "report=conversions&group=agent&entity=2&measure=value", `0.2`,
			[]string{"chat a 11:00:00 value=0.2"},
		},
		{
			"visitors in both, with what they count in", converted, wholeDay + "report=conversions&group=conversionAction&entity=buy&measure=convertedChattedVisitors", `1`,
			[]string{"chat a 10:00:00 n=1 [visitorId:va]", "chat a 11:00:00 n=1 [visitorId:va]", "chat a 11:00:00 n=1 [visitorId:va]"},
		},
		{
			"an action without conversions has no row, and so no rows", converted, wholeDay + "report=conversions&group=conversionAction&entity=none&measure=chats", `0`, nil,
		},
		{
			"options by key", surveyed, "timeFrom=2024-03-04T10:03:00&timeTo=2024-03-04T10:03:01&report=prechatSurvey&measure=options&entity=k", `3`,
			[]string{
				"chat c 10:03:00 n=1 [campaignId:k fieldId:9 group:G option:x]", "chat c 10:03:00 n=1 [campaignId:k fieldId:9 group:H option:x]",
				"chat c 10:03:00 n=1 [campaignId:k fieldId:9 group:H option:y]",
			},
		},
		{
			"uses of a canned message in its own category", canned, wholeDay + "report=cannedMessage&measure=agentsUsedIt&entity=c1&filterName=category&filterValue=greetings", `1`,
			[]string{"chat c 10:00:02 n=1 [agentId:1 cannedMessageId:c1 categoryId:greetings]", "chat c 10:00:03 n=1 [agentId:1 cannedMessageId:c1 categoryId:greetings]"},
		},
		{
			"all occurrences of a slot", rated, twoDays + "report=rating&group=halfHourDistribution&measure=avgScore2&bucket=09:00", `0.5`,
			[]string{"chat a 09:00:00 n=1"},
		},
		{
			"an agent in a department", rated, twoDays + "report=rating&group=department&filterName=agent&filterValue=2&entity=y&measure=score2", `1`,
			[]string{"chat a 09:00:00 n=1"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := written(t, c.events)
			rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			s := newSystem(t, time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC))
			s.send(events)
			query, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			e := s.rows(query, 1+rand.IntN(4))
			if total, _ := json.Marshal(e.Total); string(total) != c.total {
				t.Errorf("the total is %s, want %s", total, c.total)
			}
			if got := brief(e); !reflect.DeepEqual(got, c.rows) {
				t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.rows, "\n"))
			}
		})
	}
}

func TestPagesHoldEveryRowOnce(t *testing.T) {
	start := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	s := newSystem(t, start.AddDate(0, 0, 2))
	s.sendMerging(simulated(5, start, 2, 0.03), rand.New(rand.NewPCG(1, 1)))
	q := url.Values{"timeFrom": {"2026-03-27T00:00:00"}, "timeTo": {"2026-03-29T00:00:00"}, "group": {"month"}}
	for _, c := range [][2]string{
		{"chatVolume", "chatRequests"}, {"workload", "agentUtilization"}, {"efficiency", "avgVisitorsChatMessages"}, {"conversions", "convertedChattedVisitors"},
	} {
		q := also(q, "report", c[0], "measure", c[1])
		want := s.rows(q, 1000)
		if len(want.Rows) < 10 {
			t.Errorf("%s: only %d rows", q.Encode(), len(want.Rows))
		}
		for _, limit := range []int{1, 3, 10} {
			n := min(len(want.Rows), 40*limit)
			if got := s.rows(also(q, "timeTo", "2026-03-29T00:00:00"), limit+len(want.Rows)/25); !reflect.DeepEqual(got.Rows[:n], want.Rows[:n]) || len(got.Rows) != len(want.Rows) {
				t.Errorf("%s by pages of %d: %d rows, want %d", q.Encode(), limit+len(want.Rows)/25, len(got.Rows), len(want.Rows))
			}
		}
	}
}

func TestWhatIsWrongWithAQuestionForRowsIsSaid(t *testing.T) {
	s := newSystem(t, time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC))
	s.send(written(t, rated))
	good := wholeDay + "report=rating&group=day&measure=score4"
	page := s.page(t, good+"&limit=1&filterName=agent&filterValue=1")
	if page["next"] != nil {
		t.Errorf("next is %v after the last row", page["next"])
	}
	next := s.page(t, twoDays+"report=rating&group=week&measure=score2&limit=1")
	for _, c := range []struct{ name, query, code, field, detail string }{
		{"no report", wholeDay + "group=day&measure=chats", "missing_parameter", "report", "one of chatVolume, visits, "},
		{"an unknown report", wholeDay + "report=volume", "invalid_parameter", "report", `"volume" is none of those whose figures are made of rows: chatVolume, `},
		{"a report that is a log", wholeDay + "report=agentStatus&measure=status", "invalid_parameter", "report", "each entry a change of an agent's status"},
		{"a report of the present", "report=realtime/rightNow&measure=chats", "invalid_parameter", "report", "gone at the next"},
		{"no measure", wholeDay + "report=queue&group=day", "missing_parameter", "measure", "one of queuedChatRequests, chatsFromQueue, switchedToMessages, abandonedChats, refusedChats, maxQueueSize"},
		{"a report in other letters", wholeDay + "report=chatvolume", "invalid_parameter", "report", `chatVolume was probably meant; "chatvolume" is none of those whose figures are made of rows: `},
		{"an unknown measure", wholeDay + "report=rating&group=day&measure=score6", "invalid_parameter", "measure", `"score6" is none of score5, score4, score3, score2, score1, ratingScore5`},
		{"the report's own parameter is missing", "timeTo=2024-03-05T00:00:00&report=rating&group=day&measure=score4", "missing_parameter", "timeFrom", "Parameter 'timeFrom' is required."},
		{"the report's own parameter is wrong", wholeDay + "report=rating&group=decade&measure=score4", "invalid_parameter", "group", "none of hour, day"},
		{"an unknown parameter", good + "&colour=red", "unknown_parameter", "colour", "Known parameters: report, measure, bucket, entity, limit, cursor, names, format, spreadsheetSafe, timeFrom, timeTo, timezone"},
		{"a comparison", good + "&compare=previous", "unknown_parameter", "compare", "Known parameters"},
		{"a parameter twice", good + "&limit=1&limit=2", "invalid_parameter", "limit", "given 2 times"},
		{"a bucket that is none", good + "&bucket=2024-03-04T01:00:00", "invalid_parameter", "bucket", "the first does at 2024-03-04T00:00:00"},
		{"a bucket without time", wholeDay + "report=rating&group=agent&measure=score4&entity=1&bucket=2024-03-04T00:00:00", "invalid_parameter", "bucket", "group such as day"},
		{"a slot that is none", wholeDay + "report=rating&group=24*7Distribution&measure=avgScore4&bucket=Sunday", "invalid_parameter", "bucket", "Sun. 00:00, Sun. 01:00"},
		{"no entity", wholeDay + "report=rating&group=agent&measure=score4", "missing_parameter", "entity", "the agentId of the row"},
		{"an entity where there is none", good + "&entity=1", "invalid_parameter", "entity", "no id"},
		{"a limit of 0", good + "&limit=0", "invalid_parameter", "limit", "from 1 to 1000"},
		{"a limit too large", good + "&limit=1001", "invalid_parameter", "limit", "from 1 to 1000"},
		{"a limit that is no number", good + "&limit=ten", "invalid_parameter", "limit", "no whole number from 1 to 1000"},
		{"a cursor made up", good + "&cursor=abc", "invalid_parameter", "cursor", "the 'next' of an answer"},
		{"a cursor of another question", good + "&cursor=" + fmt.Sprint(next["next"]), "invalid_parameter", "cursor", "the same question"},
	} {
		t.Run(c.name, func(t *testing.T) {
			query, err := url.ParseQuery(strings.ReplaceAll(c.query, "+", "%2B"))
			if err != nil {
				t.Fatal(err)
			}
			status, body := s.explain(explain.RowsPath, query)
			p, _ := body.(map[string]any)
			if status != 400 || p["status"] != 400.0 || p["code"] != c.code || p["field"] != c.field || !strings.Contains(fmt.Sprint(p["detail"]), c.detail) {
				t.Errorf("%d %v", status, body)
			}
		})
	}
	s.tenant.Edition = tenant.Business
	q, _ := url.ParseQuery(wholeDay + "report=queue&group=day&measure=maxQueueSize")
	if status, body := s.explain(explain.RowsPath, q); status != 403 || body.(map[string]any)["code"] != "forbidden" {
		t.Errorf("a report of the other edition: %d %v", status, body)
	}
	if status, _ := s.explain("/v1/other", nil); status != 404 {
		t.Errorf("another path: %d", status)
	}
}

// page is one answer.
func (s *system) page(t *testing.T, query string) map[string]any {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	status, body := s.explain(explain.RowsPath, q)
	if status != 200 {
		t.Fatalf("%s: %d %v", query, status, body)
	}
	return body.(map[string]any)
}

// A wall time that occurs twice is the first; the offset tells which.
func TestARepeatedHourIsNamedByItsOffset(t *testing.T) {
	s := newSystem(t, time.Date(2024, 11, 7, 0, 0, 0, 0, time.UTC))
	s.send(written(t, `
		2024-10-27T00:30:00 visit.started v
		2024-10-27T01:30:00 visit.started w`))
	for bucket, want := range map[string]string{
		"2024-10-27T02:00:00": "v", "2024-10-27T02:00:00%2B02:00": "v", "2024-10-27T02:00:00+01:00": "w", "2024-10-27T01:00:00Z": "w",
	} {
		page := s.page(t, "report=visits&timeFrom=2024-10-27T00:00:00&timeTo=2024-10-28T00:00:00&timezone=Europe/Berlin&group=hour&measure=visits&bucket="+bucket)
		rows := page["rows"].([]any)
		if len(rows) != 1 || rows[0].(map[string]any)["id"] != want {
			t.Errorf("%s: %v, want %s", bucket, rows, want)
		}
	}
}
