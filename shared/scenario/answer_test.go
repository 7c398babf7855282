package scenario

import (
	"encoding/json"
	"net/http"
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
	w, _, err := parseWant(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := Differ(list, w.json); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	const now = "-- given --\nnow 2026-03-02T12:00:00Z\n"
	for text, want := range map[string]string{
		"-- given --\n":                                               "lacks the line 'now TIME'",
		"-- expected --\n":                                            "a part is called",
		now + "09:00 chat.abandoned c\n":                              "line with the day",
		now + "2026-03-01\n09:00 chat.abandon c\n":                    "unknown_type",
		now + "2026-03-01\n09:00 chat.accepted c\n":                   "data.agentId",
		now + "2026-03-01\n09:00 chat.accepted c agent\n":             "member=value",
		now + "2026-03-03\n09:00 chat.abandoned c\n":                  "time_in_future",
		now + "2026-03-01\n09:00\n":                                   "a time, a type and a subject",
		now + "tenant {\n":                                            "line 2 of 'given'",
		now + "-- GET x --\n{\n":                                      "GET x",
		now + "key k reports:write\n":                                 "no scope",
		now + "-- POST events --\n202\n":                              "a part 'answer'",
		now + "-- answer --\n":                                        "after a request",
		now + "-- GET x --\n-- answer --\n{\n":                        "GET x",
		now + "-- POST events --\n09:00 chat.left c\n-- answer --\n":  "line with the day",
		now + "-- GET /x --\n200\nContent-Type: text/plain\n\na\\b\n": `\b in a text`,
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWhatARequestIs(t *testing.T) {
	s, err := Parse([]byte(`
-- given --
now 2026-03-02T12:00:00Z
key reader reports:read
with group=day
-- GET chatVolume?group=&timezone=Asia/Kathmandu --
-- GET chatVolume --
Accept: text/csv
Authorization: Bearer reader
-- answer --
406
-- GET /v1/rows?a=%zz --
-- POST /v1/events --
Content-Type: application/json

{"a": 1}
# no event

{"b": 2}
-- answer --
400
-- POST events --
Authorization:

2026-03-01
09:00 chat.wrong c score=5
2026-03-01T10:00:00Z chat.left c
-- answer --
400
`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		method, target, body string
		header               map[string]string
		isReport             bool
	}{
		{"GET", "/api/v3/livechat/reports/chatVolume?timezone=Asia%2FKathmandu", "", map[string]string{"Authorization": "Bearer scenario"}, true},
		{"GET", "/api/v3/livechat/reports/chatVolume?group=day", "", map[string]string{"Authorization": "Bearer reader", "Accept": "text/csv"}, false},
		{"GET", "/v1/rows?a=%zz", "", map[string]string{"Authorization": "Bearer scenario"}, false},
		{"POST", "/v1/events", "{\"a\": 1}\n\n{\"b\": 2}\n", map[string]string{"Authorization": "Bearer scenario", "Content-Type": "application/json"}, false},
		{
			"POST", "/v1/events", `[{"data":{"score":5},"id":"e001","source":"scenario","specversion":"1.0","subject":"c","time":"2026-03-01T09:00:00Z","type":"chat.wrong"},` +
				`{"data":{},"id":"e002","source":"scenario","specversion":"1.0","subject":"c","time":"2026-03-01T10:00:00Z","type":"chat.left"}]`,
			map[string]string{"Content-Type": "application/cloudevents-batch+json"},
			false,
		},
	} {
		r := &s.Steps[i].Request
		if r.Method != want.method || r.Target != want.target || r.Body != want.body {
			t.Errorf("%s: %s %s\n%s", s.Steps[i].Name, r.Method, r.Target, r.Body)
		}
		for name, value := range want.header {
			if r.Header.Get(name) != value {
				t.Errorf("%s: %s is %q", s.Steps[i].Name, name, r.Header.Get(name))
			}
		}
		if len(r.Header) != len(want.header) {
			t.Errorf("%s: headers %v", s.Steps[i].Name, r.Header)
		}
		if _, _, ok := r.Report(); ok != want.isReport {
			t.Errorf("%s is a report: %v", s.Steps[i].Name, ok)
		}
	}
	if k := s.Keys[1]; k.Secret != "reader" || len(k.Scopes) != 1 {
		t.Errorf("the key is %+v", k)
	}
}

func TestWhereAnAnswerDiffers(t *testing.T) {
	csv := Answer{200, http.Header{"Content-Type": {"text/csv; charset=utf-8"}, "Vary": {"Accept", "Origin"}}, []byte("a,b\r\n#1,\"\\\"\r\n")}
	refusal := Answer{429, http.Header{"Content-Type": {"application/json"}, "Retry-After": {"2"}}, []byte(`{"code": 1}`)}
	for _, c := range []struct {
		answer  Answer
		want    string
		differs string
	}{
		{csv, "200\nContent-Type: text/csv…\n\na,b\\r\n\\#1,\"\\\\\"\\r\n", ""},
		{csv, "200\nContent-Type: text/csv…\nVary: Accept, Origin\n\n# a remark\na,b\\r\n\\#1,\"\\\\\"\\r\n", ""},
		{csv, "200\nContent-Type: text/csv…\n\na,b\n\\#1,\"\\\\\"\\r\n", `line 1 is "a,b\r\n", want "a,b\n"`},
		{csv, "200\nContent-Type: text/csv…\n\na,b\\r\n", "line 2 is"},
		{csv, "200\nContent-Type: text/csv…\n\na,b\\r\n\\#1,\"\\\\\"\\r\\\n", `want "#1,\"\\\"\r"`},
		{csv, "200\nContent-Type: text/csv\n\na,b\\r\n", "the header Content-Type is"},
		{csv, "200\nContent-Type: text/csv…\n", "want none"},
		{csv, "{}", "is not JSON"},
		{refusal, "429\nRetry-After: 2\n{\"code\": 1}", ""},
		{refusal, "429\nRetry-After: 2\nVary:\n\n{\"code\": 1}", ""},
		{refusal, "429\n{\"code\": 2}", "code is 1, want 2"},
		{refusal, "429\nRetry-After: 3\n{\"code\": 1}", `the header Retry-After is "2", want "3"`},
		{refusal, "429\nAllow: GET\n{\"code\": 1}", `the header Allow is "", want "GET"`},
		{refusal, "{\"code\": 1}", "status 429, want 200"},
		{Answer{Status: 204}, "204\n", ""},
		{Answer{Status: 204}, "204\n{}", "is not JSON"},
	} {
		w, _, err := parseWant(c.want)
		if err != nil {
			t.Fatalf("%q: %v", c.want, err)
		}
		step := Step{want: w}
		if diff := step.Differ(c.answer); (diff == "") != (c.differs == "") || !strings.Contains(diff, c.differs) {
			t.Errorf("%q: %q, want %q", c.want, diff, c.differs)
		}
		text, err := step.write(c.answer)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := parseWant(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := (&Step{want: again}).Differ(c.answer); diff != "" {
			t.Errorf("%q: written as %q, which differs: %s", c.want, text, diff)
		}
		if len(again.header) < len(w.header) {
			t.Errorf("%q: written as %q, without its headers", c.want, text)
		}
	}
}
