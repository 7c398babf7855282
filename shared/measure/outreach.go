package measure

import (
	"slices"

	"chatreports/shared/fact"
	"chatreports/shared/tuple"
)

// Measures of conversions, invitations and messages left or prepared. They are
// numbered from 60.
const (
	Conversions ID = 60
	// ConversionValue counts millionths: of large values, what ConversionThousands leaves.
	ConversionValue ID = 61
	// Visitors have their ids as keys: the distinct ones are the keys above 0.
	ConvertedVisitors         ID = 62
	ChattedVisitors           ID = 63
	ManualInvitationsSent     ID = 64
	ManualInvitationsAccepted ID = 65
	AutoInvitationsSent       ID = 66
	AutoInvitationsAccepted   ID = 67
	// InvitationCampaigns has campaigns as keys.
	InvitationCampaigns      ID = 68
	OfflineMessagesByButton  ID = 69
	OfflineMessagesFromQueue ID = 70
	// CannedMessageUses has keys Join(canned message, category, agent).
	CannedMessageUses ID = 71
	// ConversionThousands counts thousands, beside ConversionValue.
	ConversionThousands ID = 72
)

var (
	byConversion = []Series{site, agent, department, agentDepartment, {Conversion}, {Agent, Conversion}, {Department, Conversion}}
	byInvitation = []Series{site, campaign, {Invitation}, {Campaign, Invitation}}

	converted = "the agent and the department it names, else those of its chat"
	invited   = "when the invitation was sent or accepted"
	submitted = "when the message was submitted"
	perLeft   = "the department, campaign and segments of the message"
)

// ofOutreach are the measures of conversions, invitations and messages left or prepared.
var ofOutreach = []Measure{
	{ID: Conversions, Name: "conversions", Unit: "count", Shape: Sum, Series: byConversion, When: "when it was recorded", Whom: converted, Definition: "conversions, with or without a chat"},
	{ID: ConversionValue, Name: "conversionValue", Unit: "millionths", Shape: Sum, Series: byConversion, When: "when it was recorded", Whom: converted, Definition: "the value of conversions; of one of a thousand or more what is left of it without whole thousands"},
	{ID: ConversionThousands, Name: "conversionThousands", Unit: "thousands", Shape: Sum, Series: byConversion, When: "when it was recorded", Whom: converted, Definition: "whole thousands of the value of conversions, so that sums of large values stay exact"},
	{ID: ConvertedVisitors, Name: "convertedVisitors", Unit: "count", Shape: Keyed, Group: Visitors, Series: byConversion, When: "when the conversion was recorded", Whom: converted, Definition: "conversions by visitor: visitors who converted are those with at least one"},
	{ID: ChattedVisitors, Name: "chattedVisitors", Unit: "count", Shape: Keyed, Group: Visitors, Series: byAgent, When: requested, Whom: perPart, Definition: "chats by visitor: visitors who chatted are those with at least one"},
	{ID: ManualInvitationsSent, Name: "manualInvitationsSent", Unit: "count", Shape: Sum, Series: []Series{site, agent}, When: invited, Whom: "the agent of the invitation", Definition: "invitations sent by agents"},
	{ID: ManualInvitationsAccepted, Name: "manualInvitationsAccepted", Unit: "count", Shape: Sum, Series: []Series{site, agent}, When: invited, Whom: "the agent of the invitation", Definition: "invitations by agents that visitors accepted"},
	{ID: AutoInvitationsSent, Name: "autoInvitationsSent", Unit: "count", Shape: Sum, Series: byInvitation, When: invited, Whom: "the campaign and the rule of the invitation", Definition: "invitations sent by rules"},
	{ID: AutoInvitationsAccepted, Name: "autoInvitationsAccepted", Unit: "count", Shape: Sum, Series: byInvitation, When: invited, Whom: "the campaign and the rule of the invitation", Definition: "invitations by rules that visitors accepted"},
	{ID: InvitationCampaigns, Name: "invitationCampaigns", Unit: "count", Shape: Keyed, Series: []Series{{Invitation}}, When: "when anything happened to the invitation", Whom: "the invitation", Definition: "events of an invitation by campaign"},
	{ID: OfflineMessagesByButton, Name: "offlineMessagesFromButton", Unit: "count", Shape: Sum, Series: bySegment, When: submitted, Whom: perLeft, Definition: "messages left while agents were offline"},
	{ID: OfflineMessagesFromQueue, Name: "offlineMessagesFromQueue", Unit: "count", Shape: Sum, Series: bySegment, When: submitted, Whom: perLeft, Definition: "messages left while waiting in a queue"},
	{ID: CannedMessageUses, Name: "cannedMessageUses", Unit: "count", Shape: Keyed, Series: []Series{site}, When: "when the message was sent", Whom: "the canned message, the category the message names, the agent who wrote it", Definition: "messages of agents that were canned, private ones left out"},
}

// ofConversion lists what a conversion contributes. c is its chat, or nil. What it
// does not name it takes from its chat.
func ofConversion(l *list, v *fact.Conversion, c *fact.Chat) {
	var agents, departments, pairs []string
	if c != nil && c.Request != nil {
		departments = c.InDepartments()
		d := agentsOf(c)
		agents, pairs = d.Of(Agent), d.Of(AgentDepartment)
	}
	if v.Agent != "" || v.Department != "" {
		if v.Agent != "" {
			agents = []string{v.Agent}
		}
		if v.Department != "" {
			departments = []string{v.Department}
		}
		pairs = nil
		for _, a := range agents {
			for _, d := range departments {
				pairs = append(pairs, Pair(a, d))
			}
		}
	}
	d := slices.Concat(siteDims, Dims{{Conversion, v.Action}}, values(Agent, agents), values(Department, departments), values(AgentDepartment, pairs)).normal()
	l.point(Conversions, v.At, 1, d)
	l.point(ConversionValue, v.At, v.Value, d)
	l.point(ConversionThousands, v.At, v.Thousands, d)
	l.keyed(ConvertedVisitors, v.At, v.Visitor, d)
}

// ofCanned lists the uses of canned messages.
func ofCanned(l *list, c *fact.Chat) {
	for i := range c.Canned {
		u := &c.Canned[i]
		l.keyed(CannedMessageUses, u.At, tuple.Join(c.Names.Name(u.ID), c.Names.Name(u.Category), c.Names.Name(u.Agent)), siteDims)
	}
}

// ofInvitation lists what an invitation's event contributes.
func ofInvitation(l *list, p *fact.Point) {
	manual := siteDims
	if p.Agent != "" {
		manual = manual.with(Value{Agent, p.Agent})
	}
	auto := siteDims
	if p.Campaign != "" {
		auto = auto.with(Value{Campaign, p.Campaign})
	}
	if p.ID != "" {
		auto = auto.with(Value{Invitation, p.ID})
	}
	switch p.Kind + p.Type {
	case "manualinvitation.sent":
		l.point(ManualInvitationsSent, p.At, 1, manual)
	case "manualinvitation.accepted":
		l.point(ManualInvitationsAccepted, p.At, 1, manual)
	case "autoinvitation.sent":
		l.point(AutoInvitationsSent, p.At, 1, auto)
	case "autoinvitation.accepted":
		l.point(AutoInvitationsAccepted, p.At, 1, auto)
	}
	if p.ID == "" || p.Campaign == "" {
		return
	}
	// Of several events in one millisecond the last one says the campaign.
	d := Dims{{Invitation, p.ID}}
	for i := range l.out {
		if o := &l.out[i]; o.Measure == InvitationCampaigns && o.At == p.At && slices.Equal(o.Dims, d) {
			o.Key = p.Campaign
			return
		}
	}
	l.keyed(InvitationCampaigns, p.At, p.Campaign, d)
}

func ofMessage(l *list, m *fact.Message) {
	for _, m := range append([]fact.Message{*m}, m.More...) {
		d := siteDims.with(values(Segment, m.Segments)...)
		if m.Department != "" {
			d = d.with(Value{Department, m.Department})
		}
		if m.Campaign != "" {
			d = d.with(Value{Campaign, m.Campaign})
		}
		switch m.From {
		case "button":
			l.point(OfflineMessagesByButton, m.At, 1, d)
		case "queue":
			l.point(OfflineMessagesFromQueue, m.At, 1, d)
		}
	}
}
