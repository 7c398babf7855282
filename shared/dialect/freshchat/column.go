package freshchat

import "chatreports/shared/dialect"

// column declares a column, and what stands in it. R is what a row is made of.
type column[R any] struct {
	dialect.Column
	cell func(R) string
}

func words[R any](name, about string, cell func(R) string) column[R] {
	return column[R]{dialect.Column{Name: name, About: about}, cell}
}

func whole[R any](name, about string, cell func(R) string) column[R] {
	return column[R]{dialect.Column{Name: name, Type: dialect.Whole, About: about}, cell}
}

// truth may be empty, where nothing was said.
func truth[R any](name, about string, cell func(R) string) column[R] {
	return column[R]{dialect.Column{Name: name, Type: dialect.Truth, About: about}, cell}
}

// moment may be empty, where it has not come.
func moment[R any](name, about string, cell func(R) string) column[R] {
	return column[R]{dialect.Column{Name: name, Type: dialect.Moment, About: about}, cell}
}

func declared[R any](columns []column[R]) []dialect.Column {
	out := make([]dialect.Column, len(columns))
	for i := range columns {
		out[i] = columns[i].Column
	}
	return out
}

// cells appends those of a row.
func cells[R any](to []string, columns []column[R], of R) []string {
	for i := range columns {
		to = append(to, columns[i].cell(of))
	}
	return to
}

// Columns that several reports have. What those of the agent, the group and the actor
// are is the same in every report; which agent, group and actor it is, each report says.
var (
	channelName    = words("channel_name", "name of the channel (topic) that the conversation came through", func(r *row) string { return r.names.Name("channel", r.Request.Data.ChannelID) })
	channelID      = words("channel_id", "the channel", func(r *row) string { return r.Request.Data.ChannelID })
	reopened       = truth("reopened", "whether the interaction is not the conversation's first", func(r *row) string { return yes(r.Number > 1) })
	conversationID = words("conversation_id", "the conversation", func(r *row) string { return r.id })
	interactionID  = words("interaction_id", "the interaction: the conversation's id and when it started, in milliseconds", func(r *row) string { return r.wholeID() })
	rawID          = words("interaction_raw_id", "the same with the CRC-32 (IEEE) of the conversation's id, as a decimal number", func(r *row) string { return r.rawID() })

	agentName = words("agent_name", "name of the agent it is assigned to", func(r *row) string { return r.names.Name("agent", r.agent) })
	agentID   = words("agent_id", "the agent it is assigned to", func(r *row) string { return r.agent })
	groupName = words("group_name", "name of the group it is assigned to", func(r *row) string { return r.names.Name("department", r.group) })
	groupID   = words("group_id", "the group it is assigned to", func(r *row) string { return r.group })

	actorType = words("actor_type", "kind of the actor: USER, AGENT, BOT or SYSTEM", func(r *row) string { return capitals(r.actor.Type) })
	actorName = words("actor_name", "name of the actor; of a bot or the system without a name, the id", func(r *row) string { return nameOf(r.names, &r.actor) })
	actorID   = words("actor_id", "the actor", func(r *row) string { return r.actor.ID })
	subType   = words("actor_sub_type", "how it was routed", func(r *row) string { return r.subType })
	belongs   = truth("actor_belongs_to_group", "whether the actor is an agent in the row's group", func(r *row) string { return yes(r.belongs()) })
)

// createdAt is the time of the row's event, which decides in which window the row is.
func createdAt(about string) column[*row] {
	return moment("created_at", about, func(r *row) string { return dialect.FormatMoment(r.at) })
}

func valueInSeconds(about string) column[*row] {
	return whole("value_in_seconds", about, func(r *row) string { return seconds(r.millis) })
}
