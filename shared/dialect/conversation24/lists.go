package conversation24

import (
	"context"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
)

var agentColumns = []dialect.Column{
	{Name: "id", Of: "agent", About: "the agent"},
	{Name: "username", About: "as it was sent"},
	{Name: "firstname", About: "the first name"},
	{Name: "lastname", About: "the last name"},
	{Name: "email", About: "the address"},
	{Name: "account_id", About: "the agent's account, else the tenant's id"},
	{Name: "disabled", Type: dialect.Whole, About: "1 if the agent was deleted, else 0"},
}

func agentRows(_ context.Context, _ *extract.Ground, s *extract.Source, q *request) rows {
	return each(s, "agent", func(names extract.Names, id string) []string {
		e := names.Entry("agent", id)
		disabled := e.Disabled != nil && *e.Disabled
		return []string{id, text(e.Username), text(e.FirstName), text(e.LastName), text(e.Email), accountOf(q.Tenant, names, "agent", id), truth(disabled, "1", "0")}
	})
}

var hostColumns = []dialect.Column{
	{Name: "id", Of: "host", About: "the host"},
	{Name: "account_id", About: "its account, else the tenant's id"},
	{Name: "hostname", About: "the domain's name"},
	{Name: "multiple_acc_id", About: "tells accounts of one domain apart"},
}

func hostRows(_ context.Context, _ *extract.Ground, s *extract.Source, q *request) rows {
	return each(s, "host", func(names extract.Names, id string) []string {
		e := names.Entry("host", id)
		return []string{id, websiteAccount(q.Tenant, names, id, ""), text(e.Hostname), text(e.MultipleAccID)}
	})
}

// each tells a row of every known entity of a kind, by id.
func each(s *extract.Source, kind string, row func(names extract.Names, id string) []string) rows {
	return func(yield func([]string, error) bool) {
		known, err := s.Known(kind)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, id := range known {
			if !yield(row(s.Names(), id), s.Err()) {
				return
			}
		}
	}
}
