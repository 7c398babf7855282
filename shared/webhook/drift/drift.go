// Package drift turns Drift's webhooks into events. In: a delivery that carries the
// account's token. Out: events of source "drift". It knows nothing else.
package drift

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Provider is Drift.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.Drift }

// Hello knows no requests that only set up.
func (Provider) Hello(*tenant.Webhook, *webhook.Delivery) *webhook.Reply { return nil }

// Reply is what Drift's receivers answer.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: "ok"}
}

// Kept leaves out the token.
func (Provider) Kept() webhook.Kept { return webhook.Kept{Secret: "token"} }

type payload struct {
	Type  string          `json:"type"`
	Token string          `json:"token"`
	Data  json.RawMessage `json:"data"`
}

// Authentic compares the verification token, of the body or of the header
// X-Verification-Token.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool {
	token := d.Header.Get("X-Verification-Token")
	if token == "" {
		var p payload
		if json.Unmarshal(d.Body, &p) != nil {
			return false
		}
		token = p.Token
	}
	return webhook.OneOf(token, w.Token, w.NextToken)
}

// number is a whole number, an id or a time, which some senders write as text, and some as 5.0.
type number string

func (n *number) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*n = number(s)
		return nil
	}
	var v json.Number
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*n = number(v)
	if f, err := v.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		*n = number(strconv.FormatInt(int64(f), 10))
	}
	return nil
}

type message struct {
	ID             number `json:"id"`
	ConversationID number `json:"conversationId"`
	Body           string `json:"body"`
	Type           string `json:"type"`
	CreatedAt      number `json:"createdAt"`
	Author         struct {
		ID   number `json:"id"`
		Type string `json:"type"`
		Bot  bool   `json:"bot"`
	} `json:"author"`
	Context struct {
		Href string `json:"href"`
	} `json:"context"`
}

// Events tells what happened.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	var p payload
	if err := json.Unmarshal(d.Body, &p); err != nil {
		return nil, webhook.NotOf("Drift", "", err, "a JSON object with type, token and data")
	}
	t := webhook.New(tenant.Drift, p.Type, d)
	switch p.Type {
	case "new_message":
		return t, said(t, p.Data, d.Arrived)
	case "conversation_status_updated", "conversation_status_change":
		return t, status(t, p.Data, d.Arrived)
	}
	t.Unknown = true
	return t, nil
}

func notOf(err error) error {
	return webhook.NotOf("Drift", "data.", err, "data with its conversationId is missing")
}

func said(t *webhook.Told, raw json.RawMessage, arrived time.Time) error {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil || m.ConversationID == "" {
		return notOf(err)
	}
	at, chat := arrived.Truncate(time.Second), string(m.ConversationID)
	if ms, err := strconv.ParseInt(string(m.CreatedAt), 10, 64); err == nil && ms > 0 {
		at = time.UnixMilli(ms)
	}
	kind := "agent"
	switch {
	case m.Author.Bot:
		kind = "bot"
	case m.Author.Type == "contact":
		kind = "user"
	}
	id := string(m.ID)
	if id == "" {
		id = webhook.Digest(string(raw))
	}
	if kind == "user" {
		// No webhook tells that a conversation began: the earliest message of a contact does,
		// for of several requests of a chat the earliest counts.
		t.Add("chat.requested", chat, chat+"/"+id+"/requested", at, webhook.Members{
			"visitorId": string(m.Author.ID), "initiatedBy": "visitor", "source": "visitor", "pageUrl": m.Context.Href,
		})
	}
	t.Add("message.sent", chat, chat+"/"+id, at, webhook.Members{
		"messageId": id, "actor": webhook.Actor(kind, string(m.Author.ID), ""), "length": utf8.RuneCountInString(m.Body), "private": m.Type == "private_note",
	})
	return nil
}

// status tells that a conversation was closed or opened. Drift calls it phased out, and
// gives neither a time nor who did it.
func status(t *webhook.Told, raw json.RawMessage, arrived time.Time) error {
	var data struct {
		ConversationID number `json:"conversationId"`
		Status         string `json:"status"`
	}
	if err := json.Unmarshal(raw, &data); err != nil || data.ConversationID == "" {
		return notOf(err)
	}
	at, chat := arrived.Truncate(time.Second), string(data.ConversationID)
	id := chat + "/" + data.Status + "/" + strconv.FormatInt(at.Unix(), 10)
	by := webhook.Actor("system", "drift", "")
	switch data.Status {
	case "closed":
		t.Add("chat.closed", chat, id, at, webhook.Members{"by": by})
	case "open":
		t.Add("chat.reopened", chat, id, at, webhook.Members{"by": by})
	default:
		t.Unknown = true
	}
	return nil
}
