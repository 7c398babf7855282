package conversation24_test

import (
	"bytes"
	"net/url"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/job"
	"chatreports/shared/render"
	"chatreports/shared/tenant"
)

// What a job makes of a request is what its caller would be answered.
func TestAJobMakesWhatIsAskedFor(t *testing.T) {
	s := newSystem(t)
	api := conversation24.New(s.Journal, s.State)
	renderer := render.New(s.State, map[string]render.Kind{conversation24.Kind: render.Exports(api, conversation24.Path)}, func() time.Time { return now })
	who, ok, err := tenant.Get(t.Context(), s.State, "acme")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	made := 0
	for _, report := range conversation24.Reports() {
		for _, query := range []string{"", "format=jsonl", "from=2026-03-01&to=2026-03-02T06:00:00%2B01:00&spreadsheetSafe=true", "campaign=k", "to=2026-03-02"} {
			values, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			asked := &dialect.Request{Tenant: &who, Path: conversation24.Path + report.Name, Query: values, Now: now}
			wanted, refused := api.Job(asked)
			if refused != nil {
				if report.List && values.Has("campaign") {
					continue // a list is of all campaigns
				}
				t.Fatal(report.Name, query, refused.Sentence())
			}
			answer, err := api.Answer(t.Context(), asked)
			if err != nil {
				t.Fatal(err)
			}
			want, err := answer.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			done, err := renderer.Make(t.Context(), &job.Job{Tenant: "acme", Wanted: wanted}, &got, func(job.Progress) {})
			if err != nil || !bytes.Equal(got.Bytes(), want) || !done.CountedUntil.Equal(answer.CountedUntil) || report.Name+wanted.Ending != answer.FileName {
				t.Errorf("%s?%s: %q, want %q, %v", report.Name, query, got.String(), want, err)
			}
			if done.Rows > 0 {
				made++
			}
		}
	}
	if made == 0 {
		t.Error("none has a row")
	}
	if _, err := renderer.Make(t.Context(), &job.Job{Tenant: "acme", Wanted: job.Wanted{Kind: conversation24.Kind, Report: "nothing", Format: "csv"}}, &bytes.Buffer{}, func(job.Progress) {}); err == nil {
		t.Error("a report that there is not is made")
	}
}
