package cell

import (
	"slices"
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
	byFact := map[string][]int{}
	out := diffs[:0:0]
next:
	for _, d := range diffs {
		for _, i := range byFact[d.Fact] {
			o := &out[i]
			if o.Measure == d.Measure && o.At == d.At && o.Until == d.Until && o.Value == d.Value && o.Key == d.Key && slices.Equal(o.Dims, d.Dims) {
				o.N += d.N
				continue next
			}
		}
		byFact[d.Fact] = append(byFact[d.Fact], len(out))
		out = append(out, d)
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return d.N == 0 })
}
