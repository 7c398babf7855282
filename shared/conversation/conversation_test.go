package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/conversation"
	"chatreports/shared/event"
)

// groups: 1 is in x and y, everybody else in none.
func groups(agent string) []string {
	if agent == "1" {
		return []string{"x", "y"}
	}
	return nil
}

// tell tells all of a chat.
func tell(events []event.Event) *conversation.Conversation {
	return (&conversation.Teller{Groups: groups}).Tell(event.InSequence(events), nil)
}

// steps are those of a chat, each with its interaction.
func steps(c *conversation.Conversation) (out []conversation.Step, in []*conversation.Interaction) {
	for i, s := range c.Steps() {
		out, in = append(out, *s), append(in, i)
	}
	return out, in
}

// chat is events of one chat, one a word or more: the seconds, the type without "chat.",
// then member=value. Events of one second stand in the order in which they fold.
func chat(t *testing.T, text string) []event.Event {
	t.Helper()
	var list []event.Event
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		e := event.Event{ID: fmt.Sprintf("%03d", i), Source: "s", Type: "chat." + words[1], Subject: "c"}
		if words[1] == "message" || words[1] == "note" {
			e.Type, e.Data.MessageID, e.Data.Private = "message.sent", e.ID, words[1] == "note"
		}
		if words[1] == "requested" {
			e.Data.InitiatedBy = "visitor"
		}
		if words[1] == "bot" {
			e.Type, e.Data.StoryID = "bot.interaction", "s"
		}
		if _, err := fmt.Sscan(words[0], &e.At); err != nil {
			t.Fatal(err)
		}
		e.At *= 1000
		for _, w := range words[2:] {
			name, value, _ := strings.Cut(w, "=")
			d := &e.Data
			switch name {
			case "user", "agent", "bot", "system":
				actor := &event.Actor{Type: name, ID: value}
				d.Actor, d.By = actor, actor
			case "a":
				d.AgentID = value
			case "g":
				d.GroupID, d.DepartmentID = value, value
			case "from":
				d.FromAgentID = value
			case "to":
				d.ToAgentID = value
			case "tog":
				d.ToDepartmentID = value
			case "routing":
				d.Routing = value
			case "message":
				d.MessageID = value
			default:
				t.Fatalf("unknown word %q", w)
			}
		}
		list = append(list, e)
	}
	if !slices.IsSortedFunc(list, func(a, b event.Event) int { return event.Compare(&a, &b) }) {
		t.Fatal("the events do not stand in the order in which they fold")
	}
	return list
}

func TestEventsBelongToTheLastInteractionThatBegan(t *testing.T) {
	c := tell(chat(t, `
1 refused
2 requested
3 closed user=v
3 closed user=v
4 rated
5 reopened user=v
5 rated
6 reopened agent=7
7 labelled
8 rated
8 closed agent=7
9 rated
9 closed agent=8
`))
	var got []string
	all, in := steps(c)
	for n, i := range c.Interactions {
		text := fmt.Sprint(i.Number, " ", i.Begin.ID, ":")
		for j := range all {
			if in[j] == &c.Interactions[n] {
				text += " " + all[j].ID
			}
		}
		if i.Close != nil {
			text += " closed " + i.Close.ID
		}
		got = append(got, text+" "+i.Opener().Type)
	}
	want := []string{
		"1 001: 000 001 002 003 004 closed 002 user", // what comes before the request too; a second close is ignored
		"2 005: 005 006 user",                        // reopened while open: this one stays unresolved
		"3 007: 007 008 009 010 011 012 closed 010 agent",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q,\nwant %q", got, want)
	}
}

func TestThereIsNothingToTellWithoutARequest(t *testing.T) {
	if c := tell(chat(t, "1 accepted a=1\n2 closed agent=1")); c != nil {
		t.Errorf("%+v", c)
	}
}

func TestAssignment(t *testing.T) {
	for _, c := range []struct{ name, events, want string }{
		{"an agent's first group", "1 assigned a=1 routing=rule", "1/x/rule"},
		{"an agent without groups", "1 assigned a=2", "2//"},
		{"an agent and a group", "1 assigned a=1 g=z", "1/z/"},
		{"the current group stays", "1 assigned g=z routing=api\n2 assigned a=1", "1/z/"},
		{"a group alone leaves nobody", "1 assigned a=1 routing=rule\n2 assigned g=z routing=channel", "/z/channel"},
		{"neither does nothing", "1 assigned a=1 routing=rule\n2 assigned routing=api", "1/x/rule"},
		{"accepted by the agent it is assigned to", "1 assigned a=1 routing=rule\n2 accepted a=1", "1/x/rule"},
		{"accepted by another one, in another group", "1 assigned a=1 routing=rule\n2 accepted a=2 g=z", "2/z/"},
		{"accepted without a group", "1 accepted a=1", "1/x/"},
		{"transferred to an agent", "1 assigned a=1 g=z routing=rule\n2 transferred from=1 to=2", "2/z/"},
		{"transferred to a group", "1 assigned a=1 routing=rule\n2 transferred from=1 tog=z", "/z/"},
		{"transferred to a group while nobody's", "1 assigned g=y routing=rule\n2 transferred tog=z", "/z/rule"},
		{"transferred away only", "1 assigned a=1 routing=rule\n2 transferred from=1", "1/x/rule"},
		{"writing, leaving, closing and reopening change nothing", "1 assigned a=1 routing=rule\n2 message agent=2\n3 left a=1\n4 closed agent=1\n5 reopened user=v", "1/x/rule"},
		{"while it is closed", "1 closed agent=1\n2 assigned a=2 g=z", "2/z/"},
	} {
		told := tell(chat(t, "0 requested\n"+c.events))
		all, _ := steps(told)
		a := all[len(all)-1].Assignment
		if got := a.Agent + "/" + a.Group + "/" + a.Routing; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	told := tell(chat(t, "0 requested\n1 assigned routing=api\n2 assigned g=x\n3 message agent=1\n4 transferred from=1\n5 transferred to=1\n6 accepted a=1"))
	var assigns []string
	for _, s := range told.Steps() {
		if s.Assigns {
			assigns = append(assigns, s.ID)
		}
	}
	if want := []string{"002", "005", "006"}; !slices.Equal(assigns, want) {
		t.Errorf("assignments %v, want %v", assigns, want)
	}
}

func TestStays(t *testing.T) {
	for _, c := range []struct{ name, events, want string }{
		{"accepted, into a department, and the next", "1 accepted a=1 g=x\n2 transferred from=2 tog=y\n3 left a=1", "1:1-3"},
		{"assigned, then writing", "1 assigned a=1\n2 message agent=1 ", "1:1-"},
		{"assigned to another one", "1 accepted a=1\n2 assigned a=2", "1:1-2 2:2-"},
		{"assigned to whom it is", "1 accepted a=1\n2 assigned a=1", "1:1-"},
		{"a transfer that names nobody", "1 accepted a=1\n1 message agent=2\n3 transferred to=3", "1:1-3 2:1-3 3:3-"},
		{"transferred to oneself", "1 accepted a=1\n3 transferred to=1 tog=y", "1:1-3 1:3-"},
		{"transferred to whom is in it", "1 accepted a=1\n1 message agent=2\n3 transferred from=1 to=2 tog=y", "1:1-3 2:1-"},
		{"refused by oneself", "1 accepted a=1\n2 refused a=2\n3 refused a=1", "1:1-3"},
		{"put back", "1 accepted a=1\n2 closed agent=1\n3 accepted a=2\n4 reopened user=v\n5 abandoned", "1:1-2 1:4-5"},
		{"a private note", "1 note agent=1", ""},
		{"writing while it is closed", "1 closed user=v\n2 message agent=1", ""},
	} {
		told := tell(chat(t, "0 requested\n"+c.events))
		var got []string
		for _, s := range told.Stays {
			text := fmt.Sprintf("%s:%d-", s.Agent, s.From/1000)
			if s.Left != nil {
				text += fmt.Sprint(s.To / 1000)
			}
			if s.Joined.At != s.From || s.Left != nil && s.Left.At != s.To {
				t.Errorf("%s: joined at %d, left at %d", c.name, s.Joined.At, s.To)
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestResponses(t *testing.T) {
	for _, c := range []struct{ name, events, want string }{
		{"from the first unanswered message", "1 message user=v\n3 message user=v\n7 message agent=1\n8 message agent=1", "7:6"},
		{"a bot's message answers without a sample, an interaction does not answer", "1 message user=v\n2 bot\n3 message bot=b\n4 message agent=1\n5 message user=v\n6 bot\n8 message agent=1", "8:3"},
		{"a system's does not", "1 message user=v\n2 message system=s\n4 message agent=1", "4:3"},
		{"a private one does not", "1 message user=v\n2 note agent=1\n4 message agent=1", "4:3"},
		{"a close ends the waiting", "1 message user=v\n2 closed user=v\n4 message agent=1", ""},
		{"a second close does not", "1 closed user=v\n2 message user=v\n3 closed user=v\n4 message agent=1", "4:2"},
		{"over a reopening while it is open", "1 message user=v\n2 reopened user=v\n4 message agent=1", "4:3"},
		{"a message told twice counts once", "1 message user=v message=m\n2 message agent=1\n3 message user=v message=m\n4 message agent=1", "2:1"},
	} {
		told := tell(chat(t, "0 requested\n"+c.events))
		var got []string
		for _, s := range told.Steps() {
			if s.Response != nil {
				got = append(got, fmt.Sprint(s.At/1000, ":", s.Response.Millis/1000))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheEnd(t *testing.T) {
	for events, want := range map[string]string{
		"1 accepted a=1": "",
		"1 closed user=v\n2 closed user=v\n3 rated": "001",
		"1 missed\n2 reopened user=v":               "",
		"1 abandoned\n2 reopened user=v\n3 missed":  "003",
	} {
		told := tell(chat(t, "0 requested\n"+events))
		got := ""
		if told.End != nil {
			got = told.End.ID
		}
		all, _ := steps(told)
		if open := all[len(all)-1].Open; got != want || open != (want == "") {
			t.Errorf("%q ends with %q, want %q; open is %v", events, got, want, open)
		}
	}
}
