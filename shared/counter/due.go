package counter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chatreports/shared/table"
)

// When a log is merged, and how much at once.
const (
	// MergeBytes is how large the unmerged log may get: every report reads it.
	MergeBytes = 64 << 10
	// MergeAge is how old.
	MergeAge = 15 * time.Minute
	// minItems: few large items (a backfill) may grow beyond MergeBytes, to
	// maxBytes, before a merge pays.
	minItems = 8
	maxBytes = 512 << 10
	// stepBytes is how much one merge takes at most: all of it may be of one
	// quarter, whose detail must fit into one record.
	stepBytes = 256 << 10
)

// Due says whether a log of so many unmerged items and bytes should be merged.
func Due(items, bytes int) bool {
	return bytes > MergeBytes && items >= minItems || bytes > maxBytes
}

// MergeDue merges every tenant's log that is due or older than MergeAge: a step of each
// and then the next of each, so that nobody waits for another's long log. oldest is when
// the oldest item was committed that is still not merged in any of them; zero: all are. It
// is right of all logs that could be read, whatever the error.
func MergeDue(ctx context.Context, state table.Table, now time.Time) (oldest time.Time, err error) {
	var failed []error
	var due []string
	waiting := map[string]int64{} // since when a log's first item that is not merged is there
	for item, err := range state.Query(ctx, table.Range{Part: logsKey("").Part}) {
		if err != nil {
			failed = append(failed, fmt.Errorf("listing logs: %w", err))
			break
		}
		tenant := table.Split(item.Sort)[0]
		is, first, err := isDue(ctx, state, tenant, now)
		if waiting[tenant] = first; err != nil {
			failed = append(failed, err)
		} else if is {
			due = append(due, tenant)
		}
	}
	for len(due) > 0 {
		var more []string
		for _, tenant := range due {
			step, err := MergeStep(ctx, state, tenant)
			if err != nil {
				failed = append(failed, fmt.Errorf("merging %q: %w", tenant, err))
			}
			if _, ok := errors.AsType[*DamageError](err); ok || err == nil {
				waiting[tenant] = step.First
			}
			if step.Items > 0 {
				more = append(more, tenant)
			}
		}
		due = more
	}
	for _, first := range waiting {
		if at := time.UnixMilli(first); first != 0 && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	return oldest, errors.Join(failed...)
}

// isDue says whether a log is large or old, or a merge of it was begun, and when the first
// item was committed that is not merged (0: there is none).
func isDue(ctx context.Context, state table.Table, tenant string, now time.Time) (due bool, first int64, err error) {
	m, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return false, 0, err
	}
	_, size, first, err := unmerged(ctx, state, tenant, m.Merged)
	old := first != 0 && now.UnixMilli()-first >= MergeAge.Milliseconds()
	return old || m.Intent > m.Merged || size > MergeBytes, first, err
}
