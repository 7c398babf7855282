package freshchat

import (
	"strconv"

	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

var csatScore = chatReport{
	name: "CSAT-Score",
	columns: []column[*row]{
		channelName,
		reopened,
		agentName,
		agentID,
		words("csat_id", "the survey of satisfaction", func(r *row) string { return r.step.Data.CSATID }),
		words("csat_submitter_user_name", "name of who rated", func(r *row) string { s := submitter(r); return r.names.Name(s.Type, s.ID) }),
		words("csat_submitter_user_id", "who rated", func(r *row) string { return submitter(r).ID }),
		groupName,
		actorName,
		createdAt("when it was rated"),
		truth("has_response", "whether a comment was given with it", func(r *row) string { return yes(r.step.Data.Comment != "") }),
		interactionID,
		rawID,
		truth("issue_resolved", "whether the visitor says that the issue is resolved; empty if not said", issueResolved),
		groupID,
		belongs,
		conversationID,
		truth("csat_reopen", "whether dissatisfaction is why the next interaction began", dissatisfied),
		words("csat_response", "the comment", func(r *row) string { return r.step.Data.Comment }),
		actorID,
		channelID,
		whole("value", "the rating, 0 to 5", func(r *row) string { return strconv.FormatInt(r.step.Data.Score, 10) }),
	},
	rows: func(c *chat, i *interaction) func(*conversation.Step) {
		return func(s *conversation.Step) {
			if s.Type != "chat.rated" || !c.has(s.At) {
				return
			}
			r := c.rowOf(i, s)
			if i.Close != nil {
				r.resolved()
			}
			c.emit(r)
		}
	},
	types: []string{"chat.rated"},
}

// submitter is who is said to have rated, else the visitor.
func submitter(r *row) event.Actor {
	if by := r.step.Data.By; by != nil && by.ID != "" {
		return *by
	}
	return event.Actor{Type: "user", ID: r.Request.Data.VisitorID}
}

func issueResolved(r *row) string {
	if said := r.step.Data.IssueResolved; said != nil {
		return yes(*said)
	}
	return ""
}

func dissatisfied(r *row) string {
	next := r.Number // they count from 1
	return yes(next < len(r.Interactions) && r.Interactions[next].Begin.Data.Cause == "customer_dissatisfaction")
}
