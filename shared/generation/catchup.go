package generation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
)

// CatchUp folds, from the journal, what the log of the source names after what a generation
// has of it, up to the log's end. n is how many facts that were.
func (b *Builder) CatchUp(ctx context.Context, number uint32) (n int, err error) {
	g, err := b.own(ctx, number)
	if err != nil {
		return 0, err
	}
	if g.Built == 0 {
		return 0, fmt.Errorf("generation %d is not whole yet", number)
	}
	return b.catchUp(ctx, g)
}

func (b *Builder) catchUp(ctx context.Context, g *cell.Generation) (n int, err error) {
	source, named, upTo := b.space(g.Source), map[string]bool{}, g.After
	flush := func() error {
		if err := b.folder(g.Number).CatchUp(ctx, b.Tenant, source, slices.Collect(maps.Keys(named))...); err != nil {
			return err
		}
		n += len(named)
		clear(named)
		g.After = upTo
		return b.note(ctx, g.Number, func(stored *cell.Generation) { stored.After = upTo })
	}
	for item, err := range counter.Since(ctx, source, b.Tenant, g.After) {
		if err != nil {
			return n, err
		}
		if item.Seq != upTo+1 {
			return n, fmt.Errorf("the log of generation %d after item %d has expired: delete generation %d, and build another", g.Source, upTo, g.Number)
		}
		for i := range item.Diffs {
			if d := &item.Diffs[i]; !derive.Derived.Has(d.Measure) {
				named[d.Fact] = true
			}
		}
		if upTo = item.Seq; len(named) >= 4*groupSize {
			if err := flush(); err != nil {
				return n, err
			}
		}
	}
	if upTo == g.After {
		return n, nil
	}
	return n, flush()
}

// pollEvery is how often a generation that follows looks what came.
const pollEvery = 200 * time.Millisecond

// Follow catches up again and again, until ctx ends, which is no error.
func (b *Builder) Follow(ctx context.Context, number uint32) error {
	for {
		if _, err := b.CatchUp(ctx, number); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
	}
}

// nearly is how few facts are left to catch up with when folding is paused, and tries how
// often that is tried to be reached.
const (
	nearly = groupSize
	tries  = 100
)

// Swap makes a generation serve, which must have been verified since it was built, unless that
// does not matter. For as long as it catches up with the last second nothing is folded; then
// one conditional write decides. If it takes longer than a minute it fails, and folding goes on
// as before.
func (b *Builder) Swap(ctx context.Context, number uint32, unverified bool) error {
	g, err := b.own(ctx, number)
	switch {
	case err != nil:
		return err
	case g.Built == 0 || !unverified && g.Verified == 0:
		return fmt.Errorf("generation %d was not verified since it was built", number)
	}
	for try := 0; ; try++ {
		n, err := b.catchUp(ctx, g)
		if err != nil {
			return err
		}
		if n <= nearly || try == tries {
			break
		}
	}
	paused, err := b.change(ctx, func(all *cell.Generations) error {
		if all.Serving != g.Source {
			return errors.New("another generation serves than this one was built beside")
		}
		all.Paused = b.now().UnixMilli()
		return nil
	})
	if err != nil {
		return err
	}
	// Whoever commits after this item has read it, and what was changed before it.
	if _, err := counter.Say(ctx, b.space(g.Source), b.Tenant, b.now()); err != nil {
		return err
	}
	if _, err := b.catchUp(ctx, g); err != nil {
		return err
	}
	return b.serve(ctx, g, paused.Generations.Paused)
}

// serve makes a generation serve that has caught up since folding was paused.
func (b *Builder) serve(ctx context.Context, g *cell.Generation, paused int64) error {
	end, _, _, err := counter.End(ctx, b.space(g.Number), b.Tenant)
	if err != nil {
		return err
	}
	_, err = b.change(ctx, func(all *cell.Generations) error {
		if all.Paused != paused {
			return errors.New("it took too long to catch up, and folding goes on as before; swap again")
		}
		old, err := find(all, all.Serving)
		if err != nil {
			return err
		}
		// From here on the log of the new one names all that is delivered.
		old.Source, old.After, old.Left = g.Number, end, b.now().UnixMilli()
		old.Verified = old.Left // what it served stays as it is
		all.Serving, all.Paused = g.Number, 0
		now, err := find(all, g.Number)
		if err == nil {
			now.Left = 0
		}
		return err
	})
	return err
}
