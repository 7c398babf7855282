package payload

import (
	"fmt"
	"strconv"
	"strings"

	"chatreports/shared/event"
)

// comm100 speaks as Comm100: of chats that begin and end, wrap-ups, offline messages and
// agents' statuses. Everything of a chat is told at its end.
type comm100 struct {
	chats map[string]*ended
}

// ended is what is told of a chat at its end.
type ended struct {
	visitor          members
	visitorName      string
	department       string
	requested, start int64 // start: the first acceptance
	operators        []string
	transcript       strings.Builder
}

// statuses are what agents' statuses are called there; names of their own are away.
var statuses = map[string]string{"online": "online", "offline": "logout"}

func (v *comm100) say(e *event.Event) []members {
	d := &e.Data
	switch e.Type {
	case "chat.requested":
		c := &ended{requested: e.At, visitorName: d.VisitorName, department: d.DepartmentID}
		if c.visitorName == "" {
			c.visitorName = "Visitor"
		}
		c.visitor = members{
			"chat_id": e.Subject, "id": d.VisitorID, "name": d.VisitorName, "department": d.DepartmentID, "current_browsing": d.PageURL,
			"landing_page": d.PageURL, "visit_time": date(e.At), "visits": 1, "chats": 1, "status": 2,
		}
		v.chats[e.Subject] = c
		return []members{{"event": "chat_request", "visitor": c.visitor}}
	case "chat.wrapped_up":
		fields := []members{}
		for _, f := range d.Fields {
			fields = append(fields, members{"id": f.FieldID, "name": f.FieldName, "value": strings.Join(f.Options, ", ")})
		}
		return []members{{
			"event": "chat_wraped_up", "chat_id": e.Subject, "visitor": members{"chat_id": e.Subject},
			"wrapup": members{"category": "", "comment": d.Comment, "fields": fields, "time": date(e.At)},
		}}
	case "offline_message.submitted":
		return []members{{
			"event": "offline_message_submitted", "visitor": members{"status": 10},
			"offline_message": members{"id": e.Subject, "department": d.DepartmentID, "content": words(20), "time": date(e.At)},
		}}
	case "agent.status_changed":
		status, ok := statuses[d.Status]
		if !ok {
			status = "away"
		}
		return []members{{"event": status, "operator_id": number(e.Subject)}}
	}
	if c := v.chats[e.Subject]; c != nil {
		return v.goOn(c, e)
	}
	return nil
}

// goOn takes what happens in a chat, and tells all of it when it ends.
func (v *comm100) goOn(c *ended, e *event.Event) []members {
	d := &e.Data
	switch {
	case e.Type == "chat.accepted":
		name := d.AgentName
		if name == "" {
			name = d.AgentID
		}
		if c.start == 0 {
			c.start = e.At
		}
		c.operators = append(c.operators, name)
		fmt.Fprintf(&c.transcript, "Agent %s has joined the chat.⊙", name)
	case e.Type == "message.sent" && !d.Private && (d.Actor.Type == "agent" || d.Actor.Type == "user"):
		by := d.Actor.Name
		if d.Actor.Type == "user" {
			by = c.visitorName
		}
		fmt.Fprintf(&c.transcript, "[%s] %s: %s⊙", e.Time().Format("15:04:05"), by, words(d.Length))
	case ends(e.Type):
		delete(v.chats, e.Subject)
		if c.start == 0 { // nobody took it up
			return nil
		}
		fmt.Fprintf(&c.transcript, "The chat is ended.(%s)⊙", e.Time().Format("15:04:05"))
		return []members{{"event": "chat_ended", "visitor": c.visitor, "chat": members{
			"id": e.Subject, "chat_transcript": c.transcript.String(), "department": c.department, "start_time": date(c.start), "end_time": date(e.At),
			"waiting_time": strconv.FormatInt((c.start-c.requested)/1000, 10) + "s", "operators": c.operators, "rating": -1, "rating_comment": "", "wrap_up": "",
			"custom_fields": []members{},
		}}}
	}
	return nil
}

// date is a time as Comm100 writes it.
func date(ms int64) string { return "/Date(" + strconv.FormatInt(ms, 10) + ")/" }
