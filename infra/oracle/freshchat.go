package oracle

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"chatreports/shared/event"
)

// freshchatReports is each raw report, its columns in order, and its rows of all time.
var freshchatReports = map[string]struct {
	columns string
	rows    func(o *Oracle, now int64) []rowOut
}{
	"Conversation-Created": {"channel_name reopened actor_type group_name reopen_cause created_at interaction_id conv_url interaction_raw_id group_id conversation_id " +
		"is_conv_offline channel_id user_id", each((*Oracle).createdRows)},
	"Message-Sent": {"channel_name actor_sub_type reopened actor_type group_name actor_name created_at interaction_id interaction_raw_id group_id conversation_id " +
		"actor_id channel_id", each((*Oracle).messageRows)},
	"Conversation-Resolved": {"channel_name reopened actor_type resolve_type agent_name agent_id group_name actor_name created_at interaction_id interaction_raw_id group_id " +
		"actor_belongs_to_group conversation_id actor_id channel_id resolved_at", each((*Oracle).resolvedRows)},
	"Conversation-Resolution-Label": {"channel_name reopened agent_name agent_id actor_type label_sub_category_id group_name user_name actor_name label_category_name " +
		"created_at interaction_id interaction_raw_id group_id actor_belongs_to_group conversation_id label_category_id actor_id label_sub_category_name channel_id " +
		"labelled_by_type", each((*Oracle).labelRows)},
	"CSAT-Score": {"channel_name reopened agent_name agent_id csat_id csat_submitter_user_name csat_submitter_user_id group_name actor_name created_at has_response " +
		"interaction_id interaction_raw_id issue_resolved group_id actor_belongs_to_group conversation_id csat_reopen csat_response actor_id channel_id value", each((*Oracle).ratingRows)},
	"First-Response-Time": {"channel_name reopened agent_name agent_id group_name actor_name created_at interaction_id interaction_raw_id total_first_response_time_in_seconds " +
		"group_id actor_belongs_to_group conversation_id value_in_seconds actor_id channel_id", each((*Oracle).firstResponseRows)},
	"Response-Time":               {seventeen, each((*Oracle).responseRows)},
	"Resolution-Time":             {seventeen, each((*Oracle).resolutionRows)},
	"Conversation-Agent-Assigned": {seventeen, each((*Oracle).agentAssignedRows)},
	"Conversation-Group-Assigned": {seventeen, each((*Oracle).groupAssignedRows)},
	"Agent-Activity":              {"agent_name agent_id status created_at ended_at value_in_seconds", (*Oracle).statusRows},
	"Agent-Intelliassign-Activity": {
		"agent_name agent_id intelliassign actor_type actor_name actor_id created_at ended_at value_in_seconds",
		(*Oracle).autoAssignRows,
	},
}

const seventeen = "channel_name actor_sub_type reopened agent_name agent_id actor_type group_name actor_name created_at interaction_id interaction_raw_id group_id " +
	"actor_belongs_to_group conversation_id value_in_seconds actor_id channel_id"

// cells are a row's, by column; columns that the report does not have are left out.
type cells map[string]string

// rowOut is a row, the time that says which window it is in, whose it is, and the event
// that made it.
type rowOut struct {
	at int64
	of string
	by *event.Event
	cells
}

// FreshchatReports are the names of the raw reports.
func FreshchatReports() []string { return names(freshchatReports) }

// Freshchat is a raw report of [from, to), asked for now: a line of columns, then rows.
func (o *Oracle) Freshchat(name string, from, to, now time.Time) [][]string {
	report := freshchatReports[name]
	var rows []rowOut
	for _, r := range report.rows(o, now.UnixMilli()) {
		if from.UnixMilli() <= r.at && r.at < to.UnixMilli() {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b rowOut) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.of, b.of), cmp.Compare(a.by.ID, b.by.ID), cmp.Compare(a.by.Source, b.by.Source))
	})
	return table(strings.Fields(report.columns), rows)
}

// table is the columns and the rows' cells in their order.
func table(columns []string, rows []rowOut) [][]string {
	out := [][]string{columns}
	for _, r := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = r.cells[c]
		}
		out = append(out, line)
	}
	return out
}

// each is the rows of every chat.
func each(rows func(o *Oracle, c *told) []rowOut) func(*Oracle, int64) []rowOut {
	return func(o *Oracle, _ int64) []rowOut {
		var all []rowOut
		for _, c := range o.told {
			all = append(all, rows(o, c)...)
		}
		return all
	}
}

// row begins a row of an interaction with the cells that all have.
func (o *Oracle) row(c *told, part int, by *event.Event) rowOut {
	start := c.start(part)
	d := &c.request.Data
	return rowOut{by.At, c.id, by, cells{
		"channel_id":         d.ChannelID,
		"channel_name":       o.name("channel", d.ChannelID),
		"reopened":           truth(part > 0),
		"created_at":         moment(by.At),
		"conversation_id":    c.id,
		"interaction_id":     fmt.Sprintf("%s-%d", c.id, start),
		"interaction_raw_id": fmt.Sprintf("%d-%d", crc32.ChecksumIEEE([]byte(c.id)), start),
	}}
}

// start is when an interaction began.
func (c *told) start(part int) int64 { return c.parts[part].opening.At }

// assigned fills in whom the chat is assigned to.
func (o *Oracle) assigned(r rowOut, a assignment) {
	r.cells["agent_id"], r.cells["agent_name"] = a.agent, o.name("agent", a.agent)
	r.cells["group_id"], r.cells["group_name"] = a.group, o.name("group", a.group)
	r.cells["actor_belongs_to_group"] = truth(r.cells["actor_type"] == "AGENT" && slices.Contains(o.profile(r.cells["actor_id"]).groups, a.group))
}

// acted fills in who did it; it is called before assigned.
func (o *Oracle) acted(r rowOut, a *event.Actor) {
	a = whoever(a)
	r.cells["actor_type"], r.cells["actor_id"] = strings.ToUpper(a.Type), a.ID
	name := o.name(kindOf(a.Type), a.ID)
	if a.Type == "bot" || a.Type == "system" {
		name = cmp.Or(a.Name, name, a.ID)
	}
	r.cells["actor_name"] = name
}

// whoever is an actor; a rule is the system.
func whoever(a *event.Actor) *event.Actor {
	if a.Type == "auto" {
		return &event.Actor{Type: "system"}
	}
	return a
}

// atResolution is the assignment that a close names, else the one in force.
func (s *step) atResolution() assignment {
	return assignment{cmp.Or(s.Data.AgentID, s.agent), cmp.Or(s.Data.GroupID, s.group), s.routing}
}

func truth(yes bool) string { return fmt.Sprint(yes) }

// moment is a time in a cell.
func moment(at int64) string { return time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z") }

// wholeSeconds is a length in a cell; there is none below nothing.
func wholeSeconds(ms int64) string { return fmt.Sprint(max(0, ms) / msPerSecond) }

// link is a template with the chat's id in it, percent-encoded but for what RFC 3986 does not reserve.
func link(template, id string) string {
	var encoded strings.Builder
	for _, b := range []byte(id) {
		if b < 0x80 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", rune(b)) {
			encoded.WriteByte(b)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", b)
		}
	}
	return strings.ReplaceAll(template, "{chatId}", encoded.String())
}
