package counter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/table"
)

// Mend writes records of counters anew, each as it should be as of the number of the log
// that merged says, provided that no merge has begun since merged was read; again says that
// one has, and that not all is written. If any is of what is open, an item of the log says
// so, which now stamps.
func Mend(ctx context.Context, state table.Table, tenant string, merged *cell.Merged, ops []table.Op, now time.Time) (again bool, err error) {
	for len(ops) > 0 {
		n, size := 0, 0
		for n < len(ops) && n < table.MaxOps-3 && (n == 0 || size+ops[n].Item.Size() <= table.MaxWriteBytes/2) {
			size += ops[n].Item.Size()
			n++
		}
		again, err := mendSome(ctx, state, tenant, merged, ops[:n], now)
		if err != nil {
			return false, fmt.Errorf("mending counters of %q: %w", tenant, err)
		}
		if again {
			return true, nil
		}
		ops = ops[n:]
	}
	return false, nil
}

// mendTries is how often a number of the log is tried to be taken.
const mendTries = 10

func mendSome(ctx context.Context, state table.Table, tenant string, merged *cell.Merged, ops []table.Op, now time.Time) (again bool, err error) {
	still := table.Op{Verb: table.Check, Item: table.Item{Key: cell.MergeKey(tenant)}, If: table.VersionIs(merged.Version)}
	open := slices.ContainsFunc(ops, func(o table.Op) bool { return o.Item.Part == cell.ChunkKey(tenant, 0).Part })
	for range mendTries {
		all := append([]table.Op{still}, ops...)
		if open {
			seq, _, _, err := End(ctx, state, tenant)
			if err != nil {
				return false, err
			}
			say, _ := addItem(tenant, cell.LogItem{Seq: seq + 1, Mended: true, At: now.UnixMilli()})
			if all = append(all, say); seq == 0 {
				all = append(all, List(tenant, true))
			}
		}
		err := state.Write(ctx, all...)
		if _, ok := errors.AsType[*table.ConflictError](err); !ok {
			return false, err
		}
		if !open {
			break
		}
	}
	return true, nil
}
