package comm100

import (
	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// narrowing is into how many parts the search for the latest key cuts a range.
const narrowing = 64

// latest is the name, of those that keys of a measure stand for, that counted last
// in the range; of several in one millisecond the greatest. It asks again and
// again for a narrower range, until only one name is left: keys are counts, so
// that they can be added up, and only where a name changed is there a search.
func (r *request) latest(id measure.ID, where []measure.Value, name func(key string) (string, bool)) (string, error) {
	from, to := r.from.UnixMilli(), r.to.UnixMilli()
	for {
		buckets := cutUp(from, to)
		result, err := r.run(buckets, measure.None, where, []report.Want{{Measure: id}})
		if err != nil {
			return "", err
		}
		b := len(buckets) - 1
		var names []string
		for ; b >= 0 && len(names) == 0; b-- {
			names = namesOf(result.At("", b, 0).Keys, name)
		}
		last := buckets[b+1]
		if len(names) == 0 {
			return "", nil
		}
		if len(names) == 1 || last.To-last.From == 1 {
			return names[len(names)-1], nil
		}
		from, to = last.From, last.To
	}
}

// namesOf lists, in order, the names that keys with a count stand for.
func namesOf(keys map[string]int64, name func(key string) (string, bool)) []string {
	set := map[string]int64{}
	for key, n := range keys {
		if s, ok := name(key); ok {
			set[s] += n
		}
	}
	return counted(set)
}

// cutUp divides a range of at least two milliseconds into two to narrowing+1 parts,
// at quarter hours while it is longer than one, because those are quick to answer.
func cutUp(from, to int64) []report.Bucket {
	width := (to - from + narrowing - 1) / narrowing
	unit := int64(1)
	if to-from > cell.QuarterMillis {
		unit = cell.QuarterMillis
	}
	width = (width + unit - 1) / unit * unit
	var out []report.Bucket
	for from < to {
		end := min(to, from+width-(from%unit+unit)%unit)
		out = append(out, report.Bucket{From: from, To: end})
		from = end
	}
	return out
}
