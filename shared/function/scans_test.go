package function

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/admission"
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/drift"
	"chatreports/shared/document"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// held answers no query of documents before it is released.
type held struct {
	table.Table
	began, released chan struct{}
}

func (h *held) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	if strings.Contains(r.Part, "/block/kd/") {
		h.began <- struct{}{}
		select {
		case <-h.released:
		case <-ctx.Done():
		}
	}
	return h.Table.Query(ctx, r)
}

// While a tenant's scan of all conversations is under way, it waits for itself, and others
// have their reports.
func TestAScanOfOneTenantKeepsNoOtherFromItsReports(t *testing.T) {
	state := known(t, "scanner", "other")
	now := time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)
	d := document.Document{ID: "c", CreatedAt: now.UnixMilli(), UpdatedAt: now.UnixMilli()}
	difference := cell.Difference{Fact: "chat/c", Contribution: measure.Contribution{Measure: measure.Documents, At: d.CreatedAt, Key: d.Encode(), N: 1, Dims: []measure.Value{{Dim: measure.Site}}}}
	op, _ := counter.Add("scanner", 1, []cell.Difference{difference}, now, false)
	if err := errors.Join(state.Write(t.Context(), op), counter.Merge(t.Context(), state, "scanner")); err != nil {
		t.Fatal(err)
	}
	slow := &held{state, make(chan struct{}, 10), make(chan struct{})}
	deps := Deps{
		State: slow, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		// Of one tenant there is room for one report at a time, of all for two.
		Reports: admission.New(admission.Limits{One: 1 << 30, Share: 1 << 20, All: 2 << 20, Wait: time.Millisecond}),
	}
	queries, reports := Queries(deps, drift.New(nil, slow, time.Now)), Report(deps, comm100.New(nil, slow))
	scan := make(chan int, 1)
	go func() { scan <- query(t, queries, "scanner") }()
	<-slow.began
	const aDay = "timeFrom=2026-03-01T00:00:00&timeTo=2026-03-02T00:00:00&group=day"
	if status := query(t, queries, "scanner"); status != http.StatusTooManyRequests {
		t.Errorf("a second scan of the tenant: %d", status)
	}
	if status, _, _, err := ask(t.Context(), reports, "other", aDay); status != http.StatusOK || err != nil {
		t.Errorf("another's report: %d, %v", status, err)
	}
	close(slow.released)
	if status := <-scan; status != http.StatusOK {
		t.Errorf("the scan: %d", status)
	}
	if status, _, _, err := ask(t.Context(), reports, "scanner", aDay); status != http.StatusOK || err != nil {
		t.Errorf("the tenant's report after its scan: %d, %v", status, err)
	}
}

// query asks for all conversations, and gives the status.
func query(t *testing.T, h lambda.Handler, as string) int {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: drift.Path, Body: "{}", Headers: map[string]string{"authorization": "Bearer " + as}}
	e.RequestContext.HTTP.Method, e.RequestContext.DomainName = http.MethodPost, "api.example"
	payload, err := json.Marshal(e)
	if err != nil {
		t.Error(err)
	}
	raw, err := h.Invoke(t.Context(), payload)
	var response events.APIGatewayV2HTTPResponse
	if err = errors.Join(err, json.Unmarshal(raw, &response)); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}
