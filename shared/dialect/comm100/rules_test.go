package comm100_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
)

// written reads lines of "TIME TYPE SUBJECT [DATA]". A time of day is on 2024-03-04;
// anything longer is RFC 3339 without the zone, in UTC.
func written(t *testing.T, text string) []event.Event {
	t.Helper()
	var list []event.Event
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if len(words) < 3 {
			continue
		}
		if !strings.Contains(words[0], "T") {
			words[0] = "2024-03-04T" + words[0]
		}
		at, err := time.Parse("2006-01-02T15:04:05.999", words[0])
		if err != nil {
			t.Fatal(err)
		}
		e := event.Event{ID: fmt.Sprintf("e%04d", len(list)), Source: "test", Type: words[1], Subject: words[2], At: at.UnixMilli()}
		if len(words) == 4 {
			if err := json.Unmarshal([]byte(words[3]), &e.Data); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		list = append(list, e)
	}
	return list
}

const (
	wholeDay = "timeFrom=2024-03-04T00:00:00&timeTo=2024-03-05T00:00:00&"
	twoDays  = "timeFrom=2024-03-04T00:00:00&timeTo=2024-03-06T00:00:00&"

	rated = `
		10:00:00 agent.updated 1 {"departmentIds":["x"]}
		10:00:00 agent.updated 3 {"departmentIds":["y"]}
		10:00:00 chat.requested a {"visitorId":"v"}
		10:01:00 chat.accepted a {"agentId":"1","departmentId":"x"}
		10:02:00 chat.transferred a {"fromAgentId":"1","toAgentId":"2","toDepartmentId":"y"}
		10:30:00 chat.rated a {"score":5}
		2024-03-05T09:00:00 chat.rated a {"score":2}
		10:00:00 chat.requested b {"visitorId":"v","departmentId":"z"}
		10:30:00 chat.rated b {"score":4}
		10:31:00 chat.rated b {"score":0}
		10:00:00 chat.requested c {"visitorId":"v","departmentId":"z"}
		10:10:00 chat.abandoned c
		10:30:00 chat.rated c {"score":4}`

	surveyed = `
		09:00:00 campaign.updated empty {"name":"E"}
		10:00:00 chat.requested c {"visitorId":"v","campaignId":"k"}
		10:00:00 chat.accepted c {"agentId":"1"}
		10:02:00 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten","options":["b","a","a"]},{"fieldId":"9","fieldName":"Nine","group":"G/H","options":["x"]},{"fieldId":"f","fieldName":"None","options":[]}]}
		10:03:00.001 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten?","options":["a"]}]}
		10:03:00.002 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten!","options":["a"]}]}
		10:03:00.001 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"X","options":["a"]}]}
		2024-03-05T00:00:00 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Later","options":["a"]}]}
		10:03:00 survey.submitted c {"kind":"prechat","campaignId":"k","fields":[{"fieldId":"9","fieldName":"Nine","group":"G","options":["x"]},{"fieldId":"9","fieldName":"Nine","group":"H","options":["x","y"]}]}
		10:03:00 survey.submitted orphan {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten","options":["a"]}]}`

	wrapped = `
		10:00:00 chat.requested a {"visitorId":"v","campaignId":"k"}
		10:00:01 chat.accepted a {"agentId":"1"}
		10:04:00 chat.wrapped_up a {"comment":"done","fields":[{"fieldId":"1","fieldName":"Category","group":"Product","options":["Chat"]}]}
		10:05:00 chat.wrapped_up a {"campaignId":"m","comment":"","fields":[{"fieldId":"1","fieldName":"Category","group":"Product","options":["Ticket"]},{"fieldId":"1","fieldName":"Category","options":["Other"]}]}
		10:00:00 chat.requested b {"visitorId":"v","campaignId":"k"}
		10:00:01 chat.accepted b {"agentId":"1"}
		10:00:02 chat.transferred b {"fromAgentId":"1","toAgentId":"2"}
		2024-03-05T10:00:00 chat.wrapped_up b {"comment":"done","fields":[{"fieldId":"1","fieldName":"Category","group":"Product","options":["Chat"]}]}
		10:00:00 chat.requested bot {"visitorId":"v","campaignId":"k"}
		10:00:01 bot.interaction bot {"storyId":"s"}
		10:00:02 chat.wrapped_up bot {"comment":"done","fields":[]}`

	converted = `
		10:00:00 chat.requested a {"visitorId":"va"}
		10:01:00 chat.accepted a {"agentId":"1","departmentId":"x"}
		10:00:00 chat.requested b {"visitorId":"vb"}
		10:01:00 chat.accepted b {"agentId":"2","departmentId":"y"}
		11:00:00 conversion.recorded va {"actionId":"buy","value":0.1,"chatId":"a"}
		11:00:00 conversion.recorded va {"actionId":"buy","value":0.2,"chatId":"a","agentId":"2"}
		11:00:00 conversion.recorded vz {"actionId":"ask","value":1}
		11:00:00 conversion.recorded vb {"actionId":"ask","value":2,"chatId":"never requested"}`

	offered = `
		09:00:00 invitation.updated i1 {"kind":"auto","campaignId":"k"}
		09:00:00 invitation.updated i2 {}
		09:00:00 invitation.updated m1 {"kind":"manual"}
		10:00:00 invitation.sent v {"kind":"auto","invitationId":"i1","campaignId":"other"}
		10:00:01 invitation.accepted v {"kind":"auto","invitationId":"i1","campaignId":"other"}
		10:00:02 invitation.sent v {"kind":"auto","invitationId":"i3","campaignId":"k"}
		10:00:03 invitation.declined v {"kind":"auto","invitationId":"i3","campaignId":"j"}
		2024-03-06T10:00:03 invitation.sent v {"kind":"auto","invitationId":"i3","campaignId":"later"}
		10:00:00 invitation.sent v {"kind":"manual","agentId":"1","invitationId":"m1"}
		10:00:00 offline_message.submitted o1 {"from":"button","departmentId":"x","segmentIds":["s","t","t"]}
		10:00:01 offline_message.submitted o1 {"from":"queue","departmentId":"x","segmentIds":["t"]}
		10:00:00 chat.requested c {"visitorId":"v"}
		10:01:00 chat.switched_to_message c`

	canned = `
		09:00:00 canned_message.updated c1 {"categoryId":"greetings"}
		09:00:00 canned_message.updated unused {"categoryId":"none"}
		10:00:00 chat.requested c {"visitorId":"v"}
		10:00:01 chat.accepted c {"agentId":"1"}
		10:00:02 message.sent c {"actor":{"type":"agent","id":"1"},"cannedMessageId":"c1"}
		10:00:03 message.sent c {"actor":{"type":"agent","id":"1"},"cannedMessageId":"c1"}
		10:00:04 message.sent c {"actor":{"type":"agent","id":"2"},"cannedMessageId":"c1","cannedCategoryId":"other"}
		10:00:05 message.sent c {"actor":{"type":"agent","id":"2"},"cannedMessageId":"c1","private":true}
		10:00:06 message.sent c {"actor":{"type":"user","id":"v"},"cannedMessageId":"c1"}
		2024-03-05T00:00:00 message.sent c {"actor":{"type":"agent","id":"3"},"cannedMessageId":"c1"}`
)

// TestRules asks the product and the reference the same, and says what is right.
func TestRules(t *testing.T) {
	for _, c := range []struct{ name, events, path, query, want string }{
		{"the last rating counts, at its time; a 0 withdraws it; a missed request has one", rated, "rating", twoDays + "group=day", `[
			{"score5":0,"score4":1,"score3":0,"score2":0,"score1":0,"time":{"from":"2024-03-04T00:00:00","to":"2024-03-05T00:00:00"}},
			{"score5":0,"score4":0,"score3":0,"score2":1,"score1":0,"time":{"from":"2024-03-05T00:00:00","to":"2024-03-06T00:00:00"}}]`},
		{"an agent and a department count together where the agent was in it", rated, "rating", twoDays + "group=department&filterName=agent&filterValue=2", `[
			{"departmentId":"y","score5":0,"score4":0,"score3":0,"score2":1,"score1":0}]`},
		{"of agents and departments crossed, members are listed", rated, "rating", wholeDay + "group=agent&filterName=department&filterValue=y", `[
			{"agentId":3,"score5":0,"score4":0,"score3":0,"score2":0,"score1":0}]`},
		{"groups or options, the latest name, a field without a choice", surveyed, "postChatSurvey", wholeDay, `[
			{"campaignId":"empty","fields":[]},
			{"campaignId":"k","fields":[
				{"fieldId":"9","fieldName":"Nine","groups":[{"name":"G/H","options":[{"name":"x","count":1}]}]},
				{"fieldId":"10","fieldName":"Ten!","options":[{"name":"a","count":5},{"name":"b","count":1}]},
				{"fieldId":"f","fieldName":"None","options":[]}]}]`},
		{"in one millisecond the name said last", surveyed, "postChatSurvey", "timeFrom=2024-03-04T10:03:00&timeTo=2024-03-04T10:03:01&filterName=campaign&filterValue=k", `[
			{"campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten!","options":[{"name":"a","count":3}]}]}]`},
		{"pre-chat options are in one list", surveyed, "prechatSurvey", wholeDay + "filterName=campaign&filterValue=k", `[
			{"campaignId":"k","fields":[{"fieldId":"9","fieldName":"Nine","groups":null,"options":[{"name":"x","count":2},{"name":"y","count":1}]}]}]`},
		{"the last wrap-up counts, for its own campaign", wrapped, "wrapup/survey", wholeDay, `[
			{"campaignId":"m","fields":[{"fieldId":"1","fieldName":"Category","options":[{"name":"Other","count":1}],"groups":[{"name":"Product","options":[{"name":"Ticket","count":1}]}]}]}]`},
		{"completion needs a comment and an agent, and counts by the request", wrapped, "wrapup/completion", wholeDay + "group=agent", `[
			{"agentId":1,"chats":2,"wrapups":1},{"agentId":2,"chats":1,"wrapups":1}]`},
		{"a conversion counts once for the site, with or without a chat", converted, "conversions", wholeDay + "group=day", `[
			{"conversions":4,"chats":2,"chattedVisitors":2,"convertedVisitors":3,"convertedChattedVisitors":2,"value":3.3,"time":{"from":"2024-03-04T00:00:00","to":"2024-03-05T00:00:00"}}]`},
		{"visitors of one bucket", converted, "conversions", "timeFrom=2024-03-04T10:30:00&timeTo=2024-03-04T11:30:00&group=day", `[
			{"conversions":4,"chats":0,"chattedVisitors":0,"convertedVisitors":3,"convertedChattedVisitors":0,"value":3.3,"time":{"from":"2024-03-04T10:30:00","to":"2024-03-04T11:30:00"}}]`},
		{"the agent named, else the chat's", converted, "conversions", wholeDay + "group=agent", `[
			{"agentId":1,"conversions":1,"chats":1,"chattedVisitors":1,"convertedVisitors":1,"convertedChattedVisitors":1,"value":0.1},
			{"agentId":2,"conversions":1,"chats":1,"chattedVisitors":1,"convertedVisitors":1,"convertedChattedVisitors":0,"value":0.2}]`},
		{"the agent named with its chat's department", converted, "conversions", wholeDay + "group=department&filterName=agent&filterValue=2", `[
			{"departmentId":"x","conversions":1,"chats":0,"chattedVisitors":0,"convertedVisitors":1,"convertedChattedVisitors":0,"value":0.2},
			{"departmentId":"y","conversions":0,"chats":1,"chattedVisitors":1,"convertedVisitors":0,"convertedChattedVisitors":0,"value":0}]`},
		{"an action narrows conversions, not chats", converted, "conversions", wholeDay + "group=conversionAction", `[
			{"conversionActionId":"ask","conversions":2,"chats":2,"chattedVisitors":2,"convertedVisitors":2,"convertedChattedVisitors":1,"value":3},
			{"conversionActionId":"buy","conversions":2,"chats":2,"chattedVisitors":2,"convertedVisitors":1,"convertedChattedVisitors":1,"value":0.3}]`},
		{"a filter on an action does the same", converted, "conversions", wholeDay + "group=department&filterName=conversion&filterValue=buy", `[
			{"departmentId":"x","conversions":2,"chats":1,"chattedVisitors":1,"convertedVisitors":1,"convertedChattedVisitors":1,"value":0.3},
			{"departmentId":"y","conversions":0,"chats":1,"chattedVisitors":1,"convertedVisitors":0,"convertedChattedVisitors":0,"value":0}]`},
		{"an invitation's campaign is its own, else the latest in the range", offered, "autoInvitation", wholeDay + "group=autoInvitation", `[
			{"autoInvitationId":"i1","campaignId":"k","sent":1,"accepted":1},
			{"autoInvitationId":"i2","campaignId":"","sent":0,"accepted":0},
			{"autoInvitationId":"i3","campaignId":"j","sent":1,"accepted":0}]`},
		{"by campaign, invitations count for their events'", offered, "autoInvitation", wholeDay + "group=campaign", `[
			{"campaignId":"k","sent":1,"accepted":0},{"campaignId":"other","sent":1,"accepted":1}]`},
		{"manual invitations are their agent's", offered, "manualInvitation", wholeDay + "group=agent", `[{"agentId":1,"sent":1,"accepted":0}]`},
		{"every message left counts, a switched request does not", offered, "offlineMessage", wholeDay + "group=visitorSegment", `[
			{"visitorSegmentId":"s","messages":1,"fromOfflineButton":1,"fromChatQueue":0},
			{"visitorSegmentId":"t","messages":2,"fromOfflineButton":1,"fromChatQueue":1}]`},
		{"canned messages of agents, not private ones", canned, "cannedMessage", wholeDay, `[
			{"id":"c1","usedTimes":3,"agentsUsedIt":2},{"id":"unused","usedTimes":0,"agentsUsedIt":0}]`},
		{"the category is the message's, else the canned message's", canned, "cannedMessage", wholeDay + "filterName=category&filterValue=greetings", `[
			{"id":"c1","usedTimes":2,"agentsUsedIt":1}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := written(t, c.events)
			rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			now := time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC)
			query, err := url.ParseQuery(strings.TrimSuffix(c.query, "&"))
			if err != nil {
				t.Fatal(err)
			}
			var want any
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			s := newSystem(t, now)
			s.send(events)
			_, got := s.ask(c.path, query)
			if d := differ("", got, want); d != "" {
				t.Errorf("product: %s", d)
			}
			_, body := oracle.Comm100(oracle.Tenant{ID: "acme"}, events, comm100.Prefix+c.path, query, now)
			if d := differ("", values(t, body), want); d != "" {
				t.Errorf("reference: %s", d)
			}
		})
	}
}
