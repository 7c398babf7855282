package cell

import (
	"reflect"
	"slices"
	"testing"

	"chatreports/shared/measure"
)

func TestTheDifferencesOfSomeMeasuresAreThoseAmongAll(t *testing.T) {
	raw := EncodeDifferences(someDifferences())
	all, err := DecodeDifferences(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range measure.Catalogue {
		only := new(Measures)
		only[m.ID] = true
		some, err := DecodeDifferences(raw, only)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(d Difference) bool { return d.Measure != m.ID })
		if len(some)+len(want) > 0 && !reflect.DeepEqual(some, want) {
			t.Errorf("%s: %+v, want %+v", m.Name, some, want)
		}
	}
}

func TestBlocksKeptApartAreOfOneShape(t *testing.T) {
	for _, m := range measure.Catalogue {
		for _, s := range m.Series {
			for _, c := range []Class{Numbers, Histograms, Steps, Keys} {
				if got := c.Of(m.ID, s); got.Shape() != c {
					t.Errorf("%s of %v: class %d of shape %d, want %d", m.Name, s, got, got.Shape(), c)
				}
			}
		}
	}
}
