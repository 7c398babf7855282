package cell

import (
	"fmt"
	"hash/fnv"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// openChunks is into how many items what is open now is divided: by what is asked
// for together, and what is much further by fact. Their keys are digits.
const openChunks = 10

func chunkOf(d *Difference) int {
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

// openRange is where all is that measures have open; false: they cannot.
func openRange(tenant string, want *Measures) (table.Range, bool) {
	from, to := openChunks, 0
	for i := range measure.Catalogue {
		if m := &measure.Catalogue[i]; want.has(m.ID) && m.CanLast() {
			first, n := chunksOf(m.ID)
			from, to = min(from, first), max(to, first+n-1)
		}
	}
	return table.Range{Part: openKey(tenant, 0).Part, From: openKey(tenant, from).Sort, To: openKey(tenant, to).Sort + "~"}, from <= to
}

func openKey(tenant string, chunk int) table.Key {
	return table.Key{Part: table.Join(tenant, "open"), Sort: fmt.Sprint(chunk)}
}

// runs stands after open in the part of what chunks have set aside.
const runs = "runs"

func runKey(tenant, name string) table.Key {
	return table.Key{Part: table.Join(tenant, "open", runs), Sort: name}
}
