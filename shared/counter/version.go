package counter

import (
	"context"
	"fmt"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Beside how far a log is merged stands which version of the measures counted all that is
// stored. Whoever folds, merges or reads has a version too, and stops where it does not go on
// from the one stored (measure.VersionError).
//
// Folders of two versions may run at the same time while a newer one is deployed. The newer
// one notes its version in one transaction with an item of the log that says that what is
// known is to be read anew. Every commit takes a number of the log, the next after those that
// its folder has seen: so no folder of the older version commits after that item without
// having read it.

// Known is what a folder knows of a tenant beside the log's end.
type Known struct {
	Mark      cell.Merged
	Corrected bool
}

// ReadKnown reads it. It is read after the log's end: what became known with an item of the
// log up to there is in it.
func ReadKnown(ctx context.Context, state table.Table, tenant string) (k Known, err error) {
	items, err := state.Get(ctx, cell.MergeKey(tenant), logsKey(tenant))
	if err != nil {
		return k, fmt.Errorf("reading what is known of the log of %q: %w", tenant, err)
	}
	k.Corrected = corrected(items[1])
	k.Mark, err = cell.DecodeMerged(items[0])
	return k, err
}

// Raise notes, as item seq of the log, that all is counted by a newer version from here on.
// A ConflictError says that somebody else went on in between.
func Raise(ctx context.Context, state table.Table, tenant string, m cell.Merged, to *measure.Version, seq uint64, now time.Time) error {
	next := m
	next.Version++
	next.Catalogue = to.Number
	mark, err := next.Item(tenant)
	if err != nil {
		return err
	}
	say, _ := addItem(tenant, cell.LogItem{Seq: seq, Mended: true, At: now.UnixMilli()})
	if err := state.Write(ctx, say, table.Op{Item: mark, If: table.VersionIs(m.Version)}); err != nil {
		return fmt.Errorf("noting which version counts %q: %w", tenant, err)
	}
	return nil
}
