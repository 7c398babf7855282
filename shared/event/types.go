package event

import (
	"slices"
	"strings"
)

// typeLine is one line of the table of event types: SEMANTICS of what each adds are in
// the measures' catalogue; adds says it in a sentence, for whoever writes events.
type typeLine struct {
	name    string
	subject string // kind of the entity the event belongs to
	// members of its data: one followed by "?" is optional; "=a|b" lists the values
	// it may have. What each of them is says the table in members.go.
	members string
	adds    string
}

const invitation = "kind=manual|auto invitationId? invitationName? agentId? campaignId?"

// typeTable is the one table of event types. Parse reads by it, and the page for
// people who write events is made from it.
var typeTable = []typeLine{
	{"visit.started", "visitor", "campaignId? hostId? pageUrl? sessionId? segmentIds?", "a visit, a view of a page, a visitor seen"},
	{"page.viewed", "visitor", "campaignId? hostId? pageUrl", "a view of a page"},
	{"entrypoint.viewed", "visitor", "entrypointId entrypointType=button|auto_invite entrypointName? campaignId?", "a view of an entry point, in Conversation24's exports"},
	{"entrypoint.clicked", "visitor", "entrypointId entrypointType=button|auto_invite entrypointName? campaignId?", "a click on an entry point, in Conversation24's exports"},
	{"invitation.matched", "visitor", invitation, "counted in Conversation24's exports"},
	{"invitation.sent", "visitor", invitation, "an invitation sent: by the agent if it is manual, else of the invitation"},
	{"invitation.accepted", "visitor", invitation, "an invitation accepted"},
	{"invitation.declined", "visitor", invitation, "an invitation refused"},
	{"invitation.ignored", "visitor", invitation, "counted in Conversation24's exports"},
	{"invitation.expired", "visitor", invitation, "counted in Conversation24's exports"},
	{"invitation.cancelled", "visitor", invitation, "counted in Conversation24's exports"},
	{"invitation.unavailable", "visitor", invitation, "counted in Conversation24's exports"},
	{"conversion.recorded", "visitor", "actionId value chatId? agentId? departmentId?", "a conversion and its value: with chatId, for those who were in that chat"},

	{"chat.requested", "chat", "visitorId visitorName? visitorType? initiatedBy=visitor|agent|bot|system source=visitor|manual_invitation|auto_invitation invitationId? entrypointId? campaignId? departmentId? channelId? channelName? segmentIds? hostId? pageUrl? playbookId? offline?", "the request: without it the chat counts nowhere but in ChatBot's reports"},
	{"chat.queued", "chat", "routeTo", "the wait in a queue begins, or moves to another queue"},
	{"chat.accepted", "chat", "agentId agentName? departmentId? departmentName?", "the request is a chat, its wait is over; the agent is in it, chat time begins"},
	{"chat.refused", "chat", "agentId? departmentId?", "a refused request, if nobody accepts it"},
	{"chat.abandoned", "chat", "", "a missed request: the visitor left the queue"},
	{"chat.missed", "chat", "", "a missed request"},
	{"chat.switched_to_message", "chat", "messageId?", "a missed request: the visitor left a message instead"},
	{"chat.assigned", "chat", "agentId? agentName? groupId? groupName? by routing?=intelliAssign|rule|api|dsat|channel", "the chat waits for this agent; others who were in it are out"},
	{"chat.transferred", "chat", "fromAgentId? toAgentId? fromDepartmentId? toDepartmentId?", "a transfer; who gives it away is out, who takes it is in"},
	{"chat.left", "chat", "agentId", "the agent is out of the chat"},
	{"message.sent", "chat", "messageId actor length cannedMessageId? cannedCategoryId? private? routing?", "a message; of an agent, an answer to what the visitor wrote before, and an acceptance if nobody accepted; a bot's takes the chat up"},
	{"chat.closed", "chat", "by resolveType?=agent|auto|bot agentId? groupId? successCode?", "the chat ends: chat time and its length are known"},
	{"chat.reopened", "chat", "by cause?=agent_reopen|user_message|customer_dissatisfaction|bot", "chat time goes on, for those who were in it at the end"},
	{"chat.labelled", "chat", "categoryId categoryName subCategoryId? subCategoryName? by", "a label of the interaction, if it is resolved: of each the first"},
	{"chat.rated", "chat", "score comment? issueResolved? csatId? by?", "the rating: the last one counts"},
	{"chat.wrapped_up", "chat", "campaignId? agentId? comment? fields", "the wrap-up: the last one counts"},
	{"chat.tagged", "chat", "tag", "a tag, which Drift's queries can ask for"},
	{"chat.untagged", "chat", "tag", "the tag is off again"},
	{"chat.scored", "chat", "cqlScore", "the score that Drift's queries can ask for: the last one counts"},
	{"chat.blocked", "chat", "reason", "the visitor is blocked, in Conversation24's exports: the last reason counts"},
	{"survey.submitted", "chat", "kind=prechat|postchat campaignId fields", "a survey, and an answer for each of its fields and options"},
	{"bot.interaction", "chat", "storyId interactionId? interactionName? interactionType?=fallback|welcome|contextFallback parentId? source=messenger|livechat|livechat3|slack|widget|app|custom", "the bot answered: the request is a chat; in reports of bots it counts also without a request"},

	{"offline_message.submitted", "message", "from=button|queue departmentId? campaignId? segmentIds?", "an offline message"},

	{"agent.status_changed", "agent", "status campaignId?", "time online, away, logged in, from now until the next change"},
	{"agent.auto_assign_changed", "agent", "enabled by?", "time in which chats are assigned to the agent automatically, or not, from now until the next change"},
	{"agent.updated", "agent", "username? firstName? lastName? email? departmentIds? maxConcurrentChats? accountId? disabled?", "the agent is known, and a member of these departments from now on"},
	{"department.updated", "department", "name?", "the department is known: it has a row even if nothing counts"},
	{"channel.updated", "channel", "name?", "the channel is known"},
	{"campaign.updated", "campaign", "name? accountId?", "the campaign is known"},
	{"host.updated", "host", "hostname? accountId? multipleAccId?", "the host is known"},
	{"invitation.updated", "invitation", "name? kind?=manual|auto campaignId?", "the invitation is known"},
	{"canned_message.updated", "canned_message", "name? categoryId?", "the canned message is known"},
	{"story.updated", "story", "name? interactions?", "the bot's story and its interactions are known"},

	{Retracted, "that of the event meant", "type id source? chatId?", "the event with this type, `id` and `source` counts nowhere any more, whichever of the two arrives first"},
}

// structureTable are the objects within data, as lines of the same kind.
var structureTable = map[string]string{
	"actor":       "type=user|agent|bot|system id name? subType?",
	"route":       "type=site|department|agent id?",
	"answer":      "fieldId fieldName? group? options?",
	"interaction": "id? name? type? parentId?",
}

// typeSpec says what a type is about and which members its data has.
type typeSpec struct {
	subject string
	members []memberSpec
}

type memberSpec struct {
	name     string
	required bool
	enum     []string
	shape    *shape
}

var (
	types      = parseTypes(typeTable)
	structures = parseStructures(structureTable)
)

func parseTypes(table []typeLine) map[string]typeSpec {
	out := make(map[string]typeSpec, len(table))
	for _, line := range table {
		out[line.name] = typeSpec{subject: line.subject, members: parseMembers(line.members)}
	}
	return out
}

func parseStructures(table map[string]string) map[string][]memberSpec {
	out := make(map[string][]memberSpec, len(table))
	for name, line := range table {
		out[name] = parseMembers(line)
	}
	return out
}

func parseMembers(line string) []memberSpec {
	var out []memberSpec
	for word := range strings.FieldsSeq(line) {
		word, enum, isEnum := strings.Cut(word, "=")
		name, optional := strings.CutSuffix(word, "?")
		shape, ok := memberTable[name]
		if !ok {
			panic("event: nothing is said of the member " + name)
		}
		m := memberSpec{name: name, required: !optional, shape: &shape}
		if isEnum {
			m.enum = strings.Split(enum, "|")
		}
		out = append(out, m)
	}
	return out
}

// names lists the members of an object.
func names(specs []memberSpec) []string {
	out := make([]string, len(specs))
	for i := range specs {
		out[i] = specs[i].name
	}
	return out
}

// TypeNames lists the known event types in order.
func TypeNames() []string {
	out := make([]string, len(typeTable))
	for i := range typeTable {
		out[i] = typeTable[i].name
	}
	slices.Sort(out)
	return out
}
