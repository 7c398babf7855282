package main

import (
	"context"
	"time"

	"chatreports/shared/fold"
	"chatreports/shared/table"
)

// catchUpBatch is how many events of any tenant, which may be large, are folded at once.
const catchUpBatch = 2000

// catchUp folds what the journal holds and was not folded yet, without the stream's
// waiting and in larger batches. What cannot be folded is left to the stream.
func (sys *system) catchUp(ctx context.Context) error {
	_, n, err := sys.waiting(ctx)
	if err != nil || n == 0 {
		return err
	}
	sys.progress.begin("what was stored before", n, "events")
	folder := fold.New(sys.deps.Journal, sys.deps.State, time.Now)
	for done := 0; ; {
		changes, err := sys.changes.Next(ctx, "0", catchUpBatch)
		if err != nil || len(changes) == 0 {
			return err
		}
		items := make([]table.Item, len(changes))
		for i := range changes {
			items[i] = changes[i].Item
		}
		failed, err := folder.Apply(ctx, items)
		if err != nil {
			return err
		}
		for i := range failed {
			if failed[i] != nil {
				changes = changes[:i]
				break
			}
		}
		if len(changes) == 0 {
			return nil
		}
		last := changes[len(changes)-1]
		if err := sys.changes.Acknowledge(ctx, last.Shard, last.Sequence); err != nil {
			return err
		}
		if len(changes) < len(items) {
			return nil
		}
		done += len(items)
		sys.progress.reach(done)
	}
}
