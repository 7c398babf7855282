package oracle

import (
	"strings"
	"testing"
)

// times lists "from–to" of rows in time.
func times(rows any) string {
	var list []string
	for _, row := range rows.([]any) {
		t := row.(map[string]any)["time"].(map[string]any)
		list = append(list, t["from"].(string)+"–"+t["to"].(string))
	}
	return strings.Join(list, " ")
}

func TestBucketsOfDaysWithAChangeOfOffset(t *testing.T) {
	cases := map[string]struct{ query, want string }{
		"the autumn hour is there twice": {
			"group=hour&timezone=Europe/Berlin&timeFrom=2024-10-27T01:00:00&timeTo=2024-10-27T04:00:00",
			"2024-10-27T01:00:00–2024-10-27T02:00:00 2024-10-27T02:00:00–2024-10-27T02:00:00 2024-10-27T02:00:00–2024-10-27T03:00:00 2024-10-27T03:00:00–2024-10-27T04:00:00",
		},
		"the spring hour is not there": {
			"group=hour&timezone=Europe/Berlin&timeFrom=2024-03-31T01:00:00&timeTo=2024-03-31T04:00:00",
			"2024-03-31T01:00:00–2024-03-31T03:00:00 2024-03-31T03:00:00–2024-03-31T04:00:00",
		},
		"days cut to the range": {
			"group=day&timezone=Europe/Berlin&timeFrom=2024-03-30T12:00:00&timeTo=2024-04-01T06:30:00",
			"2024-03-30T12:00:00–2024-03-31T00:00:00 2024-03-31T00:00:00–2024-04-01T00:00:00 2024-04-01T00:00:00–2024-04-01T06:30:00",
		},
		"a day without midnight": {
			"group=day&timezone=Africa/Cairo&timeFrom=2024-04-25T00:00:00&timeTo=2024-04-27T00:00:00",
			"2024-04-25T00:00:00–2024-04-26T01:00:00 2024-04-26T01:00:00–2024-04-27T00:00:00",
		},
		"a day that never was": {
			"group=day&timezone=Pacific/Apia&timeFrom=2011-12-29T00:00:00&timeTo=2012-01-01T00:00:00",
			"2011-12-29T00:00:00–2011-12-31T00:00:00 2011-12-31T00:00:00–2012-01-01T00:00:00",
		},
		"a midnight that comes twice": {
			"group=day&timezone=America/St_Johns&timeFrom=2010-11-06T12:00:00&timeTo=2010-11-07T12:00:00",
			"2010-11-06T12:00:00–2010-11-07T00:00:00 2010-11-07T00:00:00–2010-11-07T12:00:00",
		},
		"half an hour of daylight saving": {
			"group=hour&timezone=Australia/Lord_Howe&timeFrom=2024-04-07T01:00:00&timeTo=2024-04-07T03:00:00",
			"2024-04-07T01:00:00–2024-04-07T01:30:00 2024-04-07T01:30:00–2024-04-07T02:00:00 2024-04-07T02:00:00–2024-04-07T03:00:00",
		},
		"weeks begin on Sunday": {
			"group=week&timezone=%2B05:45&timeFrom=2024-03-01T00:00:00&timeTo=2024-03-12T00:00:00",
			"2024-03-01T00:00:00–2024-03-03T00:00:00 2024-03-03T00:00:00–2024-03-10T00:00:00 2024-03-10T00:00:00–2024-03-12T00:00:00",
		},
		"or on Monday": {
			"group=week&weekStart=monday&timezone=-03:30&timeFrom=2024-03-01T00:00:00&timeTo=2024-03-12T00:00:00",
			"2024-03-01T00:00:00–2024-03-04T00:00:00 2024-03-04T00:00:00–2024-03-11T00:00:00 2024-03-11T00:00:00–2024-03-12T00:00:00",
		},
		"months": {
			"group=month&timezone=+08:00&timeFrom=2023-12-31T23:59:59&timeTo=2024-03-01T00:00:00",
			"2023-12-31T23:59:59–2024-01-01T00:00:00 2024-01-01T00:00:00–2024-02-01T00:00:00 2024-02-01T00:00:00–2024-03-01T00:00:00",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := times(ask(t, nil, "visits?"+c.query)); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBucketsCountAtTheirOwnInstants(t *testing.T) {
	// Berlin leaves +02:00 at 01:00 UTC on 2024-10-27.
	list := events(t, `
		2024-10-27T00:59:59.999 visit.started v
		2024-10-27T01:00:00 visit.started v
		2024-10-27T01:30:00 visit.started v
		2024-10-27T02:00:00 visit.started v`)
	hours := "timezone=Europe/Berlin&timeFrom=2024-10-27T00:00:00&timeTo=2024-10-27T12:00:00"
	mustEqual(t, pick(ask(t, list, "visits?group=hour&"+hours), "visits"), `[[0],[0],[1],[2],[1],[0],[0],[0],[0],[0],[0],[0],[0]]`)
	rows := ask(t, list, "visits?group=24*7Distribution&"+hours).([]any)
	mustEqual(t, rows[2], `{"time":{"from":"Sun. 02:00","to":"Sun. 03:00"},"avgVisits":1.5}`)
	mustEqual(t, rows[3], `{"time":{"from":"Sun. 03:00","to":"Sun. 04:00"},"avgVisits":1}`)
	// The first of the two readings of 02:00 is meant; both ends are half-open.
	mustEqual(t, pick(ask(t, list, "visits?group=campaign&timezone=Europe/Berlin&timeFrom=2024-10-27T02:00:00&timeTo=2024-10-27T03:00:00"), "visits"), `[]`)
	mustEqual(t, pick(ask(t, list, "visits?group=month&timezone=Europe/Berlin&timeFrom=2024-10-27T02:00:00&timeTo=2024-10-27T03:00:00"), "visits"), `[[3]]`)
	// 02:30 on 2024-03-31 is skipped: it means 01:30 UTC, read 03:30.
	if got, want := times(ask(t, nil, "visits?group=day&timezone=Europe/Berlin&timeFrom=2024-03-31T02:30:00&timeTo=2024-03-31T05:00:00")), "2024-03-31T03:30:00–2024-03-31T05:00:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAZoneWithAQuarterHour(t *testing.T) {
	// 18:14:59 and 18:15 UTC are 23:59:59 and midnight in Nepal.
	list := events(t, `
		18:14:59 visit.started v
		18:15:00 visit.started v
		18:44:59 visit.started v
		18:45:00 visit.started v`)
	for _, zone := range []string{"%2B05:45", "+05:45", "Asia/Kathmandu"} {
		span := "timezone=" + zone + "&timeFrom=2024-03-04T00:00:00&timeTo=2024-03-06T00:00:00"
		mustEqual(t, pick(ask(t, list, "visits?group=day&"+span), "visits"), `[[1],[3]]`)
		rows := ask(t, list, "visits?group=halfHourDistribution&"+span).([]any)
		mustEqual(t, rows[0], `{"time":{"from":"00:00","to":"00:30"},"avgVisits":1}`)
		mustEqual(t, rows[1], `{"time":{"from":"00:30","to":"01:00"},"avgVisits":0.5}`)
		mustEqual(t, rows[47], `{"time":{"from":"23:30","to":"00:00"},"avgVisits":0.5}`)
	}
}

func TestRefusedRequests(t *testing.T) {
	business := everything
	business.Edition = "business"
	cases := []struct {
		tenant  Tenant
		request string
		status  int
		message string // empty: any
	}{
		{everything, "visits?group=day&timeTo=2024-03-05T00:00:00", 400, "Parameter 'timeFrom' is required."},
		{everything, "visits?group=day&timeFrom=2024-03-05T00:00:00", 400, "Parameter 'timeTo' is required."},
		{everything, "visits?" + day, 400, "Parameter 'group' is required."},
		{everything, "visits?group=decade&" + day, 400, ""},
		{everything, "visits?group=department&" + day, 400, ""},
		{everything, "visits?group=day&timezone=Local&" + day, 400, ""},
		{everything, "visits?group=day&timezone=8&" + day, 400, ""},
		{everything, "visits?group=day&timezone=%2B25:00&" + day, 400, ""},
		{everything, "visits?group=day&timezone=%2B08:60&" + day, 400, ""},
		{everything, "visits?group=day&timezone=Europe/Atlantis&" + day, 400, ""},
		{everything, "visits?group=day&nonsense=1&" + day, 400, ""},
		{everything, "visits?group=day&filterName=department&filterValue=1&" + day, 400, ""},
		{everything, "visits?group=day&filterName=campaign&" + day, 400, ""},
		{everything, "visits?group=day&filterValue=1&" + day, 400, ""},
		{everything, "visits?group=day&filterName=campaign&filterValue=nobody&" + day, 200, ""},
		{everything, "visits?group=day&timeFrom=2024-03-04T00:00:00&timeTo=2024-03-04T00:00:00", 400, ""},
		{everything, "visits?group=day&timeFrom=2024-03-04&timeTo=2024-03-05T00:00:00", 400, ""},
		{everything, "visits?group=day&timeFrom=2024-02-30T00:00:00&timeTo=2024-03-05T00:00:00", 400, ""},
		{everything, "chatTransfer?group=24*7Distribution&" + day, 400, ""},
		{business, "chatTransfer?group=day&" + day, 403, ""},
		{business, "chatSource/requestPage?" + day, 403, ""},
		{business, "visits?group=day&" + day, 200, ""},
		{everything, "nothing?group=day&" + day, 404, ""},
	}
	for _, c := range cases {
		status, body := askTenant(t, c.tenant, nil, c.request)
		if status != c.status {
			t.Errorf("%s: %d %v, want %d", c.request, status, body, c.status)
			continue
		}
		if status == 200 {
			continue
		}
		e := body.(map[string]any)
		if e["code"] != float64(status*1000) || c.message != "" && e["message"] != c.message {
			t.Errorf("%s: %v, want code %d and %q", c.request, e, status*1000, c.message)
		}
	}
}
