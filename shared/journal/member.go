package journal

import "chatreports/shared/event"

// member takes the value of a member of an event's data. Of one that is not known here, as
// of a newer version, it declines.
func (s *scanner) member(d *event.Data, name []byte) {
	switch string(name) {
	case "visitorId":
		s.text(&d.VisitorID)
	case "visitorName":
		s.text(&d.VisitorName)
	case "visitorType":
		s.text(&d.VisitorType)
	case "initiatedBy":
		s.text(&d.InitiatedBy)
	case "source":
		s.text(&d.Source)
	case "invitationId":
		s.text(&d.InvitationID)
	case "entrypointId":
		s.text(&d.EntrypointID)
	case "campaignId":
		s.textOrNull(&d.CampaignID)
	case "departmentId":
		s.text(&d.DepartmentID)
	case "channelId":
		s.text(&d.ChannelID)
	case "channelName":
		s.text(&d.ChannelName)
	case "segmentIds":
		s.list(&d.SegmentIDs)
	case "hostId":
		s.text(&d.HostID)
	case "pageUrl":
		s.text(&d.PageURL)
	case "sessionId":
		s.text(&d.SessionID)
	case "playbookId":
		s.text(&d.PlaybookID)
	case "offline":
		s.truthOrNull(&d.Offline)
	case "routeTo":
		s.route(&d.RouteTo)
	case "agentId":
		s.text(&d.AgentID)
	case "agentName":
		s.text(&d.AgentName)
	case "departmentName":
		s.text(&d.DepartmentName)
	case "messageId":
		s.text(&d.MessageID)
	case "groupId":
		s.text(&d.GroupID)
	case "groupName":
		s.text(&d.GroupName)
	case "by":
		s.actor(&d.By)
	case "routing":
		s.text(&d.Routing)
	case "fromAgentId":
		s.text(&d.FromAgentID)
	case "toAgentId":
		s.text(&d.ToAgentID)
	case "fromDepartmentId":
		s.text(&d.FromDepartmentID)
	case "toDepartmentId":
		s.text(&d.ToDepartmentID)
	case "actor":
		s.actor(&d.Actor)
	case "length":
		s.number(&d.Length)
	case "cannedMessageId":
		s.text(&d.CannedMessageID)
	case "cannedCategoryId":
		s.text(&d.CannedCategoryID)
	case "private":
		s.truth(&d.Private)
	case "resolveType":
		s.text(&d.ResolveType)
	case "successCode":
		s.text(&d.SuccessCode)
	case "cause":
		s.text(&d.Cause)
	case "categoryId":
		s.text(&d.CategoryID)
	case "categoryName":
		s.text(&d.CategoryName)
	case "subCategoryId":
		s.text(&d.SubCategoryID)
	case "subCategoryName":
		s.text(&d.SubCategoryName)
	case "score":
		s.number(&d.Score)
	case "comment":
		s.text(&d.Comment)
	case "issueResolved":
		s.truthOrNull(&d.IssueResolved)
	case "csatId":
		s.text(&d.CSATID)
	case "fields":
		s.answers(&d.Fields)
	case "tag":
		s.text(&d.Tag)
	case "cqlScore":
		s.number(&d.CQLScore)
	case "reason":
		s.text(&d.Reason)
	case "kind":
		s.text(&d.Kind)
	case "from":
		s.text(&d.From)
	case "invitationName":
		s.text(&d.InvitationName)
	case "entrypointType":
		s.text(&d.EntrypointType)
	case "entrypointName":
		s.text(&d.EntrypointName)
	case "actionId":
		s.text(&d.ActionID)
	case "value":
		s.number((*int64)(&d.Value))
	case "wide":
		s.truth(&d.Wide)
	case "chatId":
		s.text(&d.ChatID)
	case "storyId":
		s.text(&d.StoryID)
	case "interactionId":
		s.text(&d.InteractionID)
	case "interactionName":
		s.text(&d.InteractionName)
	case "interactionType":
		s.text(&d.InteractionType)
	case "parentId":
		s.text(&d.ParentID)
	case "status":
		s.text(&d.Status)
	case "enabled":
		s.truth(&d.Enabled)
	case "username":
		s.textOrNull(&d.Username)
	case "firstName":
		s.textOrNull(&d.FirstName)
	case "lastName":
		s.textOrNull(&d.LastName)
	case "email":
		s.textOrNull(&d.Email)
	case "departmentIds":
		s.listOrNull(&d.DepartmentIDs)
	case "maxConcurrentChats":
		s.numberOrNull(&d.MaxConcurrentChats)
	case "accountId":
		s.textOrNull(&d.AccountID)
	case "disabled":
		s.truthOrNull(&d.Disabled)
	case "name":
		s.textOrNull(&d.Name)
	case "hostname":
		s.textOrNull(&d.Hostname)
	case "multipleAccId":
		s.textOrNull(&d.MultipleAccID)
	case "interactions":
		s.interactions(&d.Interactions)
	case "type":
		s.text(&d.Type)
	case "id":
		s.text(&d.ID)
	case "*":
		s.rest(d)
	default:
		s.declined = true
	}
}
