package fact

import (
	"slices"

	"chatreports/shared/event"
)

// mark notes what an event says for open queries.
func (c *Chat) mark(e *event.Event) {
	if e.Type == "conversion.recorded" {
		return
	}
	m, d := &c.Marks, &e.Data
	m.ChatID, m.Updated = e.Subject, moment(e.At)
	switch e.Type {
	case "message.sent":
		if !d.Private {
			m.said(c, e.At, d.Actor)
		}
	case "chat.closed":
		m.Closed = moment(e.At)
	case "chat.reopened":
		m.Reopened = moment(e.At)
	case "chat.switched_to_message":
		m.Switched = true
	case "chat.tagged":
		if !slices.Contains(m.Tags, d.Tag) {
			m.Tags = append(m.Tags, d.Tag)
		}
	case "chat.untagged":
		m.Tags = slices.DeleteFunc(m.Tags, func(t string) bool { return t == d.Tag })
	case "chat.scored":
		m.Score = d.CQLScore
	}
}

// said notes a message that is not private.
func (m *Marks) said(c *Chat, at int64, by *event.Actor) {
	switch by.Type {
	case "agent":
		if !m.FirstAgentAt.Came() {
			m.FirstAgent, m.FirstAgentAt = c.Names.ref(by.ID), moment(at)
		}
	case "bot":
		m.BotMessages++
		if !m.FirstBotAt.Came() {
			m.FirstBot, m.FirstBotAt = c.Names.ref(by.ID), moment(at)
		}
	case "user":
		if !m.FirstUserAt.Came() {
			m.FirstUserAt = moment(at)
		}
	}
}
