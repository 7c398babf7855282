package cell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Merged says how far a tenant's log is merged, and in which time there is anything.
type Merged struct {
	// Merged: items up to this number are in the blocks. Intent: a merge up to
	// this number has begun; whoever finds it greater than Merged completes it.
	Merged uint64 `cbor:"1,keyasint"`
	Intent uint64 `cbor:"2,keyasint"`
	// LongFrom and LongTo are the days within which detail knows of whole days; both
	// are 0 if it knows of none.
	LongFrom Day `cbor:"3,keyasint,omitempty"`
	LongTo   Day `cbor:"4,keyasint,omitempty"`
	// At is when the item Merged was committed, in Unix milliseconds; 0 where nothing
	// was merged since this is kept.
	At int64 `cbor:"5,keyasint,omitempty"`
	// UnitsFrom and UnitsTo are the days between which there are numbers and details of
	// units; both are 0 if there are none.
	UnitsFrom Day `cbor:"6,keyasint,omitempty"`
	UnitsTo   Day `cbor:"7,keyasint,omitempty"`
	// Months are those with any block or detail, as ranges: first, last, first, last, …,
	// each a number of months since the year 0. None at all: they are not known, and it
	// may be any.
	Months []int64 `cbor:"8,keyasint,omitempty"`

	version uint64
}

// ReadMerged reads it.
func ReadMerged(ctx context.Context, state table.Table, tenant string) (Merged, error) {
	items, err := state.Get(ctx, mergeKey(tenant))
	if err != nil {
		return Merged{}, fmt.Errorf("reading how far %q is merged: %w", tenant, err)
	}
	m := Merged{version: items[0].Version}
	if m.version == 0 {
		return m, nil
	}
	return m, cbor.Unmarshal(items[0].Value, &m)
}

func (m *Merged) op(tenant string) (table.Op, error) {
	v, err := cbor.Marshal(m)
	return table.Op{Item: table.Item{Key: mergeKey(tenant), Value: v, Version: m.version + 1}, If: table.VersionIs(m.version)}, err
}

// put writes m; again means that somebody else moved it.
func (m *Merged) put(ctx context.Context, state table.Table, tenant string) (again bool, err error) {
	op, err := m.op(tenant)
	if err != nil {
		return false, err
	}
	var conflict *table.ConflictError
	switch err := state.Write(ctx, op); {
	case errors.As(err, &conflict):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("noting how far %q is merged: %w", tenant, err)
	}
	m.version++
	return false, nil
}

// note notes in which time a merge of differences will put anything.
func (m *Merged) note(diffs []Difference) {
	known := m.Merged == 0 || m.Months != nil
	for i := range diffs {
		c := &diffs[i].Contribution
		if c.Until == measure.Forever {
			continue
		}
		parts := cover{ends: [2]Quarters{{QuarterOf(c.At), QuarterOf(c.At) + 1}}}
		if c.Lasts() {
			parts = coverOf(c.At, c.Until)
		}
		for _, end := range parts.ends {
			if end.From >= end.To {
				continue
			}
			if known {
				m.addMonths(monthOf(end.From), monthOf(end.To-1))
			}
			if first, last := DayOf((end.From + quartersOfDay - 1).Start()), DayOf(end.To.Start()); c.Lasts() && first < last {
				widen(&m.LongFrom, &m.LongTo, first, last)
			}
		}
		for _, r := range parts.units {
			length := unitQuarters[r.scale] * QuarterMillis
			widen(&m.UnitsFrom, &m.UnitsTo, Day(r.from*length), Day(r.to*length))
		}
		if known && parts.units != nil { // readers look for where it begins
			m.addMonths(monthOf(QuarterOf(c.At)), monthOf(QuarterOf(c.At)))
		}
	}
}

func widen(from, to *Day, first, last Day) {
	if *from == 0 && *to == 0 {
		*from, *to = first, last
		return
	}
	*from, *to = min(*from, first), max(*to, last)
}

// hasLong says whether detail may know of a whole day.
func (m *Merged) hasLong(d Day) bool {
	return (m.LongFrom != 0 || m.LongTo != 0) && m.LongFrom <= d && d <= m.LongTo
}

// hasUnits says whether there may be anything of units in [from, to).
func (m *Merged) hasUnits(from, to int64) bool {
	return (m.UnitsFrom != 0 || m.UnitsTo != 0) && int64(m.UnitsFrom) < to && from <= int64(m.UnitsTo)
}

func monthOf(q Quarter) int64 {
	t := time.UnixMilli(q.Start()).UTC()
	return int64(t.Year())*12 + int64(t.Month()) - 1
}

func monthStart(n int64) Quarter {
	return QuarterOf(time.Date(0, time.Month(n+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli())
}

// mostRanges bounds the ranges of months: of more, the nearest become one.
const mostRanges = 64

func (m *Merged) addMonths(first, last int64) {
	r := m.Months
	at := 0
	for at < len(r) && r[at+1] < first-1 {
		at += 2
	}
	end := at
	for end < len(r) && r[end] <= last+1 {
		first, last = min(first, r[end]), max(last, r[end+1])
		end += 2
	}
	if end == at+2 && r[at] == first && r[at+1] == last {
		return
	}
	r = slices.Replace(slices.Clone(r), at, end, first, last)
	for len(r) > 2*mostRanges {
		nearest := 2
		for i := 2; i < len(r); i += 2 {
			if r[i]-r[i-1] < r[nearest]-r[nearest-1] {
				nearest = i
			}
		}
		r = slices.Delete(r, nearest-1, nearest+1)
	}
	m.Months = r
}

// Within gives the parts of [from, to), in Quarters, in which there may be any block or
// detail that is kept by quarters.
func (m *Merged) Within(from, to Quarter) []Quarters {
	if from >= to {
		return nil
	}
	if m.Months == nil {
		if m.Merged == 0 && m.Intent == 0 {
			return nil
		}
		return []Quarters{{from, to}}
	}
	var out []Quarters
	for i := 0; i < len(m.Months); i += 2 {
		if lo, hi := max(from, monthStart(m.Months[i])), min(to, monthStart(m.Months[i+1]+1)); lo < hi {
			out = append(out, Quarters{lo, hi})
		}
	}
	return out
}
