package reports

import (
	"context"
	"io"
	"net/url"
	"slices"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// ofSchedule are the parameters of Comm100's reports that a schedule sets itself: the
// period, by the clocks of the tenant's zone.
var ofSchedule = []string{"timeFrom", "timeTo", "timezone", "format"}

// addComm100 adds Comm100's reports.
func addComm100(out map[string]*schedule.Report, state, journal table.Table) {
	api := comm100.New(journal, state)
	for _, r := range comm100.Reports() {
		question := func(t *tenant.Tenant, parameters map[string]string, format string, from, to int64, now time.Time) (*dialect.Request, error) {
			q := url.Values{"format": {format}}
			for name, value := range parameters {
				q.Set(name, value)
			}
			zone, err := calendar.ParseZone(t.Zone)
			if err != nil {
				return nil, err
			}
			set := map[string]string{
				"timezone": t.Zone, "timeFrom": zone.Wall(from).Format(calendar.WallLayout), "timeTo": zone.Wall(to).Format(calendar.WallLayout),
			}
			for name, value := range set {
				if slices.Contains(r.Parameters.Names(), name) {
					q.Set(name, value)
				}
			}
			return &dialect.Request{Tenant: t, Path: comm100.Prefix + r.Path, Query: q, Now: now}, nil
		}
		told := schedule.Counters
		if r.Path == "agentStatus" { // it tells what each agent's log says
			told = schedule.Agents
		}
		out["comm100/"+r.Path] = &schedule.Report{
			Formats: ofAnswers,
			Told:    told,
			Listing: r.Realtime,
			Check: func(t *tenant.Tenant, s *tenant.Schedule) error {
				if err := known(s, r.Parameters.Without(ofSchedule...).Names()); err != nil {
					return err
				}
				q, err := question(t, s.Parameters, csvFormat, anyDay, anyDay+86_400_000, time.UnixMilli(anyDay))
				if err != nil {
					return err
				}
				return refused(s, comm100.Check(q))
			},
			Write: func(ctx context.Context, w io.Writer, a *schedule.Asked) (int64, error) {
				q, err := question(a.Tenant, a.Parameters, a.Format, a.From, a.To, a.Now)
				if err != nil {
					return 0, err
				}
				answer, err := api.Answer(ctx, q)
				if err != nil {
					return 0, err
				}
				return writeAnswer(w, a.Format, answer)
			},
		}
	}
}
