// Package comm100 turns what Comm100 tells into events. In: a webhook's delivery, to an
// address that has the token, which is all that protects it; or chats as Comm100's interface
// lists them, of the time before there was a webhook. Out: events of source "comm100". It
// knows nothing else.
package comm100

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// Provider is Comm100.
type Provider struct{}

// Name is the provider's name.
func (Provider) Name() string { return tenant.Comm100 }

// Hello knows no requests that only set up.
func (Provider) Hello(*tenant.Webhook, *webhook.Delivery) *webhook.Reply { return nil }

// Authentic looks for the token in the address.
func (Provider) Authentic(w *tenant.Webhook, d *webhook.Delivery) bool { return webhook.InURL(w, d) }

// Reply is what Comm100's documents want: without it a delivery is repeated.
func (Provider) Reply() webhook.Reply {
	return webhook.Reply{Status: http.StatusOK, ContentType: "application/json", Body: `{"status":"200"}`}
}

// Kept leaves out the token that newer versions have in the body, beside that in the address.
func (Provider) Kept() webhook.Kept { return webhook.Kept{Secret: "token"} }

// moment is a time: /Date(…)/, or a number or its text: milliseconds, or of ten digits
// seconds; or as text, without an offset in UTC.
type moment struct{ time.Time }

var digits = regexp.MustCompile(`^(?:/Date\()?(-?[0-9]{1,16})(?:[+-][0-9]{4})?(?:\)/)?$`)

func (m *moment) UnmarshalJSON(raw []byte) error {
	said := strings.Trim(strings.ReplaceAll(string(raw), `\/`, "/"), `"`)
	found := digits.FindStringSubmatch(said)
	if found == nil { // none, or in a form that is not known
		for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
			if at, err := time.Parse(form, said); err == nil {
				m.Time = at.UTC().Truncate(time.Millisecond)
			}
		}
		return nil
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil || n <= 0 {
		return nil
	}
	if len(found[1]) == 10 {
		n *= 1000
	}
	m.Time = time.UnixMilli(n)
	return nil
}

// text is a text, or a number as text.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		*t = text(n.String())
	}
	return nil
}

// texts is a list of texts, or one with commas between them.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var list []text
	var s text
	if json.Unmarshal(raw, &list) != nil {
		if json.Unmarshal(raw, &s) != nil {
			return nil
		}
		for part := range strings.SplitSeq(string(s), ",") {
			list = append(list, text(strings.TrimSpace(part)))
		}
	}
	for _, l := range list {
		if l != "" {
			*t = append(*t, string(l))
		}
	}
	return nil
}

type visitor struct {
	ID         text   `json:"id"`
	ChatID     text   `json:"chat_id"`
	Name       string `json:"name"`
	Department text   `json:"department"`
	Browsing   string `json:"current_browsing"`
	Landing    string `json:"landing_page"`
}

type field struct {
	ID    text `json:"id"`
	Name  text `json:"name"`
	Value text `json:"value"`
}

type chat struct {
	ID            text   `json:"id"`
	Transcript    string `json:"chat_transcript"`
	Department    text   `json:"department"`
	Start         moment `json:"start_time"`
	End           moment `json:"end_time"`
	Waiting       string `json:"waiting_time"`
	Operators     texts  `json:"operators"`
	Rating        *text  `json:"rating"`
	RatingComment string `json:"rating_comment"`
	WrapUp        string `json:"wrap_up"`
}

type wrapUp struct {
	Category string  `json:"category"`
	Comment  string  `json:"comment"`
	Fields   []field `json:"fields"`
	Time     moment  `json:"time"`
}

type offline struct {
	ID         text   `json:"id"`
	Department text   `json:"department"`
	Time       moment `json:"time"`
}

type payload struct {
	Event    string  `json:"event"`
	Visitor  visitor `json:"visitor"`
	Chat     chat    `json:"chat"`
	ChatID   text    `json:"chat_id"`
	WrapUp   wrapUp  `json:"wrapup"`
	Offline  offline `json:"offline_message"`
	Operator text    `json:"operator_id"`
}

// statuses are those of an agent, by the event that says them.
var statuses = map[string]string{"online": "online", "login": "online", "away": "away", "logout": "offline"}

// Events tells what happened.
func (Provider) Events(d *webhook.Delivery) (*webhook.Told, error) {
	var p payload
	if err := json.Unmarshal(d.Body, &p); err != nil || p.Event == "" {
		return nil, webhook.NotOf("Comm100", "", err, "a JSON object with event")
	}
	t := webhook.New(tenant.Comm100, p.Event, d)
	second := d.Arrived.Truncate(time.Second)
	id := string(p.Visitor.ChatID)
	if id == "" {
		id = string(p.Chat.ID)
	}
	if id == "" {
		id = string(p.ChatID)
	}
	switch p.Event {
	case "chat_request", "chat_started", "chat_ended", "chat_transferred", "chat_wraped_up", "chat_wrapped_up":
		if id == "" {
			return nil, errors.New("the body is not of Comm100's form: visitor.chat_id is missing")
		}
	}
	switch p.Event {
	case "chat_request", "chat_started":
		requested(t, id, &p.Visitor, second)
	case "chat_ended":
		ended(t, id, &p, d.Arrived)
	case "chat_transferred":
		t.Add("chat.transferred", id, id+"/transferred/"+strconv.FormatInt(second.Unix(), 10), second, webhook.Members{"toDepartmentId": string(p.Visitor.Department)})
	case "chat_wraped_up", "chat_wrapped_up":
		w := &p.WrapUp
		at := w.Time.Time
		if at.IsZero() {
			at = second
		}
		wrapped(t, id, at, w.Comment, w.Category, w.Fields)
	case "offline_message_submitted":
		o := &p.Offline
		if o.ID == "" {
			return nil, errors.New("the body is not of Comm100's form: offline_message.id is missing")
		}
		at := o.Time.Time
		if at.IsZero() {
			at = second
		}
		t.Add("offline_message.submitted", string(o.ID), string(o.ID), at, webhook.Members{"from": "button", "departmentId": string(o.Department)})
	case "online", "away", "login", "logout":
		agent := string(p.Operator)
		if agent == "" {
			return nil, errors.New("the body is not of Comm100's form: operator_id is missing")
		}
		s := statuses[p.Event]
		t.Add("agent.status_changed", agent, agent+"/"+s+"/"+strconv.FormatInt(second.Unix(), 10), second, webhook.Members{"status": s})
	default:
		t.Unknown = true
	}
	return t, nil
}

// requested tells of a request. What is told at the end, with its time, is a request at
// that time: of several the earliest counts.
func requested(t *webhook.Told, id string, v *visitor, at time.Time) {
	page := v.Browsing
	if page == "" {
		page = v.Landing
	}
	visitor := string(v.ID)
	if visitor == "" {
		visitor = id
	}
	t.Add("chat.requested", id, id+"/requested/"+strconv.FormatInt(at.UnixMilli(), 10), at, webhook.Members{
		"visitorId": visitor, "visitorName": v.Name, "initiatedBy": "visitor", "source": "visitor", "departmentId": string(v.Department), "pageUrl": page,
	})
}

// wrapped tells a wrap-up; its category is a field too.
func wrapped(t *webhook.Told, id string, at time.Time, comment, category string, fields []field) {
	list := []webhook.Members{}
	if category != "" {
		list = append(list, webhook.Members{"fieldId": "category", "fieldName": "Category", "options": []string{category}})
	}
	for _, f := range fields {
		if f.ID == "" && f.Name == "" || f.Value == "" {
			continue
		}
		if f.ID == "" {
			f.ID = f.Name
		}
		list = append(list, webhook.Members{"fieldId": string(f.ID), "fieldName": string(f.Name), "options": []string{string(f.Value)}})
	}
	t.Add("chat.wrapped_up", id, id+"/wrapped/"+strconv.FormatInt(at.UnixMilli(), 10), at, webhook.Members{"comment": comment, "fields": list})
}
