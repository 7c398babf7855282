package chatbot_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/explain"
)

// TestRowsAddUpToTheFigure follows figures of every report to their rows.
func TestRowsAddUpToTheFigure(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	now := oracle.AfterAny
	s := newSystem(t, now, oracle.Delivered(ofBots(seed, r), r), r)
	api, rows := chatbot.New(s.State), explain.New(nil, s.State, explain.Tables{chatbot.Explained})
	for _, path := range chatbot.Paths() {
		found := 0
		for range 40 {
			q := question(path, r)
			status, body := answer(t, api, path, q, now)
			if status != 200 {
				continue
			}
			bucket, entity, want, ok := figure(path, q, value(t, body), r)
			if !ok {
				continue
			}
			q.Set("report", path)
			q.Set("measure", "value")
			q.Set("bucket", bucket)
			q.Set("entity", entity)
			q.Set("limit", "3")
			counted := 0.0
			for first := true; ; first = false {
				status, body := answer(t, rows, explain.RowsPath, q, now)
				if status != 200 {
					t.Fatalf("seed %d: %s: %d %s", seed, q.Encode(), status, body)
				}
				page := value(t, body).(map[string]any)
				if first && page["total"] != want {
					t.Fatalf("seed %d: %s: %v, but the report says %v", seed, q.Encode(), page["total"], want)
				}
				for _, row := range page["rows"].([]any) {
					counted += row.(map[string]any)["count"].(float64)
				}
				next, more := page["next"].(string)
				if !more {
					if sum := page["sums"].([]any)[0].(map[string]any)["count"]; sum != counted || path != "/reports/conversations.average" && counted != want {
						t.Fatalf("seed %d: %s: the rows add up to %v, the sums to %v, the figure is %v", seed, q.Encode(), counted, sum, want)
					}
					break
				}
				q.Set("cursor", next)
			}
			q.Del("cursor")
			if counted > 0 {
				found++
			}
			if share := usageOf(path, value(t, body), bucket, entity); share != nil {
				q.Set("measure", "usage")
				_, told := answer(t, rows, explain.RowsPath, q, now)
				if page := value(t, told).(map[string]any); page["total"] != share {
					t.Fatalf("seed %d: %s: %v, but the report says %v", seed, q.Encode(), page["total"], share)
				}
			}
		}
		if found < 5 {
			t.Errorf("seed %d: %s: only %d figures had rows", seed, path, found)
		}
	}
}

// figure picks a figure of an answer: what names it, and what it is.
func figure(path string, q url.Values, body any, r *rand.Rand) (bucket, entity string, want any, ok bool) {
	switch path {
	case "/reports/busiest-period":
		day, hour := r.IntN(7), r.IntN(24)
		if q.Get("offset") == "" || r.IntN(2) == 0 { // one that has some
			for d, hours := range body.([]any) {
				for h, slot := range hours.([]any) {
					if slot.(map[string]any)["value"] != 0.0 {
						day, hour = d, h
					}
				}
			}
		}
		return fmt.Sprint(day, "-", hour), "", body.([]any)[day].([]any)[hour].(map[string]any)["value"], true
	case "/reports/interactions":
		list := body.([]any)
		if len(list) == 0 {
			return "", "", nil, false
		}
		name, sum := rowOf(list[r.IntN(len(list))]), 0.0
		for _, row := range list { // the same in several stories
			if rowOf(row) == name {
				sum += row.(map[string]any)["value"].(float64)
			}
		}
		return "", name, sum, true
	}
	data := body.(map[string]any)["data"].([]any)
	if q.Get("group") != "" {
		if len(data) == 0 {
			return "", "", nil, false
		}
		group := data[r.IntN(len(data))].(map[string]any)
		entity, data = group["group"].(string), group["data"].([]any)
	}
	if len(data) == 0 {
		return "", "", nil, false
	}
	point := data[r.IntN(len(data))].(map[string]any)
	for _, p := range data {
		if p := p.(map[string]any); p["value"] != 0.0 && strings.HasPrefix(path, "/reports/conversations") {
			point = p
		}
	}
	return point["date"].(string), entity, point["value"], true
}

// usageOf is the usage beside a value, where the report has it and the row is one alone.
func usageOf(path string, body any, bucket, entity string) (share any) {
	switch path {
	case "/reports/busiest-period":
		for _, hours := range body.([]any) {
			for _, slot := range hours.([]any) {
				if slot := slot.(map[string]any); fmt.Sprint(slot["day"], "-", slot["hour"]) == bucket {
					share = slot["usage"]
				}
			}
		}
	case "/reports/interactions":
		for _, row := range body.([]any) {
			if rowOf(row) != entity {
				continue
			}
			if share != nil {
				return nil
			}
			share = row.(map[string]any)["usage"]
		}
	}
	return share
}

// rowOf names a row of the interactions: by its id, or else by its type and parent.
func rowOf(row any) string {
	text := func(name string) string {
		s, _ := row.(map[string]any)[name].(string)
		return s
	}
	if id := text("id"); id != "" {
		return id
	}
	return text("type") + "/" + text("parentId")
}

// What names no figure is refused, by what is wrong.
func TestQuestionsForRowsAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	s := newSystem(t, oracle.AfterAny, nil, r)
	rows := explain.New(nil, s.State, explain.Tables{chatbot.Explained})
	for query, want := range map[string]string{
		"report=conversations":                                                  `"conversations" is none of those`,
		"report=/reports/conversations":                                         "Parameter 'measure' is required: one of value, botChats.",
		"report=/reports/interactions":                                          "Parameter 'measure' is required: one of value, usage, botInteractions.",
		"report=/reports/conversations&measure=chats":                           `"chats" is none of value, botChats`,
		"report=/reports/conversations&measure=value&bucket=2020-1-1":           "no point has the date",
		"report=/reports/conversations&measure=value&group=source":              "Parameter 'entity' is required with group=source: the group.",
		"report=/reports/conversations&measure=value&entity=app":                "there are no groups in this question",
		"report=/reports/conversations.average&measure=value":                   "Parameter 'bucket' is required because an average is of one point: its date.",
		"report=/reports/busiest-period&measure=value&bucket=7-0":               `"7-0" is no day and hour such as 0-13`,
		"report=/reports/busiest-period&measure=value&entity=0":                 "the hours of the week have no id",
		"report=/reports/interactions&measure=value&bucket=2026-3-1":            "the interactions of a range are counted together",
		"report=/reports/interactions&measure=value&format=xml":                 `"xml" is none of json, csv`,
		"report=/reports/conversations&measure=value&period=never":              `"never" is none of`,
		"report=/reports/conversations&measure=value&source=fax":                `"fax" is none of`,
		"report=/reports/busiest-period&measure=value&storyId=a&storyId[]=b":    "it is given 2 times",
		"report=/reports/conversations&measure=value&from=2026-3-2&to=2026-3-2": "it must be later than 'from'",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if status, text := answer(t, rows, explain.RowsPath, q, oracle.AfterAny); status != 400 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s, want %s", query, status, text, want)
		}
	}
}
