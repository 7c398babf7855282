package counter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Space is where a generation of what is derived of a tenant lies, to whom it looks as if it
// were the only one: number 0 lies in the state itself.
func Space(state table.Table, tenant string, number uint32) table.Table {
	if number == 0 {
		return state
	}
	return table.Under(state, table.Join(tenant), fmt.Sprintf("g%d", number))
}

// Pick is the number of the generation that a version of the measures reads: the one that
// serves, or else, if that was counted by a version that it does not go on from, another that
// is whole.
func Pick(tenant string, root *cell.Merged, v *measure.Version) (number uint32, err error) {
	if root.Generations == nil {
		return 0, nil // whose version is checked as it is read
	}
	serving := root.Generation(root.Serves())
	if v.GoesOnFrom(serving.Catalogue) {
		return serving.Number, nil
	}
	found := false
	for _, g := range root.Generations.All {
		if g.Built != 0 && v.GoesOnFrom(g.Catalogue) {
			number, found = g.Number, true
		}
	}
	if !found {
		return 0, v.Check(tenant, serving.Catalogue)
	}
	return number, nil
}

// served remembers which generation was read last, by tenant, so that it can be read without
// asking first. It is told whether that was right.
var served sync.Map

// Guess is which generation is probably the one to read.
func Guess(tenant string) uint32 {
	n, _ := served.Load(tenant)
	number, _ := n.(uint32)
	return number
}

// Guessed notes which one was.
func Guessed(tenant string, number uint32) { served.Store(tenant, number) }

// Served is where the generation lies that a version of the measures reads, and its number.
func Served(ctx context.Context, state table.Table, tenant string, v *measure.Version) (table.Table, uint32, error) {
	root, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return nil, 0, err
	}
	number, err := Pick(tenant, &root, v)
	return Space(state, tenant, number), number, err
}

// PausedError says that nothing is folded for a moment, since another generation is about to
// serve. It is a conflict that passes.
type PausedError struct {
	Tenant string
	table.ConflictError
}

func (e *PausedError) Error() string {
	return fmt.Sprintf("another generation of %q is about to serve: nothing is folded for a moment", e.Tenant)
}

func (e *PausedError) Unwrap() error { return &e.ConflictError }

// pauseLimit is how long folding may be paused. Whoever paused it may have died.
const pauseLimit = time.Minute

// Unpause is a PausedError while folding is paused; a pause that has lasted too long it ends.
func Unpause(ctx context.Context, state table.Table, tenant string, root *cell.Merged, now time.Time) error {
	if root.Generations == nil || root.Generations.Paused == 0 {
		return nil
	}
	if now.UnixMilli()-root.Generations.Paused < pauseLimit.Milliseconds() {
		return &PausedError{Tenant: tenant}
	}
	ended, generations := *root, *root.Generations
	generations.Paused = 0
	ended.Generations = &generations
	_, err := PutMerged(ctx, state, tenant, &ended)
	return errors.Join(err, &PausedError{Tenant: tenant})
}

// Change changes the record of how far a log is merged, whatever else others change in it.
func Change(ctx context.Context, state table.Table, tenant string, change func(*cell.Merged) error) (cell.Merged, error) {
	for range maxTries * maxTries {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			return m, err
		}
		if err := change(&m); err != nil {
			return m, err
		}
		if again, err := PutMerged(ctx, state, tenant, &m); err != nil || !again {
			return m, err
		}
	}
	return cell.Merged{}, fmt.Errorf("how far the log of %q is merged keeps changing", tenant)
}
