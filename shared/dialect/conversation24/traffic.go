package conversation24

import (
	"cmp"
	"context"
	"strconv"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	corereport "chatreports/shared/report"
)

var trafficColumns = []dialect.Column{
	{Name: "chatcampaign_id", About: "the campaign"},
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
	return func(yield func([]string, error) bool) {
		hours, counted := hours{zone: q.zone}, tally[passing]{}
		err := s.Acts(q.From, q.To, func(a corereport.Act) error {
			at := func() *passing { return counted.at(place{hours.of(a.At).From, a.Campaign, a.ID}) }
			switch a.Type {
			case "page.viewed":
				at().visits += a.N
			case "entrypoint.viewed":
				at().views += a.N
			case "entrypoint.clicked":
				at().clicks += a.N
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
			return
		}
		for cells, err := range s.Run(&establishedChats, nil).Rows {
			if err != nil {
				yield(nil, err)
				return
			}
			at, _ := strconv.ParseInt(cells[0], 10, 64)
			counted.at(place{hours.of(at).From, cells[1], cells[2]}).chats++
		}
		for _, p := range counted.places() {
			n := counted[p]
			if *n == (passing{}) { // what was counted was taken back
				continue
			}
			cells := []string{p.campaign, dialect.FormatMoment(p.hour), p.id, entrypoint(s.Names(), p.id), count(n.visits), count(n.views), count(n.clicks), count(n.chats)}
			if !yield(cells, s.Err()) {
				return
			}
		}
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
