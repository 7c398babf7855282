package cell

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"chatreports/shared/measure"
)

// TestNetOfOneFactWithVeryMany: it takes as long as there are contributions, also where
// all are of one fact.
func TestNetOfOneFactWithVeryMany(t *testing.T) {
	const many = 200_000
	diffs := make([]Difference, 0, 2*many)
	for i := range many {
		diffs = append(diffs, Difference{"chat/c/-", measure.Contribution{Measure: measure.ChatRequests, At: int64(i), N: 1, Dims: measure.Dims{{Dim: measure.Site}}}})
	}
	for i := range many / 2 {
		d := diffs[2*i]
		d.N = -1
		diffs = append(diffs, d)
	}
	began := time.Now()
	if n := len(Net(diffs)); n != many/2 {
		t.Errorf("%d are left", n)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Contributions that differ in anything stay apart, in the order in which they came.
func TestNetKeepsWhatDiffers(t *testing.T) {
	one := Difference{"chat/c/-", measure.Contribution{Measure: measure.ChatRequests, At: 1, Until: 2, Value: 3, Key: "k", N: 1, Dims: measure.Dims{{Dim: measure.Site}}}}
	all := []Difference{one}
	for _, change := range []func(*Difference){
		func(d *Difference) { d.Fact = "chat/d/-" },
		func(d *Difference) { d.Measure++ },
		func(d *Difference) { d.At++ },
		func(d *Difference) { d.Until++ },
		func(d *Difference) { d.Value++ },
		func(d *Difference) { d.Key = "l" },
		func(d *Difference) { d.Dims = measure.Dims{{Dim: measure.Agent, ID: "1"}} },
		func(d *Difference) { d.Dims = measure.Dims{{Dim: measure.Agent, ID: "2"}} },
	} {
		d := one
		change(&d)
		all = append(all, d)
	}
	if got := Net(all); !reflect.DeepEqual(got, all) {
		t.Errorf("%v", got)
	}
	twice := Net(append(all, all...))
	for i := range all {
		all[i].N = 2
	}
	if fmt.Sprint(twice) != fmt.Sprint(all) {
		t.Errorf("%v", twice)
	}
}
