package dashboard

import (
	"net/url"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/docs"
)

// ways lists how figures and chats are had as files: what a browser saves at once, else what is
// asked, and the page that tells more.
func ways(a *asker) (*listing, error) {
	in, err := location(a.tenant.Zone)
	if err != nil {
		return nil, err
	}
	y, m, d := a.now.In(in).Date()
	first, after := days("lastMonth", time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	q := url.Values{
		"report": {"chatVolume"}, "measure": {"chatRequests"}, "group": {inAll}, "names": {"true"}, "format": {"csv"}, "timezone": {a.tenant.Zone},
		"timeFrom": {first.Format(calendar.WallLayout)}, "timeTo": {after.Format(calendar.WallLayout)},
	}
	told := func(text, at string) item { return item{Text: text, Href: docs.At(at)} }
	return &listing{
		Name: "ways", Wide: true, Title: "What can be had", Heads: []string{"What", "How", "More"},
		Note: "A spreadsheet opens CSV. Whatever a figure is made of can be saved like this: follow the figure to its rows.",
		Lines: [][]item{
			{{Text: "Chats of last month, with names and outcome"}, {Text: "save as CSV", Href: Prefix + "rows?" + q.Encode()}, told("rows behind a figure", "rows")},
			{{Text: "Figures by day, agent, department, …"}, {Text: "on each page, under each panel"}, told("exports", "exports")},
			{{Text: "A row for each conversation, with messages, lengths, rating"}, {Text: "GET /v1/exports/conversations?names=true"}, told("Conversation24", "conversation24")},
			{{Text: "A row for each thing that happened"}, {Text: "POST /v2/reports/raw"}, told("Freshchat", "freshchat")},
			{{Text: "A link for somebody without a key"}, {Text: "POST /v1/exports/conversations/links"}, told("public links", "conversation24#public-links")},
			{{Text: "The same report every week"}, {Text: "schedules in the tenant's file"}, told("schedules", "schedules")},
		},
	}, nil
}
