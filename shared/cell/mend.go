package cell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/table"
)

// mend notes what a record should be as of merged.
func (a *Audit) mend(old table.Item, value []byte) {
	op := table.Op{Item: table.Item{Key: old.Key, Value: value, Version: a.merged.Merged}, If: table.Unchanged(old)}
	if a.merged.Merged == 0 { // nothing is merged, so there should be nothing
		if old.Version == 0 {
			return
		}
		op.Verb, op.Item = table.Delete, table.Item{Key: old.Key}
	}
	a.mends = append(a.mends, op)
}

// Mend writes what Findings found wrong as of the number of the log it is exact
// at, provided that no merge has begun since; again says that one has, and that
// the rest has to be audited anew. now stamps what it adds to the log.
func (a *Audit) Mend(ctx context.Context, now time.Time) (again bool, err error) {
	if a.widened {
		if again, err := a.merged.put(ctx, a.state, a.tenant); again || err != nil {
			return again, err
		}
	}
	for ops := a.mends; len(ops) > 0; {
		n, size := 0, 0
		for n < len(ops) && n < table.MaxOps-3 && (n == 0 || size+ops[n].Item.Size() <= table.MaxWriteBytes/2) {
			size += ops[n].Item.Size()
			n++
		}
		again, err := a.mendSome(ctx, ops[:n], now)
		if err != nil {
			return false, fmt.Errorf("mending counters of %q: %w", a.tenant, err)
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

func (a *Audit) mendSome(ctx context.Context, ops []table.Op, now time.Time) (again bool, err error) {
	still := table.Op{Verb: table.Check, Item: table.Item{Key: mergeKey(a.tenant)}, If: table.VersionIs(a.merged.version)}
	open := slices.ContainsFunc(ops, func(o table.Op) bool { return o.Item.Part == openKey(a.tenant, 0).Part })
	for range mendTries {
		all := append([]table.Op{still}, ops...)
		if open { // see View
			seq, _, err := End(ctx, a.state, a.tenant)
			if err != nil {
				return false, err
			}
			say, _ := addAs(mended, a.tenant, seq+1, nil, now)
			if all = append(all, say); seq == 0 {
				all = append(all, List(a.tenant, true))
			}
		}
		err := a.state.Write(ctx, all...)
		if _, ok := errors.AsType[*table.ConflictError](err); !ok {
			return false, err
		}
		if !open {
			break
		}
	}
	return true, nil
}

func partName(p Part, c Class) string {
	switch {
	case p == Count:
		return "count"
	case p == Millis:
		return "ms"
	case p == keyPart:
		return "key"
	case c.Shape() == Steps:
		return "step"
	}
	return "histogram"
}
