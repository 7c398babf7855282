package reports

import (
	"context"
	"fmt"
	"io"
	"net/url"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// query is the parameter that holds the body of a query of Drift's.
const query = "query"

// addDrift adds Drift's queries, of the conversations that were requested in a period.
func addDrift(out map[string]*schedule.Report, state, journal table.Table) {
	out["drift/conversations"] = &schedule.Report{
		Formats: ofAnswers,
		Told:    schedule.Counters,
		Check: func(t *tenant.Tenant, s *tenant.Schedule) error {
			if err := known(s, []string{query, safe}); err != nil {
				return err
			}
			if err := checkSafe(s); err != nil {
				return err
			}
			if s.Parameters[query] == "" {
				return &schedule.FieldError{Field: "parameters", Err: fmt.Errorf("%q has no %s; %s takes it as a text of JSON, such as '{\"metrics\": [\"timeToCloseMillis\"]}'", s.ID, query, s.Report)}
			}
			_, r := drift.Within([]byte(s.Parameters[query]), anyDay, anyDay+86_400_000)
			return refused(s, r)
		},
		Write: func(ctx context.Context, w io.Writer, a *schedule.Asked) (int64, error) {
			body, r := drift.Within([]byte(a.Parameters[query]), a.From, a.To)
			if r != nil {
				return 0, r
			}
			q := url.Values{"format": {a.Format}}
			if value, given := a.Parameters[safe]; given {
				q.Set(safe, value)
			}
			answer, err := drift.Ask(ctx, journal, state, &dialect.Request{Tenant: a.Tenant, Path: drift.Path, Query: q, Body: body, Now: a.Now})
			if err != nil {
				return 0, err
			}
			return writeAnswer(w, a.Format, answer)
		},
	}
}
