package counter

import (
	"context"
	"errors"
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

// Known is what a folder knows of a tenant beside the log's end. Root is the record of
// generation 0, Mark that of the one that it was read of.
type Known struct {
	Root, Mark cell.Merged
	Corrected  bool
}

// ReadKnown reads it of a generation. It is read after the log's end: what became known with
// an item of the log up to there is in it.
func ReadKnown(ctx context.Context, state table.Table, tenant string, generation uint32) (k Known, err error) {
	items, err := Space(state, tenant, generation).Get(ctx, cell.MergeKey(tenant), logsKey(tenant))
	if err != nil {
		return k, fmt.Errorf("reading what is known of the log of %q: %w", tenant, err)
	}
	k.Corrected = corrected(items[1])
	if k.Mark, err = cell.DecodeMerged(items[0]); err != nil {
		return k, err
	}
	if k.Root = k.Mark; generation != 0 {
		k.Root, err = ReadMerged(ctx, state, tenant)
	}
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

// Say puts the word into a log, as its next item, that what is known of the tenant is to be
// read anew. Whoever commits after it has read it.
func Say(ctx context.Context, state table.Table, tenant string, now time.Time) (seq uint64, err error) {
	for range mendTries {
		if seq, _, _, err = End(ctx, state, tenant); err != nil {
			return 0, err
		}
		seq++
		say, _ := addItem(tenant, cell.LogItem{Seq: seq, Mended: true, At: now.UnixMilli()})
		err = state.Write(ctx, say)
		if _, ok := errors.AsType[*table.ConflictError](err); !ok {
			return seq, err
		}
	}
	return 0, fmt.Errorf("writing into the log of %q: %w", tenant, err)
}
