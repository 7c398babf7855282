package cell

import (
	"iter"
	"slices"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/stored"
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
	// Documents is what is known of documents' times; nil: nothing is.
	Documents *Documents `cbor:"9,keyasint,omitempty"`
	// Bundles hold the first items beyond Merged, in order, but for what is held.
	Bundles []Bundle `cbor:"10,keyasint,omitempty"`
	// Catalogue is the version of the measures that counted all there is (measure.Version).
	Catalogue uint32 `cbor:"11,keyasint,omitempty"`
	// Generations: see there.
	Generations *Generations `cbor:"12,keyasint,omitempty"`
	// Held hold what the items up to HeldTo change of documents and no block holds yet, in
	// order. Fold: they are being taken into blocks, and whoever merges completes that.
	Held []Bundle `cbor:"13,keyasint,omitempty"`
	Fold bool     `cbor:"14,keyasint,omitempty"`

	// Version is that of its record; 0: there is none yet.
	Version uint64 `cbor:"-"`
}

// DecodeMerged reads its record; one that is not there is that nothing is merged.
func DecodeMerged(item table.Item) (m Merged, err error) {
	if item.Version > 0 {
		err = stored.Unmarshal(item.Value, &m)
	}
	m.Version = item.Version
	return m, err
}

// Item is its record as of its version.
func (m *Merged) Item(tenant string) (table.Item, error) {
	v, err := stored.Marshal(m)
	return table.Item{Key: MergeKey(tenant), Value: v, Version: m.Version}, err
}

// Bundled is the last item of the log that is merged or in a bundle.
func (m *Merged) Bundled() uint64 {
	if n := len(m.Bundles); n > 0 {
		return m.Bundles[n-1].Last
	}
	return m.Merged
}

// BundledBytes is how large the bundles are.
func (m *Merged) BundledBytes() int { return bytesOf(m.Bundles) }

// HeldTo is the last item of the log whose changes of documents are held; 0: of those beyond
// Merged none is.
func (m *Merged) HeldTo() uint64 {
	if n := len(m.Held); n > 0 {
		return m.Held[n-1].Last
	}
	return 0
}

// HeldBytes is how large what is held of documents is.
func (m *Merged) HeldBytes() int { return bytesOf(m.Held) }

func bytesOf(bundles []Bundle) (n int) {
	for _, b := range bundles {
		n += b.Bytes
	}
	return n
}

// Intend notes that a merge up to the last of some items, which come next in the log, has
// begun, and in which time it will put anything.
func (m *Merged) Intend(items []LogItem) {
	for i := range items {
		m.Note(items[i].Diffs)
		m.Intent = items[i].Seq
	}
	if m.Merged == 0 && m.Months == nil && len(items) > 0 { // that there are any tells that they are known
		month := monthOf(QuarterOf(items[0].At))
		m.addMonths(month, month)
	}
}

// Note notes in which time a merge of differences will put anything.
func (m *Merged) Note(diffs []Difference) {
	if m.Documents == nil {
		m.Documents = &Documents{Unknown: m.months()}
	}
	known := m.Merged == 0 || m.Months != nil
	for i := range diffs {
		c := &diffs[i].Contribution
		if c.N == 0 || c.Until == measure.Forever {
			continue
		}
		if c.Measure == measure.Documents && c.N > 0 {
			m.Documents.Note(c)
		}
		parts := Cover{Ends: [2]Quarters{{QuarterOf(c.At), QuarterOf(c.At) + 1}}}
		if c.Lasts() {
			parts = CoverOf(c.At, c.Until)
		}
		for _, end := range parts.Ends {
			if end.From >= end.To {
				continue
			}
			if known {
				m.addMonths(monthOf(end.From), monthOf(end.To-1))
			}
			if first, last := DayOf((end.From + QuartersOfDay - 1).Start()), DayOf(end.To.Start()); c.Lasts() && first < last {
				m.NoteLong(first, last)
			}
		}
		if in, some := parts.Between(); some {
			m.NoteUnits(DayOf(in.From.Start()), DayOf(in.To.Start()))
			if known { // readers look for where it begins
				month := monthOf(QuarterOf(c.At))
				m.addMonths(month, month)
			}
		}
	}
}

// NoteLong notes that detail knows of whole days in a time.
func (m *Merged) NoteLong(first, last Day) { widen(&m.LongFrom, &m.LongTo, first, last) }

// NoteUnits notes that there is something of units in a time.
func (m *Merged) NoteUnits(first, last Day) { widen(&m.UnitsFrom, &m.UnitsTo, first, last) }

func widen(from, to *Day, first, last Day) {
	if *from == 0 && *to == 0 {
		*from, *to = first, last
		return
	}
	*from, *to = min(*from, first), max(*to, last)
}

// HasLong says whether detail may know of a whole day.
func (m *Merged) HasLong(d Day) bool {
	return (m.LongFrom != 0 || m.LongTo != 0) && m.LongFrom <= d && d <= m.LongTo
}

// HasUnits says whether there may be anything of units in [from, to).
func (m *Merged) HasUnits(from, to int64) bool {
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

func (m *Merged) addMonths(first, last int64) { m.Months = withMonths(m.Months, first, last) }

// inMonths says whether a month is in some ranges.
func inMonths(r []int64, month int64) bool {
	for i := 0; i < len(r); i += 2 {
		if r[i] <= month && month <= r[i+1] {
			return true
		}
	}
	return false
}

// withMonths adds a range of months to some.
func withMonths(r []int64, first, last int64) []int64 {
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
		return r
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
	return r
}

// months are those in which there may be anything, if nobody knows more: of a tenant of
// which that is not known, all.
func (m *Merged) months() []int64 {
	if m.Months == nil && (m.Merged > 0 || m.Intent > 0) {
		return []int64{0, endOfTime - 1}
	}
	return slices.Clone(m.Months)
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

// EachMonth yields the months, the newest first, in which there may be anything that
// counts at moments: of a tenant of which that is not known, those of 1970 to 2100.
func (m *Merged) EachMonth() iter.Seq[Quarters] {
	return func(yield func(Quarters) bool) {
		ranges := m.Months
		if ranges == nil && (m.Merged > 0 || m.Intent > 0) {
			ranges = []int64{1970 * 12, 2100 * 12}
		}
		for i := len(ranges) - 2; i >= 0; i -= 2 {
			for n := ranges[i+1]; n >= ranges[i]; n-- {
				if !yield(Quarters{monthStart(n), monthStart(n + 1)}) {
					return
				}
			}
		}
	}
}
