package counter

import (
	"context"
	"errors"
	"fmt"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// What has not ended lies in a few chunks, of which a merge writes those that it changes.
// There may be very much of it: everybody who waits, when nobody is served. So a chunk
// that has grown large sets its differences aside as a run, a record of its own that is
// never changed, and names it. When the last runs have grown as large as those before
// them, they are made one: of n differences each is written again some log n times, and a
// merge writes hardly more than what it changes. A run may take back what an older one
// says; they add up.
//
// Whoever replaces runs deletes them; a reader that comes too late for one reads the chunk
// again. A writer that dies before leaves runs that nobody names: they take room, and
// nothing else, until a rebuild deletes them.

// RunBytes is from what size on a chunk sets its differences aside. Only tests change it.
var RunBytes = 64 << 10

// openChunk is a chunk as it was read: the differences in it and in what it has set
// aside, or why they cannot be read.
type openChunk struct {
	item  table.Item
	diffs []cell.Difference
	err   error
}

// add adds what a record says.
func (o *openChunk) add(value []byte, want *cell.Measures) {
	if len(value) == 0 || o.err != nil {
		return
	}
	diffs, err := cell.DecodeDifferences(value, want)
	if err != nil {
		o.err = fmt.Errorf("open chunk %q: %w", o.item.Sort, err)
	}
	o.diffs = append(o.diffs, diffs...)
}

// ChunkTries is how often chunks are read again that change while they are read. What is
// gone then is lost.
const ChunkTries = 10

// readOpen reads the chunks in a range, as far as they are about the measures wanted.
func readOpen(ctx context.Context, state table.Table, tenant string, within table.Range, want *cell.Measures) ([]openChunk, error) {
	for try := 1; ; try++ {
		var chunks []table.Item
		for item, err := range state.Query(ctx, within) {
			if err != nil {
				return nil, err
			}
			chunks = append(chunks, item)
		}
		runs, gone, err := Runs(ctx, state, tenant, chunks)
		if err != nil {
			return nil, err
		}
		if gone && try < ChunkTries {
			continue
		}
		out := make([]openChunk, len(chunks))
		for i := range out {
			out[i] = newOpenChunk(chunks[i], runs[i], want)
		}
		return out, nil
	}
}

func newOpenChunk(item table.Item, runs []table.Item, want *cell.Measures) openChunk {
	o := openChunk{item: item}
	c, err := cell.DecodeChunk(item.Value)
	if err != nil {
		o.err = fmt.Errorf("open chunk %q: %w", item.Sort, err)
		return o
	}
	o.add(c.Differences, want)
	for _, r := range runs {
		if r.Version == 0 {
			o.err = fmt.Errorf("open chunk %q: run %q is lost: %w", item.Sort, r.Sort, cell.ErrDamaged)
		}
		o.add(r.Value, want)
	}
	return o
}

// Runs reads what chunks that were read have set aside: of each the runs it names, none if
// it is damaged. gone is true if one is not there (its version is 0): it was replaced
// meanwhile, or is lost.
func Runs(ctx context.Context, state table.Table, tenant string, chunks []table.Item) (runs [][]table.Item, gone bool, err error) {
	runs = make([][]table.Item, len(chunks))
	var keys []table.Key
	for i := range chunks {
		c, _ := cell.DecodeChunk(chunks[i].Value)
		runs[i], keys = make([]table.Item, len(c.Runs)), append(keys, c.Keys(tenant)...)
	}
	if len(keys) == 0 {
		return runs, false, nil
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return nil, false, err
	}
	for n, k := range keys {
		items[n].Key = k
		gone = gone || items[n].Version == 0
	}
	for i := range runs {
		items = items[copy(runs[i], items):]
	}
	return runs, gone, nil
}

// openNow is what is open: the chunks and what the tail says beyond each.
func openNow(chunks []openChunk, tail []cell.LogItem) []cell.Difference {
	var all []cell.Difference
	var version [cell.Chunks]uint64
	for _, c := range chunks {
		if c.err != nil {
			continue
		}
		all = append(all, c.diffs...)
		version[c.item.Sort[0]-'0'] = c.item.Version
	}
	for i := range tail {
		for _, d := range tail[i].Diffs {
			if d.Until == measure.Forever && tail[i].Seq > version[cell.ChunkOf(&d)] {
				all = append(all, d)
			}
		}
	}
	return cell.Net(all)
}

// open adds what has not ended to the chunks.
func (m *merging) open(changes [cell.Chunks][]cell.Difference) error {
	var todo []table.Key
	for c := range changes {
		if len(changes[c]) > 0 {
			todo = append(todo, cell.ChunkKey(m.tenant, c))
		}
	}
	for tries := 0; len(todo) > 0; tries++ {
		if tries > maxTries {
			return fmt.Errorf("record %v keeps changing", todo[0])
		}
		items, err := m.state.Get(m.ctx, todo...)
		if err != nil {
			return err
		}
		todo = todo[:0]
		for _, item := range items {
			if item.Version >= m.upTo {
				continue
			}
			done, err := m.chunk(item, changes[item.Sort[0]-'0'])
			switch {
			case errors.Is(err, cell.ErrDamaged):
				m.damaged = append(m.damaged, item.Key)
			case err != nil:
				return err
			case !done:
				todo = append(todo, item.Key)
			}
		}
	}
	return nil
}

// chunk adds differences to one chunk; done is false if somebody changed it meanwhile.
func (m *merging) chunk(item table.Item, diffs []cell.Difference) (done bool, err error) {
	c, err := cell.DecodeChunk(item.Value)
	if err != nil {
		return false, err
	}
	var own openChunk
	if own.add(c.Differences, nil); own.err != nil {
		return false, cell.ErrDamaged
	}
	all := cell.Net(append(own.diffs, diffs...))
	c.Differences = cell.EncodeDifferences(all)
	var replaced []table.Item
	for last := len(c.Runs) - 1; len(c.Differences) > RunBytes && last >= 0 && c.Runs[last].Bytes <= 2*len(c.Differences); last-- {
		old, err := m.state.Get(m.ctx, cell.RunKey(m.tenant, c.Runs[last].Name))
		if err != nil {
			return false, err
		}
		if old[0].Version == 0 {
			return false, m.lost(item)
		}
		set, err := cell.DecodeDifferences(old[0].Value, nil)
		if err != nil {
			return false, cell.ErrDamaged
		}
		all = cell.Net(append(set, all...))
		c.Differences = cell.EncodeDifferences(all)
		c.Runs, replaced = c.Runs[:last], append(replaced, old[0])
	}
	var ops []table.Op
	if len(c.Differences) > RunBytes {
		name := cell.RunName(item.Sort, m.upTo, c.Differences)
		ops = append(ops, table.Op{Item: table.Item{Key: cell.RunKey(m.tenant, name), Value: c.Differences, Version: m.upTo}})
		c.Runs = append(c.Runs, cell.Run{Name: name, Bytes: len(c.Differences)})
		c.Differences = cell.EncodeDifferences(nil)
	}
	if _, err := m.state.PutEach(m.ctx, ops...); err != nil {
		return false, err
	}
	stood, err := m.state.PutEach(m.ctx, table.Op{Item: table.Item{Key: item.Key, Value: c.Encode(), Version: m.upTo}, If: table.Unchanged(item)})
	if err != nil || stood[0] != nil {
		return false, err
	}
	return true, m.remove(replaced)
}

// lost says whether a chunk whose run is gone was changed meanwhile; else it is damaged.
func (m *merging) lost(item table.Item) error {
	now, err := m.state.Get(m.ctx, item.Key)
	if err == nil && now[0].Version == item.Version {
		err = cell.ErrDamaged
	}
	return err
}

// remove deletes runs that no chunk names any more.
func (m *merging) remove(replaced []table.Item) error {
	ops := make([]table.Op, len(replaced))
	for i, item := range replaced {
		ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: item.Key}, If: table.Unchanged(item)}
	}
	_, err := m.state.PutEach(m.ctx, ops...)
	return err
}
