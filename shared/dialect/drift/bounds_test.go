package drift

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/dialect"
	"chatreports/shared/document"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table/embedded"
)

// A query that would read too much says how to narrow it, and once it is narrowed it is
// answered.
func TestAQueryReadsNoMoreThanItMay(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state, now := db.Table("state"), time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	var all []cell.Difference
	for i := range int64(200) {
		d := document.Document{ID: fmt.Sprint("c", i), CreatedAt: now.UnixMilli() - i*3_600_000, UpdatedAt: now.UnixMilli()}
		all = append(all, cell.Difference{Fact: "chat/" + d.ID, Contribution: measure.Contribution{Measure: measure.Documents, At: d.CreatedAt, Key: d.Encode(), N: 1, Dims: []measure.Value{{Dim: measure.Site}}}})
	}
	op, _ := counter.Add("acme", 1, all, now, false)
	if err := errors.Join(state.Write(t.Context(), op), counter.Merge(t.Context(), state, "acme")); err != nil {
		t.Fatal(err)
	}
	ask := func(text string) error {
		q, refused := read([]byte(text))
		if refused != nil {
			return refused
		}
		q.most = 2_000
		s, err := report.Open(t.Context(), state, "acme", now)
		if err == nil {
			_, err = q.find(t.Context(), s)
		}
		return err
	}
	err = ask(`{}`)
	refused, ok := errors.AsType[*dialect.Refusal](err)
	if !ok || refused.Status != 400 || refused.Code != "too_much" {
		t.Errorf("everything: %v", err)
	}
	if err := ask(`{"filters": [{"property": "createdAt", "operation": "GTE", "values": ["2026-03-29"]}]}`); err != nil {
		t.Errorf("a day: %v", err)
	}
}
