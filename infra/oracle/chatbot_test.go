package oracle

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"
)

const botting = `
	09:00:00 chat.requested a {"visitorId":"v"}
	10:00:00 bot.interaction a {"storyId":"s1","source":"slack","interactionType":"welcome"}
	10:30:00 message.sent a {"actor":{"type":"user","id":"v"}}
	10:31:00 message.sent a {"actor":{"type":"user","id":"v"},"private":true}
	2024-03-05T08:00:00 message.sent a {"actor":{"type":"agent","id":"1"}}
	2024-03-03T23:30:00 bot.interaction b {"storyId":"s1","source":"widget","interactionId":"i","interactionName":"Old"}
	00:30:00 bot.interaction b {"storyId":"s2","source":"slack","interactionType":"contextFallback","parentId":"i"}
	00:40:00 bot.interaction b {"storyId":"s1","source":"widget","interactionId":"i","interactionName":"New"}
	11:00:00 chat.requested none {"visitorId":"v"}
	11:00:00 message.sent none {"actor":{"type":"bot","id":"b"}}
	12:00:00 story.updated s3 {"interactions":[{"id":"z","name":"Zed"},{"type":"fallback"}]}`

func askBot(t *testing.T, request string) string {
	t.Helper()
	u, err := url.Parse(request)
	if err != nil {
		t.Fatal(err)
	}
	status, body := New(everything, shuffled(events(t, botting))).ChatBot(u.Path, u.Query(), time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC))
	if status != 200 {
		return fmt.Sprint(status)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestBotReports(t *testing.T) {
	for request, want := range map[string]string{
		"conversations?from=2024-3-3": `{"data":[{"date":"2024-03-03T00:00:00.000Z","value":1},{"date":"2024-03-04T00:00:00.000Z","value":1},{"date":"2024-03-05T00:00:00.000Z","value":0}],` +
			`"summary":{"avg":0.67,"max":1,"min":0,"total":2}}`,
		"conversations?from=2024-03-04T00:00:00Z&to=2024-3-5&source=widget,messenger":          `{"data":[{"date":"2024-03-04T00:00:00.000Z","value":0}],"summary":{"avg":0,"max":0,"min":0,"total":0}}`,
		"conversations.paid?from=2024-3-3&to=2024-3-6&dimension=year":                          `{"data":[{"date":"2024-01-01T00:00:00.000Z","value":1}],"summary":{"avg":1,"max":1,"min":1,"total":1}}`,
		"conversations.messages?from=2024-3-3&to=2024-3-6&dimension=month":                     `{"data":[{"date":"2024-03-01T00:00:00.000Z","value":2}],"summary":{"avg":2,"max":2,"min":2,"total":2}}`,
		"conversations.average?from=2024-03-03T22:10:00Z&to=2024-03-04T10:00:00Z":              `{"data":[{"date":"2024-03-03T00:00:00.000Z","value":0.5},{"date":"2024-03-04T00:00:00.000Z","value":0.1}],"summary":{"avg":0.3,"max":0.5,"min":0.1,"total":0.6}}`,
		"conversations.average?period=thisMonth&dimension=month":                               `{"data":[{"date":"2024-03-01T00:00:00.000Z","value":0.4}],"summary":{"avg":0.4,"max":0.4,"min":0.4,"total":0.4}}`,
		"conversations?from=2024-03-03T23:10:00Z&to=2024-03-04T01:00:00Z&dimension=auto":       `{"data":[{"date":"2024-03-03T23:00:00.000Z","value":1},{"date":"2024-03-04T00:00:00.000Z","value":0}],"summary":{"avg":0.5,"max":1,"min":0,"total":1}}`,
		"conversations?period=lastYear&dimension=year&group=storyId&storyId[]=s3&storyId[]=s2": `{"data":[{"data":[{"date":"2023-01-01T00:00:00.000Z","value":0}],"group":"s3","summary":{"avg":0,"max":0,"min":0,"total":0}}],"summary":{"avg":0,"max":0,"min":0,"total":0}}`,
		"conversations?from=2024-3-3&dimension=year&group=source&source=slack&source=widget":   `{"data":[{"data":[{"date":"2024-01-01T00:00:00.000Z","value":2}],"group":"slack","summary":{"avg":2,"max":2,"min":2,"total":2}},{"data":[{"date":"2024-01-01T00:00:00.000Z","value":1}],"group":"widget","summary":{"avg":1,"max":1,"min":1,"total":1}}],"summary":{"avg":2,"max":2,"min":2,"total":2}}`,
		"interactions?from=2024-3-4":              `[{"id":"i","name":"New","usage":33.33,"value":1},{"name":"Fallback Interaction","parentId":"i","type":"contextFallback","usage":33.33,"value":1},{"name":"Welcome Interaction","type":"welcome","usage":33.33,"value":1},{"id":"z","name":"Zed","usage":0,"value":0},{"name":"Fallback Interaction","type":"fallback","usage":0,"value":0}]`,
		"interactions?storyId=s3":                 `[{"id":"z","name":"Zed","usage":0,"value":0},{"name":"Fallback Interaction","type":"fallback","usage":0,"value":0}]`,
		"conversations?from=2024-3-5&to=2024-3-5": "400", "conversations?period=last7day": "400", "conversations?from=5.3.2024": "400", "conversations?source=fax": "400",
		"conversations?dimension=week": "400", "conversations?offset=0": "400", "busiest-period?dimension=day": "400", "busiest-period?source=slack,app": "400",
		"busiest-period?offset=721": "400", "interactions?source=slack": "400", "nothing": "404",
	} {
		if got := askBot(t, request); got != want {
			t.Errorf("%s\n got %s\nwant %s", request, got, want)
		}
	}
}

func TestBotPeriods(t *testing.T) {
	for period, want := range map[string]string{
		"today": "2024-03-05 00:00 2024-03-05 12:00", "yesterday": "2024-03-04 00:00 2024-03-05 00:00", "last7days": "2024-02-28 00:00 2024-03-05 12:00",
		"": "2024-02-05 00:00 2024-03-05 12:00", "thisMonth": "2024-03-01 00:00 2024-03-05 12:00", "lastMonth": "2024-02-01 00:00 2024-03-01 00:00",
		"last3Months": "2023-12-01 00:00 2024-03-01 00:00", "thisYear": "2024-01-01 00:00 2024-03-05 12:00", "lastYear": "2023-01-01 00:00 2024-01-01 00:00",
	} {
		q := &botQuery{}
		if ok := q.setRange("", "", period, time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC)); !ok {
			t.Errorf("%s is refused", period)
		}
		if got := q.from.Format("2006-01-02 15:04 ") + q.to.Format("2006-01-02 15:04"); got != want {
			t.Errorf("%s: %s, not %s", period, got, want)
		}
	}
}

func TestBusiestPeriod(t *testing.T) {
	var days [][]struct {
		Day, Hour, Value int
		Usage            float64
	}
	// 23:30 on Sunday and 09:00 on Monday; two hours later on that clock.
	if err := json.Unmarshal([]byte(askBot(t, "busiest-period?from=2024-3-3&offset=120")), &days); err != nil {
		t.Fatal(err)
	}
	found := ""
	for i, day := range days {
		for j, x := range day {
			if x.Day != i || x.Hour != j {
				t.Errorf("day %d hour %d stands at %d, %d", x.Day, x.Hour, i, j)
			}
			if x.Value > 0 {
				found += fmt.Sprint(x.Day, " ", x.Hour, " ", x.Value, " ", x.Usage, "; ")
			}
		}
	}
	if found != "1 1 1 50; 1 11 1 50; " || len(days) != 7 || len(days[6]) != 24 {
		t.Error(found)
	}
}
