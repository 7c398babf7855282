package chatbot

import (
	"maps"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// name gives the rows that no announcement names the newest name that any event gave,
// whenever that was, or else the one that their type has.
func (r *request) name(rows map[place]*interaction) error {
	left := map[place]bool{}
	for p, row := range rows {
		if row.Name == "" {
			left[p] = true
		}
	}
	// Names are told often, so the newest is looked for among the newest events first.
	const day = 24 * time.Hour
	to := max(r.now.Add(2*day).Truncate(day).UnixMilli(), r.within.To.Truncate(day).Add(day).UnixMilli())
	for width := 32 * day.Milliseconds(); len(left) > 0 && to > firstYear; width *= 8 {
		from := max(to-width, firstYear)
		if err := r.newest(from, to, rows, left); err != nil {
			return err
		}
		to = from
	}
	for p := range left {
		rows[p].Name = defaultNames[rows[p].Type]
	}
	return nil
}

// withNames says whether the groups are stories that are told with their names.
func (r *request) withNames() bool { return r.names && r.group == groupStory }

// story is the name of one, empty if it was not announced with any.
func (r *request) story(id string) string {
	if e := r.Entries("story")[id]; e != nil && e.Name != nil {
		return *e.Name
	}
	return ""
}

// nameParents gives the rows the names of the interactions that they follow, as far as those
// have one.
func (r *request) nameParents(rows map[place]*interaction) error {
	parents := map[place]*interaction{}
	of := func(row *interaction) place { return place{story: row.story, id: row.ParentID} }
	for _, row := range rows {
		if p := of(row); p.id == "" || parents[p] != nil {
			continue
		} else if parents[p] = rows[p]; parents[p] == nil {
			parents[p] = &interaction{}
		}
	}
	if err := r.name(parents); err != nil {
		return err
	}
	for _, row := range rows {
		if row.ParentID != "" {
			row.ParentName = &parents[of(row)].Name
		}
	}
	return nil
}

// firstYear is before every event.
var firstYear = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// newest gives the rows that are left their newest name in a range, as far as it has any;
// of several in one millisecond the greatest. Where a period has several names of a row, it
// is looked at more closely.
func (r *request) newest(from, to int64, rows map[place]*interaction, left map[place]bool) error {
	buckets := parts(from, to)
	result, err := r.run(buckets, r.def.counts)
	if err != nil {
		return err
	}
	closer := map[int]map[place]bool{}
	for b := len(buckets) - 1; b >= 0 && len(left) > 0; b-- {
		for p, names := range namesIn(result.At("", b, 0).Keys, left) {
			delete(left, p)
			if last := len(names) - 1; last == 0 || buckets[b].To-buckets[b].From == 1 {
				rows[p].Name = names[last]
				continue
			}
			if closer[b] == nil {
				closer[b] = map[place]bool{}
			}
			closer[b][p] = true
		}
	}
	for b, some := range closer {
		if err := r.newest(buckets[b].From, buckets[b].To, rows, some); err != nil {
			return err
		}
	}
	return nil
}

// namesIn lists, in order, the names that keys give to some rows.
func namesIn(keys map[string]int64, some map[place]bool) map[place][]string {
	out := map[place][]string{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		i := measure.InteractionOf(key)
		if p := placeOf(i); keys[key] > 0 && i.Name != "" && some[p] {
			out[p] = append(out[p], i.Name)
		}
	}
	for p, names := range out {
		slices.Sort(names)
		out[p] = slices.Compact(names)
	}
	return out
}

// parts cuts a range into about 64, at quarter hours while it is longer than one, because
// those are quick to answer.
func parts(from, to int64) (out []report.Bucket) {
	unit := int64(1)
	if to-from > cell.QuarterMillis {
		unit = cell.QuarterMillis
	}
	width := ((to-from)/64/unit + 1) * unit
	for ; from < to; from += width {
		out = append(out, report.Bucket{From: from, To: min(from+width, to)})
	}
	return out
}
