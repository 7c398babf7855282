package function

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"chatreports/shared/job"
	"chatreports/shared/measure"
	"chatreports/shared/object/directory"
	"chatreports/shared/report"
	"chatreports/shared/table/embedded"
)

// A job that has to wait for whoever runs the system is no failure: its message is settled, the
// schedule that tries it again does not fail, and the log warns.
func TestAJobThatWaitsIsNoFailure(t *testing.T) {
	for name, why := range map[string]error{
		"counted by another version": fmt.Errorf("opening: %w", &measure.VersionError{Tenant: "acme", Stored: 7, Own: 6}),
		"rebuilt what an earlier":    fmt.Errorf("tenant %q: %w", "acme", report.ErrEarlier),
	} {
		t.Run(name, func(t *testing.T) {
			db, err := embedded.Open(t.TempDir(), embedded.NoSync)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
			clock := func() time.Time { return now }
			objects, err := directory.Open(t.TempDir(), clock)
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			d := Deps{State: db.Table("state"), Now: clock, Clock: clock, Objects: objects, Log: slog.New(slog.NewJSONHandler(&log, nil))}
			if err := job.Ask(t.Context(), d.State, "acme", "one", job.Wanted{Kind: "k", Report: "r", Format: "csv"}, now); err != nil {
				t.Fatal(err)
			}
			render := Render(d, func(context.Context, *job.Job, io.Writer, func(job.Progress)) (job.Made, error) {
				return job.Made{}, why
			})
			for _, event := range []string{`{"Records":[{"messageId":"m","body":"{\"tenant\":\"acme\",\"id\":\"one\"}"}]}`, `{}`} {
				now = now.Add(time.Minute)
				raw, err := render.Invoke(t.Context(), []byte(event))
				var answer struct{ BatchItemFailures []any }
				if err != nil || json.Unmarshal(raw, &answer) != nil || len(answer.BatchItemFailures) > 0 {
					t.Errorf("%s: %s, %v", event, raw, err)
				}
			}
			j, err := job.Find(t.Context(), d.State, "acme", "one", now)
			if err != nil || j.State != job.Pending || !strings.Contains(j.Reason, name) {
				t.Errorf("it is %+v, %v", j, err)
			}
			if n := strings.Count(log.String(), `"level":"WARN","msg":"a job waits"`); n != 2 || strings.Contains(log.String(), "ERROR") {
				t.Errorf("%d warnings:\n%s", n, &log)
			}
		})
	}
}
