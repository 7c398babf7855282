package cell

import "slices"

// Generations are what is derived of a tenant several times over: facts, log and blocks by one
// version of the measures, and by another, each in a place of its own. It stands in the record
// of generation 0, which every tenant has; nil: there is only that one.
type Generations struct {
	// Serving is the one that events are folded into and reports are read from.
	Serving uint32 `cbor:"1,keyasint,omitempty"`
	// Paused is since when nothing is folded, in Unix milliseconds, so that another can be
	// made to serve; 0: it is.
	Paused int64 `cbor:"2,keyasint,omitempty"`
	// Last is the highest number that a generation ever had: none is used twice.
	Last uint32       `cbor:"3,keyasint,omitempty"`
	All  []Generation `cbor:"4,keyasint,omitempty"`
}

// Generation is one of them.
type Generation struct {
	_ struct{} `cbor:",toarray"`

	Number uint32
	// Catalogue is the version of the measures that counts it.
	Catalogue uint32
	// Source and After: it has all that the log of generation Source says up to item After.
	// Of the one that serves they are not kept up.
	Source uint32
	After  uint64
	// Done is how far the journal was gone through, as the builder sorts it; Built is when
	// that came to its end, Verified when it was last found without differences after that,
	// Left when it served last (Unix ms; 0: not yet).
	Done                  string
	Built, Verified, Left int64
}

// Serves is the number of the generation that serves.
func (m *Merged) Serves() uint32 {
	if m.Generations == nil {
		return 0
	}
	return m.Generations.Serving
}

// Generation is a generation by its number; nil: there is none, or nothing is said of it.
func (m *Merged) Generation(number uint32) *Generation {
	if m.Generations == nil {
		return nil
	}
	i := slices.IndexFunc(m.Generations.All, func(g Generation) bool { return g.Number == number })
	if i < 0 {
		return nil
	}
	return &m.Generations.All[i]
}

// Several says that there is another generation than the one that serves.
func (m *Merged) Several() bool { return m.Generations != nil && len(m.Generations.All) > 1 }
