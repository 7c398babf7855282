package measure

import (
	"slices"

	"chatreports/shared/fact"
	"chatreports/shared/table"
)

// Measures of conversions, invitations and messages left or prepared. They are
// numbered from 60.
const (
	Conversions ID = iota + 60
	// ConversionValue counts millionths.
	ConversionValue
	// Visitors have their ids as keys: the distinct ones are the keys above 0.
	ConvertedVisitors
	ChattedVisitors
	ManualInvitationsSent
	ManualInvitationsAccepted
	AutoInvitationsSent
	AutoInvitationsAccepted
	// InvitationCampaigns has campaigns as keys.
	InvitationCampaigns
	OfflineMessagesByButton
	OfflineMessagesFromQueue
	// CannedMessageUses has keys Join(canned message, category, agent).
	CannedMessageUses
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
	{Conversions, "conversions", "count", Sum, byConversion, "when it was recorded", converted, "conversions, with or without a chat"},
	{ConversionValue, "conversionValue", "millionths", Sum, byConversion, "when it was recorded", converted, "the value of conversions"},
	{ConvertedVisitors, "convertedVisitors", "count", Keyed, byConversion, "when the conversion was recorded", converted, "conversions by visitor: visitors who converted are those with at least one"},
	{ChattedVisitors, "chattedVisitors", "count", Keyed, byAgent, requested, perPart, "chats by visitor: visitors who chatted are those with at least one"},
	{ManualInvitationsSent, "manualInvitationsSent", "count", Sum, []Series{site, agent}, invited, "the agent of the invitation", "invitations sent by agents"},
	{ManualInvitationsAccepted, "manualInvitationsAccepted", "count", Sum, []Series{site, agent}, invited, "the agent of the invitation", "invitations by agents that visitors accepted"},
	{AutoInvitationsSent, "autoInvitationsSent", "count", Sum, byInvitation, invited, "the campaign and the rule of the invitation", "invitations sent by rules"},
	{AutoInvitationsAccepted, "autoInvitationsAccepted", "count", Sum, byInvitation, invited, "the campaign and the rule of the invitation", "invitations by rules that visitors accepted"},
	{InvitationCampaigns, "invitationCampaigns", "count", Keyed, []Series{{Invitation}}, "when anything happened to the invitation", "the invitation", "events of an invitation by campaign"},
	{OfflineMessagesByButton, "offlineMessagesFromButton", "count", Sum, bySegment, submitted, perLeft, "messages left while agents were offline"},
	{OfflineMessagesFromQueue, "offlineMessagesFromQueue", "count", Sum, bySegment, submitted, perLeft, "messages left while waiting in a queue"},
	{CannedMessageUses, "cannedMessageUses", "count", Keyed, []Series{site}, "when the message was sent", "the canned message, the category the message names, the agent who wrote it", "messages of agents that were canned, private ones left out"},
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
	l.keyed(ConvertedVisitors, v.At, v.Visitor, d)
}

// ofCanned lists the uses of canned messages.
func ofCanned(l *list, c *fact.Chat) {
	for i := range c.Canned {
		u := &c.Canned[i]
		l.keyed(CannedMessageUses, u.At, table.Join(c.Names.Name(u.ID), c.Names.Name(u.Category), c.Names.Name(u.Agent)), siteDims)
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
