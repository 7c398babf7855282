package event

// What members say of a visitor: each is in one of these lists.
const (
	// pseudonyms name the visitor: an erasure puts another name in their place.
	pseudonyms = "visitorId actor by"
	// blanks may say who the visitor is, and count nowhere but as being there.
	blanks = "visitorName comment"
	// others are of somebody else, or count: what they hold has to stay, so that totals do.
	others = "visitorType initiatedBy source invitationId invitationName entrypointId entrypointType entrypointName campaignId " +
		"departmentId departmentName channelId channelName segmentIds hostId pageUrl sessionId playbookId offline routeTo agentId agentName " +
		"messageId groupId groupName routing fromAgentId toAgentId fromDepartmentId toDepartmentId length cannedMessageId cannedCategoryId " +
		"private resolveType successCode cause categoryId categoryName subCategoryId subCategoryName score issueResolved csatId fields tag " +
		"cqlScore reason kind from actionId value chatId storyId interactionId interactionName interactionType parentId status enabled " +
		"username firstName lastName email departmentIds maxConcurrentChats accountId disabled hostname multipleAccId interactions " +
		"type id name subType fieldId fieldName group options"
)

// Erased stands in place of a text that has to be there.
const Erased = "erased"

// EraseVisitor takes out of an event who a visitor is: it is as another's from then on, and
// says neither names nor comments. Members that the type does not know go. Everything that
// counts stays.
func (e *Event) EraseVisitor(id, as string) {
	d := &e.Data
	kind, _ := e.Entity()
	if e.Subject == id && (kind == "visitor" || e.Type == conversion || e.Type == Retracted && d.Type == conversion) {
		e.Subject = as
	}
	if d.VisitorID == id {
		d.VisitorID = as
	}
	for _, a := range []*Actor{d.Actor, d.By} {
		if a == nil || a.Type != "user" {
			continue
		}
		if a.Name = ""; a.ID == id {
			a.ID = as
		}
	}
	d.VisitorName = ""
	if d.Comment != "" {
		d.Comment = Erased
	}
	d.Rest = nil
}

// OfVisitor says whether an event names a visitor.
func (e *Event) OfVisitor(id string) bool {
	was, is := *e, *e
	for _, a := range []**Actor{&is.Data.Actor, &is.Data.By} {
		if *a != nil {
			*a = new(**a)
		}
	}
	is.EraseVisitor(id, id+Erased)
	named := func(a, b *Actor) bool { return a != nil && a.ID != b.ID }
	return was.Subject != is.Subject || was.Data.VisitorID != is.Data.VisitorID || named(was.Data.Actor, is.Data.Actor) || named(was.Data.By, is.Data.By)
}

// conversion is a type that lies with a chat and is of a visitor.
const conversion = "conversion.recorded"
