package scenario

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDiffer(t *testing.T) {
	for _, c := range []struct{ got, want, differs string }{
		{`[{"a": 1}]`, `[{"a": 1}]`, ""},
		{`[{"a": 0.30000000000000004}]`, `[{"a": 0.3}]`, ""},
		{`[{"a": 1}]`, `[{"a": 2}]`, "[0].a is 1, want 2"},
		{`[{"a": 1}]`, `[{"a": "1"}]`, "[0].a is 1, want 1"},
		{`{"a": null}`, `{}`, `has a member "a"`},
		{`{}`, `{"a": null}`, `lacks the member "a"`},
		{`{"a": null}`, `{"a": 0}`, ".a is <nil>, want 0"},
		{`[1, 2]`, `[1]`, "more than it should"},
		{`[1]`, `[1, 2]`, "it lacks 2"},
		{`[]`, `{}`, "want map"},
		{`{"message": "Parameter 'x' is odd."}`, `{"message": "Parameter 'x'…"}`, ""},
		{`{"message": "Parameter 'y' is odd."}`, `{"message": "Parameter 'x'…"}`, ".message is"},
		{`[{"n": 0, "time": {"from": "1"}}, {"n": 0}, {"n": 1}]`, `["zeros", {"n": 1}]`, ""},
		{`[{"n": 1}]`, `["zeros", {"n": 1}]`, "should be zeros"},
		{`[{"n": 1}]`, `[{"n": 1}, "zeros"]`, "nothing more"},
		{`[{"n": 0, "m": 2}]`, `["zeros"]`, "should be zeros"},
		{`[{"id": "x", "n": 0}]`, `["zeros"]`, "should be zeros"},
	} {
		var got, want any
		if err := json.Unmarshal([]byte(c.got), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		diff := Differ(got, want)
		if (diff == "") != (c.differs == "") || !strings.Contains(diff, c.differs) {
			t.Errorf("%s for %s: %q, want %q", c.got, c.want, diff, c.differs)
		}
	}
}

func TestWhatIsWrittenIsReadAsTheSame(t *testing.T) {
	list := make([]any, 0, 40)
	for i := range 40 {
		list = append(list, map[string]any{"n": float64(i / 20 * i % 3), "time": "<" + strings.Repeat("x", i)})
	}
	text, err := write(list)
	if err != nil {
		t.Fatal(err)
	}
	a, err := parseAsk("r", nil, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := Differ(list, a.Answer); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	const now = "-- given --\nnow 2026-03-02T12:00:00Z\n"
	for text, want := range map[string]string{
		"-- given --\n":                                   "lacks the line 'now TIME'",
		"-- expected --\n":                                "a part is called",
		now + "09:00 chat.abandoned c\n":                  "line with the day",
		now + "2026-03-01\n09:00 chat.abandon c\n":        "unknown_type",
		now + "2026-03-01\n09:00 chat.accepted c\n":       "data.agentId",
		now + "2026-03-01\n09:00 chat.accepted c agent\n": "member=value",
		now + "2026-03-03\n09:00 chat.abandoned c\n":      "time_in_future",
		now + "2026-03-01\n09:00\n":                       "a time, a type and a subject",
		now + "tenant {\n":                                "line 2 of 'given'",
		now + "-- GET x --\n{\n":                          "GET x",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
