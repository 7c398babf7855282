package reports

import (
	"context"
	"io"
	"net/url"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/conversation24"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// ofConversation24 is what its exports are made of; the others tell what there is.
var ofConversation24 = map[string]schedule.Told{
	"agent-activity":    schedule.Agents,
	"agent-performance": schedule.Chats | schedule.Agents | schedule.Stays | schedule.Shifts,
	"conversations":     schedule.Chats,
	"automatic-invites": schedule.Counters,
	"traffic":           schedule.Counters | schedule.Chats,
	"slots":             schedule.Chats | schedule.Agents | schedule.Stays,
}

// addConversation24 adds Conversation24's exports.
func addConversation24(out map[string]*schedule.Report, state, journal table.Table) {
	api := conversation24.New(journal, state)
	for _, r := range conversation24.Reports() {
		question := func(t *tenant.Tenant, parameters map[string]string, from, to int64, now time.Time) *dialect.Request {
			q := url.Values{}
			for name, value := range parameters {
				q.Set(name, value)
			}
			q.Set("from", time.UnixMilli(from).UTC().Format(time.RFC3339Nano))
			q.Set("to", time.UnixMilli(to).UTC().Format(time.RFC3339Nano))
			return &dialect.Request{Tenant: t, Path: conversation24.Path + r.Name, Query: q, Now: now}
		}
		out["conversation24/"+r.Name] = &schedule.Report{
			Formats: ofRows,
			Told:    ofConversation24[r.Name],
			Listing: r.List,
			Check: func(t *tenant.Tenant, s *tenant.Schedule) error {
				if err := known(s, r.Parameters.Without("from", "to", "format").Names()); err != nil {
					return err
				}
				return refused(s, conversation24.Check(question(t, s.Parameters, anyDay, anyDay+86_400_000, time.UnixMilli(anyDay))))
			},
			Write: func(ctx context.Context, w io.Writer, a *schedule.Asked) (int64, error) {
				sheet, _, err := api.Sheet(ctx, question(a.Tenant, a.Parameters, a.From, a.To, a.Now))
				if err != nil {
					return 0, err
				}
				return writeSheet(w, sheet, a)
			},
		}
	}
}
