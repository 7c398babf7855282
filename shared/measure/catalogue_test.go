package measure

import "testing"

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
