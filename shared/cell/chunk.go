package cell

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Chunks is into how many items what is open now is divided: by what is asked
// for together, and what is much further by fact. Their keys are digits.
const Chunks = 10

// ChunkOf is the chunk that what has not ended lies in.
func ChunkOf(d *Difference) int {
	first, n := chunksOf(d.Measure)
	if n == 1 {
		return first
	}
	h := fnv.New32a()
	h.Write([]byte(d.Fact))
	return first + int(h.Sum32()%uint32(n))
}

func hashOf(value []byte) uint64 {
	h := fnv.New64a()
	h.Write(value)
	return h.Sum64()
}

// chunks are where each kind of what is open lies: the first chunk, and how many.
var chunks = [...]struct{ first, n int }{
	measure.NeverOpen:    {7, 3}, // of what is not known, too
	measure.OpenQueues:   {0, 1},
	measure.OpenStatuses: {1, 3},
	measure.OpenLengths:  {4, 3},
	measure.OpenOthers:   {7, 3},
}

// chunksOf are the chunks of a measure: the first, and how many.
func chunksOf(id measure.ID) (first, n int) {
	open := measure.NeverOpen
	if m := measure.Get(id); m != nil {
		open = m.Open
	}
	return chunks[open].first, chunks[open].n
}

// ChunkRange is where all is that measures have open; false: they cannot.
func ChunkRange(tenant string, want *Measures) (table.Range, bool) {
	from, to := Chunks, 0
	for i := range measure.Catalogue {
		if m := &measure.Catalogue[i]; want.Has(m.ID) && m.CanLast() {
			first, n := chunksOf(m.ID)
			from, to = min(from, first), max(to, first+n-1)
		}
	}
	return table.Range{Part: ChunkKey(tenant, 0).Part, From: ChunkKey(tenant, from).Sort, To: ChunkKey(tenant, to).Sort + "~"}, from <= to
}

// ChunkKey is where a chunk lies.
func ChunkKey(tenant string, chunk int) table.Key {
	return table.Key{Part: table.Join(tenant, "open"), Sort: fmt.Sprint(chunk)}
}

// runs stands after open in the part of what chunks have set aside.
const runs = "runs"

// RunKey is where a run lies.
func RunKey(tenant, name string) table.Key {
	return table.Key{Part: table.Join(tenant, "open", runs), Sort: name}
}

// RunName names a run by its chunk, the number merged up to, and what is in it: two who
// make it out differently at once do not write over each other.
func RunName(chunk string, upTo uint64, value []byte) string {
	return fmt.Sprintf("%s/%016x-%016x", chunk, upTo, hashOf(value))
}

// Chunk is a record of what has not ended.
type Chunk struct {
	Runs        []Run // oldest first
	Differences []byte
}

// Run is a record of differences that was set aside: where it lies, and its size.
type Run struct {
	Name  string
	Bytes int
}

// named is the first byte of a chunk that names runs; others are differences only.
const named = 2

// Encode writes the value of its record.
func (c *Chunk) Encode() []byte {
	if len(c.Runs) == 0 {
		return c.Differences
	}
	out := binary.AppendUvarint([]byte{named}, uint64(len(c.Runs)))
	for _, r := range c.Runs {
		out = binary.AppendUvarint(out, uint64(len(r.Name)))
		out = append(out, r.Name...)
		out = binary.AppendUvarint(out, uint64(r.Bytes))
	}
	return append(out, c.Differences...)
}

// DecodeChunk reads the value of a record; an empty one is an empty chunk.
func DecodeChunk(v []byte) (c Chunk, err error) {
	if len(v) == 0 || v[0] != named {
		return Chunk{Differences: v}, nil
	}
	r := &reader{b: v[1:]}
	for range r.count() {
		c.Runs = append(c.Runs, Run{Name: string(r.take(r.count())), Bytes: int(r.uvarint())})
	}
	if c.Differences = r.b; r.bad {
		return Chunk{}, ErrDamaged
	}
	return c, nil
}

// Keys are where its runs lie.
func (c *Chunk) Keys(tenant string) []table.Key {
	out := make([]table.Key, len(c.Runs))
	for i, r := range c.Runs {
		out[i] = RunKey(tenant, r.Name)
	}
	return out
}
