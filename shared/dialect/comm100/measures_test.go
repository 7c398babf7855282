package comm100_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/explain"
)

func TestMeasuresAreAnswered(t *testing.T) {
	s := newSystem(t, time.Date(2024, 3, 7, 0, 0, 0, 0, time.UTC))
	status, body := s.explain(explain.MeasuresPath, nil)
	if list := body.(map[string]any)["measures"].([]any); status != 200 || len(list) != len(explain.Measures(comm100.Explained)) {
		t.Errorf("%d with %d measures", status, len(list))
	}
	status, body = s.explain(explain.MeasuresPath, url.Values{"measure": {"maxQueueSize"}})
	want := map[string]any{"measures": []any{map[string]any{
		"name": "maxQueueSize", "unit": "count", "shape": "computed", "definition": "the largest number of requests waiting in one queue",
		"counts": "at any moment of the bucket", "for": "of any one queue; of a department its own",
		"dimensions": []any{"queue"}, "from": []any{"queuePeak", "queueSize"},
		"reports": []any{map[string]any{"report": "queue", "property": "maxQueueSize", "inDistribution": "avgMmaxQueueSize"}},
	}}}
	if d := differ("", body, want); status != 200 || d != "" {
		t.Errorf("%d %s", status, d)
	}
	for query, detail := range map[string]string{"measure=chat": `"chat" is none of chatRequests, chats, `, "name=x": "Known parameters: measure."} {
		q, _ := url.ParseQuery(query)
		status, body := s.explain(explain.MeasuresPath, q)
		if p := body.(map[string]any); status != 400 || !strings.Contains(p["detail"].(string), detail) {
			t.Errorf("%s: %d %v", query, status, p)
		}
	}
}
