package derive_test

import (
	"flag"
	"math/rand/v2"
	"testing"

	"chatreports/shared/counter"
	"chatreports/shared/table/tabletest"
)

var (
	modelSeeds = flag.Uint64("model.seeds", 4, "how many random seeds TestWhatIsDerivedIsWhatFollows takes")
	modelFirst = flag.Uint64("model.first", 0, "the first seed; 0: a random one")
)

func setRunBytes(t *testing.T, n int) {
	before := counter.RunBytes
	t.Cleanup(func() { counter.RunBytes = before })
	counter.RunBytes = n
}

// TestWhatIsDerivedIsWhatFollows: whoever commits and merges in between, and
// whatever read fails, what was derived adds up to the unions and the maxima of all facts.
func TestWhatIsDerivedIsWhatFollows(t *testing.T) {
	first := *modelFirst
	if first == 0 {
		first = rand.Uint64N(1_000_000) + 1
	}
	for seed := first; seed < first+*modelSeeds && !t.Failed(); seed++ {
		r := rand.New(rand.NewPCG(seed, 7))
		m := newModel(t, r, 1+r.IntN(3))
		m.ages = r.IntN(3) == 0
		setRunBytes(t, []int{100, 400, 64 << 10}[r.IntN(3)])
		faults := tabletest.Randomly(seed, 0.05*float64(r.IntN(2)), tabletest.Before, tabletest.Partly)
		steps := 60
		if m.ages {
			steps = 20
		}
		for range steps {
			w := m.writers[r.IntN(len(m.writers))]
			busy := w
			odd := &betweenReads{Table: m.state}
			odd.others = func() {
				switch r.IntN(12) {
				case 0:
					m.merge(nil)
				case 1, 2:
					if other := m.writers[r.IntN(len(m.writers))]; other != busy {
						m.commit(other, m.state)
					}
					if r.IntN(2) == 0 {
						m.merge(nil)
					}
				}
			}
			m.now += r.Int64N(20 * 60_000)
			m.commit(w, tabletest.NewFaulty(odd, faults))
			busy = nil
			if r.IntN(8) == 0 {
				m.merge(w)
			}
			if r.IntN(10) == 0 {
				m.audit(r.IntN(2) == 0, odd.others)
			}
		}
		m.audit(r.IntN(2) == 0)
		m.compare()
		t.Logf("seed %d: %d commits, %d lost", seed, m.commits, m.lost)
	}
}
