package main

import (
	"context"
	"fmt"
	"strings"

	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/verify"
)

// renew rebuilds, once, what an earlier version stored and that notes less than this one
// needs: rows could not be found in it. On AWS an operator does so with infra/verify.
func (sys *system) renew(ctx context.Context) error {
	tenants, err := counter.Earlier(ctx, sys.deps.State, fact.Generation)
	if err != nil {
		return err
	}
	for i, tenant := range tenants {
		sys.progress.begin("anew what an earlier version stored", len(tenants), "tenants")
		sys.progress.reach(i)
		state, _, err := counter.Served(ctx, sys.deps.State, tenant, &measure.Current)
		if err != nil {
			return err
		}
		r, err := verify.Run(ctx, sys.deps.Journal, state, verify.Options{Tenant: tenant, Rebuild: true, Tries: 1, Now: sys.deps.Now})
		if err != nil {
			return err
		}
		if len(r.Differences) > 0 {
			var b strings.Builder
			r.Mended = nil
			_, _ = r.Print(&b)
			return fmt.Errorf("what an earlier version stored cannot be rebuilt:\n%s", b.String())
		}
	}
	return nil
}
