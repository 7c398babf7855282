package comm100_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/explain"
	"chatreports/shared/tenant"
)

// TestARefusalSaysWhatWouldBeRight: what was wrong, and what to send instead.
func TestARefusalSaysWhatWouldBeRight(t *testing.T) {
	acme := &tenant.Tenant{ID: "acme", Edition: tenant.Enterprise}
	const day = "timeFrom=2026-03-01T00:00:00&timeTo=2026-03-02T00:00:00&group=day"
	for _, c := range []struct{ path, query, want string }{
		{"chatvolume", day, "There is no report at '/api/v3/livechat/reports/chatvolume', but at '/api/v3/livechat/reports/chatVolume'."},
		{"chatVolume/", day, "but at '/api/v3/livechat/reports/chatVolume'."},
		{"realtime/rightNow//", "", "but at '/api/v3/livechat/reports/realtime/rightNow'."},
		{"chats", day, "There is no report at '/api/v3/livechat/reports/chats'. Below /api/v3/livechat/reports/ are: chatVolume, visits, "},
		{"x" + strings.Repeat("/x", 5000), day, "are: chatVolume"},
		{"chatVolume", day + "x", `"dayx" is none of hour, day`},
		{"chatVolume", day + strings.Repeat("x", 5000), `…" is none of hour, day`},
		{"chatVolume", day + "&" + strings.Repeat("x", 5000), "…' is unknown. Known parameters: timeFrom"},
		{"chatVolume", "timeFrom=2026-02-29T00:00:00&timeTo=2026-03-02T00:00:00&group=day", "Parameter 'timeFrom' is invalid: \"2026-02-29T00:00:00\" is no day and time that exists."},
		{"chatVolume", "timeFrom=2026-03-29T02:00:00&timeTo=2026-03-29T03:00:00&group=hour&timezone=Europe/Berlin", "Parameter 'timeTo' is invalid: it must be later than 'timeFrom', but the clocks of the zone were moved"},
		{"chatVolume", "timeFrom=2026-03-29T02:00:00&timeTo=2026-03-29T02:00:00&group=hour&timezone=Europe/Berlin", "Parameter 'timeTo' is invalid: it must be later than 'timeFrom'."},
		{"chatVolume", "timeFrom=2006-03-29T02:00:00&timeTo=2026-03-29T02:00:00&group=24*7Distribution", `"24*7Distribution" would be the mean of more than 100000 periods; take a shorter range.`},
		{"chatVolume", "timeFrom=2006-03-29T02:00:00&timeTo=2026-03-29T02:00:00&group=hour", `"hour" would give more than 100000 rows`},
		{"leaderboard", strings.Replace(day, "day", "agent", 1) + "&sort=-chat", "Parameter 'sort' is invalid: -chats was probably meant; \"-chat\" is none of chats, avgWaitTime, "},
		{"leaderboard", strings.Replace(day, "day", "agent", 1) + "&sort=-name", "Parameter 'sort' is invalid: \"-name\" is none of chats, avgWaitTime, "},
		{"rating", strings.Replace(day, "day", "agent", 1) + "&sort=x", "score2, score1, -score5, -score4"},
		{"leaderboard", day + "&sort=chats", "Parameter 'sort' is invalid: it goes with a group of entities, such as agent, and not with \"day\"."},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = comm100.New(nil, nil).Answer(context.Background(), &dialect.Request{Tenant: acme, Path: comm100.Prefix + c.path, Query: query, Now: time.Now()})
		refused, ok := errors.AsType[*dialect.Refusal](err)
		if !ok || !strings.Contains(refused.Sentence(), c.want) || len(refused.Sentence()) > 900 {
			t.Errorf("%.60s?%.120s: %.900v, want %s", c.path, c.query, err, c.want)
		}
	}
	for query, want := range map[string]string{
		"measure=chats&measure=nope":            "Parameter 'measure' is invalid: it is given 2 times; give it once.",
		"b=1&a=1":                               "Parameter 'a' is unknown.",
		"measure=" + strings.Repeat("x", 10000): `…" is none of chatRequests`,
	} {
		values, _ := url.ParseQuery(query)
		_, err := explain.New(nil, nil, comm100.Explained).Answer(context.Background(), &dialect.Request{Tenant: acme, Path: explain.MeasuresPath, Query: values, Now: time.Now()})
		refused, ok := errors.AsType[*dialect.Refusal](err)
		if !ok || !strings.Contains(refused.Sentence(), want) || len(refused.Sentence()) > 8000 {
			t.Errorf("%.60s: %.500v, want %s", query, err, want)
		}
	}
}
