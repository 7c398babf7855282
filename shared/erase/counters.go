package erase

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/table"
)

// counters brings everything of a generation into blocks, and then writes anew what holds the visitor's id
// only in pieces that cancel each other: detail and what is open, which say whose they are;
// and deletes blocks of the visitor's own, which are empty by then. What is left is in the
// log, and in bundles of it, until they expire.
func (e *Visitor) counters(ctx context.Context, state table.Table) error {
	if err := counter.Merge(ctx, state, e.ID); err != nil {
		return err
	}
	slots, chunks, blocks := map[table.Key]bool{}, map[int]bool{}, map[table.Key]table.Item{}
	for item, err := range state.Scan(ctx, table.Join(e.ID)+"/") {
		if err != nil {
			return fmt.Errorf("looking for counters of the visitor: %w", err)
		}
		p, ok, err := cell.PlaceOf(item.Key)
		switch {
		case err != nil || !ok:
			err = nil
		case p.Kind == "detail":
			var diffs []cell.Difference
			if diffs, err = cell.DecodeDifferences(item.Value, nil); e.in(diffs) {
				slots[table.Key{Part: item.Part, Sort: item.Sort[:strings.LastIndexByte(item.Sort, '/')+1]}] = true
			}
		case p.Kind == "open":
			var all []cell.Difference
			if all, _, err = open(ctx, state, e.ID, item); e.in(all) {
				chunks[p.Chunk] = true
			}
		case p.Kind == "block" && p.Block.Value == e.Visitor:
			var cells []cell.Cell
			if cells, err = cell.DecodeBlock(item.Value); len(cells) == 0 {
				blocks[item.Key] = item
			}
		}
		if err != nil {
			return fmt.Errorf("%q %q: %w", item.Part, item.Sort, err)
		}
	}
	for slot := range slots {
		if err := e.detail(ctx, state, slot); err != nil {
			return err
		}
	}
	for chunk := range chunks {
		if err := e.open(ctx, state, chunk); err != nil {
			return err
		}
	}
	for _, item := range blocks {
		if err := e.mend(ctx, state, table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}, If: table.Unchanged(item)}); err != nil {
			return err
		}
	}
	return nil
}

// in says whether differences name the visitor.
func (e *Visitor) in(diffs []cell.Difference) bool {
	id, escaped := e.Visitor, table.Join(e.Visitor)
	return slices.ContainsFunc(diffs, func(d cell.Difference) bool {
		if strings.Contains(d.Fact, escaped) || strings.Contains(d.Key, id) {
			return true
		}
		for _, v := range d.Dims {
			if strings.Contains(v.ID, id) {
				return true
			}
		}
		return false
	})
}

// mend writes records anew, all or none, as of what is merged. If another merge has begun,
// or one of them has changed, the next look does it.
func (e *Visitor) mend(ctx context.Context, state table.Table, ops ...table.Op) error {
	merged, err := counter.ReadMerged(ctx, state, e.ID)
	if err != nil {
		return err
	}
	for i := range ops {
		if ops[i].Verb == table.Put {
			ops[i].Item.Version = merged.Merged
		}
	}
	e.add(Records, len(ops))
	_, err = counter.Mend(ctx, state, e.ID, &merged, ops, e.Now())
	return err
}

// piecesAtOnce is how many pieces of detail are put together at once: one transaction.
const piecesAtOnce = 90

// detail puts the pieces of a slot together.
func (e *Visitor) detail(ctx context.Context, state table.Table, slot table.Key) error {
	var pieces []table.Item
	for item, err := range state.Query(ctx, table.Prefix(slot.Part, slot.Sort)) {
		if err != nil {
			return fmt.Errorf("reading detail: %w", err)
		}
		pieces = append(pieces, item)
	}
	for some := range slices.Chunk(pieces, piecesAtOnce) {
		var ops []table.Op
		var all []cell.Difference
		for i, item := range some {
			diffs, err := cell.DecodeDifferences(item.Value, nil)
			if err != nil {
				return fmt.Errorf("%q %q: %w", item.Part, item.Sort, err)
			}
			all = append(all, diffs...)
			op := table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}, If: table.Unchanged(item)}
			if i == len(some)-1 {
				op = table.Op{Item: table.Item{Key: item.Key, Value: cell.EncodeDifferences(cell.Net(all))}, If: table.Unchanged(item)}
			}
			ops = append(ops, op)
		}
		if err := e.mend(ctx, state, ops...); err != nil {
			return err
		}
	}
	return nil
}

// open puts a chunk of what is open together with its runs.
func (e *Visitor) open(ctx context.Context, state table.Table, chunk int) error {
	items, err := state.Get(ctx, cell.ChunkKey(e.ID, chunk))
	if err != nil {
		return fmt.Errorf("reading what is open: %w", err)
	}
	all, runs, err := open(ctx, state, e.ID, items[0])
	if err != nil {
		return err
	}
	ops := []table.Op{{Item: table.Item{Key: items[0].Key, Value: cell.EncodeDifferences(cell.Net(all))}, If: table.Unchanged(items[0])}}
	for _, r := range runs {
		ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: r.Key}, If: table.Unchanged(r)})
	}
	return e.mend(ctx, state, ops...)
}

// open reads what a chunk holds, and which runs it has set aside.
func open(ctx context.Context, state table.Table, tenant string, item table.Item) (all []cell.Difference, runs []table.Item, err error) {
	c, err := cell.DecodeChunk(item.Value)
	if err != nil {
		return nil, nil, err
	}
	if all, err = cell.DecodeDifferences(c.Differences, nil); err != nil {
		return nil, nil, err
	}
	of, gone, err := counter.Runs(ctx, state, tenant, []table.Item{item})
	if err != nil || gone { // replaced meanwhile: the next look sees
		return nil, nil, err
	}
	for _, r := range of[0] {
		diffs, err := cell.DecodeDifferences(r.Value, nil)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, diffs...)
	}
	return all, of[0], nil
}
