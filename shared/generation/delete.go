package generation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/table"
)

// Keep is for how long a generation is kept at least that has served: what began to read it
// may take so long.
const Keep = time.Hour

// kinds are what is derived of a tenant, as the second elements of its partitions' keys, but
// for how far the log is merged: of generation 0 more stands there.
var kinds = []string{"fact", "dir", "chain", "log", "bundle", "block", "detail", "open", "generation", "logs"}

// Delete deletes a generation that does not serve.
func (b *Builder) Delete(ctx context.Context, number uint32) error {
	all, err := b.List(ctx)
	if err != nil {
		return err
	}
	g, err := find(all, number)
	switch {
	case err != nil:
		return err
	case number == all.Serving:
		return fmt.Errorf("generation %d is the one that serves", number)
	case b.now().UnixMilli()-g.Left < Keep.Milliseconds():
		return fmt.Errorf("generation %d served until %v: reports may still be reading it; wait until %v has passed", number, time.UnixMilli(g.Left).UTC().Format(time.RFC3339), Keep)
	}
	// Nobody goes on with what is deleted in part.
	if err := b.note(ctx, number, func(g *cell.Generation) { g.Built, g.Verified = 0, 0 }); err != nil {
		return err
	}
	if err := b.deleteRecords(ctx, number); err != nil {
		return err
	}
	_, err = counter.Change(ctx, b.State, b.Tenant, func(m *cell.Merged) error {
		if number == 0 {
			*m = cell.Merged{Version: m.Version, Generations: m.Generations}
		}
		if m.Generations != nil {
			m.Generations.All = slices.DeleteFunc(m.Generations.All, func(g cell.Generation) bool { return g.Number == number })
		}
		return nil
	})
	delete(b.folders, number)
	return err
}

// deletedAtOnce is how many records are deleted at once.
const deletedAtOnce = 500

func (b *Builder) deleteRecords(ctx context.Context, number uint32) error {
	space := b.space(number)
	var ops []table.Op
	flush := func() error {
		_, err := space.PutEach(ctx, ops...)
		ops = ops[:0]
		return err
	}
	for item, err := range space.Scan(ctx, table.Join(b.Tenant)+"/") {
		if err != nil {
			return fmt.Errorf("scanning the state: %w", err)
		}
		p := table.Split(item.Part)
		if len(p) < 2 || number == 0 && !slices.Contains(kinds, p[1]) {
			continue
		}
		if ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}, If: table.Unchanged(item)}); len(ops) == deletedAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
