package generation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lanrat/extsort"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

const (
	// groupSize is how many entities are folded at once.
	groupSize = 90
	// noteEvery is how often it is noted how far a build is.
	noteEvery = 5 * time.Second
	// remembered is how many entities of the scan are remembered, so that each is built once:
	// segments of a scan take turns.
	remembered = 4096
	// sortedAtOnce is how many entities are sorted in memory; more are in temporary files.
	sortedAtOnce = 200_000
)

// Build builds a generation by this version, or goes on with one that was begun, and gives its
// number. When it ends the generation has all that there was of the journal when it began: what
// came since is for CatchUp.
func (b *Builder) Build(ctx context.Context) (number uint32, err error) {
	g, err := b.begin(ctx)
	if err != nil {
		return 0, err
	}
	n, keys, err := b.entities(ctx)
	if err != nil {
		return 0, err
	}
	done, noted := 0, b.now()
	var group []journal.Entity
	last := g.Done
	flush := func() error {
		if err := b.folder(g.Number).Refold(ctx, group...); err != nil {
			return err
		}
		group = group[:0]
		if b.Progress != nil {
			b.Progress(done, n)
		}
		if b.now().Sub(noted) < noteEvery {
			return nil
		}
		noted = b.now()
		return b.note(ctx, g.Number, func(g *cell.Generation) { g.Done = last })
	}
	for key, err := range keys {
		if err != nil {
			return 0, err
		}
		if done++; key <= g.Done { // in an earlier run
			continue
		}
		if e, ok := entityOf(key); ok {
			group, last = append(group, e), key
		}
		if len(group) == groupSize {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if err := flush(); err != nil {
		return 0, err
	}
	if err := counter.Merge(ctx, b.space(g.Number), b.Tenant); err != nil {
		return 0, err
	}
	return g.Number, b.note(ctx, g.Number, func(g *cell.Generation) { g.Done, g.Built = last, b.now().UnixMilli() })
}

// begin is the generation that this version has begun to build, or a new one.
func (b *Builder) begin(ctx context.Context) (out cell.Generation, err error) {
	all, err := b.List(ctx)
	if err != nil {
		return out, err
	}
	// Before anything of the journal is read: what is folded from here on is named there.
	after, _, _, err := counter.End(ctx, b.space(all.Serving), b.Tenant)
	if err != nil {
		return out, err
	}
	if after == 0 {
		return out, fmt.Errorf("nothing is stored of a tenant %q", b.Tenant)
	}
	source := all.Serving
	_, err = b.change(ctx, func(all *cell.Generations) error {
		for _, g := range all.All {
			if g.Built != 0 {
				continue
			}
			if err := b.version().Check(b.Tenant, g.Catalogue); err != nil {
				return fmt.Errorf("generation %d was begun and is not whole; delete it, or go on with it: %w", g.Number, err)
			}
			out = g
			return nil
		}
		if all.Serving != source {
			return errors.New("another generation has just begun to serve; try again")
		}
		all.Last++
		out = cell.Generation{Number: all.Last, Catalogue: b.version().Number, Source: source, After: after}
		all.All = append(all.All, out)
		return nil
	})
	return out, err
}

// note changes what is noted of a generation.
func (b *Builder) note(ctx context.Context, number uint32, change func(*cell.Generation)) error {
	_, err := b.change(ctx, func(all *cell.Generations) error {
		g, err := find(all, number)
		if err == nil {
			change(g)
		}
		return err
	})
	return err
}

// entities are the journal's, in order of their first events, so that what is folded one after
// another lies in the same blocks. They are sorted in files if they are many.
func (b *Builder) entities(ctx context.Context) (n int, keys func(func(string, error) bool), err error) {
	in := make(chan string, 256)
	sorter, out, failed := extsort.Strings(in, &extsort.Config{ChunkSize: sortedAtOnce, NumWorkers: 1, SortedChanBuffSize: 256, TempFilesDir: b.Dir})
	go sorter.Sort(ctx)
	known := map[string]bool{}
	err = func() error {
		defer close(in)
		for item, err := range b.Journal.Scan(ctx, table.Join(b.Tenant)+"/") {
			if err != nil {
				return fmt.Errorf("scanning the journal: %w", err)
			}
			if known[item.Part] {
				continue
			}
			if len(known) == remembered {
				clear(known)
			}
			known[item.Part] = true
			n++
			select {
			case in <- item.Sort[:min(timeDigits, len(item.Sort))] + " " + item.Part:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}()
	return n, func(yield func(string, error) bool) {
		for key := range out {
			if !yield(key, nil) {
				return
			}
		}
		if err := cmp.Or(<-failed, ctx.Err()); err != nil {
			yield("", fmt.Errorf("sorting the journal's entities: %w", err))
		}
	}, err
}

// timeDigits is how long the time is that a sort key of the journal begins with.
const timeDigits = 16

// entityOf is the entity of a key of entities.
func entityOf(key string) (e journal.Entity, ok bool) {
	_, part, _ := strings.Cut(key, " ")
	p := table.Split(part)
	if len(p) != 3 {
		return e, false
	}
	return journal.Entity{Tenant: p[0], Kind: p[1], ID: p[2]}, true
}
