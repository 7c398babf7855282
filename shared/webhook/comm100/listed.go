package comm100

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// listed is a chat as Comm100's interface lists it: in its third version, where surveys and
// wrap-ups are objects, or in its fourth, which calls some members otherwise.
type listed struct {
	ID           text   `json:"id"`
	Requested    moment `json:"requestedTime"`
	Start        moment `json:"startTime"`
	End          moment `json:"endTime"`
	Waiting      text   `json:"waitingTime"` // seconds
	Status       text   `json:"status"`
	Queued       bool   `json:"isQueued"`
	Queued3      bool   `json:"ifQueued"`
	Source       text   `json:"source"`
	InvitationID text   `json:"autoInvitationId"`
	DepartmentID text   `json:"departmentId"`
	CampaignID   text   `json:"campaignId"`
	SessionID    text   `json:"sessionId"`
	Page         string `json:"requestingPageURL"`
	Name         string `json:"preChatName"`
	PreChat      struct {
		Name string `json:"name"`
	} `json:"preChat"`

	ChatAgents []struct {
		operator
		BotID text     `json:"botId"`
		Agent operator `json:"agent"`
	} `json:"chatAgents"`
	Agents   []operator `json:"agents"`
	AgentIDs []text     `json:"agentIds"`

	Messages json.RawMessage `json:"messages"` // a list, or a text whose form is not known

	Survey  survey `json:"postChatSurvey"`
	Survey3 survey `json:"postChat"`
	WrapUp  form   `json:"chatWrapup"`
	WrapUp3 form   `json:"agentWrapUp"`
}

// operator is an agent. As in the webhook's payloads, the name is the id, where there is one.
type operator struct {
	AgentID text `json:"agentId"`
	ID      text `json:"id"`
	Display text `json:"displayName"`
	Name    text `json:"name"`
}

func (o operator) called() string { return string(cmp.Or(o.Display, o.Name, o.AgentID, o.ID)) }

type survey struct {
	Grade   text   `json:"ratingGrade"` // 1 to 5, or level1 to level5
	Comment string `json:"ratingComment"`
	Time    moment `json:"ratingTime"`
}

type form struct {
	Category   string `json:"categoriesName"`
	Categories texts  `json:"categories"`
	Comment    string `json:"comment"`
	Time       moment `json:"lastUpdatedTime"`
}

// Chat tells everything of a chat that is over, one of a list of Comm100's interface or the
// chat of a chat_ended. Now bounds the times of events. An error means that it does not say
// what it should; it is one sentence.
func Chat(raw []byte, now time.Time) (*webhook.Told, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, errors.New("it is no JSON object")
	}
	t := webhook.New(tenant.Comm100, "chat", &webhook.Delivery{Arrived: now})
	if _, ok := members["end_time"]; ok {
		return t, posted(t, raw)
	}
	var c listed
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, errors.New("it is no chat: " + err.Error())
	}
	if c.ID == "" || c.Requested.IsZero() && c.Start.IsZero() {
		return nil, errors.New("a chat should have id and requestedTime or startTime")
	}
	c.tell(t)
	return t, nil
}

// posted tells a chat in the form of a webhook's.
func posted(t *webhook.Told, raw []byte) error {
	var p payload
	var of struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(raw, &p.Chat) != nil || json.Unmarshal(raw, &of) != nil || p.Chat.ID == "" || p.Chat.End.IsZero() {
		return errors.New("a chat should have id and end_time")
	}
	p.Visitor.ID, p.Visitor.Name = p.Chat.ID, of.Name
	ended(t, string(p.Chat.ID), &p, p.Chat.End.Time)
	return nil
}

// outcomes are how a request may end, by the status and its number, but for a chat.
var outcomes = map[string]string{
	"refused": "chat.refused", "1": "chat.refused", "missed": "chat.missed", "2": "chat.missed", "switchedtomessage": "chat.switched_to_message",
}

// sources are how a request came about, by the source and its number.
var sources = map[string]string{
	"autoinvitation": "auto_invitation", "1": "auto_invitation", "manualinvitation": "manual_invitation", "2": "manual_invitation",
}

func (c *listed) tell(t *webhook.Told) {
	id, requested := string(c.ID), c.Requested.Time
	seconds, _ := strconv.Atoi(string(c.Waiting))
	wait := time.Duration(min(max(0, seconds), 1e6)) * time.Second
	if requested.IsZero() {
		requested = c.Start.Add(-wait)
	}
	at := func(m moment, otherwise time.Time) time.Time {
		if m.IsZero() {
			return otherwise
		}
		return m.Time
	}
	end := at(c.End, at(c.Start, requested.Add(wait)))
	c.request(t, requested)
	if outcome, ok := outcomes[strings.ToLower(string(c.Status))]; ok {
		t.Add(outcome, id, id+"/"+strings.TrimPrefix(outcome, "chat."), end, nil)
		return
	}
	agents, accepted := c.operators(), at(c.Start, requested.Add(wait))
	for i, agent := range agents {
		t.Add("chat.accepted", id, id+"/accepted/"+agent, accepted.Add(time.Duration(i)*time.Millisecond), webhook.Members{
			"agentId": agent, "agentName": agent, "departmentId": string(c.DepartmentID),
		})
	}
	c.said(t, agents)
	if !c.End.IsZero() {
		t.Add("chat.closed", id, id+"/closed", end, webhook.Members{"by": webhook.Actor("system", "comm100", "")})
	}
	c.afterwards(t, end)
}

// request tells the request, and that it was queued.
func (c *listed) request(t *webhook.Told, at time.Time) {
	id, department := string(c.ID), string(c.DepartmentID)
	source := cmp.Or(sources[strings.ToLower(string(c.Source))], "visitor")
	initiated := "visitor"
	if source == "manual_invitation" {
		initiated = "agent"
	}
	data := webhook.Members{
		"visitorId": string(cmp.Or(c.SessionID, c.ID)), "visitorName": cmp.Or(c.Name, c.PreChat.Name), "initiatedBy": initiated, "source": source,
		"departmentId": department, "campaignId": string(c.CampaignID), "pageUrl": c.Page,
	}
	if source == "auto_invitation" {
		data["invitationId"] = string(c.InvitationID)
	}
	t.Add("chat.requested", id, id+"/requested/"+strconv.FormatInt(at.UnixMilli(), 10), at, data)
	if c.Queued || c.Queued3 {
		route := webhook.Members{"type": "site"}
		if department != "" {
			route = webhook.Members{"type": "department", "id": department}
		}
		t.Add("chat.queued", id, id+"/queued", at, webhook.Members{"routeTo": route})
	}
}

// operators are the agents, without bots, each once.
func (c *listed) operators() (out []string) {
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, a := range c.ChatAgents {
		if a.BotID == "" {
			add(cmp.Or(a.Agent.called(), a.called()))
		}
	}
	for _, a := range c.Agents {
		add(a.called())
	}
	if len(out) == 0 {
		for _, a := range c.AgentIDs {
			add(string(a))
		}
	}
	return out
}

// senders are whose messages are told, by the kind of the sender. A note is an agent's.
var senders = map[string]string{"visitor": "user", "agent": "agent", "note": "agent", "chatbot": "bot"}

// said tells the messages that have a time.
func (c *listed) said(t *webhook.Told, agents []string) {
	var list []struct {
		Type    text   `json:"type"`
		Sender  text   `json:"senderType"`
		By      string `json:"senderName"`
		Sent    moment `json:"sentTime"`
		Time    moment `json:"time"`
		Content string `json:"content"`
		Message string `json:"message"`
	}
	if json.Unmarshal(c.Messages, &list) != nil {
		return
	}
	id, told := string(c.ID), map[string]int{}
	for _, m := range list {
		if m.Sent.IsZero() {
			m.Sent = m.Time
		}
		sender := strings.ToLower(string(cmp.Or(m.Sender, m.Type)))
		kind, ok := senders[sender]
		if !ok || m.Sent.IsZero() {
			continue
		}
		who := m.By
		switch {
		case kind == "user":
			who = string(cmp.Or(c.SessionID, c.ID))
		case kind == "agent" && len(agents) == 1:
			who = agents[0]
		}
		said := cmp.Or(m.Content, m.Message)
		key := messageKey(m.Sent.Time, m.By, said)
		told[key]++
		message := id + "/" + key + "/" + strconv.Itoa(told[key])
		t.Add("message.sent", id, message, m.Sent.Time, webhook.Members{
			"messageId": webhook.Digest(message), "actor": webhook.Actor(kind, who, m.By), "length": utf8.RuneCountInString(said), "private": sender == "note",
		})
	}
}

// afterwards tells the rating and the wrap-up.
func (c *listed) afterwards(t *webhook.Told, end time.Time) {
	id := string(c.ID)
	for _, s := range []survey{c.Survey, c.Survey3} {
		score, err := strconv.Atoi(strings.TrimPrefix(string(s.Grade), "level"))
		if err != nil || score < 1 {
			continue
		}
		if s.Time.IsZero() {
			s.Time.Time = end
		}
		t.Add("chat.rated", id, id+"/rated", s.Time.Time, webhook.Members{"score": score, "comment": s.Comment})
	}
	for _, w := range []form{c.WrapUp, c.WrapUp3} {
		category := cmp.Or(w.Category, strings.Join(w.Categories, ", "))
		if category == "" && w.Comment == "" {
			continue
		}
		if w.Time.IsZero() {
			w.Time.Time = end
		}
		wrapped(t, id, w.Time.Time, w.Comment, category, nil)
	}
}
