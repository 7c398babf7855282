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

// CounterDays yields the days that show whether a record of counters, if it is one, is
// right: its day, of units the first day of each.
func CounterDays(item table.Item, f func(Day)) {
	p, ok, err := placeOf(item.Key)
	switch {
	case !ok || err != nil || p.kind == "open":
	case p.unit.scale > 0:
		f(DayOf(p.unit.From()))
	case p.units():
		_ = eachStored(item.Value, func(c cell) { f(DayOf(p.block.class.unitIn(p.block.block, c.Quarter).From())) })
	default:
		f(p.day)
	}
}

// BlockOf is what the key of a block says: the value of its series, and its day.
func BlockOf(k table.Key) (value string, day Day, ok bool) {
	p, ok, err := placeOf(k)
	return p.block.value, p.day, ok && err == nil && p.kind == "block" && !p.units()
}

// DaysLater is where the same block of a later day lies.
func DaysLater(k table.Key, days int) table.Key {
	p, _, _ := placeOf(k)
	b := p.block
	return blockKey(table.Split(k.Part)[0], b.class, b.series, b.value, b.block+int64(days)*96/classes[b.class].span)
}

// place is what the key of a record of counters says.
type place struct {
	kind  string // block, detail, open
	day   Day
	block blockID
	slot  detailSlot
	unit  Unit // of detail; scale 0: it is of a slot
	chunk int
}

// units says that the record is of no day, but of units.
func (p *place) units() bool {
	return p.unit.scale > 0 || p.kind == "block" && p.block.class.Shape() == Units
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

// placeOf takes apart what blockKey, detailKey and openKey build; ok is false
// for the key of another kind of record.
func placeOf(k table.Key) (p place, ok bool, err error) {
	part := table.Split(k.Part)
	bad := func() (place, bool, error) {
		return place{}, false, fmt.Errorf("the key %q %q is of no counter", k.Part, k.Sort)
	}
	switch {
	case len(part) == 5 && part[1] == "block":
		s, known := seriesByName[part[3]]
		c := slices.IndexFunc(classes[:], func(c class) bool { return c.name == part[2] })
		if !known || c < 0 {
			return bad()
		}
		value, slot := Class(c).split(k.Sort)
		if len(slot) != slotLength {
			return bad()
		}
		if Class(c).Shape() == Units {
			n, ok := unitBlock(slot)
			if !ok || part[4] != always {
				return bad()
			}
			return place{kind: "block", block: blockID{Class(c), s, value, n}}, true, nil
		}
		day, err := time.Parse("2006-01-02", part[4]+"-"+slot[:2])
		nth := gostrings.IndexByte(partOfDay, slot[2])
		if err != nil || nth < 0 || int64(nth)*classes[c].span >= 96 {
			return bad()
		}
		first := QuarterOf(day.UnixMilli()) + Quarter(int64(nth)*classes[c].span)
		p = place{kind: "block", day: Day(day.UnixMilli()), block: blockID{Class(c), s, value, Class(c).block(first)}}
		return p, true, nil
	case len(part) == 3 && part[1] == "detail" && part[2] == unitDetails:
		u, ok := unitOfDetail(k.Sort)
		if !ok {
			return bad()
		}
		return place{kind: "detail", unit: u}, true, nil
	case len(part) == 3 && part[1] == "detail":
		day, err := time.Parse(time.DateOnly, part[2])
		if err != nil || len(k.Sort) < 4 || k.Sort[2] != '/' {
			return bad()
		}
		first := QuarterOf(day.UnixMilli())
		if k.Sort[:2] == wholeDay {
			return place{kind: "detail", day: Day(day.UnixMilli()), slot: detailSlot{first, true}}, true, nil
		}
		n, err := strconv.Atoi(k.Sort[:2])
		if err != nil || n < 0 || n >= quartersOfDay {
			return bad()
		}
		return place{kind: "detail", day: Day(day.UnixMilli()), slot: detailSlot{q: first + Quarter(n)}}, true, nil
	case len(part) == 3 && part[1] == "open" && part[2] == runs:
		return p, false, nil // what chunks name is read with them
	case len(part) == 2 && part[1] == "open":
		n, err := strconv.Atoi(k.Sort)
		if err != nil || n < 0 || n >= openChunks {
			return bad()
		}
		return place{kind: "open", chunk: n}, true, nil
	}
	return place{}, false, nil
}
