// Package livechat turns LiveChat's webhooks into events. In: a delivery that carries the
// webhook's secret key. Out: events of source "livechat". It knows nothing else.
//
// LiveChat's chat lives on: a visitor who returns begins a new thread in it. A thread is
// what LiveChat's own reports count as a chat, and so is the chat of our events: a return
// after a week is a new request that waits anew, not a conversation that was reopened.
package livechat

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Provider is LiveChat.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.LiveChat }

// Hello knows no requests that only set up.
func (Provider) Hello(*tenant.Webhook, *webhook.Delivery) *webhook.Reply { return nil }

// Reply says that it was taken.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "application/json", Body: "{}"}
}

// Kept leaves out the secret key.
func (Provider) Kept() webhook.Kept { return webhook.Kept{Secret: "secret_key"} }

type payload struct {
	SecretKey string          `json:"secret_key"`
	Action    string          `json:"action"`
	Payload   json.RawMessage `json:"payload"`
}

// Authentic compares the secret key in the body.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool {
	var p payload
	return json.Unmarshal(d.Body, &p) == nil && webhook.OneOf(p.SecretKey, w.Token, w.NextToken)
}

type user struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

type access struct {
	GroupIDs []int64 `json:"group_ids"`
}

type said struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Text       string     `json:"text"`
	AuthorID   string     `json:"author_id"`
	CreatedAt  string     `json:"created_at"`
	Recipients string     `json:"recipients"` // in newer versions Visibility
	Visibility string     `json:"visibility"`
	Properties properties `json:"properties"`
}

type properties struct {
	Routing struct {
		StartURL string `json:"start_url"`
	} `json:"routing"`
	Rating *struct {
		Score   *int   `json:"score"`
		Comment string `json:"comment"`
	} `json:"rating"`
}

type thread struct {
	ID         string     `json:"id"`
	UserIDs    []string   `json:"user_ids"`
	Events     []said     `json:"events"`
	Properties properties `json:"properties"`
	Access     access     `json:"access"`
	CreatedAt  string     `json:"created_at"`
	Queue      *struct{}  `json:"queue"`
}

// body has the members of every payload that is understood.
type body struct {
	Chat struct {
		ID     string `json:"id"`
		Users  []user `json:"users"`
		Access access `json:"access"`
		Thread thread `json:"thread"`
	} `json:"chat"`

	ChatID   string `json:"chat_id"`
	ThreadID string `json:"thread_id"`
	Event    said   `json:"event"`
	UserID   string `json:"user_id"`
	UserType string `json:"user_type"`
	User     user   `json:"user"`
	Tag      string `json:"tag"`

	RequesterID string `json:"requester_id"`
	Transferred struct {
		GroupIDs []int64  `json:"group_ids"`
		AgentIDs []string `json:"agent_ids"`
	} `json:"transferred_to"`
	Queue *struct {
		QueuedAt string `json:"queued_at"`
	} `json:"queue"`

	Properties properties `json:"properties"`

	AgentID string          `json:"agent_id"`
	Status  string          `json:"status"`
	ID      json.RawMessage `json:"id"`
	Name    string          `json:"name"`
	MaxChat *int64          `json:"max_chats_count"`
}

// Events tells what happened.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	var p payload
	var b body
	within, err := "", json.Unmarshal(d.Body, &p)
	if err == nil {
		within, err = "payload.", json.Unmarshal(p.Payload, &b) // none is no JSON
	}
	if err != nil {
		return nil, webhook.NotOf("LiveChat", within, err, "a JSON object with secret_key, action and payload")
	}
	t := webhook.New(tenant.LiveChat, p.Action, d)
	// What has no time happened when it came. Its id is made of the payload and the second,
	// so that a retry in the same second is a duplicate.
	at := d.Arrived.Truncate(time.Second)
	once := webhook.Digest(string(p.Payload)) + "/" + strconv.FormatInt(at.Unix(), 10)
	if b.UserID == "" {
		b.UserID, b.UserType = b.User.ID, b.User.Type
	}
	switch p.Action {
	case "incoming_chat":
		return t, began(t, &b)
	case "incoming_event":
		if b.ThreadID == "" {
			return t, missing("thread_id")
		}
		say(t, b.ThreadID, &b.Event, at, nil)
		return t, nil
	case "routing_status_set":
		return t, status(t, &b, at)
	case "agent_created", "agent_updated", "agent_deleted":
		return t, agent(t, &b, p.Action == "agent_deleted", at, once)
	case "group_created", "group_updated":
		if id := text(b.ID); id != "" {
			t.Add("department.updated", id, once, at, webhook.Members{"name": b.Name})
		}
		return t, nil
	case "user_added_to_chat", "chat_user_added", "user_removed_from_chat", "chat_user_removed", "chat_deactivated", "chat_transferred",
		"thread_tagged", "thread_untagged", "thread_properties_updated", "event_properties_updated", "chat_properties_updated":
	default:
		t.Unknown = true
		return t, nil
	}
	if b.ThreadID == "" { // of no thread that is under way
		t.Unknown = true
		return t, nil
	}
	ofThread(t, p.Action, &b, at, once)
	return t, nil
}

func missing(member string) error {
	return errors.New("the body is not of LiveChat's form: payload." + member + " is missing")
}

// bot is what the id of a bot looks like, which LiveChat counts among its agents. A person's
// is an address, a customer's has dashes.
var bot = regexp.MustCompile("^[0-9a-z]{32}$")

// kindOf is what kind of actor a user is, of whom LiveChat may say a type.
func kindOf(id, typ string) string {
	switch {
	case typ != "customer" && bot.MatchString(id):
		return "bot"
	case typ == "agent" || typ == "" && strings.Contains(id, "@"):
		return "agent"
	}
	return "user"
}

// resolved is how a chat was resolved, by who closed it.
var resolved = map[string]string{"agent": "agent", "bot": "bot"}

// ofThread tells what happened in a thread.
func ofThread(t *webhook.Told, action string, b *body, at time.Time, once string) {
	kind := kindOf(b.UserID, b.UserType)
	switch action {
	case "user_added_to_chat", "chat_user_added":
		if kind == "agent" {
			t.Add("chat.accepted", b.ThreadID, once, at, webhook.Members{"agentId": b.UserID, "agentName": b.User.Name})
		}
	case "user_removed_from_chat", "chat_user_removed":
		if kind == "agent" {
			t.Add("chat.left", b.ThreadID, once, at, webhook.Members{"agentId": b.UserID})
		}
	case "chat_deactivated":
		by, how := webhook.Actor("system", "livechat", ""), "auto"
		if b.UserID != "" {
			by, how = webhook.Actor(kind, b.UserID, ""), resolved[kind]
		}
		t.Add("chat.closed", b.ThreadID, b.ThreadID+"/closed", at, webhook.Members{"by": by, "resolveType": how})
	case "chat_transferred":
		transferred(t, b, at, once)
	case "thread_tagged":
		t.Add("chat.tagged", b.ThreadID, once, at, webhook.Members{"tag": b.Tag})
	case "thread_untagged":
		t.Add("chat.untagged", b.ThreadID, once, at, webhook.Members{"tag": b.Tag})
	default:
		rated(t, b.ThreadID, &b.Properties, at, once)
	}
}

// began tells of a thread: its request, who was assigned to it at once, which is how
// LiveChat takes a chat up, and what has been said.
func began(t *webhook.Told, b *body) error {
	c := &b.Chat
	th := &c.Thread
	at, err := time.Parse(time.RFC3339Nano, th.CreatedAt)
	if err != nil || th.ID == "" {
		return missing("chat.thread with its id and created_at")
	}
	var visitor user
	agents, kinds := []user{}, map[string]string{}
	for _, u := range c.Users {
		kinds[u.ID] = kindOf(u.ID, u.Type)
		switch {
		case kinds[u.ID] == "agent" && (len(th.UserIDs) == 0 || slices.Contains(th.UserIDs, u.ID)):
			agents = append(agents, u)
		case kinds[u.ID] == "user" && visitor.ID == "":
			visitor = u
		}
	}
	groups := th.Access.GroupIDs
	if len(groups) == 0 {
		groups = c.Access.GroupIDs
	}
	group := ""
	if len(groups) > 0 {
		group = strconv.FormatInt(groups[0], 10)
	}
	t.Add("chat.requested", th.ID, th.ID+"/requested", at, webhook.Members{
		"visitorId": visitor.ID, "visitorName": visitor.Name, "initiatedBy": "visitor", "source": "visitor", "departmentId": group, "pageUrl": th.Properties.Routing.StartURL,
	})
	if th.Queue != nil {
		t.Add("chat.queued", th.ID, th.ID+"/queued", at, webhook.Members{"routeTo": route(group)})
	} else {
		for _, a := range agents {
			t.Add("chat.accepted", th.ID, th.ID+"/accepted/"+a.ID, at, webhook.Members{"agentId": a.ID, "agentName": a.Name, "departmentId": group})
		}
	}
	for i := range th.Events {
		say(t, th.ID, &th.Events[i], at, kinds)
	}
	return nil
}

func route(group string) webhook.Members {
	if group == "" {
		return webhook.Members{"type": "site"}
	}
	return webhook.Members{"type": "department", "id": group}
}

// say tells a message. Of authors some kinds are known.
func say(t *webhook.Told, chat string, s *said, otherwise time.Time, kinds map[string]string) {
	at, err := time.Parse(time.RFC3339Nano, s.CreatedAt)
	if err != nil {
		at = otherwise
	}
	kind := cmp.Or(kinds[s.AuthorID], kindOf(s.AuthorID, ""))
	if s.Type == "system_message" {
		kind = "system"
	}
	switch s.Type {
	case "message", "rich_message", "file", "system_message":
	default:
		return
	}
	id := s.ID
	if id == "" {
		id = webhook.Digest(chat + s.CreatedAt + s.Text)
	}
	t.Add("message.sent", chat, id, at, webhook.Members{
		"messageId": id, "actor": webhook.Actor(kind, s.AuthorID, ""), "length": utf8.RuneCountInString(s.Text), "private": s.Recipients == "agents" || s.Visibility == "agents",
	})
}

func transferred(t *webhook.Told, b *body, at time.Time, once string) {
	members := webhook.Members{}
	group := ""
	for _, id := range b.Transferred.AgentIDs {
		if members["toAgentId"] == nil && kindOf(id, "") != "bot" {
			members["toAgentId"] = id
		}
	}
	if len(b.Transferred.GroupIDs) > 0 {
		group = strconv.FormatInt(b.Transferred.GroupIDs[0], 10)
		members["toDepartmentId"] = group
	}
	if b.Queue != nil {
		if queued, err := time.Parse(time.RFC3339Nano, b.Queue.QueuedAt); err == nil {
			at = queued
		}
		t.Add("chat.queued", b.ThreadID, once+"/queued", at, webhook.Members{"routeTo": route(group)})
	}
	t.Add("chat.transferred", b.ThreadID, once, at, members)
}

// rated tells a rating: good is 5, bad is 1.
func rated(t *webhook.Told, chat string, p *properties, at time.Time, once string) {
	if p.Rating == nil || p.Rating.Score == nil {
		return
	}
	score := 1
	if *p.Rating.Score > 0 {
		score = 5
	}
	t.Add("chat.rated", chat, once, at, webhook.Members{"score": score, "comment": p.Rating.Comment})
}

// statuses are LiveChat's, written with blanks or underscores.
var statuses = map[string]string{"accepting chats": "online", "not accepting chats": "away", "offline": "offline"}

func status(t *webhook.Told, b *body, at time.Time) error {
	if b.AgentID == "" {
		return missing("agent_id")
	}
	if kindOf(b.AgentID, "") == "bot" { // on duty day and night, it would make the site online
		return nil
	}
	s, ok := statuses[strings.ReplaceAll(b.Status, "_", " ")]
	if !ok {
		t.Unknown = true
		return nil
	}
	t.Add("agent.status_changed", b.AgentID, b.AgentID+"/"+s+"/"+strconv.FormatInt(at.Unix(), 10), at, webhook.Members{"status": s})
	return nil
}

func agent(t *webhook.Told, b *body, deleted bool, at time.Time, once string) error {
	id := text(b.ID)
	if id == "" {
		id = b.AgentID
	}
	if id == "" {
		return missing("id")
	}
	members := webhook.Members{"username": id, "firstName": b.Name, "disabled": deleted}
	if strings.Contains(id, "@") {
		members["email"] = id
	}
	if b.MaxChat != nil {
		members["maxConcurrentChats"] = *b.MaxChat
	}
	t.Add("agent.updated", id, once, at, members)
	return nil
}

// text is an id that is a text or a number.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}
