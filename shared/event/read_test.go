package event_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

// read parses an event of a type with some data.
func read(typ, data string) (event.Event, []event.Warning, *event.Refusal) {
	raw := fmt.Sprintf(`{"specversion":"1.0","id":"i","source":"s","type":%q,"subject":"x","time":"2026-03-01T09:30:00Z","data":%s}`, typ, data)
	return event.Parse([]byte(raw), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
}

func TestMembersAreReadByTheirExactNames(t *testing.T) {
	for _, c := range []struct {
		typ, data string
		refused   string // code and field
		warned    string // fields, and what was meant
	}{
		{"message.sent", `{"messageId":"m","length":1,"actor":{"type":"agent","id":"a7","ID":"a8"}}`, "", "data.actor.ID data.actor.id"},
		{"message.sent", `{"messageId":"m","length":1,"actor":{"Type":"agent","Id":"a7"}}`, "missing_field data.actor.type", ""},
		{"message.sent", `{"messageId":"m","length":1,"actor":{"type":"agent","Id":"a7"}}`, "missing_field data.actor.id", ""},
		{"message.sent", `{"MessageId":"m","length":1,"actor":{"type":"agent","id":"a7"}}`, "missing_field data.messageId", ""},
		{"message.sent", `{"messageId":"m","length":1,"actor":{"type":"agent","id":""}}`, "missing_field data.actor.id", ""},
		{"message.sent", `{"messageId":"m","length":1,"actor":{"type":"robot","id":"a"}}`, "invalid_value data.actor.type", ""},
		{"message.sent", `{"messageId":"m","length":1,"actor":"agent"}`, "wrong_type data.actor", ""},
		{"chat.queued", `{"routeTo":{"type":"department","ID":"d"}}`, "missing_field data.routeTo.id", ""},
		{"chat.queued", `{"routeTo":{"type":"site","extra":{"id":1}}}`, "", "data.routeTo.extra"},
		{"chat.queued", `{"routeTo":null}`, "missing_field data.routeTo", ""},
		{"chat.accepted", `{"agentId":"1","departmentID":"d"}`, "", "data.departmentID data.departmentId"},
		{"chat.accepted", `{"agentId":"1","department":"d","agent_name":"x","zzz":null}`, "", "data.agent_name data.agentName, data.department data.departmentId, data.zzz"},
		{"chat.wrapped_up", `{"fields":[{"fieldId":"1","fieldname":"n"},{"fieldId":"2","fieldName":"n","option":[]}]}`, "", "data.fields[0].fieldname data.fields[0].fieldName, data.fields[1].option data.fields[1].options"},
		{"chat.wrapped_up", `{"fields":[{"fieldid":"1"}]}`, "missing_field data.fields[0].fieldId", ""},
		{"chat.wrapped_up", `{"fields":[null]}`, "wrong_type data.fields[0]", ""},
		{"chat.wrapped_up", `{"fields":{}}`, "wrong_type data.fields", ""},
		{"chat.wrapped_up", `{"fields":[{"fieldId":"1","options":["a",1]}]}`, "wrong_type data.fields[0].options[1]", ""},
		{"story.updated", `{"interactions":[{"id":"1","parentID":"2"}]}`, "", "data.interactions[0].parentID data.interactions[0].parentId"},
		{"chat.abandoned", `{"a":1}`, "", "data.a"},
		{"chat.labelled", `{"categoryId":"1","categoryName":"n","by":"auto"}`, "", ""},
		{"chat.labelled", `{"categoryId":"1","categoryName":"n","by":"Auto"}`, "wrong_type data.by", ""},
		{"chat.closed", `{"by":{"type":"user","id":"v"},"resolveType":"Agent"}`, "invalid_value data.resolveType", ""},
		{"visit.started", `{"segmentIds":["a",""]}`, "invalid_value data.segmentIds[1]", ""},
		{"visit.started", `{"segmentIds":[1]}`, "wrong_type data.segmentIds[0]", ""},
		{"visit.started", `{"segmentIds":"a"}`, "wrong_type data.segmentIds", ""},
		{"visit.started", `[]`, "wrong_type data", ""},
		{"agent.updated", `{"departmentIds":[""]}`, "invalid_value data.departmentIds[0]", ""},
		{"agent.updated", `{"departmentIds":["` + strings.Repeat("x", 129) + `"]}`, "id_too_long data.departmentIds[0]", ""},
		{"agent.updated", `{"departmentIds":[]}`, "", ""},
	} {
		e, warnings, refusal := read(c.typ, c.data)
		refused := ""
		if refusal != nil {
			refused = refusal.Code + " " + refusal.Field
		}
		var warned []string
		for _, w := range warnings {
			if w.ID != "i" || w.Code != event.CodeUnknownMember {
				t.Errorf("%s: %+v", c.data, w)
			}
			line := w.Field
			if _, meant, ok := strings.Cut(w.Message, "; '"); ok && strings.HasSuffix(meant, "probably meant") {
				line += " " + strings.TrimSuffix(meant, "' was probably meant")
			}
			warned = append(warned, line)
		}
		if got := strings.Join(warned, ", "); refused != c.refused || got != c.warned {
			t.Errorf("%s %s: refused %q, warned of %q; want %q, %q", c.typ, c.data, refused, got, c.refused, c.warned)
		}
		if refusal != nil {
			continue
		}
		// What is not known is kept, where it stood.
		again, _ := e.Marshal()
		var sent, kept struct{ Data any }
		if json.Unmarshal([]byte(`{"data":`+c.data+`}`), &sent) != nil || json.Unmarshal(again, &kept) != nil {
			t.Fatal(string(again))
		}
		if len(warnings) > 0 && !within(sent.Data, kept.Data) {
			t.Errorf("%v\nis kept as\n%v", sent, kept)
		}
	}
	e, _, _ := read("message.sent", `{"messageId":"m","length":1,"actor":{"type":"agent","id":"a7","ID":"a8"}}`)
	if e.Data.Actor.ID != "a7" {
		t.Errorf("written by %s", e.Data.Actor.ID)
	}
}

// within says whether JSON is a part of other JSON.
func within(part, whole any) bool {
	switch p := part.(type) {
	case map[string]any:
		w, _ := whole.(map[string]any)
		for name, v := range p {
			if other, ok := w[name]; !ok || !within(v, other) {
				return false
			}
		}
		return true
	case []any:
		w, _ := whole.([]any)
		return slices.EqualFunc(p, w, within)
	}
	return part == whole
}

func TestWholeNumbersMayBeWrittenAnyWay(t *testing.T) {
	for written, want := range map[string]int64{
		"5": 5, "5.0": 5, "5e0": 5, "0.5E+1": 5, "50e-1": 5, "500.00e-2": 5, "0": 0, "-0": 0, "-0.0": 0, "0e9": 0,
		"5.5": -1, "5.0000001": -1, `"5"`: -1, "true": -1, "[5]": -1, "6": -1, "-1": -1, "1e400000000": -1, "1e99": -1, "9223372036854775808": -1,
	} {
		e, _, refusal := read("chat.rated", `{"score":`+written+`}`)
		if (refusal == nil) != (want >= 0) || refusal == nil && e.Data.Score != want {
			t.Errorf("%s: %d, %v", written, e.Data.Score, refusal)
		}
		if refusal != nil && refusal.Field != "data.score" {
			t.Errorf("%s: %+v", written, refusal)
		}
	}
	for data, typ := range map[string]string{
		`{"cqlScore":-1.0}`: "chat.scored", `{"maxConcurrentChats":3e0}`: "agent.updated",
		`{"messageId":"m","length":1.2e1,"actor":{"type":"bot","id":"b"}}`: "message.sent",
	} {
		if _, _, refusal := read(typ, data); refusal != nil {
			t.Errorf("%s: %v", data, refusal)
		}
	}
}

func TestDecimalsAreReadFromTheirText(t *testing.T) {
	for written, want := range map[string]string{
		"999999999999.999999": "999999999999.999999", "-999999999999.999999": "-999999999999.999999", "0.000001": "0.000001", "1e-6": "0.000001",
		"9007199254.740993": "9007199254.740993", "0.1e1": "1", "999999999999": "999999999999", "0.10000000": "0.1",
		"1000000000000": "", "999999999999.9999999": "", "0.0000001": "", "1e12": "", `"1"`: "", "1e-400000000": "",
	} {
		e, _, refusal := read("conversion.recorded", `{"actionId":"a","value":`+written+`}`)
		if (refusal == nil) != (want != "") || refusal == nil && e.Data.Value.String() != want {
			t.Errorf("%s: %s, %v", written, e.Data.Value, refusal)
		}
	}
}

func TestHalfOfASurrogatePairIsInNoDatum(t *testing.T) {
	const half = `\ud83d`
	for data, field := range map[string]string{
		`{"messageId":"m","length":1,"actor":{"type":"agent","id":"` + half + `"}}`:                  "data.actor.id",
		`{"messageId":"` + half + `","length":1,"actor":{"type":"agent","id":"a"}}`:                  "data.messageId",
		`{"messageId":"m","length":1,"actor":{"type":"agent","id":"a","name":"x` + half + `"}}`:      "data.actor.name",
		`{"messageId":"m","length":1,"actor":{"type":"agent","id":"a"},"more":[1,["` + half + `"]]}`: "data.more[1][0]",
		`{"messageId":"m","length":1,"actor":{"type":"agent","id":"a","` + half + `":1}}`:            "data.actor",
		`{"messageId":"m","length":1,"actor":{"type":"agent","id":"\ud83d\ude00"}}`:                  "",
	} {
		_, _, refusal := read("message.sent", data)
		if (refusal == nil) != (field == "") || refusal != nil && (refusal.Code != event.CodeInvalidValue || refusal.Field != field) {
			t.Errorf("%s: %v, want %s", data, refusal, field)
		}
	}
	if _, _, refusal := read("visit.started", `{"segmentIds":["a","`+half+`"]}`); refusal == nil || refusal.Field != "data.segmentIds[1]" {
		t.Error(refusal)
	}
}

func TestListsHaveALimit(t *testing.T) {
	list := func(n int, one string) string {
		return "[" + strings.Join(slices.Repeat([]string{one}, n), ",") + "]"
	}
	for _, c := range []struct {
		typ, before, one, after, field string
		most                           int
	}{
		{"visit.started", `{"segmentIds":`, `"s"`, `}`, "data.segmentIds", event.MaxSegments},
		{"agent.updated", `{"departmentIds":`, `"d"`, `}`, "data.departmentIds", event.MaxDepartments},
		{"chat.wrapped_up", `{"fields":`, `{"fieldId":"1"}`, `}`, "data.fields", event.MaxFields},
		{"chat.wrapped_up", `{"fields":[{"fieldId":"1","options":`, `"o"`, `}]}`, "data.fields[0].options", event.MaxOptions},
		{"story.updated", `{"interactions":`, `{"id":"1"}`, `}`, "data.interactions", event.MaxInteractions},
	} {
		if _, _, refusal := read(c.typ, c.before+list(c.most, c.one)+c.after); refusal != nil {
			t.Errorf("%s, %d: %v", c.field, c.most, refusal)
		}
		_, _, refusal := read(c.typ, c.before+list(c.most+1, c.one)+c.after)
		if refusal == nil || refusal.Code != event.CodeTooMany || refusal.Field != c.field || !strings.Contains(refusal.Message, fmt.Sprint("at most ", c.most)) {
			t.Errorf("%s, %d: %v", c.field, c.most+1, refusal)
		}
	}
}

func TestBuiltInStatusesAreKnownInAnyCaseOfLetters(t *testing.T) {
	for sent, want := range map[string]string{"Online": "online", "AWAY": "away", "offLine": "offline", "online": "online", "Lunch": "Lunch", "on line": "on line", "": ""} {
		e, _, refusal := read("agent.status_changed", fmt.Sprintf(`{"status":%q}`, sent))
		if e.Data.Status != want || (refusal == nil) != (want != "") {
			t.Errorf("%q is %q, %v", sent, e.Data.Status, refusal)
		}
	}
}

// An answer must not grow with what callers send.
func TestWarningsAreFewAndShort(t *testing.T) {
	data := `{"` + strings.Repeat("ü", 50_000) + `":1`
	for i := range 1000 {
		data += fmt.Sprintf(`,"x%d":1`, i)
	}
	_, warnings, refusal := read("chat.requested", data+`,"visitorId":"v","initiatedBy":"visitor","source":"visitor"}`)
	if refusal != nil || len(warnings) != 10 || !strings.Contains(warnings[9].Message, "nor are 991 others") {
		t.Fatalf("%d warnings, %v", len(warnings), refusal)
	}
	for _, w := range warnings {
		if len(w.Field)+len(w.Message) > 1000 {
			t.Errorf("%.300v", w)
		}
	}
}
