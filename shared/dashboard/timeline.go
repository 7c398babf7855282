package dashboard

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// sent is an event as it was sent.
type sent struct {
	Type   string          `json:"type"`
	Time   string          `json:"time"`
	Source string          `json:"source"`
	ID     string          `json:"id"`
	Data   json.RawMessage `json:"data"`
}

// happening is an event in words.
type happening struct {
	Type, Time string
	// After is how long after the one before.
	After string
	Who   person
	// What is what happened; Said what somebody wrote with it.
	What, Said string
	JSON       string
	// Out: it counts nowhere.
	Out bool
}

// person is who did something: a name, an id, and what sort of person.
type person struct{ Name, ID, Role string }

// teller tells the events of one chat.
type teller struct {
	*asker
	chat  knownChat
	after time.Time
	// taken and answered: an agent took it up, and wrote, before.
	taken, answered bool
	failed          error
}

// timeline tells events in words, those that count nowhere among the others.
func (a *asker) timeline(known *knownChat, events, out []sent) ([]happening, error) {
	t := &teller{asker: a}
	if known != nil {
		t.chat = *known
	}
	all := make([]happening, 0, len(events)+len(out))
	for len(events)+len(out) > 0 {
		from, isOut := &events, false
		if len(events) == 0 || len(out) > 0 && out[0].Time < events[0].Time {
			from, isOut = &out, true
		}
		h, err := t.tell(&(*from)[0], isOut)
		if err != nil {
			return nil, err
		}
		all, *from = append(all, h), (*from)[1:]
	}
	return all, t.failed
}

// tell tells one event.
func (t *teller) tell(e *sent, out bool) (happening, error) {
	h := happening{Type: e.Type, Time: e.Time, Out: out}
	var data members
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return h, err
	}
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return h, err
	}
	h.JSON = string(raw)
	words := happenings()[e.Type]
	for who := range strings.FieldsSeq(words.who) {
		if h.Who = t.person(who, data); h.Who != (person{}) {
			break
		}
	}
	h.What, h.Said = t.fill(words.what, data), textOr(data["comment"])
	if at, err := time.Parse(time.RFC3339, e.Time); err == nil && !out {
		if !t.after.IsZero() && at.After(t.after) {
			h.After = length(at.Sub(t.after).Seconds())
		}
		t.after = at
		h.What += t.waited(e.Type, h.Who.Role, data)
	}
	return h, nil
}

// waited says how long the visitor had waited, of the first acceptance and of an agent's first
// message.
func (t *teller) waited(what, role string, data members) string {
	switch {
	case what == "chat.accepted" && !t.taken:
		t.taken = true
		if wait := t.chat.WaitSeconds; wait != nil && *wait > 0 {
			return ", after a wait of " + length(*wait)
		}
	case what == "message.sent" && role == roleAgent && !t.answered && string(data["private"]) != "true":
		t.answered = true
		if all := t.chat.Interactions; len(all) > 0 && all[0].FirstResponseSeconds != nil {
			return ": the first response, after " + length(*all[0].FirstResponseSeconds)
		}
	}
	return ""
}

// members are those of an event's data.
type members map[string]json.RawMessage

var (
	clause = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[[^\]]*\]`) })
	member = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\w+\}`) })
)

// fill puts members into their places in a text; a clause in brackets is left out where it has
// none of them.
func (t *teller) fill(text string, data members) string {
	places := func(text string) (filled string, whole bool) {
		whole = true
		filled = member().ReplaceAllStringFunc(text, func(place string) string {
			value := t.value(strings.Trim(place, "{}"), data)
			whole = whole && value != ""
			return value
		})
		return filled, whole
	}
	text = clause().ReplaceAllStringFunc(text, func(c string) string {
		filled, whole := places(c[1 : len(c)-1])
		if !whole {
			return ""
		}
		return filled
	})
	text, _ = places(text)
	return text
}

// Roles of persons.
const (
	roleVisitor = "visitor"
	roleAgent   = "agent"
	roleBot     = "bot"
)

// person is who a word of the table of texts means: a member, or the visitor.
func (t *teller) person(word string, data members) person {
	switch {
	case word == roleVisitor:
		id := cmp.Or(textOr(data["visitorId"]), t.chat.VisitorID)
		return person{cmp.Or(textOr(data["visitorName"]), t.chat.VisitorName, id), id, roleVisitor}
	case word == roleBot:
		return person{Role: roleBot}
	case data[word] == nil:
		return person{}
	case strings.HasSuffix(strings.ToLower(word), "agentid"):
		return person{t.value(word, data), textOr(data[word]), roleAgent}
	case word == "by" || word == "actor":
		return t.actor(data[word])
	}
	return person{Role: t.value(word, data)}
}

// actor is one as events have it: an object, or a word.
func (t *teller) actor(raw json.RawMessage) person {
	var a struct{ Type, ID, Name string }
	if json.Unmarshal(raw, &a) != nil {
		return person{Role: cmp.Or(values()["by="+textOr(raw)], textOr(raw))}
	}
	if a.Type == "user" {
		return person{cmp.Or(a.Name, t.chat.VisitorName, a.ID), a.ID, roleVisitor}
	}
	switch {
	case a.Type == roleAgent:
		a.Name = cmp.Or(t.name(roleAgent, a.ID), a.Name, a.ID)
	case a.ID != a.Type:
		a.Name = cmp.Or(a.Name, a.ID)
	}
	return person{a.Name, a.ID, a.Type}
}

// kindsOf are the kinds of the directory whose ids members have.
var kindsOf = map[string]string{
	"agentId": "agent", "fromAgentId": "agent", "toAgentId": "agent", "departmentId": "department", "fromDepartmentId": "department", "toDepartmentId": "department",
	"groupId": "department", "campaignId": "campaign", "channelId": "channel", "invitationId": "invitation", "storyId": "story", "cannedMessageId": "canned_message",
}

// value is a member as people read it: an entity by its name, a word of events in words.
func (t *teller) value(name string, data members) string {
	raw := data[name]
	if raw == nil {
		return ""
	}
	text := textOr(raw)
	if told, ok := values()[name+"="+text]; ok {
		return told
	}
	if of, ok := strings.CutSuffix(name, "Id"); ok {
		return cmp.Or(textOr(data[of+"Name"]), t.name(kindsOf[name], text), text)
	}
	switch name {
	case "routeTo":
		var to struct{ Type, ID string }
		if json.Unmarshal(raw, &to) == nil {
			return cmp.Or(values()["routeTo="+to.Type], t.name(to.Type, to.ID), to.ID)
		}
	case "fields":
		return answers(raw)
	}
	return text
}

// answers are the fields of a form with what was chosen.
func answers(raw json.RawMessage) string {
	var fields []struct {
		FieldID, FieldName string
		Options            []string
	}
	if json.Unmarshal(raw, &fields) != nil {
		return ""
	}
	var told []string
	for _, f := range fields {
		name := cmp.Or(f.FieldName, f.FieldID)
		if !strings.HasSuffix(name, "?") {
			name += ":"
		}
		told = append(told, name+" "+strings.Join(f.Options, ", "))
	}
	return strings.Join(told, "; ")
}

// textOr is a text, a number, a truth value, or a list of texts; what is absent is empty.
func textOr(raw json.RawMessage) string {
	var list []string
	switch {
	case raw == nil:
		return ""
	case json.Unmarshal(raw, &list) == nil:
		return strings.Join(list, ", ")
	}
	return textOf(raw)
}

// name is that of an entity, empty where it has none.
func (t *teller) name(kind, id string) string {
	ask := t.known[kind]
	if ask == nil {
		return ""
	}
	all, err := ask()
	if err != nil && t.failed == nil {
		t.failed = err
	}
	if i := slices.IndexFunc(all, func(e known) bool { return e.ID == id }); i >= 0 {
		return all[i].Name
	}
	return ""
}
