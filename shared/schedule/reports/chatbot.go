package reports

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// addChatBot adds ChatBot's reports.
func addChatBot(out map[string]*schedule.Report, state table.Table) {
	api := chatbot.New(state)
	for _, path := range chatbot.Paths() {
		question := func(t *tenant.Tenant, parameters map[string]string, format string, from, to int64, now time.Time) *dialect.Request {
			q := url.Values{"format": {format}}
			for name, value := range parameters {
				q.Set(name, value)
			}
			q.Set("from", time.UnixMilli(from).UTC().Format(time.RFC3339Nano))
			q.Set("to", time.UnixMilli(to).UTC().Format(time.RFC3339Nano))
			return &dialect.Request{Tenant: t, Path: path, Query: q, Now: now}
		}
		out["chatbot/"+strings.TrimPrefix(path, chatbot.Prefix)] = &schedule.Report{
			Formats: ofAnswers,
			Told:    schedule.Counters,
			Check: func(t *tenant.Tenant, s *tenant.Schedule) error {
				if err := known(s, chatbot.Parameters(path).Without("from", "to", "period", "format").Names()); err != nil {
					return err
				}
				return refused(s, chatbot.Check(question(t, s.Parameters, csvFormat, anyDay, anyDay+86_400_000, time.UnixMilli(anyDay))))
			},
			Write: func(ctx context.Context, w io.Writer, a *schedule.Asked) (int64, error) {
				answer, err := api.Answer(ctx, question(a.Tenant, a.Parameters, a.Format, a.From, a.To, a.Now))
				if err != nil {
					return 0, err
				}
				return writeAnswer(w, a.Format, answer)
			},
		}
	}
}
