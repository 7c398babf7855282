package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
)

var conversationResolved = chatReport{
	name: "Conversation-Resolved",
	columns: []column[*row]{
		channelName,
		reopened,
		actorType,
		words("resolve_type", "AGENT_RESOLVE, AUTO_RESOLVE, BOTS_RESOLVE or FREDDY BOT RESOLVE", resolveType),
		agentName,
		agentID,
		groupName,
		actorName,
		moment("created_at", "when the conversation was created: its request", func(r *row) string { return dialect.FormatMoment(r.Request.At) }),
		interactionID,
		rawID,
		groupID,
		belongs,
		conversationID,
		actorID,
		channelID,
		moment("resolved_at", "when the interaction was resolved (our addition)", func(r *row) string { return dialect.FormatMoment(r.at) }),
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		if i.Close != nil && c.has(i.Close.At) {
			r := c.rowOf(i, i.Close)
			r.resolved()
			c.emit(r)
		}
		return nil
	},
	types: none,
}

func resolveType(r *row) string {
	typ := r.Close.Data.ResolveType
	if typ == "" {
		typ = map[string]string{"agent": "agent", "bot": "bot", "system": "auto"}[r.actor.Type]
	}
	switch {
	case typ == "bot" && freddy(&r.actor):
		return "FREDDY BOT RESOLVE"
	case typ == "bot":
		return "BOTS_RESOLVE"
	case typ == "agent":
		return "AGENT_RESOLVE"
	case typ == "auto":
		return "AUTO_RESOLVE"
	}
	return ""
}

var resolutionLabel = chatReport{
	name: "Conversation-Resolution-Label",
	columns: []column[*row]{
		channelName,
		reopened,
		agentName,
		agentID,
		actorType,
		words("label_sub_category_id", "the label's sub-category", func(r *row) string { return r.step.Data.SubCategoryID }),
		groupName,
		words("user_name", "name of the visitor", func(r *row) string { return r.names.Name("user", r.Request.Data.VisitorID) }),
		actorName,
		words("label_category_name", "name of the label's category", func(r *row) string { return r.names.Name("category", r.step.Data.CategoryID) }),
		createdAt("when the label was attached"),
		interactionID,
		rawID,
		groupID,
		belongs,
		conversationID,
		words("label_category_id", "the label's category", func(r *row) string { return r.step.Data.CategoryID }),
		actorID,
		words("label_sub_category_name", "name of the label's sub-category", func(r *row) string { return r.names.Name("subcategory", r.step.Data.SubCategoryID) }),
		channelID,
		words("labelled_by_type", "who attached it: AGENT for an agent, else AUTO_RESOLVE", labelledBy),
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		if i.Close == nil {
			return nil
		}
		seen := map[[2]string]bool{}
		return func(s *conversation.Step) {
			label := [2]string{s.Data.CategoryID, s.Data.SubCategoryID}
			if s.Type != "chat.labelled" || seen[label] {
				return
			}
			seen[label] = true
			if c.has(s.At) {
				r := c.rowOf(i, s)
				r.resolved()
				c.emit(r)
			}
		}
	},
	types: []string{"chat.labelled"},
}

func labelledBy(r *row) string {
	if r.step.Data.By.Type == "agent" {
		return "AGENT"
	}
	return "AUTO_RESOLVE"
}
