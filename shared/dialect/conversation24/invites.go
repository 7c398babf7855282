package conversation24

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	corereport "chatreports/shared/report"
)

var inviteColumns = []dialect.Column{
	{Name: "chatcampaign_id", Of: "campaign", About: "the campaign"},
	{Name: "date", Type: dialect.Whole, About: "the midnight that began the day in the tenant's zone, in Unix seconds"},
	{Name: "hour_of_day", Type: dialect.Whole, About: "0 to 23, in the tenant's zone"},
	{Name: "filter_id", Of: "invitation", About: "the automatic invitation"},
	{Name: "account_id", About: "the campaign's account, else the tenant's id"},
	{Name: "hour_begin_time", Type: dialect.Moment, About: "when the hour began"},
	{Name: "hour_end_time", Type: dialect.Moment, About: "59 minutes and 59 seconds after"},
	{Name: "filter_name", About: "the invitation's name"},
	{Name: "num_proactive", Type: dialect.Whole, About: "sent, that is seen"},
	{Name: "num_proactive_accepted", Type: dialect.Whole, About: "accepted"},
	{Name: "num_proactive_declined", Type: dialect.Whole, About: "declined"},
	{Name: "num_proactive_match", Type: dialect.Whole, About: "could have been shown"},
	{Name: "num_proactive_cancelled", Type: dialect.Whole, About: "cancelled since no agent was there"},
	{Name: "num_proactive_no_availability", Type: dialect.Whole, About: "accepted, and no agent was there"},
	{Name: "num_proactive_expired", Type: dialect.Whole, About: "expired"},
	{Name: "num_proactive_ignored", Type: dialect.Whole, About: "ignored"},
}

// fates are what becomes of an invitation, in the order of the columns.
var fates = [...]string{"sent", "accepted", "declined", "matched", "cancelled", "unavailable", "expired", "ignored"}

type invited [len(fates)]int64

func inviteRows(_ context.Context, _ *extract.Ground, s *extract.Source, q *request) rows {
	act := func(t *tally[invited], a *corereport.Act) {
		what, ok := strings.CutPrefix(a.Type, "invitation.")
		if i := slices.Index(fates[:], what); ok && i >= 0 {
			t.at(a.At, a.Campaign, a.ID)[i] += a.N
		}
	}
	return hourly(s, q, act, nil, func(names extract.Names, p place, n *invited) []string {
		name := ""
		if p.id != "" {
			name = names.Name("invitation", p.id)
		}
		cells := []string{
			p.campaign, strconv.FormatInt(dayOf(q.zone, p.hour).Unix(), 10), whole(q.zone.Wall(p.hour).Hour()), p.id,
			websiteAccount(q.Tenant, names, "", p.campaign), dialect.FormatMoment(p.hour), dialect.FormatMoment(p.hour + lastSecond.Milliseconds()), name,
		}
		for _, n := range n {
			cells = append(cells, count(n))
		}
		return cells
	})
}

// lastSecond is when an hour ends, as it is told.
const lastSecond = 59*time.Minute + 59*time.Second
