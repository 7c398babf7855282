package schedule

import (
	"context"
	"errors"
	"fmt"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// record is how far a schedule is. Times are Unix milliseconds.
type record struct {
	// Declared is a digest of what the tenants file declares; with another one all begins anew.
	Declared string `cbor:"1,keyasint,omitempty"`
	// Runs counts the runs that began. The number of a run is in the names of its objects,
	// so that no two ever write the same.
	Runs uint64 `cbor:"2,keyasint,omitempty"`
	// Ran is the moment of the last run that was finished.
	Ran int64 `cbor:"3,keyasint,omitempty"`
	// Until is when the run under way, if there is one, is given up; else when a failed one
	// may be tried again.
	Until int64 `cbor:"4,keyasint,omitempty"`
	// Writing is the object that the run under way writes, until a manifest names it.
	Writing string `cbor:"5,keyasint,omitempty"`
	// Seen is the last item of the log that the finished run looked at, Counted when that
	// was committed.
	Seen    uint64 `cbor:"6,keyasint,omitempty"`
	Counted int64  `cbor:"7,keyasint,omitempty"`
	// Next is where the first period begins that was not delivered yet.
	Next int64 `cbor:"8,keyasint,omitempty"`
	// Failure is why the last run failed; empty: it did not.
	Failure string `cbor:"9,keyasint,omitempty"`
	// Day is the folder that was changed last; Stale: its manifest may not say so yet.
	Day   string `cbor:"10,keyasint,omitempty"`
	Stale bool   `cbor:"11,keyasint,omitempty"`
	// Generation is the one (cell.Generations) whose log Seen is of.
	Generation uint32 `cbor:"12,keyasint,omitempty"`

	item table.Item // as it was read
}

func recordPart(tenant string) string { return table.Join(tenant, "schedule") }

func recordKey(tenant, id string) table.Key {
	return table.Key{Part: recordPart(tenant), Sort: table.Join(id)}
}

// readRecords reads the records of a tenant by the ids of its schedules.
func readRecords(ctx context.Context, state table.Table, tenant string) (map[string]*record, error) {
	out := map[string]*record{}
	for item, err := range state.Query(ctx, table.Range{Part: recordPart(tenant)}) {
		if err != nil {
			return nil, fmt.Errorf("reading how far the schedules of %q are: %w", tenant, err)
		}
		r := &record{item: item}
		if err := stored.Unmarshal(item.Value, r); err != nil {
			return nil, fmt.Errorf("the record of schedule %q of %q cannot be read: %w", item.Sort, tenant, err)
		}
		out[table.Split(item.Sort)[0]] = r
	}
	return out, nil
}

// errTaken says that somebody else has the schedule by now.
var errTaken = errors.New("schedule: somebody else runs it")

// op is the operation that stores the record unless somebody else has changed it.
func (r *record) op() (table.Op, error) {
	raw, err := stored.Marshal(r)
	return table.Op{Item: table.Item{Key: r.item.Key, Value: raw, Version: r.item.Version + 1}, If: table.VersionIs(r.item.Version)}, err
}

// saveTries is how often a write is tried that met another at the same moment.
const saveTries = 5

// save stores the record, and in one with it whatever more is given.
func (r *record) save(ctx context.Context, state table.Table, more ...table.Op) error {
	op, err := r.op()
	if err != nil {
		return err
	}
	for range saveTries {
		err = state.Write(ctx, append(more, op)...)
		if conflict, ok := errors.AsType[*table.ConflictError](err); !ok || len(conflict.Failed) > 0 {
			break
		}
	}
	if _, other := errors.AsType[*table.ConflictError](err); other {
		return errTaken
	}
	if err != nil {
		return fmt.Errorf("storing how far schedule %q is: %w", r.item.Sort, err)
	}
	r.item.Version = op.Item.Version
	return nil
}
