package drift_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/counter"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

// Whatever happened, in whatever order it was told, the answers are those of the slow
// reference, which looks at every event of every conversation.
func TestQueriesAgainstTheReference(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { sweep(t, seed) })
	}
}

func sweep(t *testing.T, seed uint64) {
	events := oracle.AnyEvents(seed, 1500)
	s, err := trial.Open(t.TempDir(), oracle.AfterAny, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme"}, Keys: []tenant.Key{{ID: "k", Secret: "k", Scopes: []string{tenant.ReportsRead}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := rand.New(rand.NewPCG(seed, 9))
	told := slices.Clone(events)
	if seed%2 == 1 { // of those that use an id again the first must stay the first
		told = append(told, events...)
	}
	if seed%3 == 2 {
		slices.Reverse(told)
	}
	for batch := range slices.Chunk(told, 1+r.IntN(200)) {
		if err := s.Send(batch); err != nil {
			t.Fatal(err)
		}
		if r.IntN(3) == 0 {
			merge := s.Merge
			if r.IntN(2) == 0 { // and documents are held back
				merge = func() error { _, err := counter.MergeStep(t.Context(), s.State, "acme"); return err }
			}
			if err := merge(); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := oracle.New(oracle.Tenant{ID: "acme"}, s.Accepted)
	matched := 0
	for i := range 300 {
		if i%50 == 0 { // a tenant may ask sixty times a minute
			if err := s.Forget(t.Context(), "acme/rate"); err != nil {
				t.Fatal(err)
			}
		}
		q := anyQuery(r, events)
		want := sorted(o.Drift(q.filters...), q.sort)
		matched += len(want)
		if q.limit > 0 {
			want = want[:min(q.limit, len(want))]
		}
		got, body := ask(t, s, q.body(t))
		if !slices.Equal(got, saying(want, q.metrics)) {
			t.Fatalf("%s\n%s\nwant %s", q.body(t), body, saying(want, q.metrics))
		}
	}
	if matched < 300 {
		t.Errorf("only %d conversations matched", matched)
	}
}

type query struct {
	filters []oracle.Filter
	metrics []string
	sort    string
	limit   int // 0: none
}

// sorted brings the reference's conversations into an order: those without the property
// last, and numbers before texts.
func sorted(list []oracle.Conversation, by string) []oracle.Conversation {
	name, down := strings.CutPrefix(by, "-")
	kind := func(v any) int { // numbers, texts, nothing
		s, text := v.(string)
		if _, err := strconv.ParseUint(s, 10, 64); text && (err != nil || len(s) > 15 || len(s) > 1 && s[0] == '0') {
			return 1
		}
		if v == nil {
			return 2
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b oracle.Conversation) int {
		x, y := a[name], b[name]
		if by == "" || x == nil && y == nil {
			return 0
		}
		if x == nil || y == nil {
			return kind(x) - kind(y)
		}
		d := kind(x) - kind(y)
		if d == 0 && kind(x) == 1 {
			d = strings.Compare(x.(string), y.(string))
		} else if d == 0 {
			m, _ := strconv.ParseFloat(fmt.Sprint(x), 64)
			n, _ := strconv.ParseFloat(fmt.Sprint(y), 64)
			d = cmp.Compare(m, n)
		}
		if down {
			d = -d
		}
		return d
	})
	return list
}

func (q *query) body(t *testing.T) string {
	t.Helper()
	type filter struct {
		Property  string `json:"property"`
		Operation string `json:"operation"`
		Values    []any  `json:"values"`
	}
	out := struct {
		Filters []filter `json:"filters"`
		Metrics []string `json:"metrics"`
		Sort    string   `json:"sort,omitempty"`
		Limit   int      `json:"limit,omitempty"`
	}{Sort: q.sort, Limit: q.limit}
	for _, f := range q.filters {
		out.Filters = append(out.Filters, filter(f))
	}
	out.Metrics = q.metrics
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// values are some of each property, by what kind it is.
var (
	times   = []string{"createdAt", "updatedAt", "firstCloseAt", "firstAgentMessageAt", "firstBotMessageAt", "firstEndUserMessageAt"}
	numbers = []string{"numAgentMessages", "numBotMessages", "numEndUserMessages", "cqlScore", "timeToCloseMillis", "timeToAgentResponseMillis"}
	ids     = []string{"id", "endUserId", "relatedPlaybookId", "firstAgentId", "lastAgentId", "firstBotId"}
	texts   = map[string][]any{
		"endUserType": {"NONE", "LEAD", "USER", "lead"}, "pageUrl": {"https://example.com/", "https://example.com/a", "com"},
		"status": {"open", "closed", "pending", "archived"}, "botStatus": {"BOT_ONLY", "HUMAN_ONLY", "BOT_ASSISTED", "NO_RESPONSE"}, "tags": {"t", "u", "tu", "x"},
	}
)

func anyQuery(r *rand.Rand, events []event.Event) (q query) {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	for range r.IntN(3) {
		f := oracle.Filter{Operation: pick([]string{"EQ", "NOT_EQ", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"})}
		value := func() any { return nil }
		switch r.IntN(5) {
		case 0, 1:
			f.Property = pick(times)
			value = func() any {
				ms := events[r.IntN(len(events))].At
				switch r.IntN(3) {
				case 0:
					return time.UnixMilli(ms).UTC().Format(time.DateOnly)
				case 1:
					return strconv.FormatInt(ms, 10)
				}
				return float64(ms)
			}
		case 2:
			f.Property = pick(numbers)
			value = func() any { return float64([]int{-1, 0, 1, 2, 3, 20_500, 82_000, 500_000}[r.IntN(8)]) }
		case 3:
			f.Property = pick(ids)
			value = func() any {
				return []any{1.0, 2.0, 10.0, "1", "10", 7.0, "007", "ann", "u", "v", "c1", "c3 é,&", "p"}[r.IntN(13)]
			}
			if r.IntN(3) == 0 {
				value = func() any { return []any{1.0, "2", 5.0, 10.0}[r.IntN(4)] }
			}
		case 4:
			names := []string{"endUserType", "pageUrl", "status", "botStatus", "tags"}
			f.Property = pick(names)
			value = func() any { return texts[f.Property][r.IntN(len(texts[f.Property]))] }
			if r.IntN(3) == 0 {
				f.Operation = pick([]string{"CONTAINS", "NOT_CONTAINS"})
			}
			if r.IntN(6) == 0 {
				f.Property = pick([]string{"endUserInitiated", "offline"})
				f.Operation = pick([]string{"EQ", "NOT_EQ", "IN"})
				value = func() any { return []any{true, false, "true", "false"}[r.IntN(4)] }
			}
		}
		ranged := slices.Contains(times, f.Property) || slices.Contains(numbers, f.Property) || slices.Contains(ids, f.Property)
		if ranged && r.IntN(2) == 0 {
			f.Operation = pick([]string{"GT", "GTE", "LT", "LTE", "BETWEEN"})
			if slices.Contains(ids, f.Property) {
				value = func() any { return []any{1.0, "2", 5.0, 10.0}[r.IntN(4)] }
			}
		}
		for range 2 + r.IntN(2) {
			f.Values = append(f.Values, value())
		}
		q.filters = append(q.filters, f)
	}
	if r.IntN(3) == 0 {
		q.sort = pick([]string{"", "-"}) + pick(slices.Concat(times, numbers, ids))
	}
	if r.IntN(4) == 0 {
		q.limit = 1 + r.IntN(20)
	}
	for range r.IntN(5) {
		q.metrics = append(q.metrics, pick(slices.Concat(times, numbers, ids, []string{"nothing"})))
	}
	return q
}

// saying is what an answer says of conversations, one a line.
func saying(list []oracle.Conversation, metrics []string) []string {
	out := []string{}
	for _, c := range list {
		line := fmt.Sprintf("%v:", c["id"])
		for _, m := range metrics {
			v, ok := c[m]
			if s, text := v.(string); text {
				n, err := strconv.ParseUint(s, 10, 64)
				ok = err == nil && strconv.FormatUint(n, 10) == s && len(s) <= 15
			}
			if !ok {
				v = "NaN"
			}
			if f, isNumber := v.(float64); isNumber {
				v = strconv.FormatFloat(f, 'f', -1, 64)
			}
			line += fmt.Sprintf(" %v", v)
		}
		out = append(out, line)
	}
	return out
}

// ask asks over HTTP, and tells the answer likewise.
func ask(t *testing.T, s *trial.System, query string) (lines []string, raw string) {
	t.Helper()
	response, err := s.Request(http.MethodPost, drift.Path, http.Header{"Authorization": {"Bearer k"}, "Content-Type": {"application/json"}}, query)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", query, response.StatusCode, body, err)
	}
	var answer struct {
		Count int
		Data  []struct {
			ConversationID any `json:"conversationId"`
			Metrics        []any
		}
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil || answer.Count != len(answer.Data) {
		t.Fatalf("%s: %s %v", query, body, err)
	}
	lines = []string{}
	for _, c := range answer.Data {
		line := fmt.Sprintf("%v:", c.ConversationID)
		for _, m := range c.Metrics {
			line += fmt.Sprintf(" %v", m)
		}
		lines = append(lines, line)
	}
	return lines, string(body)
}
