package oracle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

// events reads lines of "TIME TYPE SUBJECT [DATA]". A time of day is on 2024-03-04,
// a Monday; anything longer is RFC 3339 without the zone, in UTC.
func events(t *testing.T, text string) []event.Event {
	t.Helper()
	var list []event.Event
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		words := strings.SplitN(line, " ", 4)
		if len(words) < 3 {
			t.Fatalf("not an event: %q", line)
		}
		at := words[0]
		if !strings.Contains(at, "T") {
			at = "2024-03-04T" + at
		}
		when, err := time.Parse("2006-01-02T15:04:05.999", at)
		if err != nil {
			t.Fatal(err)
		}
		e := event.Event{ID: fmt.Sprintf("e%04d", len(list)), Source: "test", Type: words[1], Subject: words[2], At: when.UnixMilli()}
		if len(words) == 4 {
			if err := json.Unmarshal([]byte(words[3]), &e.Data); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		list = append(list, e)
	}
	return list
}

var everything = Tenant{ID: "t", Edition: "enterprise", AutoAllocation: true, Chatbot: true}

// ask answers "report?query" at noon of the day after the day of the events, or at now.
func ask(t *testing.T, list []event.Event, request string, now ...string) any {
	t.Helper()
	status, body := askTenant(t, everything, list, request, now...)
	if status != 200 {
		t.Fatalf("%s: %d %v", request, status, body)
	}
	return body
}

func askTenant(t *testing.T, tenant Tenant, list []event.Event, request string, now ...string) (int, any) {
	t.Helper()
	at := "2024-03-05T12:00:00Z"
	if len(now) > 0 {
		at = now[0]
	}
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(prefix + request)
	if err != nil {
		t.Fatal(err)
	}
	list = append([]event.Event(nil), list...)
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	status, body := Comm100(tenant, list, u.Path, u.Query(), moment)
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		t.Fatal(err)
	}
	return status, plain
}

func mustEqual(t *testing.T, got any, want string) {
	t.Helper()
	var expected any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if !reflect.DeepEqual(got, expected) {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(expected)
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

// pick is the named figures of a list of rows, one list a row.
func pick(rows any, names ...string) any {
	out := []any{}
	for _, row := range rows.([]any) {
		figures := []any{}
		for _, name := range names {
			figures = append(figures, row.(map[string]any)[name])
		}
		out = append(out, figures)
	}
	return out
}

const (
	day     = "timeFrom=2024-03-04T00:00:00&timeTo=2024-03-05T00:00:00"
	request = `chat.requested %s {"visitorId":"v-%[1]s","source":"visitor"}`
)

func TestAnAcceptanceMakesAChatUnlessTheVisitorWasLostBefore(t *testing.T) {
	cases := map[string]struct{ events, want string }{
		"nothing yet":                       {``, `[[1,0,0,0]]`},
		"accepted":                          {`10:00:10 chat.accepted c {"agentId":"1"}`, `[[1,1,0,0]]`},
		"refused":                           {`10:00:10 chat.refused c {"agentId":"1"}`, `[[1,0,0,1]]`},
		"refused then taken":                {"10:00:10 chat.refused c {\"agentId\":\"1\"}\n10:00:20 chat.accepted c {\"agentId\":\"2\"}", `[[1,1,0,0]]`},
		"refused then left":                 {"10:00:10 chat.refused c\n10:00:20 chat.abandoned c", `[[1,0,0,1]]`},
		"left then refused":                 {"10:00:10 chat.abandoned c\n10:00:20 chat.refused c", `[[1,0,1,0]]`},
		"left then taken":                   {"10:00:10 chat.abandoned c\n10:00:20 chat.accepted c {\"agentId\":\"2\"}", `[[1,0,1,0]]`},
		"switched":                          {`10:00:10 chat.switched_to_message c`, `[[1,0,1,0]]`},
		"missed":                            {`10:00:10 chat.missed c`, `[[1,0,1,0]]`},
		"closed, never taken":               {`10:00:10 chat.closed c {"by":{"type":"system","id":"s"}}`, `[[1,0,1,0]]`},
		"closed then taken":                 {"10:00:10 chat.closed c\n10:00:20 chat.accepted c {\"agentId\":\"2\"}", `[[1,1,0,0]]`},
		"an agent wrote":                    {`10:00:10 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[1,1,0,0]]`},
		"a private note":                    {`10:00:10 message.sent c {"actor":{"type":"agent","id":"1"},"private":true}`, `[[1,0,0,0]]`},
		"wrote when closed":                 {"10:00:10 chat.closed c\n10:00:20 message.sent c {\"actor\":{\"type\":\"agent\",\"id\":\"1\"}}", `[[1,0,1,0]]`},
		"a bot answered":                    {`10:00:10 bot.interaction c {"storyId":"s","source":"livechat"}`, `[[1,1,0,0]]`},
		"taken and lost at the same moment": {"10:00:10 chat.abandoned c\n10:00:10 chat.accepted c {\"agentId\":\"2\"}", `[[1,1,0,0]]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, "10:00:00 "+fmt.Sprintf(request, "c")+"\n"+c.events)
			rows := ask(t, list, "chatVolume?group=day&"+day)
			mustEqual(t, pick(rows, "chatRequests", "chats", "missedChats", "refusedChats"), c.want)
		})
	}
}

func TestDepartmentsOfARequest(t *testing.T) {
	cases := map[string]struct{ request, events, want string }{
		"missed: the one asked for":       {`,"departmentId":"a"`, `10:00:10 chat.abandoned c`, `[["a",1,0]]`},
		"missed: else the one refusing":   {``, "10:00:05 chat.refused c {\"departmentId\":\"b\"}\n10:00:10 chat.abandoned c", `[["b",1,0]]`},
		"missed: else the last queue":     {``, "10:00:05 chat.queued c {\"routeTo\":{\"type\":\"department\",\"id\":\"a\"}}\n10:00:06 chat.queued c {\"routeTo\":{\"type\":\"department\",\"id\":\"b\"}}\n10:00:10 chat.missed c", `[["b",1,0]]`},
		"missed: or none":                 {``, `10:00:10 chat.abandoned c`, `[]`},
		"taken elsewhere":                 {`,"departmentId":"a"`, `10:00:10 chat.accepted c {"agentId":"1","departmentId":"b"}`, `[["b",1,1]]`},
		"taken without one":               {`,"departmentId":"a"`, `10:00:10 chat.accepted c {"agentId":"1"}`, `[["a",1,1]]`},
		"handed over counts in both":      {`,"departmentId":"a"`, "10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:20 chat.transferred c {\"toDepartmentId\":\"b\"}\n10:00:30 chat.accepted c {\"agentId\":\"2\"}", `[["a",1,1],["b",1,1]]`},
		"a bot's belongs where asked":     {`,"departmentId":"a"`, `10:00:10 bot.interaction c {"storyId":"s"}`, `[["a",1,1]]`},
		"a bot's, queued and never taken": {``, "10:00:10 bot.interaction c {\"storyId\":\"s\"}\n10:00:20 chat.queued c {\"routeTo\":{\"type\":\"department\",\"id\":\"b\"}}\n10:00:30 chat.abandoned c", `[["b",1,1]]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, `10:00:00 chat.requested c {"visitorId":"v","source":"visitor"`+c.request+"}\n"+c.events)
			rows := ask(t, list, "chatVolume?group=department&"+day)
			mustEqual(t, pick(rows, "departmentId", "chatRequests", "chats"), c.want)
		})
	}
}

func TestQueueMaximaAreOfOneQueueAndCarryOver(t *testing.T) {
	list := events(t, strings.Join([]string{
		"10:50:00 " + fmt.Sprintf(request, "a"),
		"10:50:00 " + fmt.Sprintf(request, "b"),
		"10:50:00 " + fmt.Sprintf(request, "c"),
		"10:50:00 " + fmt.Sprintf(request, "d"),
		`10:55:00 chat.queued a {"routeTo":{"type":"department","id":"x"}}`,
		`10:56:00 chat.queued b {"routeTo":{"type":"department","id":"x"}}`,
		`10:57:00 chat.queued c {"routeTo":{"type":"site"}}`,
		`10:57:00 chat.queued d {"routeTo":{"type":"department","id":"x"}}`,
		`10:57:00 chat.accepted d {"agentId":"9"}`, // an empty interval is never counted
		`11:00:00 chat.accepted a {"agentId":"1","departmentId":"x"}`,
		`11:10:00 chat.queued b {"routeTo":{"type":"site"}}`, // re-queued
		`11:20:00 chat.abandoned c`,
		`12:30:00 chat.switched_to_message b`,
	}, "\n"))
	hours := "timeFrom=2024-03-04T10:00:00&timeTo=2024-03-04T14:00:00"
	names := []string{"queuedChatRequests", "chatsFromQueue", "switchedToMessages", "abandonedChats", "refusedChats", "maxQueueSize"}
	mustEqual(t, pick(ask(t, list, "queue?group=hour&"+hours), names...), `[[4,2,1,1,0,2],[0,0,0,0,0,2],[0,0,0,0,0,1],[0,0,0,0,0,0]]`)
	mustEqual(t, pick(ask(t, list, "queue?group=hour&filterName=department&filterValue=x&"+hours), names...),
		`[[3,2,1,0,0,2],[0,0,0,0,0,1],[0,0,0,0,0,0],[0,0,0,0,0,0]]`)
	// Waits: a 300 s, b 94 min, c 23 min, d 0.
	mustEqual(t, pick(ask(t, list, "waitTime?group=day&"+day), "avgWaitTime", "avgWaitTimeOfMissedChats", "maxWaitTime", "maxWaitTimeOfMissedChats"),
		`[[1830,3510,5640,5640]]`)
}

func TestAMaximumInADistributionIsTheMeanOverAllOccurrences(t *testing.T) {
	list := events(t, strings.Join([]string{
		"10:00:00 " + fmt.Sprintf(request, "a"),
		`10:00:00 chat.queued a {"routeTo":{"type":"site"}}`,
		`10:00:07.900 chat.abandoned a`,
		"2024-03-05T10:10:00 " + fmt.Sprintf(request, "b"),
		`2024-03-05T10:10:00 chat.queued b {"routeTo":{"type":"site"}}`,
		`2024-03-05T10:10:02 chat.abandoned b`,
	}, "\n"))
	rows := ask(t, list, "waitTime?group=halfHourDistribution&timeFrom=2024-03-04T10:15:00&timeTo=2024-03-07T10:15:00").([]any)
	if len(rows) != 48 {
		t.Fatalf("%d slots", len(rows))
	}
	// 10:00 occurs on the 4th (cut), 5th, 6th and 7th (cut): the first request is out.
	mustEqual(t, rows[20], `{"time":{"from":"10:00","to":"10:30"},"avgWaitTime":2,"avgWaitTimeOfMissedChats":2,"avgMaxWaitTime":0.5,"avgMaxWaitTimeOfMissedChats":0.5}`)
	mustEqual(t, rows[47], `{"time":{"from":"23:30","to":"00:00"},"avgWaitTime":0,"avgWaitTimeOfMissedChats":0,"avgMaxWaitTime":0,"avgMaxWaitTimeOfMissedChats":0}`)
	rows = ask(t, list, "waitTime?group=halfHourDistribution&timeFrom=2024-03-04T10:00:00&timeTo=2024-03-07T10:00:00").([]any)
	mustEqual(t, rows[20], `{"time":{"from":"10:00","to":"10:30"},"avgWaitTime":4.95,"avgWaitTimeOfMissedChats":4.95,"avgMaxWaitTime":3,"avgMaxWaitTimeOfMissedChats":3}`)
}

func TestWaitTimeRunsFromTheFirstQueueingToAnAgent(t *testing.T) {
	cases := map[string]struct{ events, want string }{
		"a bot does not end it":     {"10:01:00 bot.interaction c {\"storyId\":\"s\"}\n10:02:00 chat.accepted c {\"agentId\":\"1\"}", `[[120,0]]`},
		"a refusal does not":        {"10:01:00 chat.refused c\n10:02:00 chat.accepted c {\"agentId\":\"1\"}", `[[120,0]]`},
		"nor being queued again":    {"10:01:00 chat.queued c {\"routeTo\":{\"type\":\"agent\",\"id\":\"1\"}}\n10:02:00 chat.accepted c {\"agentId\":\"1\"}", `[[120,0]]`},
		"missed outright counts":    {`10:01:30 chat.missed c`, `[[90,90]]`},
		"refused has none":          {`10:01:30 chat.refused c`, `[[0,0]]`},
		"closed has none":           {`10:01:30 chat.closed c`, `[[0,0]]`},
		"still waiting has none":    {``, `[[0,0]]`},
		"a first message is enough": {`10:00:30 message.sent c {"actor":{"type":"agent","id":"7"}}`, `[[30,0]]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, "09:59:00 "+fmt.Sprintf(request, "c")+"\n"+`10:00:00 chat.queued c {"routeTo":{"type":"site"}}`+"\n"+c.events)
			mustEqual(t, pick(ask(t, list, "waitTime?group=day&"+day), "avgWaitTime", "avgWaitTimeOfMissedChats"), c.want)
		})
	}
}

func TestTransfers(t *testing.T) {
	list := events(t, strings.Join([]string{
		"10:00:00 " + fmt.Sprintf(request, "a"),
		`10:00:01 chat.accepted a {"agentId":"1","departmentId":"x"}`,
		`10:00:02 chat.transferred a {"fromAgentId":"1","toAgentId":"2"}`, // between agents
		"10:00:00 " + fmt.Sprintf(request, "b"),
		`10:00:01 chat.accepted b {"agentId":"1","departmentId":"x"}`,
		`10:00:02 chat.transferred b {"toDepartmentId":"y"}`,
		`10:00:03 chat.transferred b {"toDepartmentId":"x"}`,
		`10:00:04 chat.transferred b {"toDepartmentId":"y"}`,
		"10:00:00 " + fmt.Sprintf(request, "c"),
		`10:00:01 chat.accepted c {"agentId":"1","departmentId":"x"}`,
		`10:00:02 chat.transferred c {"toAgentId":"2","toDepartmentId":"x"}`, // the same department
	}, "\n"))
	mustEqual(t, pick(ask(t, list, "chatTransfer?group=day&"+day), "chats", "totalTransferredChats", "departmentTransferredChats"), `[[3,3,1]]`)
	mustEqual(t, ask(t, list, "chatTransfer?group=departmemt&"+day), `[
		{"departmentId":"x","chats":3,"departmentTransferredInChats":1,"departmentTransferredOutChats":1},
		{"departmentId":"y","chats":1,"departmentTransferredInChats":1,"departmentTransferredOutChats":1}]`)
}

func TestKnownEntitiesHaveRowsAndOthersOnlyWithFigures(t *testing.T) {
	list := events(t, strings.Join([]string{
		`2024-04-01T00:00:00 campaign.updated 10 {"name":"ten"}`,
		`2024-01-01T00:00:00 campaign.updated 9 {"name":"nine"}`,
		`2024-01-01T00:00:00 visit.started v {"campaignId":"zz"}`,
		`10:00:00 visit.started v {"campaignId":"b"}`,
		`10:00:00 visit.started v {"campaignId":"9"}`,
		`10:00:00 visit.started v`,
	}, "\n"))
	mustEqual(t, ask(t, list, "visits?group=campaign&"+day), `[{"campaignId":"9","visits":1},{"campaignId":"10","visits":0},{"campaignId":"b","visits":1}]`)
	mustEqual(t, ask(t, list, "visits?group=campaign&filterName=campaign&filterValue=10&"+day), `[{"campaignId":"10","visits":0}]`)
	mustEqual(t, ask(t, list, "visits?group=campaign&filterName=campaign&filterValue=nobody&"+day), `[]`)
	mustEqual(t, pick(ask(t, list, "visits?group=day&filterName=campaign&filterValue=b&"+day), "visits"), `[[1]]`)
}

func TestChatSourceAndRequestPage(t *testing.T) {
	list := events(t, strings.Join([]string{
		`10:00:00 chat.requested a {"source":"visitor","pageUrl":"https://b/?q=1"}`,
		`10:00:00 chat.requested b {"source":"manual_invitation","pageUrl":"https://b/?q=1"}`,
		`10:00:00 chat.requested c {"source":"auto_invitation","pageUrl":"https://a/"}`,
		`10:00:00 chat.requested d {"source":"visitor","pageUrl":"https://c/"}`,
		`10:00:01 chat.accepted a {"agentId":"1"}`,
		`10:00:01 chat.accepted b {"agentId":"1"}`,
		`10:00:01 chat.accepted c {"agentId":"1"}`,
		`10:00:01 chat.accepted orphan {"agentId":"1"}`,
	}, "\n"))
	rows := ask(t, list, "chatSource?group=24*7Distribution&"+day).([]any)
	if len(rows) != 168 {
		t.Fatalf("%d slots", len(rows))
	}
	mustEqual(t, rows[24+10], `{"time":{"from":"Mon. 10:00","to":"Mon. 11:00"},"avgChats":3,"avgChatsInitialtedByVisitors":1,"avgChatsFromManualInvitations":1,"avgChatsFromAutoInvitations":1}`)
	mustEqual(t, rows[167], `{"time":{"from":"Sat. 23:00","to":"Sun. 00:00"},"avgChats":0,"avgChatsInitialtedByVisitors":0,"avgChatsFromManualInvitations":0,"avgChatsFromAutoInvitations":0}`)
	for _, path := range []string{"chatSource/requestPage", "chatSourceRequestPage"} {
		mustEqual(t, ask(t, list, path+"?"+day), `[{"requestPage":"https://a/","chats":1},{"requestPage":"https://b/?q=1","chats":2}]`)
	}
}
