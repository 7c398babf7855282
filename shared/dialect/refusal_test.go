package dialect_test

import (
	"encoding/json"
	"strings"
	"testing"

	"chatreports/shared/dialect"
)

func TestARefusalInWords(t *testing.T) {
	for _, c := range []struct {
		refused *dialect.Refusal
		want    string
	}{
		{dialect.Missing("timeFrom"), "Parameter 'timeFrom' is required."},
		{dialect.Missing("report", "queue", "visits"), "Parameter 'report' is required: one of queue, visits."},
		{dialect.MissingWhen("entity", "with group=%s", "agent"), "Parameter 'entity' is required with group=agent."},
		{dialect.Unknown("x", []string{"from", "to"}), "Parameter 'x' is unknown. Known parameters: from, to."},
		{dialect.Unknown("x", nil), "Parameter 'x' is unknown. Known parameters: none."},
		{dialect.Unknown("fromat", []string{"from", "to", "format"}), "Parameter 'fromat' is unknown: 'format' was probably meant. Known parameters: from, to, format."},
		{dialect.Invalid("limit", "%q is no number", "a"), `Parameter 'limit' is invalid: "a" is no number.`},
		{dialect.NoneOf("group", "year", []string{"day", "week"}), `Parameter 'group' is invalid: "year" is none of day, week.`},
		{dialect.NoneOf("group", "Week", []string{"day", "week"}), `Parameter 'group' is invalid: week was probably meant; "Week" is none of day, week.`},
		{dialect.Refuse(404, "not_found", "There is nothing at %s.", "/x"), "There is nothing at /x."},
		{&dialect.Refusal{Status: 503, Code: "unavailable"}, "Service Unavailable"},
	} {
		if got := c.refused.Sentence(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.refused, got, c.want)
		}
	}
	long := strings.Repeat("ü", 5000)
	for _, refused := range []*dialect.Refusal{dialect.Unknown(long, nil), dialect.NoneOf("x", long, nil)} {
		if s := refused.Sentence(); len(s) > 200 || !strings.Contains(s, "ü…") {
			t.Errorf("%s", s)
		}
	}
}

func TestOurShape(t *testing.T) {
	raw, err := json.Marshal(dialect.Ours.Body(dialect.NoneOf("group", "year", []string{"day", "week"})))
	const want = `{"status":400,"code":"invalid_parameter","title":"Bad Request","detail":"Parameter 'group' is invalid: \"year\" is none of day, week.","field":"group","known":["day","week"]}`
	if err != nil || string(raw) != want {
		t.Errorf("%s, %v, want %s", raw, err, want)
	}
}
