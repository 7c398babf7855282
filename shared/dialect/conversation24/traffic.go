package conversation24

import (
	"cmp"
	"context"
	"iter"
	"strconv"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	corereport "chatreports/shared/report"
)

var trafficColumns = []dialect.Column{
	{Name: "chatcampaign_id", Of: "campaign", About: "the campaign"},
	{Name: "hour_begin_time", Type: dialect.Moment, About: "when the hour of the tenant's zone began"},
	{Name: "entrypoint_id", About: "the entry point; of a chat without one its invitation"},
	{Name: "entrypoint", About: "its name"},
	{Name: "visits", Type: dialect.Whole, About: "page views: in the campaign's row without an entry point"},
	{Name: "views", Type: dialect.Whole, About: "how often the entry point was seen"},
	{Name: "clicks", Type: dialect.Whole, About: "how often it was clicked"},
	{Name: "chats", Type: dialect.Whole, About: "chats that an agent joined, in the hour in which the first did"},
}

// passing is what happened in an hour at an entry point.
type passing struct{ visits, views, clicks, chats int64 }

// establishedChats tells the chats that an agent joined, with where they came from.
var establishedChats = extract.Report{
	Name: "established chats",
	Chats: func(w *extract.Window, _ extract.Names, c *conversation.Conversation, emit func(extract.Row)) {
		if joined := joinings(c); len(joined) > 0 {
			d := &c.Request.Data
			emit(extract.Row{At: joined[0].From, Order: []string{c.ID}, Cells: []string{
				strconv.FormatInt(joined[0].From, 10), d.Campaign(), cmp.Or(d.EntrypointID, d.InvitationID),
			}})
		}
	},
}

func trafficRows(_ context.Context, _ *extract.Ground, s *extract.Source, q *request) rows {
	act := func(t *tally[passing], a *corereport.Act) {
		switch a.Type {
		case "page.viewed":
			t.at(a.At, a.Campaign, a.ID).visits += a.N
		case "entrypoint.viewed":
			t.at(a.At, a.Campaign, a.ID).views += a.N
		case "entrypoint.clicked":
			t.at(a.At, a.Campaign, a.ID).clicks += a.N
		}
	}
	return func(yield func([]string, error) bool) {
		next, stop := iter.Pull2(s.Run(&establishedChats, nil).Rows)
		defer stop()
		cells, err, more := next()
		chats := func(t *tally[passing], before int64) error {
			for ; more; cells, err, more = next() {
				if err != nil {
					return err
				}
				at, err := strconv.ParseInt(cells[0], 10, 64)
				if err != nil || at >= before {
					return err
				}
				t.at(at, cells[1], cells[2]).chats++
			}
			return nil
		}
		hourly(s, q, act, chats, func(names extract.Names, p place, n *passing) []string {
			return []string{p.campaign, dialect.FormatMoment(p.hour), p.id, entrypoint(names, p.id), count(n.visits), count(n.views), count(n.clicks), count(n.chats)}
		})(yield)
	}
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

// entrypoint is the name of an entry point, else of the invitation of that id.
func entrypoint(names extract.Names, id string) string {
	if id == "" {
		return ""
	}
	return cmp.Or(names.Name("entrypoint", id), names.Name("invitation", id))
}
