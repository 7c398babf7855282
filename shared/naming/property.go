package naming

import "strings"

// Kinds are of what kind the ids under a property of an answer are. Nothing gives a visitor
// segment or a conversion action a name: theirs is empty.
var Kinds = map[string]string{
	"agentId": "agent", "departmentId": "department", "campaignId": "campaign", "autoInvitationId": "invitation", "cannedMessageId": "canned_message",
	"storyId": "story", "visitorId": "user", "visitorSegmentId": "segment", "conversionActionId": "action",
}

// Property is the one that tells the name of an id under another: agentName for agentId, name
// for id.
func Property(id string) string {
	if id == "id" {
		return "name"
	}
	return strings.TrimSuffix(id, "Id") + "Name"
}
