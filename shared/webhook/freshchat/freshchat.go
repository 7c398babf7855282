// Package freshchat turns what Freshchat tells into events. In: a webhook's delivery, signed
// with the account's RSA key; or rows of raw reports, of the time before there was a webhook.
// Out: events of source "freshchat". It knows nothing else.
package freshchat

import (
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Provider is Freshchat.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.Freshchat }

// Hello knows no requests that only set up.
func (Provider) Hello(*tenant.Webhook, *webhook.Delivery) *webhook.Reply { return nil }

// Reply says that it was taken.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "application/json", Body: `{"status":"ok"}`}
}

// Kept has the version of the form, and how often this was sent before.
func (Provider) Kept() webhook.Kept {
	return webhook.Kept{Headers: []string{"X-Freshchat-Payload-Version", "X-Retry-Count"}}
}

// Authentic checks X-Freshchat-Signature: base64 of RSA PKCS #1 v1.5 over the SHA-256 of
// the body.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool {
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(d.Header.Get("X-Freshchat-Signature")))
	if err != nil {
		return false
	}
	sum := sha256.Sum256(d.Body)
	for _, text := range []string{w.PublicKey, w.NextPublicKey} {
		if key, err := PublicKey(text); err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil {
			return true
		}
	}
	return false
}

var armour = regexp.MustCompile(`-----(BEGIN|END) [A-Z ]+-----`)

// PublicKey reads a key as Freshchat shows it: base64, within lines that call it an RSA
// public key or without them. The bytes are PKIX, whatever the lines say; PKCS #1 is taken
// too.
func PublicKey(text string) (*rsa.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(armour.ReplaceAllString(text, "")), ""))
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	if key, err := x509.ParsePKIXPublicKey(raw); err == nil {
		if key, ok := key.(*rsa.PublicKey); ok {
			return key, nil
		}
		return nil, errors.New("it is no RSA key")
	}
	key, err := x509.ParsePKCS1PublicKey(raw)
	if err != nil {
		return nil, errors.New("it is no public key")
	}
	return key, nil
}

type payload struct {
	Action     string          `json:"action"`
	ActionTime string          `json:"action_time"`
	Actor      actor           `json:"actor"`
	Data       json.RawMessage `json:"data"`
}

type actor struct {
	Type string `json:"actor_type"`
	ID   string `json:"actor_id"`
}

type message struct {
	ID             string `json:"id"`
	ConversationID string `json:"conversation_id"`
	InteractionID  string `json:"interaction_id"`
	ChannelID      string `json:"channel_id"`
	UserID         string `json:"user_id"`
	ActorID        string `json:"actor_id"`
	ActorType      string `json:"actor_type"`
	CreatedTime    string `json:"created_time"`
	Type           string `json:"message_type"`
	BotsPrivate    bool   `json:"botsPrivateNote"`
	Parts          []part `json:"message_parts"`
	OldParts       []part `json:"msg_parts"` // in 2018
}

type part struct {
	Text struct {
		Content string `json:"content"`
	} `json:"text"`
}

type conversation struct {
	ID string `json:"conversation_id"`
}

// Events tells what happened.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	var p payload
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return nil, webhook.NotOf("Freshchat", "", err, "a JSON object with action, action_time, actor and data")
	}
	t := webhook.New(tenant.Freshchat, p.Action, d)
	at := timeOf(p.ActionTime, d.Arrived.Truncate(time.Second))
	switch p.Action {
	case "message_create":
		return t, messageCreated(t, p.Data, p.Actor, at)
	case "conversation_assignment":
		return t, assigned(t, p.Data, at)
	}
	if c, ok := changes[p.Action]; ok {
		return t, changed(t, p.Data, p.Actor, at, c)
	}
	t.Unknown = true
	return t, nil
}

func messageCreated(t *webhook.Told, raw json.RawMessage, by actor, at time.Time) error {
	var data struct {
		Message message `json:"message"`
	}
	if err := json.Unmarshal(raw, &data); err != nil || data.Message.ConversationID == "" {
		return webhook.NotOf("Freshchat", "data.", err, "data.message with its conversation_id is missing")
	}
	m := &data.Message
	if m.ActorType == "" {
		m.ActorType, m.ActorID = by.Type, by.ID
	}
	at = timeOf(m.CreatedTime, at)
	kind := actorType(m.ActorType)
	requested(t, m, kind, at)
	t.Add("message.sent", m.ConversationID, m.ID, at, webhook.Members{
		"messageId": m.ID, "actor": webhook.Actor(kind, m.ActorID, ""), "length": lengthOf(append(m.Parts, m.OldParts...)),
		"private": m.Type == "private" || m.BotsPrivate,
	})
	return nil
}

func lengthOf(parts []part) (n int) {
	for _, p := range parts {
		n += utf8.RuneCountInString(p.Text.Content)
	}
	return n
}

// first is how long after its interaction's begin a message may be the first of it. By
// anyone but the user, only that one begins a conversation: agents have answered within a
// second, and bots are faster still.
const first = 100 * time.Millisecond

// requested tells that the conversation was asked for. No webhook says so, but each
// message says when its interaction began: whatever came first, the first interaction's
// begin is the request's time, for of several requests of a chat the earliest counts. All
// of one interaction are one event.
func requested(t *webhook.Told, m *message, kind string, at time.Time) {
	visitor, began, id := m.UserID, at, m.ConversationID+"/"+m.ID
	if kind == "user" {
		visitor = m.ActorID
	}
	if start, ok := startOf(m.InteractionID); ok && !start.After(at) {
		began, id = start, m.ConversationID+"/"+strconv.FormatInt(start.UnixMilli(), 10)
	}
	initiated := "visitor"
	if kind != "user" {
		if visitor == "" || at.Sub(began) > first {
			return
		}
		initiated = kind
	}
	t.Add("chat.requested", m.ConversationID, requestID(id, kind), began, webhook.Members{
		"visitorId": visitor, "initiatedBy": initiated, "source": "visitor", "channelId": m.ChannelID,
	})
}

// requestID names a request by anyone at a begin.
func requestID(begin, kind string) string {
	if kind != "user" {
		begin += "/" + kind
	}
	return begin + "/requested"
}

func assigned(t *webhook.Told, raw json.RawMessage, at time.Time) error {
	type assignment struct {
		Assignor     string       `json:"assignor"`
		AssignorID   string       `json:"assignor_id"`
		ToAgent      string       `json:"to_agent_id"`
		ToGroup      string       `json:"to_group_id"`
		FromAgent    string       `json:"from_agent_id"`
		FromGroup    string       `json:"from_group_id"`
		Conversation conversation `json:"conversation"`
	}
	var data struct {
		Assignment assignment `json:"assignment"`
	}
	a := &data.Assignment
	if err := json.Unmarshal(raw, &data); err != nil || a.Conversation.ID == "" {
		return webhook.NotOf("Freshchat", "data.", err, "data.assignment with its conversation is missing")
	}
	if a.ToAgent == a.FromAgent && a.ToGroup == a.FromGroup {
		return nil // nothing changed
	}
	// Of several in one millisecond, the one to a group alone comes before those to agents.
	id := id(a.Conversation.ID, "assigned", at) + "/" + a.ToAgent + "/" + a.ToGroup
	if a.ToAgent != "" && a.ToGroup == a.FromGroup {
		a.ToGroup = "" // it stays: no assignment to a group
	}
	t.Add("chat.assigned", a.Conversation.ID, id, at, webhook.Members{
		"agentId": a.ToAgent, "groupId": a.ToGroup, "by": webhook.Actor(actorType(a.Assignor), a.AssignorID, ""),
	})
	return nil
}

// change is a resolution or a reopening.
type change struct {
	typ, what string
	// how names the member that tells what brought it about, by the kind of who did it.
	how string
	by  map[string]string
}

var changes = map[string]change{
	"conversation_resolution": {"chat.closed", "closed", "resolveType", map[string]string{"agent": "agent", "bot": "bot", "system": "auto"}},
	"conversation_reopen":     {"chat.reopened", "reopened", "cause", map[string]string{"user": "user_message", "agent": "agent_reopen", "bot": "bot"}},
}

// changed tells of a resolution or a reopening. A reopening begins an interaction, and is
// told at its begin, which is some milliseconds before the action: so the message that
// brought it about belongs to it.
func changed(t *webhook.Told, raw json.RawMessage, by actor, at time.Time, c change) error {
	type members struct {
		Resolver      string       `json:"resolver"`
		ResolverID    string       `json:"resolver_id"`
		Reopener      string       `json:"reopener"`
		ReopenerID    string       `json:"reopener_id"`
		Conversation  conversation `json:"conversation"`
		InteractionID string       `json:"interaction_id"`
	}
	var data struct {
		Resolve *members `json:"resolve"`
		Reopen  *members `json:"reopen"`
		members          // some have them without that level
	}
	err := json.Unmarshal(raw, &data)
	m := cmp.Or(data.Resolve, data.Reopen, &data.members)
	chat := m.Conversation.ID
	if err != nil || chat == "" {
		return webhook.NotOf("Freshchat", "data.", err, "data.resolve or data.reopen with its conversation is missing")
	}
	if typ := cmp.Or(m.Resolver, m.Reopener); typ != "" {
		by = actor{typ, cmp.Or(m.ResolverID, m.ReopenerID)}
	}
	if start, ok := startOf(m.InteractionID); ok && c.typ == "chat.reopened" && !start.After(at) && at.Sub(start) < time.Minute {
		at = start
	}
	kind := actorType(by.Type)
	t.Add(c.typ, chat, id(chat, c.what, at), at, webhook.Members{"by": webhook.Actor(kind, by.ID, ""), c.how: c.by[kind]})
	return nil
}

// id names an event that Freshchat gives no id: one of a kind and conversation in a
// millisecond.
func id(conversation, what string, at time.Time) string {
	return conversation + "/" + what + "/" + strconv.FormatInt(at.UnixMilli(), 10)
}

// actorType is one of ours. Whatever is neither a user, an agent nor a bot is the system.
func actorType(s string) string {
	switch s = strings.ToLower(s); s {
	case "user", "agent", "bot":
		return s
	case "freddy_bot":
		return "bot"
	}
	return "system"
}

// startOf is when an interaction began: its id ends in the milliseconds.
func startOf(interaction string) (time.Time, bool) {
	i := strings.LastIndexByte(interaction, '-')
	ms, err := strconv.ParseInt(interaction[i+1:], 10, 64)
	if i < 0 || err != nil || ms < 1e12 || ms > 1e13 {
		return time.Time{}, false
	}
	return time.UnixMilli(ms), true
}

func timeOf(text string, otherwise time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t
	}
	return otherwise
}
