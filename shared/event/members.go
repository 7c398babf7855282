package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// memberKind says how one member of data is read.
type memberKind struct {
	expect string // what a caller should have sent, for the error message
	id     bool   // an identifier: non-empty where required, at most MaxIDBytes
	set    func(d *Data, raw json.RawMessage) error
}

// fieldError is a mistake inside a member: Path is relative to it.
type fieldError struct{ path, code, message string }

func (e *fieldError) Error() string { return e.message }

func into[T any](expect string, field func(*Data) *T) memberKind {
	return memberKind{expect: expect, set: func(d *Data, raw json.RawMessage) error {
		return json.Unmarshal(raw, field(d))
	}}
}

func id(field func(*Data) *string) memberKind {
	m := into("a string", field)
	m.id = true
	return m
}

func text(field func(*Data) *string) memberKind { return into("a string", field) }

func optional[T any](expect string, field func(*Data) **T) memberKind {
	return memberKind{expect: expect, set: func(d *Data, raw json.RawMessage) error {
		v := new(T)
		if err := json.Unmarshal(raw, v); err != nil {
			return err
		}
		*field(d) = v
		return nil
	}}
}

func checked(m memberKind, check func(*Data) *fieldError) memberKind {
	set := m.set
	m.set = func(d *Data, raw json.RawMessage) error {
		if err := set(d, raw); err != nil {
			return err
		}
		if err := check(d); err != nil {
			return err
		}
		return nil
	}
	return m
}

// members is the one table of data members, for all types that have them.
var members map[string]memberKind

func init() {
	members = map[string]memberKind{
		"visitorId":        id(func(d *Data) *string { return &d.VisitorID }),
		"visitorName":      text(func(d *Data) *string { return &d.VisitorName }),
		"visitorType":      text(func(d *Data) *string { return &d.VisitorType }),
		"initiatedBy":      text(func(d *Data) *string { return &d.InitiatedBy }),
		"source":           text(func(d *Data) *string { return &d.Source }),
		"invitationId":     id(func(d *Data) *string { return &d.InvitationID }),
		"entrypointId":     id(func(d *Data) *string { return &d.EntrypointID }),
		"campaignId":       checked(optional("a string", func(d *Data) **string { return &d.CampaignID }), func(d *Data) *fieldError { return checkID("", *d.CampaignID) }),
		"departmentId":     id(func(d *Data) *string { return &d.DepartmentID }),
		"channelId":        id(func(d *Data) *string { return &d.ChannelID }),
		"channelName":      text(func(d *Data) *string { return &d.ChannelName }),
		"segmentIds":       checked(into("an array of strings", func(d *Data) *[]string { return &d.SegmentIDs }), func(d *Data) *fieldError { return checkIDs(d.SegmentIDs) }),
		"hostId":           id(func(d *Data) *string { return &d.HostID }),
		"pageUrl":          text(func(d *Data) *string { return &d.PageURL }),
		"sessionId":        id(func(d *Data) *string { return &d.SessionID }),
		"playbookId":       id(func(d *Data) *string { return &d.PlaybookID }),
		"offline":          optional("true or false", func(d *Data) **bool { return &d.Offline }),
		"routeTo":          checked(into("an object {type, id?}", func(d *Data) **Route { return &d.RouteTo }), checkRoute),
		"agentId":          id(func(d *Data) *string { return &d.AgentID }),
		"agentName":        text(func(d *Data) *string { return &d.AgentName }),
		"departmentName":   text(func(d *Data) *string { return &d.DepartmentName }),
		"messageId":        id(func(d *Data) *string { return &d.MessageID }),
		"groupId":          id(func(d *Data) *string { return &d.GroupID }),
		"groupName":        text(func(d *Data) *string { return &d.GroupName }),
		"by":               {expect: `an actor {type, id, name?, subType?}`, set: setBy},
		"routing":          text(func(d *Data) *string { return &d.Routing }),
		"fromAgentId":      id(func(d *Data) *string { return &d.FromAgentID }),
		"toAgentId":        id(func(d *Data) *string { return &d.ToAgentID }),
		"fromDepartmentId": id(func(d *Data) *string { return &d.FromDepartmentID }),
		"toDepartmentId":   id(func(d *Data) *string { return &d.ToDepartmentID }),
		"actor":            checked(into("an actor {type, id, name?, subType?}", func(d *Data) **Actor { return &d.Actor }), func(d *Data) *fieldError { return checkActor(d.Actor) }),
		"length":           checked(into("a whole number of characters", func(d *Data) *int64 { return &d.Length }), atLeast(0, 1<<40, func(d *Data) int64 { return d.Length })),
		"cannedMessageId":  id(func(d *Data) *string { return &d.CannedMessageID }),
		"cannedCategoryId": id(func(d *Data) *string { return &d.CannedCategoryID }),
		"private":          into("true or false", func(d *Data) *bool { return &d.Private }),
		"resolveType":      text(func(d *Data) *string { return &d.ResolveType }),
		"successCode":      text(func(d *Data) *string { return &d.SuccessCode }),
		"cause":            text(func(d *Data) *string { return &d.Cause }),
		"categoryId":       id(func(d *Data) *string { return &d.CategoryID }),
		"categoryName":     text(func(d *Data) *string { return &d.CategoryName }),
		"subCategoryId":    id(func(d *Data) *string { return &d.SubCategoryID }),
		"subCategoryName":  text(func(d *Data) *string { return &d.SubCategoryName }),
		"score":            checked(into("a whole number from 0 to 5", func(d *Data) *int64 { return &d.Score }), atLeast(0, 5, func(d *Data) int64 { return d.Score })),
		"comment":          text(func(d *Data) *string { return &d.Comment }),
		"issueResolved":    optional("true or false", func(d *Data) **bool { return &d.IssueResolved }),
		"csatId":           id(func(d *Data) *string { return &d.CSATID }),
		"fields":           checked(into("an array of {fieldId, fieldName, group?, options}", func(d *Data) *[]Answer { return &d.Fields }), checkAnswers),
		"tag":              text(func(d *Data) *string { return &d.Tag }),
		"cqlScore":         checked(into("a whole number from -1 to 3", func(d *Data) *int64 { return &d.CQLScore }), atLeast(-1, 3, func(d *Data) int64 { return d.CQLScore })),
		"reason":           text(func(d *Data) *string { return &d.Reason }),
		"kind":             text(func(d *Data) *string { return &d.Kind }),
		"from":             text(func(d *Data) *string { return &d.From }),
		"invitationName":   text(func(d *Data) *string { return &d.InvitationName }),
		"entrypointType":   text(func(d *Data) *string { return &d.EntrypointType }),
		"entrypointName":   text(func(d *Data) *string { return &d.EntrypointName }),
		"actionId":         id(func(d *Data) *string { return &d.ActionID }),
		"value":            into("a number with at most six decimals, below a trillion", func(d *Data) *Decimal { return &d.Value }),
		"chatId":           id(func(d *Data) *string { return &d.ChatID }),
		"storyId":          id(func(d *Data) *string { return &d.StoryID }),
		"interactionId":    id(func(d *Data) *string { return &d.InteractionID }),
		"interactionName":  text(func(d *Data) *string { return &d.InteractionName }),
		"interactionType":  text(func(d *Data) *string { return &d.InteractionType }),
		"parentId":         id(func(d *Data) *string { return &d.ParentID }),
		"status":           checked(text(func(d *Data) *string { return &d.Status }), checkStatus),
		"enabled":          into("true or false", func(d *Data) *bool { return &d.Enabled }),

		"username":           optional("a string", func(d *Data) **string { return &d.Username }),
		"firstName":          optional("a string", func(d *Data) **string { return &d.FirstName }),
		"lastName":           optional("a string", func(d *Data) **string { return &d.LastName }),
		"email":              optional("a string", func(d *Data) **string { return &d.Email }),
		"departmentIds":      checked(optional("an array of strings", func(d *Data) **[]string { return &d.DepartmentIDs }), func(d *Data) *fieldError { return checkIDs(*d.DepartmentIDs) }),
		"maxConcurrentChats": checked(optional("a whole number", func(d *Data) **int64 { return &d.MaxConcurrentChats }), atLeast(0, 1<<31, func(d *Data) int64 { return *d.MaxConcurrentChats })),
		"accountId":          optional("a string", func(d *Data) **string { return &d.AccountID }),
		"disabled":           optional("true or false", func(d *Data) **bool { return &d.Disabled }),
		"name":               optional("a string", func(d *Data) **string { return &d.Name }),
		"hostname":           optional("a string", func(d *Data) **string { return &d.Hostname }),
		"multipleAccId":      {expect: "a string", set: setMultipleAccID},
		"interactions":       into("an array of {id?, name?, type?, parentId?}", func(d *Data) *[]Interaction { return &d.Interactions }),
	}
	types = parseTypes(typeTable)
}

// setBy reads an actor, or the word "auto" (labels that a rule gave).
func setBy(d *Data, raw json.RawMessage) error {
	if bytes.Equal(raw, []byte(`"auto"`)) {
		d.By = &Actor{Type: "auto"}
		return nil
	}
	if err := json.Unmarshal(raw, &d.By); err != nil {
		return err
	}
	if err := checkActor(d.By); err != nil {
		return err
	}
	return nil
}

// setMultipleAccID takes a string, a number or a boolean: the vendor shows all.
func setMultipleAccID(d *Data, raw json.RawMessage) error {
	s := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
	} else if raw[0] == '{' || raw[0] == '[' {
		return &fieldError{code: CodeWrongType, message: "should be a string"}
	}
	d.MultipleAccID = &s
	return nil
}

var actorTypes = []string{"user", "agent", "bot", "system"}

func checkActor(a *Actor) *fieldError {
	switch {
	case a == nil || a.Type == "":
		return &fieldError{path: ".type", code: CodeMissingField, message: "is required: one of " + strings.Join(actorTypes, ", ")}
	case !contains(actorTypes, a.Type):
		return &fieldError{path: ".type", code: CodeInvalidValue, message: fmt.Sprintf("is %q; it should be one of %s", a.Type, strings.Join(actorTypes, ", "))}
	case a.ID == "":
		return &fieldError{path: ".id", code: CodeMissingField, message: "is required: a string"}
	}
	return checkID(".id", a.ID)
}

var routeTypes = []string{"site", "department", "agent"}

func checkRoute(d *Data) *fieldError {
	r := d.RouteTo
	switch {
	case r == nil || r.Type == "":
		return &fieldError{path: ".type", code: CodeMissingField, message: "is required: one of " + strings.Join(routeTypes, ", ")}
	case !contains(routeTypes, r.Type):
		return &fieldError{path: ".type", code: CodeInvalidValue, message: fmt.Sprintf("is %q; it should be one of %s", r.Type, strings.Join(routeTypes, ", "))}
	case r.Type != "site" && r.ID == "":
		return &fieldError{path: ".id", code: CodeMissingField, message: "is required for a queue of a " + r.Type}
	}
	return checkID(".id", r.ID)
}

func checkAnswers(d *Data) *fieldError {
	for i, a := range d.Fields {
		if a.FieldID == "" {
			return &fieldError{path: fmt.Sprintf("[%d].fieldId", i), code: CodeMissingField, message: "is required: a string"}
		}
		if err := checkID(fmt.Sprintf("[%d].fieldId", i), a.FieldID); err != nil {
			return err
		}
	}
	return nil
}

func checkStatus(d *Data) *fieldError {
	if d.Status == "" {
		return &fieldError{code: CodeInvalidValue, message: "is empty; it should be online, away, offline or the name of a custom status"}
	}
	return nil
}

func checkID(path, v string) *fieldError {
	if len(v) > MaxIDBytes {
		return &fieldError{path: path, code: CodeIDTooLong, message: fmt.Sprintf("has %d bytes; an id has at most %d", len(v), MaxIDBytes)}
	}
	return nil
}

func checkIDs(ids []string) *fieldError {
	for i, v := range ids {
		if err := checkID(fmt.Sprintf("[%d]", i), v); err != nil {
			return err
		}
	}
	return nil
}

func atLeast(low, high int64, field func(*Data) int64) func(*Data) *fieldError {
	return func(d *Data) *fieldError {
		if v := field(d); v < low || v > high {
			return &fieldError{code: CodeInvalidValue, message: fmt.Sprintf("is %d; it should be from %d to %d", v, low, high)}
		}
		return nil
	}
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}
