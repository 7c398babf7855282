package schedule_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/schedule"
	"chatreports/shared/tenant"
)

func (w *world) listed() string {
	w.t.Helper()
	t, _, err := tenant.Get(w.t.Context(), w.state, "acme")
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := schedule.NewAPI(w.state).Answer(w.t.Context(), &dialect.Request{Tenant: &t, Path: schedule.Path, Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := a.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(body))
}

func TestSchedulesAreListedWithHowFarTheyAre(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z")
	if got, want := w.listed(), `{"schedules":[]}`; got != want {
		t.Errorf("none are listed as %s", got)
	}
	hourly := tenant.Schedule{ID: "h", Report: "test/events", Rate: "1 hour", Parameters: map[string]string{"group": "day"}}
	w.declare(nightly, hourly)
	if got, want := w.listed(), `{"schedules":[`+
		`{"id":"s","report":"test/events","cron":"15 3 * * *","nextRun":"2026-11-27T12:01:00.000Z","prefix":"schedules/acme/s/"},`+
		`{"id":"h","report":"test/events","rate":"1 hour","parameters":{"group":"day"},"nextRun":"2026-11-27T12:01:00.000Z","prefix":"schedules/acme/h/"}]}`; got != want {
		t.Errorf("at first they are listed as\n%s, want\n%s", got, want)
	}
	w.happen("2026-11-26T10:00:00Z")
	w.declare(nightly)
	w.run("2026-11-27T12:34:56Z")
	if got, want := w.listed(), `{"schedules":[{"id":"s","report":"test/events","cron":"15 3 * * *","nextRun":"2026-11-28T02:15:00.000Z","lastRun":"2026-11-27T12:34:56.000Z",`+
		`"deliveredUntil":"2026-11-26T23:00:00.000Z","countedUntil":"2026-11-27T12:00:00.000Z","prefix":"schedules/acme/s/","manifest":"schedules/acme/s/2026-11-26/manifest.json"}]}`; got != want {
		t.Errorf("then they are listed as\n%s, want\n%s", got, want)
	}
	w.fails, w.now = errors.New("no disk"), moment(t, "2026-11-28T12:00:00Z")
	if w.scheduler().Run(t.Context()) == nil || !strings.Contains(w.listed(), `"nextRun":"2026-11-28T02:15:00.000Z","lastRun":"2026-11-27T12:34:56.000Z"`) ||
		!strings.Contains(w.listed(), `"failure":"The report could not be made or stored; it is tried again every five minutes."`) {
		t.Errorf("a failure is listed as\n%s", w.listed())
	}
	w.fails, w.real = dialect.Refuse(403, "forbidden", "Not in this edition."), w.real.Add(time.Hour)
	if w.scheduler().Run(t.Context()) == nil || !strings.Contains(w.listed(), `"failure":"Not in this edition."`) {
		t.Errorf("a refusal is listed as\n%s", w.listed())
	}
	_, err := schedule.NewAPI(w.state).Answer(t.Context(), &dialect.Request{Tenant: &tenant.Tenant{ID: "acme"}, Path: schedule.Path, Query: url.Values{"id": {"s"}}})
	if refused, ok := errors.AsType[*dialect.Refusal](err); !ok || refused.Sentence() != "Parameter 'id' is unknown. Known parameters: none." {
		t.Errorf("a parameter: %v", err)
	}
}

func TestTheManifest(t *testing.T) {
	w := newWorld(t, "2026-11-27T12:00:00Z", nightly)
	w.happen("2026-11-26T10:00:00Z")
	w.run("2026-11-27T12:00:00Z")
	w.real = w.real.Add(6 * time.Hour)
	w.happen("2026-11-26T09:00:00Z")
	w.run("2026-11-28T02:15:01Z")
	const want = `{
  "tenant": "acme",
  "schedule": "s",
  "report": "test/events",
  "zone": "Europe/Berlin",
  "day": "2026-11-26",
  "periods": [
    {
      "from": "2026-11-25T23:00:00.000Z",
      "to": "2026-11-26T23:00:00.000Z",
      "versions": [
        {
          "version": 1,
          "object": "2026-11-26.1.csv",
          "rows": 1,
          "bytes": 21,
          "sha256": "130c535240898723e6a043a2af852baf0aa1381fb89a4f803d00d40f2e490b7f",
          "countedUntil": "2026-11-27T12:00:00.000Z",
          "writtenAt": "2026-11-27T12:00:00.000Z"
        },
        {
          "version": 2,
          "object": "2026-11-26.2.csv",
          "rows": 2,
          "bytes": 42,
          "sha256": "4a7eb7b040e063000c3f8fc9e8e0628b445a22c551aff637fe20edcb790b5766",
          "countedUntil": "2026-11-27T18:00:00.000Z",
          "writtenAt": "2026-11-28T02:15:01.000Z"
        }
      ]
    }
  ]
}
`
	if got := w.bucket.objects["schedules/acme/s/2026-11-26/manifest.json"]; got != want {
		t.Errorf("the manifest is\n%s", got)
	}
}
