package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"time"
)

// hourOf is the hour of the wall clock that holds a moment: when it begins, its number
// and the midnight before it. A change of the offset begins an hour, too.
func (o *Oracle) hourOf(at int64) (begin int64, hour int, midnight int64) {
	zone := o.zone()
	wall := wallOf(time.UnixMilli(at), zone)
	start := time.UnixMilli(at).Add(-wall.Sub(wall.Truncate(time.Hour)))
	for change := zone.Next(start); !change.IsZero() && change.UnixMilli() <= at; change = zone.Next(change) {
		start = change
	}
	day := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	return start.UnixMilli(), wall.Hour(), firstAtOrAfter(day, zone).UnixMilli()
}

// counted is a row of an hour with what was counted in it.
type counted struct {
	rowOut
	counts map[string]int
}

// tally counts by row.
type tally map[string]*counted

// add counts one in a column of the row with these keys.
func (t tally) add(column string, begin int64, row cells, keys ...string) {
	of := sorted(keys...)
	key := sorted(fmt.Sprint(begin), of)
	if t[key] == nil {
		t[key] = &counted{rowOut{begin, of, nil, row}, map[string]int{}}
	}
	t[key].counts[column]++
}

// rows is every row, with zeros in the columns that counted nothing.
func (t tally) rows(columns ...string) (rows []rowOut) {
	for _, c := range t {
		row := maps.Clone(c.cells)
		for _, column := range columns {
			row[column] = fmt.Sprint(c.counts[column])
		}
		rows = append(rows, rowOut{c.at, c.of, nil, row})
	}
	return rows
}

// inviteColumns is where each kind of event counts.
var inviteColumns = map[string]string{
	"sent": "num_proactive", "accepted": "num_proactive_accepted", "declined": "num_proactive_declined", "matched": "num_proactive_match",
	"cancelled": "num_proactive_cancelled", "unavailable": "num_proactive_no_availability", "expired": "num_proactive_expired", "ignored": "num_proactive_ignored",
}

// invites is what became of automatic invitations, by hour, campaign and invitation.
func (w *exported) invites() []rowOut {
	t := tally{}
	for _, e := range w.invitations {
		_, verb, _ := strings.Cut(e.Type, ".")
		if e.Data.Kind != "auto" || !w.holds(e.At) {
			continue
		}
		begin, hour, midnight := w.hourOf(e.At)
		campaign, filter := e.Data.Campaign(), e.Data.InvitationID
		t.add(inviteColumns[verb], begin, cells{
			"chatcampaign_id": campaign, "filter_id": filter, "filter_name": w.name("invitation", filter), "account_id": w.siteAccount("", campaign),
			"date": fmt.Sprint(midnight / 1000), "hour_of_day": fmt.Sprint(hour),
			"hour_begin_time": moment(begin), "hour_end_time": moment(begin + 3_599_000),
		}, campaign, filter)
	}
	var columns []string
	for _, c := range inviteColumns {
		columns = append(columns, c)
	}
	return t.rows(columns...)
}

// traffic is views of pages and entry points, clicks and chats, by hour, campaign and entry point.
func (w *exported) traffic() []rowOut {
	t := tally{}
	add := func(column string, at int64, campaign, id string) { // of an entry point or an invitation
		if w.holds(at) {
			begin, _, _ := w.hourOf(at)
			t.add(column, begin, cells{
				"chatcampaign_id": campaign, "hour_begin_time": moment(begin), "entrypoint_id": id, "entrypoint": w.entryPoint(id, id),
			}, campaign, id)
		}
	}
	for _, e := range w.events {
		d := &e.Data
		switch e.Type {
		case "page.viewed":
			add("visits", e.At, d.Campaign(), "")
		case "entrypoint.viewed":
			add("views", e.At, d.Campaign(), d.EntrypointID)
		case "entrypoint.clicked":
			add("clicks", e.At, d.Campaign(), d.EntrypointID)
		}
	}
	for _, c := range w.told {
		if d := &c.request.Data; len(c.joins) > 0 {
			add("chats", c.joins[0].at, d.Campaign(), cmp.Or(d.EntrypointID, d.InvitationID))
		}
	}
	return t.rows("visits", "views", "clicks", "chats")
}
