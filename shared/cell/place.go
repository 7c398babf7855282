package cell

import (
	"fmt"
	"slices"
	"strconv"
	gostrings "strings"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// BlockOf is what the key of a block says: the value of its series, and its day.
func BlockOf(k table.Key) (value string, day Day, ok bool) {
	p, ok, err := PlaceOf(k)
	return p.Block.Value, p.Day, ok && err == nil && p.Kind == "block" && !p.OfUnits()
}

// DaysLater is where the same block of a later day lies.
func DaysLater(k table.Key, days int) table.Key {
	p, _, _ := PlaceOf(k)
	p.Block.Number += int64(days) * QuartersOfDay / classes[p.Block.Class].span
	return p.Block.Key(table.Split(k.Part)[0])
}

// Place is what the key of a record of counters says.
type Place struct {
	Kind  string // block, detail, open, run
	Day   Day
	Block BlockID
	Slot  Slot
	Unit  Unit // of detail; scale 0: it is of a slot
	Chunk int
}

// OfUnits says that the record is of no day, but of units.
func (p *Place) OfUnits() bool {
	return p.Unit.scale > 0 || p.Kind == "block" && p.Block.Class.Shape() == Units
}

var seriesByName = func() map[string]measure.Series {
	out := map[string]measure.Series{}
	for i := range measure.Catalogue {
		for _, s := range measure.Catalogue[i].Series {
			out[s.String()] = s
		}
	}
	return out
}()

// PlaceOf takes apart the keys of blocks, detail, chunks and runs; ok is false for the key of
// another kind of record.
func PlaceOf(k table.Key) (p Place, ok bool, err error) {
	part := table.Split(k.Part)
	bad := func() (Place, bool, error) {
		return Place{}, false, fmt.Errorf("the key %q %q is of no counter", k.Part, k.Sort)
	}
	switch {
	case len(part) == 5 && part[1] == "block":
		s, known := seriesByName[part[3]]
		c := slices.IndexFunc(classes[:], func(c class) bool { return c.name == part[2] })
		if !known || c < 0 {
			return bad()
		}
		value, slot := Class(c).Split(k.Sort)
		if len(slot) != slotLength {
			return bad()
		}
		if Class(c).Shape() == Units {
			n, ok := unitBlock(slot)
			if !ok || part[4] != always {
				return bad()
			}
			return Place{Kind: "block", Block: BlockID{Class(c), s, value, n}}, true, nil
		}
		day, err := time.Parse("2006-01-02", part[4]+"-"+slot[:2])
		nth := gostrings.IndexByte(partOfDay, slot[2])
		if err != nil || nth < 0 || int64(nth)*classes[c].span >= 96 {
			return bad()
		}
		first := QuarterOf(day.UnixMilli()) + Quarter(int64(nth)*classes[c].span)
		p = Place{Kind: "block", Day: Day(day.UnixMilli()), Block: BlockID{Class(c), s, value, Class(c).Number(first)}}
		return p, true, nil
	case len(part) == 3 && part[1] == "detail" && part[2] == unitDetails:
		u, ok := UnitOfDetail(k.Sort)
		if !ok {
			return bad()
		}
		return Place{Kind: "detail", Unit: u}, true, nil
	case len(part) == 3 && part[1] == "detail":
		day, err := time.Parse(time.DateOnly, part[2])
		if err != nil || len(k.Sort) < 4 || k.Sort[2] != '/' {
			return bad()
		}
		first := QuarterOf(day.UnixMilli())
		if k.Sort[:2] == wholeDay {
			return Place{Kind: "detail", Day: Day(day.UnixMilli()), Slot: Slot{first, true}}, true, nil
		}
		n, err := strconv.Atoi(k.Sort[:2])
		if err != nil || n < 0 || n >= QuartersOfDay {
			return bad()
		}
		return Place{Kind: "detail", Day: Day(day.UnixMilli()), Slot: Slot{Quarter: first + Quarter(n)}}, true, nil
	case len(part) == 2 && part[1] == "open", len(part) == 3 && part[1] == "open" && part[2] == runs:
		kind, chunk := "open", k.Sort
		if len(part) == 3 {
			kind = "run"
			chunk, _, _ = gostrings.Cut(k.Sort, "/")
		}
		n, err := strconv.Atoi(chunk)
		if err != nil || n < 0 || n >= Chunks {
			return bad()
		}
		return Place{Kind: kind, Chunk: n}, true, nil
	}
	return Place{}, false, nil
}
