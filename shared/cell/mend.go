package cell

import (
	"context"
	"errors"
	"fmt"

	"chatreports/shared/table"
)

// mend notes what a record should be as of merged.
func (a *Audit) mend(old table.Item, value []byte) {
	op := table.Op{Item: table.Item{Key: old.Key, Value: value, Version: a.merged.Merged}, If: table.VersionIs(old.Version)}
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
// the rest has to be audited anew.
func (a *Audit) Mend(ctx context.Context) (again bool, err error) {
	for ops := a.mends; len(ops) > 0; {
		n, size := 0, 0
		for n < len(ops) && n < table.MaxOps-1 && (n == 0 || size+ops[n].Item.Size() <= table.MaxWriteBytes/2) {
			size += ops[n].Item.Size()
			n++
		}
		still := table.Op{Verb: table.Check, Item: table.Item{Key: mergeKey(a.tenant)}, If: table.VersionIs(a.merged.version)}
		err := a.state.Write(ctx, append([]table.Op{still}, ops[:n]...)...)
		if _, ok := errors.AsType[*table.ConflictError](err); ok {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("mending counters of %q: %w", a.tenant, err)
		}
		ops = ops[n:]
	}
	return false, nil
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
