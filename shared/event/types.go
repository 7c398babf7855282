package event

import "strings"

// typeSpec says what a type is about and which members its data has.
type typeSpec struct {
	subject string // kind of the entity the event belongs to
	members []memberSpec
}

type memberSpec struct {
	name     string
	required bool
	enum     []string
}

// types is the one table of event types: SEMANTICS section 1. A member followed
// by "?" is optional; "=a|b" lists the values it may have.
var typeTable = map[string]string{
	"visit.started":             "visitor: campaignId? hostId? pageUrl? sessionId? segmentIds?",
	"page.viewed":               "visitor: campaignId? hostId? pageUrl",
	"entrypoint.viewed":         "visitor: entrypointId entrypointType=button|auto_invite entrypointName? campaignId?",
	"entrypoint.clicked":        "visitor: entrypointId entrypointType=button|auto_invite entrypointName? campaignId?",
	"invitation.matched":        "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.sent":           "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.accepted":       "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.declined":       "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.ignored":        "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.expired":        "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.cancelled":      "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"invitation.unavailable":    "visitor: kind=manual|auto invitationId? invitationName? agentId? campaignId?",
	"conversion.recorded":       "visitor: actionId value chatId? agentId? departmentId?",
	"chat.requested":            "chat: visitorId visitorName? visitorType? initiatedBy=visitor|agent|bot|system source=visitor|manual_invitation|auto_invitation invitationId? entrypointId? campaignId? departmentId? channelId? channelName? segmentIds? hostId? pageUrl? playbookId? offline?",
	"chat.queued":               "chat: routeTo",
	"chat.accepted":             "chat: agentId agentName? departmentId? departmentName?",
	"chat.refused":              "chat: agentId? departmentId?",
	"chat.abandoned":            "chat:",
	"chat.missed":               "chat:",
	"chat.switched_to_message":  "chat: messageId?",
	"chat.assigned":             "chat: agentId? agentName? groupId? groupName? by routing?=intelliAssign|rule|api|dsat|channel",
	"chat.transferred":          "chat: fromAgentId? toAgentId? fromDepartmentId? toDepartmentId?",
	"chat.left":                 "chat: agentId",
	"message.sent":              "chat: messageId actor length cannedMessageId? cannedCategoryId? private? routing?",
	"chat.closed":               "chat: by resolveType?=agent|auto|bot agentId? groupId? successCode?",
	"chat.reopened":             "chat: by cause?=agent_reopen|user_message|customer_dissatisfaction|bot",
	"chat.labelled":             "chat: categoryId categoryName subCategoryId? subCategoryName? by",
	"chat.rated":                "chat: score comment? issueResolved? csatId? by?",
	"chat.wrapped_up":           "chat: campaignId? agentId? comment? fields",
	"chat.tagged":               "chat: tag",
	"chat.untagged":             "chat: tag",
	"chat.scored":               "chat: cqlScore",
	"chat.blocked":              "chat: reason",
	"survey.submitted":          "chat: kind=prechat|postchat campaignId fields",
	"offline_message.submitted": "message: from=button|queue departmentId? campaignId? segmentIds?",
	"bot.interaction":           "chat: storyId interactionId? interactionName? interactionType?=fallback|welcome|contextFallback parentId? source=messenger|livechat|livechat3|slack|widget|app|custom",
	"agent.status_changed":      "agent: status campaignId?",
	"agent.auto_assign_changed": "agent: enabled by?",
	"agent.updated":             "agent: username? firstName? lastName? email? departmentIds? maxConcurrentChats? accountId? disabled?",
	"department.updated":        "department: name?",
	"channel.updated":           "channel: name?",
	"campaign.updated":          "campaign: name? accountId?",
	"host.updated":              "host: hostname? accountId? multipleAccId?",
	"invitation.updated":        "invitation: name? kind?=manual|auto campaignId?",
	"canned_message.updated":    "canned_message: name? categoryId?",
	"story.updated":             "story: name? interactions?",
}

var types map[string]typeSpec

func parseTypes(table map[string]string) map[string]typeSpec {
	out := make(map[string]typeSpec, len(table))
	for typ, line := range table {
		subject, rest, _ := strings.Cut(line, ":")
		spec := typeSpec{subject: subject}
		for word := range strings.FieldsSeq(rest) {
			word, enum, isEnum := strings.Cut(word, "=")
			m := memberSpec{name: strings.TrimSuffix(word, "?"), required: !strings.HasSuffix(word, "?")}
			if isEnum {
				m.enum = strings.Split(enum, "|")
			}
			if members[m.name].set == nil {
				panic("event: no setter for member " + m.name)
			}
			spec.members = append(spec.members, m)
		}
		out[typ] = spec
	}
	return out
}
