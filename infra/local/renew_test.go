package main

import (
	"io"
	"math"
	"testing"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/extract"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// A data directory of any earlier version is made anew at the start: then its rows are found.
func TestADirectoryOfAnEarlierVersionIsMadeAnew(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	for _, generation := range storedtest.Generations(t) {
		t.Run(generation, func(t *testing.T) {
			now := time.Date(2026, 3, 9, 13, 0, 0, 0, time.UTC)
			sys, err := open(t.Context(), options{data: t.TempDir(), now: now}, description, newLog(io.Discard))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := sys.close(); err != nil {
					t.Error(err)
				}
			}()
			ops := map[string][]table.Op{}
			for _, r := range storedtest.Read(t, generation) {
				r.Expires = 0 // the log would be gone by now
				ops[r.Table] = append(ops[r.Table], table.Op{Item: r.Item})
			}
			for name, to := range map[string]table.Table{"journal": sys.deps.Journal, "state": sys.deps.State} {
				if _, err := to.PutEach(t.Context(), ops[name]...); err != nil {
					t.Fatal(err)
				}
			}
			if err := sys.renew(t.Context()); err != nil {
				t.Fatal(err)
			}
			w := &extract.Window{Tenant: &tenant.Tenant{ID: "acme"}, From: math.MinInt64, To: math.MaxInt64, Now: now.UnixMilli()}
			source, err := (&extract.Ground{Journal: sys.deps.Journal, State: sys.deps.State}).Open(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			if chats, err := source.Chats(now.AddDate(0, 0, -7).UnixMilli(), now.UnixMilli()); err != nil || len(chats) < 7 {
				t.Errorf("chats %q, %v", chats, err)
			}
		})
	}
}
