package measure

import (
	"slices"
	"testing"

	"chatreports/shared/fact"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/tuple"
)

func TestRowsOfTheCatalogueAreWhole(t *testing.T) {
	names, numbers := map[string]ID{}, map[ID]string{}
	for i := range Catalogue {
		m := &Catalogue[i]
		if other, ok := numbers[m.ID]; ok || m.ID == 0 || Get(m.ID) != m {
			t.Errorf("%s has the number %d, as has %q", m.Name, m.ID, other)
		}
		if other, ok := names[m.Name]; ok || m.Name == "" {
			t.Errorf("%d and %d are both called %q", m.ID, other, m.Name)
		}
		names[m.Name], numbers[m.ID] = m.ID, m.Name
		switch m.Shape {
		case Level, Step, Peak:
			if !m.CanLast() {
				t.Errorf("%s may have no end yet, but no place where it is open", m.Name)
			}
		case Sum, Keyed, Computed:
			if m.CanLast() {
				t.Errorf("%s is open, but has no end", m.Name)
			}
		}
		if m.Rule != OfFacts {
			for _, id := range m.Of {
				if Get(id).Shape != Step || len(Get(id).Series) == 0 {
					t.Errorf("%s is made of %s, of which no function is kept", m.Name, Get(id).Name)
				}
			}
		}
	}
}

func TestAMeasureThatIsNotKnownHasNoRow(t *testing.T) {
	for _, id := range []ID{0, 255, 256, 65535} {
		if m := Get(id); m != nil {
			t.Errorf("%d is %s", id, m.Name)
		}
	}
}

// A contribution that counts for an entity and not for the site, of a measure that others count
// for the site too, is of a dimension that is apart there: so whatever facts there are, it is
// known of which none can be told.
func TestWhatIsApartIsSaid(t *testing.T) {
	ofSite, alone := map[ID]bool{}, map[ID][]Dim{}
	for _, r := range storedtest.All(t, func(r *storedtest.Record) bool {
		part := tuple.Split(r.Part)
		return r.Table == "state" && len(part) > 2 && part[1] == "fact"
	}) {
		f, err := fact.Decode(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Of(f) {
			if c.Dims.Has(Site, "") {
				ofSite[c.Measure] = true
				continue
			}
			for _, v := range c.Dims {
				if v.Dim == Agent || v.Dim == Department || v.Dim == Campaign || v.Dim == Segment {
					alone[c.Measure] = append(alone[c.Measure], v.Dim)
				}
			}
		}
	}
	if len(ofSite) < 40 {
		t.Fatalf("only %d measures are counted for the site", len(ofSite))
	}
	for id := range ofSite {
		m := Get(id)
		slices.Sort(alone[id])
		if got := slices.Compact(alone[id]); !slices.Equal(got, m.Apart) {
			t.Errorf("%s is apart by %v, and says %v", m.Name, got, m.Apart)
		}
	}
}
