package drift_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

func tables(t *testing.T) (records, state table.Table) {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("journal"), db.Table("state")
}

// refusal is how a query of a tenant is refused; nil: it is answered.
func refusal(ctx context.Context, t *testing.T, api *drift.API, id, query string) *dialect.Refusal {
	t.Helper()
	_, err := api.Answer(ctx, &dialect.Request{Tenant: &tenant.Tenant{ID: id}, Path: drift.Path, Body: []byte(query), Now: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
	refused, ok := errors.AsType[*dialect.Refusal](err)
	if err != nil && !ok {
		t.Fatal(err)
	}
	return refused
}

// A tenant asks 60 times a minute, wrong queries counted too, and is told when it may again.
func TestSixtyQueriesAMinute(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	records, state := tables(t)
	api := drift.New(records, state, func() time.Time { return now })
	for i := range 60 {
		query, status := `{"limit": 1}`, 0
		if i%2 == 1 {
			query, status = `{"limit": 0}`, http.StatusBadRequest
		}
		if r := refusal(t.Context(), t, api, "acme", query); (r == nil) != (status == 0) || r != nil && r.Status != status {
			t.Fatalf("query %d: %v", i, r)
		}
		now = now.Add(500 * time.Millisecond)
	}
	r := refusal(t.Context(), t, api, "acme", `{"limit": 1}`)
	if r == nil || r.Status != http.StatusTooManyRequests || r.Code != "rate_limited" || r.RetryAfter != 30*time.Second {
		t.Fatalf("query 61: %+v", r)
	}
	if r := refusal(t.Context(), t, api, "other", `{"limit": 1}`); r != nil {
		t.Errorf("another tenant: %v", r)
	}
	now = now.Add(r.RetryAfter)
	if r := refusal(t.Context(), t, api, "acme", `{"limit": 1}`); r != nil {
		t.Errorf("when it was told to ask again: %v", r)
	}
	if r := refusal(t.Context(), t, api, "acme", `{"limit": 1}`); r == nil || r.RetryAfter != time.Second {
		t.Errorf("once more: %+v, which half a second later would be none", r)
	}
}

// stuck is a table whose documents never come: who reads them waits until nobody does any more.
type stuck struct {
	table.Table
	given *bool
}

func (s stuck) Query(ctx context.Context, _ table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		<-ctx.Done()
		*s.given = true
		yield(table.Item{}, ctx.Err())
	}
}

// A query that takes ten seconds is refused then, and has stopped; one whose caller hangs up is
// not refused for its length.
func TestTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records, state := tables(t)
		given := false
		api := drift.New(records, stuck{state, &given}, time.Now)
		began := time.Now()
		r := refusal(t.Context(), t, api, "acme", `{}`)
		if took := time.Since(began); r == nil || r.Status != http.StatusRequestTimeout || r.Code != "too_slow" || took != 10*time.Second {
			t.Errorf("after %s: %+v", took, r)
		}
		synctest.Wait()
		if !given {
			t.Error("it is still reading")
		}
		out, err := drift.New(records, state, time.Now).Answer(t.Context(), &dialect.Request{Tenant: &tenant.Tenant{ID: "acme"}, Path: drift.Path, Body: []byte(`{}`)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second) // as if whoever takes the answer took so long
		if r, ok := errors.AsType[*dialect.Refusal](out.Write(io.Discard)); !ok || r.Status != http.StatusRequestTimeout {
			t.Errorf("written too late: %+v", r)
		}
		ctx, hangUp := context.WithTimeout(t.Context(), time.Second)
		defer hangUp()
		_, err = api.Answer(ctx, &dialect.Request{Tenant: &tenant.Tenant{ID: "acme"}, Path: drift.Path, Body: []byte(`{}`)})
		if _, refused := errors.AsType[*dialect.Refusal](err); err == nil || refused {
			t.Errorf("hung up: %v", err)
		}
	})
}
