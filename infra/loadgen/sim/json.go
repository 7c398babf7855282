package sim

import (
	"encoding/json"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// AppendJSON appends the event as one structured CloudEvent, without a line end.
// Members that a type requires are written even where they are zero.
func AppendJSON(b []byte, e *event.Event) []byte {
	b = append(b, `{"specversion":"1.0","id":`...)
	b = appendString(b, e.ID)
	b = append(b, `,"source":`...)
	b = appendString(b, e.Source)
	b = append(b, `,"type":`...)
	b = appendString(b, e.Type)
	b = append(b, `,"subject":`...)
	b = appendString(b, e.Subject)
	b = append(b, `,"time":"`...)
	b = time.UnixMilli(e.At).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","data":{`...)
	w := writer{b: b, empty: true}
	w.data(e.Type, &e.Data)
	return append(w.b, '}', '}')
}

// writer writes the members of one object.
type writer struct {
	b     []byte
	empty bool
}

func (w *writer) key(k string) {
	if !w.empty {
		w.b = append(w.b, ',')
	}
	w.empty = false
	w.b = append(w.b, '"')
	w.b = append(w.b, k...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) str(k, v string) {
	if v != "" {
		w.key(k)
		w.b = appendString(w.b, v)
	}
}

func (w *writer) optStr(k string, v *string) {
	if v != nil {
		w.key(k)
		w.b = appendString(w.b, *v)
	}
}

func (w *writer) num(k string, v int64, required bool) {
	if v != 0 || required {
		w.key(k)
		w.b = strconv.AppendInt(w.b, v, 10)
	}
}

func (w *writer) flag(k string, v, required bool) {
	if v || required {
		w.key(k)
		w.b = strconv.AppendBool(w.b, v)
	}
}

func (w *writer) optFlag(k string, v *bool) {
	if v != nil {
		w.flag(k, *v, true)
	}
}

func (w *writer) list(k string, v []string) {
	w.key(k)
	w.b = append(w.b, '[')
	for i, s := range v {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = appendString(w.b, s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) object(k string, members func(*writer)) {
	w.key(k)
	in := writer{b: append(w.b, '{'), empty: true}
	members(&in)
	w.b = append(in.b, '}')
}

func (w *writer) actor(k string, a *event.Actor) {
	switch {
	case a == nil:
	case a.Type == "auto": // a label that a rule gave
		w.str(k, "auto")
	default:
		w.key(k)
		in := writer{b: append(w.b, '{'), empty: true}
		in.str("type", a.Type)
		in.str("id", a.ID)
		in.str("name", a.Name)
		in.str("subType", a.SubType)
		w.b = append(in.b, '}')
	}
}

func (w *writer) data(typ string, d *event.Data) {
	w.request(d)
	if d.RouteTo != nil {
		w.object("routeTo", func(in *writer) {
			in.str("type", d.RouteTo.Type)
			in.str("id", d.RouteTo.ID)
		})
	}
	w.str("agentId", d.AgentID)
	w.str("agentName", d.AgentName)
	w.str("departmentName", d.DepartmentName)
	w.str("groupId", d.GroupID)
	w.str("groupName", d.GroupName)
	w.str("fromAgentId", d.FromAgentID)
	w.str("toAgentId", d.ToAgentID)
	w.str("fromDepartmentId", d.FromDepartmentID)
	w.str("toDepartmentId", d.ToDepartmentID)
	w.str("messageId", d.MessageID)
	w.actor("actor", d.Actor)
	w.num("length", d.Length, typ == "message.sent")
	w.str("cannedMessageId", d.CannedMessageID)
	w.str("cannedCategoryId", d.CannedCategoryID)
	w.flag("private", d.Private, false)
	w.actor("by", d.By)
	w.str("routing", d.Routing)
	w.str("resolveType", d.ResolveType)
	w.str("successCode", d.SuccessCode)
	w.str("cause", d.Cause)
	w.str("categoryId", d.CategoryID)
	w.str("categoryName", d.CategoryName)
	w.str("subCategoryId", d.SubCategoryID)
	w.str("subCategoryName", d.SubCategoryName)
	w.num("score", d.Score, typ == "chat.rated")
	w.str("comment", d.Comment)
	w.optFlag("issueResolved", d.IssueResolved)
	w.str("csatId", d.CSATID)
	w.answers(d.Fields, typ == "survey.submitted" || typ == "chat.wrapped_up")
	w.str("tag", d.Tag)
	w.num("cqlScore", d.CQLScore, typ == "chat.scored")
	w.str("reason", d.Reason)
	w.str("from", d.From)
	w.str("actionId", d.ActionID)
	if d.Value != 0 || typ == "conversion.recorded" {
		w.key("value")
		w.b = append(w.b, d.Value.String()...)
	}
	w.str("chatId", d.ChatID)
	w.str("storyId", d.StoryID)
	w.str("interactionId", d.InteractionID)
	w.str("interactionName", d.InteractionName)
	w.str("interactionType", d.InteractionType)
	w.str("parentId", d.ParentID)
	w.str("status", d.Status)
	w.flag("enabled", d.Enabled, typ == "agent.auto_assign_changed")
	w.updated(d)
}

// request writes what visits, invitations and requests say.
func (w *writer) request(d *event.Data) {
	w.str("visitorId", d.VisitorID)
	w.str("visitorName", d.VisitorName)
	w.str("visitorType", d.VisitorType)
	w.str("initiatedBy", d.InitiatedBy)
	w.str("source", d.Source)
	w.str("kind", d.Kind)
	w.str("invitationId", d.InvitationID)
	w.str("invitationName", d.InvitationName)
	w.str("entrypointId", d.EntrypointID)
	w.str("entrypointType", d.EntrypointType)
	w.str("entrypointName", d.EntrypointName)
	w.optStr("campaignId", d.CampaignID)
	w.str("departmentId", d.DepartmentID)
	w.str("channelId", d.ChannelID)
	w.str("channelName", d.ChannelName)
	if len(d.SegmentIDs) > 0 {
		w.list("segmentIds", d.SegmentIDs)
	}
	w.str("hostId", d.HostID)
	w.str("pageUrl", d.PageURL)
	w.str("sessionId", d.SessionID)
	w.str("playbookId", d.PlaybookID)
	w.optFlag("offline", d.Offline)
}

// updated writes what .updated events say.
func (w *writer) updated(d *event.Data) {
	w.optStr("username", d.Username)
	w.optStr("firstName", d.FirstName)
	w.optStr("lastName", d.LastName)
	w.optStr("email", d.Email)
	if d.DepartmentIDs != nil {
		w.list("departmentIds", *d.DepartmentIDs)
	}
	if d.MaxConcurrentChats != nil {
		w.num("maxConcurrentChats", *d.MaxConcurrentChats, true)
	}
	w.optStr("accountId", d.AccountID)
	w.optFlag("disabled", d.Disabled)
	w.optStr("name", d.Name)
	w.optStr("hostname", d.Hostname)
	w.optStr("multipleAccId", d.MultipleAccID)
	if len(d.Interactions) > 0 {
		w.key("interactions")
		for i, in := range d.Interactions {
			w.b = append(w.b, "[,"[min(i, 1)], '{')
			m := writer{b: w.b, empty: true}
			m.str("id", in.ID)
			m.str("name", in.Name)
			m.str("type", in.Type)
			m.str("parentId", in.ParentID)
			w.b = append(m.b, '}')
		}
		w.b = append(w.b, ']')
	}
}

func (w *writer) answers(fields []event.Answer, required bool) {
	if len(fields) == 0 && !required {
		return
	}
	w.key("fields")
	w.b = append(w.b, '[')
	for i, f := range fields {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		m := writer{b: append(w.b, '{'), empty: true}
		m.str("fieldId", f.FieldID)
		m.str("fieldName", f.FieldName)
		m.str("group", f.Group)
		m.list("options", f.Options)
		w.b = append(m.b, '}')
	}
	w.b = append(w.b, ']')
}

// appendString appends a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always marshals
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
