package event_test

import (
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

// Messages say what came, what should have come, and what was found in place of what is missing.
func TestARefusalSaysWhatCameInstead(t *testing.T) {
	for _, c := range []struct{ typ, data, message string }{
		{"chat.accepted", `{}`, "'data.agentId' is required by chat.accepted: a string"},
		{"chat.accepted", `{"agentID":"7"}`, "'data.agentId' is required by chat.accepted: a string; 'data.agentID' was found in its place"},
		{"chat.accepted", `{"agentId":null,"agentID":"7"}`, "'data.agentId' is required by chat.accepted: a string; it is null"},
		{"chat.accepted", `{"agentName":"7"}`, "'data.agentId' is required by chat.accepted: a string"}, // known, and so no slip
		{"chat.rated", `{"scor":4}`, "'data.score' is required by chat.rated: a whole number from 0 to 5; 'data.scor' was found in its place"},
		{"message.sent", `{"messageId":"m","length":1,"actor":{"Type":"bot","id":"b"}}`, "'data.actor.type' is required by message.sent: one of user, agent, bot, system; 'data.actor.Type' was found in its place"},
		{"chat.queued", `{"routeTo":{"type":"department","Id":"d"}}`, "'data.routeTo.id' is required for a queue of a department: a string; 'data.routeTo.Id' was found in its place"},
		{"chat.rated", `{"score":"42"}`, `'data.score' is "42"; it should be a whole number from 0 to 5`},
		{"chat.rated", `{"score":4.5}`, "'data.score' is 4.5; it should be a whole number from 0 to 5"},
		{"chat.accepted", `{"agentId":7}`, "'data.agentId' is 7; it should be a string"},
		{"visit.started", `{"segmentIds":[{}]}`, "'data.segmentIds[0]' is an object; it should be a string"},
		{"visit.started", `{"segmentIds":[null]}`, "'data.segmentIds[0]' is null; it should be a string"},
		{"visit.started", `{"segmentIds":"a"}`, `'data.segmentIds' is "a"; it should be an array of at most 100, each a string`},
		{"visit.started", `[]`, "'data' is an array; it should be an object {campaignId?, hostId?, pageUrl?, sessionId?, segmentIds?}"},
		{"chat.closed", `{"by":"Auto"}`, `'data.by' is "Auto"; it should be an object {type, id, name?, subType?}, or "auto"`},
		{"conversion.recorded", `{"actionId":"a","value":"x"}`, `'data.value' is "x"; it should be a number with at most six decimals, below a trillion`},
		{"host.updated", `{"multipleAccId":[1]}`, "'data.multipleAccId' is an array; it should be a string, a number, true or false"},
		{"chat.closed", `{"by":"auto","resolveType":"Agent"}`, `'data.resolveType' is "Agent"; agent was probably meant; it should be one of agent, auto, bot`},
		{"chat.closed", `{"by":"auto","resolveType":"human"}`, `'data.resolveType' is "human"; it should be one of agent, auto, bot`},
		{"event.retracted", `{"type":"chat.closd","id":"1"}`, `'data.type' is "chat.closd"; chat.closed was probably meant; known types: agent.auto_assign_changed, `},
		{"chat.closd", `{}`, `'type' is "chat.closd"; chat.closed was probably meant; known types: agent.auto_assign_changed, `},
		{"Chat.Closed", `{}`, `'type' is "Chat.Closed"; chat.closed was probably meant; known types: agent.auto_assign_changed, `},
		{"ticket.opened", `{}`, `'type' is "ticket.opened"; known types: agent.auto_assign_changed, `},
	} {
		_, _, refusal := read(c.typ, c.data)
		exact := !strings.HasSuffix(c.message, ", ")
		if refusal == nil || !strings.HasPrefix(refusal.Message, c.message) || exact && refusal.Message != c.message {
			t.Errorf("%s %s: %v, want %s", c.typ, c.data, refusal, c.message)
		}
	}
}

func TestARefusalSaysWhatIsWrongWithAnEnvelope(t *testing.T) {
	const sound = `{"specversion":"1.0","id":"1","source":"s","type":"chat.abandoned","subject":"c","time":"2026-03-01T09:30:00Z"}`
	for _, c := range []struct{ old, with, message string }{
		{`"specversion":"1.0",`, ``, `'specversion' is required: the string "1.0"`},
		{`"specversion":"1.0",`, `"specVersion":"1.0",`, `'specversion' is required: the string "1.0"; 'specVersion' was found in its place`},
		{`"1.0"`, `1.0`, `'specversion' is 1.0; it should be the string "1.0"`},
		{`"2026-03-01T09:30:00Z"`, `1790000000`, "'time' is 1790000000; it should be a string, in RFC 3339, such as 2026-03-01T09:30:00.250Z"},
		{`"time":`, `"Time":`, "'time' is required: a string, in RFC 3339, such as 2026-03-01T09:30:00.250Z; 'Time' was found in its place"},
		{`"2026-03-01T09:30:00Z"`, `null`, "'time' is required: a string, in RFC 3339, such as 2026-03-01T09:30:00.250Z; it is null"},
		{`"subject":"c"`, `"subject":{}`, "'subject' is an object; it should be a string"},
		{sound, `[]`, "the event is an array; it should be a JSON object"},
		{sound, ` null `, "the event is null; it should be a JSON object"},
		{sound, `hello`, "the event is not JSON: invalid character 'h' looking for beginning of value at byte 1"},
		{sound, sound[:40], "the event is not JSON: unexpected end of JSON input at byte 40"},
	} {
		raw := strings.Replace(sound, c.old, c.with, 1)
		_, _, refusal := event.Parse([]byte(raw), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		if refusal == nil || refusal.Message != c.message {
			t.Errorf("%s: %v, want %s", raw, refusal, c.message)
		}
	}
}

// Whatever is sent, a message stays short, and is found without comparing everything.
func TestWhatCameIsToldShort(t *testing.T) {
	long := strings.Repeat("ü", 50_000)
	var many strings.Builder
	for range 10_000 {
		many.WriteString(`,"x` + string(rune('a'+many.Len()%26)) + `":1`)
	}
	for _, data := range []string{`{"score":"` + long + `"}`, `{"score":` + strings.Repeat("9", 100_000) + `}`, `{"` + long + `":1}`, `{"z":1` + many.String() + `}`} {
		if _, _, refusal := read("chat.rated", data); refusal == nil || len(refusal.Message) > 300 {
			t.Errorf("%.40s: %.400v", data, refusal)
		}
	}
}
