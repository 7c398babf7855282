package cell

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

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
// nothing else.

// runBytes is from what size on a chunk sets its differences aside. Tests make it smaller.
var runBytes = 64 << 10

// chunk is a record of what has not ended.
type chunk struct {
	runs  []run // oldest first
	diffs []byte
}

// run is a record of differences that was set aside: where it lies, and its size.
type run struct {
	name  string
	bytes int
}

// named is the first byte of a chunk that names runs; others are differences only.
const named = 2

func (c *chunk) encode() []byte {
	if len(c.runs) == 0 {
		return c.diffs
	}
	out := binary.AppendUvarint([]byte{named}, uint64(len(c.runs)))
	for _, r := range c.runs {
		out = binary.AppendUvarint(out, uint64(len(r.name)))
		out = append(out, r.name...)
		out = binary.AppendUvarint(out, uint64(r.bytes))
	}
	return append(out, c.diffs...)
}

func decodeChunk(v []byte) (c chunk, err error) {
	if len(v) == 0 || v[0] != named {
		return chunk{diffs: v}, nil
	}
	r := &reader{b: v[1:]}
	for range r.count() {
		c.runs = append(c.runs, run{name: string(r.take(r.count())), bytes: int(r.uvarint())})
	}
	if c.diffs = r.b; r.bad {
		return chunk{}, errCorrupt
	}
	return c, nil
}

func (c *chunk) keys(tenant string) []table.Key {
	out := make([]table.Key, len(c.runs))
	for i, r := range c.runs {
		out[i] = runKey(tenant, r.name)
	}
	return out
}

// openChunk is a chunk as it was read, with what it has set aside; or why it cannot be.
type openChunk struct {
	item  table.Item
	runs  []table.Item
	diffs []Difference
	err   error
}

// add adds what a record says.
func (o *openChunk) add(value []byte, want *Measures) {
	if len(value) == 0 || o.err != nil {
		return
	}
	diffs, err := decodeSome(value, want)
	if err != nil {
		o.err = fmt.Errorf("open chunk %q: %w", o.item.Sort, err)
	}
	o.diffs = append(o.diffs, diffs...)
}

// chunkTries is how often chunks are read again that change while they are read.
const chunkTries = 10

// readOpen reads the chunks in a range, as far as they are about the measures wanted.
func readOpen(ctx context.Context, state table.Table, tenant string, within table.Range, want *Measures) (out []openChunk, err error) {
	for try := range chunkTries {
		out = nil
		for item, err := range state.Query(ctx, within) {
			if err != nil {
				return nil, err
			}
			out = append(out, openChunk{item: item})
		}
		if gone, err := readRuns(ctx, state, tenant, out, want, try == chunkTries-1); err != nil || !gone {
			return out, err
		}
	}
	return out, nil
}

// readRuns reads what chunks that were read say; gone is true if a run was deleted
// meanwhile, or is lost. The last time, it is lost.
func readRuns(ctx context.Context, state table.Table, tenant string, chunks []openChunk, want *Measures, last bool) (gone bool, err error) {
	var keys []table.Key
	for i := range chunks {
		o := &chunks[i]
		c, err := decodeChunk(o.item.Value)
		if err != nil {
			o.err = fmt.Errorf("open chunk %q: %w", o.item.Sort, err)
			continue
		}
		o.add(c.diffs, want)
		o.runs, keys = make([]table.Item, len(c.runs)), append(keys, c.keys(tenant)...)
	}
	if len(keys) == 0 {
		return false, nil
	}
	items, err := state.Get(ctx, keys...)
	if err != nil {
		return false, err
	}
	for i := range chunks {
		o := &chunks[i]
		items = items[copy(o.runs, items):]
		for _, r := range o.runs {
			if r.Version == 0 {
				gone = true
				o.err = fmt.Errorf("open chunk %q: run %q is lost: %w", o.item.Sort, r.Sort, errCorrupt)
			}
			o.add(r.Value, want)
		}
	}
	return gone && !last, nil
}

// openNow is what is open: the chunks and what the tail says beyond each.
func openNow(chunks []openChunk, tail []LogItem) []Difference {
	var all []Difference
	var version [openChunks]uint64
	for _, c := range chunks {
		all = append(all, c.diffs...)
		version[c.item.Sort[0]-'0'] = c.item.Version
	}
	for i := range tail {
		for _, d := range tail[i].Diffs {
			if d.Until == measure.Forever && tail[i].Seq > version[chunkOf(&d)] {
				all = append(all, d)
			}
		}
	}
	return Net(all)
}

// open adds what has not ended to the chunks.
func (m *merging) open(changes [openChunks][]Difference) error {
	var todo []table.Key
	for c := range changes {
		if len(changes[c]) > 0 {
			todo = append(todo, openKey(m.tenant, c))
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
			case errors.Is(err, errCorrupt):
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
func (m *merging) chunk(item table.Item, diffs []Difference) (done bool, err error) {
	c, err := decodeChunk(item.Value)
	if err != nil {
		return false, err
	}
	var own openChunk
	if own.add(c.diffs, nil); own.err != nil {
		return false, errCorrupt
	}
	all := Net(append(own.diffs, diffs...))
	c.diffs = encodeDifferences(all)
	var replaced []table.Item
	for last := len(c.runs) - 1; len(c.diffs) > runBytes && last >= 0 && c.runs[last].bytes <= 2*len(c.diffs); last-- {
		old, err := m.state.Get(m.ctx, runKey(m.tenant, c.runs[last].name))
		if err != nil {
			return false, err
		}
		if old[0].Version == 0 {
			return false, m.lost(item)
		}
		set, err := decodeDifferences(old[0].Value)
		if err != nil {
			return false, errCorrupt
		}
		all = Net(append(set, all...))
		c.diffs = encodeDifferences(all)
		c.runs, replaced = c.runs[:last], append(replaced, old[0])
	}
	var ops []table.Op
	if len(c.diffs) > runBytes {
		name := runName(item.Sort, m.upTo, c.diffs)
		ops = append(ops, table.Op{Item: table.Item{Key: runKey(m.tenant, name), Value: c.diffs, Version: m.upTo}})
		c.runs = append(c.runs, run{name, len(c.diffs)})
		c.diffs = encodeDifferences(nil)
	}
	if _, err := m.state.PutEach(m.ctx, ops...); err != nil {
		return false, err
	}
	stood, err := m.state.PutEach(m.ctx, table.Op{Item: table.Item{Key: item.Key, Value: c.encode(), Version: m.upTo}, If: table.Unchanged(item)})
	if err != nil || stood[0] != nil {
		return false, err
	}
	return true, m.remove(replaced)
}

// lost says whether a chunk whose run is gone was changed meanwhile; else it is damaged.
func (m *merging) lost(item table.Item) error {
	now, err := m.state.Get(m.ctx, item.Key)
	if err == nil && now[0].Version == item.Version {
		err = errCorrupt
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

// runName names a run by its chunk, the number merged up to, and what is in it: two who
// make it out differently at once do not write over each other.
func runName(chunk string, upTo uint64, value []byte) string {
	return fmt.Sprintf("%s/%016x-%016x", chunk, upTo, hashOf(value))
}
