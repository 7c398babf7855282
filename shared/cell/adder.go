package cell

import (
	"slices"

	"chatreports/shared/measure"
)

// adder adds to one block after another; what it holds is only there to be used again.
type adder struct{ added, out []cell }

// cells returns a block with changes added; numbers that become 0 are left out.
func (a *adder) cells(v []byte, changes map[cellKey]int64) ([]byte, error) {
	added, out := a.added[:0], a.out[:0]
	for k, n := range changes {
		added = append(added, cell{k, n})
	}
	slices.SortFunc(added, cell.compare)
	a.added = added
	keep := func(c cell) {
		if c.N != 0 {
			out = append(out, c)
		}
	}
	err := eachStored(v, func(c cell) { // both are sorted
		for len(added) > 0 && added[0].compare(c) < 0 {
			keep(added[0])
			added = added[1:]
		}
		if len(added) > 0 && added[0].cellKey == c.cellKey {
			c.N += added[0].N
			added = added[1:]
		}
		keep(c)
	})
	for _, c := range added {
		keep(c)
	}
	a.out = out
	return encodeBlock(out), err
}

// Net adds up equal contributions of the same fact and leaves out zeros.
func Net(diffs []Difference) []Difference {
	type key struct {
		fact  string
		of    measure.ID
		at    int64
		until int64
		value int64
		key   string
	}
	known := make(map[key]int32, len(diffs)) // the last with the key, by its place from 1
	before := make([]int32, 0, len(diffs))   // the one before it
	out := make([]Difference, 0, len(diffs))
next:
	for i := range diffs {
		d := &diffs[i]
		k := key{d.Fact, d.Measure, d.At, d.Until, d.Value, d.Key}
		last := known[k]
		for n := last; n > 0; n = before[n-1] {
			if o := &out[n-1]; slices.Equal(o.Dims, d.Dims) {
				o.N += d.N
				continue next
			}
		}
		out, before = append(out, *d), append(before, last)
		known[k] = int32(len(out))
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return d.N == 0 })
}
