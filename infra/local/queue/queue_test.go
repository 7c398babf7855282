package queue

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/job"
)

// Many jobs of one tenant keep no other's waiting: tenants take turns, each with its jobs in
// the order in which they came.
func TestTenantsTakeTurns(t *testing.T) {
	q := New(0)
	for _, n := range []job.Name{{Tenant: "a", ID: "1"}, {Tenant: "a", ID: "2"}, {Tenant: "a", ID: "3"}, {Tenant: "b", ID: "1"}, {Tenant: "c", ID: "1"}, {Tenant: "b", ID: "2"}} {
		if err := q.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var got []string
	q.Run(ctx, 1, func(_ context.Context, in, _ any) error {
		var n job.Name
		if err := json.Unmarshal([]byte(in.(events.SQSEvent).Records[0].Body), &n); err != nil {
			t.Error(err)
		}
		if got = append(got, n.Tenant+n.ID); len(got) == 6 {
			stop()
		}
		return nil
	})
	if want := []string{"a1", "b1", "c1", "a2", "b2", "a3"}; !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
}
