package tenant_test

import (
	"flag"
	"strings"
	"testing"

	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

var addMeanings = flag.Bool("add", false, "say what records mean that testdata does not name yet; no line is ever changed")

// Tenants and their keys as they were ever stored grant what they granted.
func TestTenantsOfEveryGenerationAreRead(t *testing.T) {
	records := storedtest.All(t, func(r *storedtest.Record) bool {
		return r.Table == "state" && (r.Part == "tenants" || strings.HasPrefix(r.Part, "key/"))
	})
	meanings := storedtest.Open(t, "testdata/meanings.txt", *addMeanings)
	for _, generation := range storedtest.Generations(t) {
		state := newState(t)
		var ops []table.Op
		for _, r := range records {
			if r.Generation == generation {
				ops = append(ops, table.Op{Item: r.Item})
			}
		}
		if _, err := state.PutEach(t.Context(), ops...); err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if r.Generation != generation || r.Part == "tenants" {
				continue
			}
			grant, ok, err := tenant.Lookup(t.Context(), state, "s3cret")
			if err != nil || !ok {
				t.Fatalf("%s grants nothing: %v", r.Name(), err)
			}
			meanings.Check(&r, grant)
		}
	}
}
