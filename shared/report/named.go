package report

import (
	"cmp"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Named is what entities are called on the newest day on which anything names them.
type Named struct {
	Midnight int64
	// Names are the newest that chats, visitors and agents give on that day, in order; one
	// that is empty says that the id alone was given.
	Names []string
}

// nameTail sorts what is not merged yet of a measure by its values.
func (l *Listing) nameTail(id measure.ID, dim measure.Dim) {
	l.named[id] = map[string][]late{}
	for _, d := range l.tail[id] {
		value := table.Join(d.Dims.Of(dim)[0])
		l.named[id][value] = append(l.named[id][value], d)
	}
	for _, tail := range l.named[id] {
		slices.SortStableFunc(tail, func(a, b late) int { return cmp.Compare(b.At, a.At) })
	}
}

// User is what events call a visitor; without any name, nothing.
func (l *Listing) User(id string) (out Named, err error) {
	months, err := l.userMonths()
	if err != nil {
		return out, err
	}
	err = l.days(measure.UserNames, measure.User, table.Join(id), months, func(midnight int64, keys map[string]int64) bool {
		for name, n := range keys {
			if n > 0 {
				out.Names = append(out.Names, name)
			}
		}
		slices.Sort(out.Names)
		out.Midnight = midnight
		return len(out.Names) == 0
	})
	return out, err
}

func (l *Listing) withUsers() (months []cell.Quarters, err error) {
	for month := range l.merged.EachMonth() {
		for _, err := range counter.KeyBlocks(l.ctx, l.state, l.tenant, measure.UserNames, measure.Series{measure.User}, "", month, 1) {
			if err != nil {
				return nil, err
			}
			months = append(months, month)
		}
	}
	return months, nil
}

// Kind is what events call each entity of a kind, of others than visitors: by id.
func (l *Listing) Kind(kind string) (map[string]Named, error) {
	months := slices.Collect(l.merged.EachMonth())
	all := map[string]Named{}
	err := l.days(measure.Names, measure.Named, table.Join(kind), months, func(midnight int64, keys map[string]int64) bool {
		for key, n := range keys {
			id, name := measure.Unpair(key)
			// A name that was ever given stands before that nothing but the id was.
			if old, ok := all[id]; n > 0 && (!ok || old.Midnight == midnight || old.unnamed() && name != "") {
				if ok && old.Midnight != midnight {
					old = Named{}
				}
				all[id] = Named{midnight, append(old.Names, name)}
			}
		}
		return true
	})
	for _, n := range all {
		slices.Sort(n.Names)
	}
	return all, err
}

func (n *Named) unnamed() bool { return len(n.Names) == 1 && n.Names[0] == "" }

// days yields the keys of one value by day, the newest first, as long as more are wanted:
// those of the blocks and what the log says beyond each.
func (l *Listing) days(id measure.ID, dim measure.Dim, value string, months []cell.Quarters, f func(midnight int64, keys map[string]int64) bool) error {
	tail := l.named[id][value]
	// before gives the days of the log alone that come before a day does.
	before := func(midnight int64) bool {
		for len(tail) > 0 && tail[0].At > midnight {
			day, keys := tail[0].At, map[string]int64{}
			for len(tail) > 0 && tail[0].At == day {
				keys[tail[0].Key] += tail[0].N
				tail = tail[1:]
			}
			if !f(day, keys) {
				return false
			}
		}
		return true
	}
	want := func(other measure.ID) bool { return other == id }
	for _, month := range months {
		for block, err := range counter.KeyBlocks(l.ctx, l.state, l.tenant, id, measure.Series{dim}, value, month, 0) {
			if err != nil {
				return err
			}
			midnight := fact.Midnight(fact.DayOf(block.First().Start()))
			if !before(midnight) {
				return nil
			}
			keys := map[string]int64{}
			err := block.Each(want, func(_ cell.Column, _ cell.Quarter, _ int64, key string, n int64) { keys[key] += n })
			if err != nil {
				return err
			}
			for len(tail) > 0 && tail[0].At == midnight {
				if tail[0].seq > block.Version {
					keys[tail[0].Key] += tail[0].N
				}
				tail = tail[1:]
			}
			if !f(midnight, keys) {
				return nil
			}
		}
	}
	before(-1 << 63)
	return nil
}

// Namers lists the facts that name an entity on a day: kind, id and segment of each.
func (l *Listing) Namers(kind, id string, midnight int64) ([][]string, error) {
	which := measure.Names
	if kind == fact.KindUser.String() {
		which = measure.UserNames
	}
	n := map[string]int64{}
	err := l.each(which, midnight, midnight+1, func(d *cell.Difference) error {
		if which == measure.UserNames && d.Dims.Has(measure.User, id) ||
			which == measure.Names && d.Dims.Has(measure.Named, kind) && table.Split(d.Key)[0] == id {
			n[d.Fact] += d.N
		}
		return nil
	})
	var out [][]string
	for name, n := range n {
		if n > 0 {
			out = append(out, table.Split(name))
		}
	}
	return out, err
}
