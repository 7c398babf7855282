package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/table"
)

// counters compares the counters with what the stored facts contribute, some
// days at a time, and what is open with the first of them.
func (v *verifier) counters(ctx context.Context) error {
	var days []cell.Day
	for _, d := range slices.Sorted(maps.Keys(v.days)) {
		if (v.From.IsZero() || int64(d) >= v.From.UnixMilli()) && (v.To.IsZero() || int64(d) < v.To.UnixMilli()) {
			days = append(days, d)
		}
	}
	for open := true; open || len(days) > 0; open = false {
		n := v.atOnce(days)
		if err := v.window(ctx, days[:n], open); err != nil {
			return err
		}
		days = days[n:]
	}
	return nil
}

// windowBytes is how much of counters' records is compared at once: while it is, it takes
// some 40 times as much memory.
const windowBytes = 2 << 20

// atOnce is how many of the days are compared at once.
func (v *verifier) atOnce(days []cell.Day) (n int) {
	for size := 0; n < min(v.Days, len(days)); n++ {
		if size += v.days[days[n]]; size > windowBytes && n > 0 {
			break
		}
	}
	return n
}

func (v *verifier) window(ctx context.Context, days []cell.Day, open bool) error {
	audit, err := audit.New(ctx, v.state, v.Tenant, days, open)
	if err != nil {
		return err
	}
	for item, err := range v.state.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err != nil {
			return fmt.Errorf("scanning the state: %w", err)
		}
		e, ok := facts.EntityOf(item.Key)
		if !ok {
			audit.Stored(item)
			continue
		}
		f, err := fact.Decode(item.Value)
		if err != nil {
			continue // said by facts
		}
		if contributions := v.Version.Of(f); len(contributions) > 0 || f.Log > 0 {
			audit.Fact(facts.Name(e, item.Sort), f.Log, contributions)
		}
	}
	findings, err := audit.Findings(ctx)
	if err != nil {
		return err
	}
	v.report.Blocks += audit.Blocks
	v.report.Details += audit.Details
	for i := range findings {
		v.differ(counted(&findings[i]))
	}
	if !v.mend {
		return nil
	}
	again, err := audit.Mend(ctx, v.Now())
	v.busy = v.busy || again
	return err
}
