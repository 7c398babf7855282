package explain

import (
	"slices"

	"chatreports/shared/measure"
)

//go:generate go test . -run TestTheMeasuresPageIsFresh -update

// Measure is a measure of the catalogue as it is published, with the reports that
// show it.
type Measure struct {
	Name       string `json:"name"`
	Unit       string `json:"unit"`
	Shape      string `json:"shape"`
	Definition string `json:"definition"`
	Counts     string `json:"counts"`
	For        string `json:"for"`
	// Dimensions are those that counters are kept for, crossed ones with a hyphen;
	// a computed measure has those of the measures it is made of.
	Dimensions []string   `json:"dimensions"`
	From       []string   `json:"from,omitempty"`
	Reports    []Property `json:"reports"`
}

// Property is where a measure is shown.
type Property struct {
	Report   string `json:"report"`
	Property string `json:"property"`
	// InDistribution is its name in the two distributions, if it is another.
	InDistribution string `json:"inDistribution,omitempty"`
}

// Measures lists the catalogue, with the properties of some reports.
func Measures(reports Reports) []Measure {
	out := make([]Measure, len(measure.Catalogue))
	for i := range measure.Catalogue {
		m := &measure.Catalogue[i]
		p := &out[i]
		*p = Measure{
			Name: m.Name, Unit: m.Unit, Shape: m.Shape.String(), Definition: m.Definition, Counts: m.When, For: m.Whom,
			Dimensions: []string{}, Reports: reports.Shown(m.ID),
		}
		kept := slices.Clone(m.Series)
		for _, id := range m.Of {
			base := measure.Get(id)
			p.From = append(p.From, base.Name)
			kept = append(kept, base.Series...)
		}
		for _, s := range kept {
			if name := s.String(); !slices.Contains(p.Dimensions, name) {
				p.Dimensions = append(p.Dimensions, name)
			}
		}
	}
	return out
}
