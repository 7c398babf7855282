// Package zic computes what a time zone's clocks show from IANA's rules as they are
// written, as the zone compiler zic(8) does. In: a name such as Europe/Berlin. Out:
// the offset at an instant, and when it changes next. It shares nothing with the
// product's zones but the database, and uses none of Go's.
package zic

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// lastYear is up to where rules without an end are followed.
const lastYear = 3000

// Zone is when the offset changes, in order.
type Zone struct{ changes []change }

// change is an offset in seconds east of UTC and since when it holds, as a Unix time.
type change struct{ at, offset int64 }

// Fixed is the zone of one offset, in seconds east of UTC.
func Fixed(offset int) *Zone { return &Zone{[]change{{at: -1 << 62, offset: int64(offset)}}} }

// Version is the release of the database.
func Version() string {
	first, _, _ := strings.Cut(text, "\n")
	return strings.TrimPrefix(first, "# version ")
}

// Names lists the zones and their aliases.
func Names() (names []string) {
	db := read()
	for name := range db.zones {
		names = append(names, name)
	}
	for name := range db.links {
		names = append(names, name)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == unset })
	slices.Sort(names)
	return names
}

// unset is the zone of a machine whose zone nobody has set.
const unset = "Factory"

// Load computes a zone, once.
func Load(name string) (*Zone, bool) {
	if z, ok := loaded.Load(name); ok {
		return z.(*Zone), true
	}
	db := read()
	from := name
	for db.links[from] != "" {
		from = db.links[from]
	}
	lines, ok := db.zones[from]
	if !ok || from == unset {
		return nil, false
	}
	z, start := &Zone{}, int64(-1<<62)
	for i, l := range lines {
		start = z.line(l, db.rules[l.rules], start, i == 0)
	}
	loaded.Store(name, z)
	return z, true
}

var loaded sync.Map // zones by name

// line adds what a line of the zone says from start on, and answers where the next one starts.
func (z *Zone) line(l line, rules []rule, start int64, first bool) int64 {
	save, begin := l.save, l.standard+l.save
	begun := false
	since := func(at, offset int64) {
		z.add(change{at, offset})
		begun = true
	}
	if first || len(rules) == 0 {
		since(start, begin)
	}
	// instant is by the offset in force before it.
	instant := func(day int64, c clock) int64 {
		at := day + c.seconds
		if c.by != 'u' {
			at -= l.standard
		}
		if c.by == 'w' {
			at -= save
		}
		return at
	}
	end := func() int64 {
		if !l.until {
			return 1 << 62
		}
		return instant(dayOf(l.year, l.month, l.day), l.at)
	}
	for year := firstYear(rules); len(rules) > 0 && year <= lastYear && (!l.until || year <= l.year); year++ {
		todo := slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return year < r.first || year > r.last })
		for len(todo) > 0 {
			next := 0
			at := func(r rule) int64 { return instant(dayOf(year, r.month, r.day), r.at) }
			for i := range todo {
				if at(todo[i]) < at(todo[next]) {
					next = i
				}
			}
			r, when := todo[next], at(todo[next])
			todo = slices.Delete(todo, next, next+1)
			if when >= end() {
				break
			}
			save = r.save
			if when < start {
				begin = l.standard + save
				continue
			}
			if when > start && !begun {
				since(start, begin)
			}
			since(when, l.standard+save)
		}
	}
	if !begun {
		since(start, begin)
	}
	return end()
}

// add puts a change behind the others. Where a line begins at the moment of a change by the clocks of the line before,
// and a rule says the same moment by the clocks of the new line, the two are one.
func (z *Zone) add(c change) {
	if n := len(z.changes); n > 1 && c.at+z.changes[n-1].offset <= z.changes[n-1].at+z.changes[n-2].offset {
		z.changes[n-1].offset = c.offset
		return
	}
	z.changes = append(z.changes, c)
}

func firstYear(rules []rule) int {
	year := lastYear
	for _, r := range rules {
		year = min(year, r.first)
	}
	return year
}

// index is of the change in force.
func (z *Zone) index(at int64) int {
	after, _ := slices.BinarySearchFunc(z.changes, at+1, func(c change, at int64) int { return cmp.Compare(c.at, at) })
	return after - 1
}

// Offset is how far the clocks are ahead of UTC.
func (z *Zone) Offset(at time.Time) time.Duration {
	return time.Duration(z.changes[z.index(at.Unix())].offset) * time.Second
}

// Next is the first instant after this one at which the offset changes; zero if it never does.
func (z *Zone) Next(after time.Time) time.Time {
	i := z.index(after.Unix())
	offset := z.changes[i].offset
	for _, c := range z.changes[i+1:] {
		if c.offset != offset {
			return time.Unix(c.at, 0).UTC()
		}
	}
	return time.Time{}
}
