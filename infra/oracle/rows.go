package oracle

import (
	"iter"
	"math/big"
	"slices"
)

// scope narrows what is counted: by the filter, and by the row's entity.
type scope struct {
	agent, department, campaign, segment, action, invitation *string
	// none is a kind of entity: what counts in the scope, and for none of that kind.
	none string
}

func (sc scope) with(kind, id string) scope {
	switch kind {
	case "agent":
		sc.agent = &id
	case "department":
		sc.department = &id
	case "campaign":
		sc.campaign = &id
	case "visitorSegment":
		sc.segment = &id
	case "conversion", "conversionAction":
		sc.action = &id
	case "autoInvitation":
		sc.invitation = &id
	}
	return sc
}

func (sc scope) departmentOr(other string) string {
	if sc.department != nil {
		return *sc.department
	}
	return other
}

// raw is the integers from which a row's figures are computed: counts, milliseconds.
type raw map[string]int64

// A rule says how a figure comes from raw ones, and how a distribution averages it.
type rule int

const (
	perSlot    rule = iota // a count or a length: a distribution divides by the slot's occurrences
	ratio                  // num ÷ den: a distribution divides the sums
	largest                // a maximum: a distribution takes the mean of the maxima
	total                  // a count that stays a total in a distribution
	percentile             // the unit-th percentile of whole seconds, each counted under num and its number; of den samples
)

// property is one property of a report's rows.
type property struct {
	name, inSlots string
	rule
	num, den string
	unit     int64  // how many of num make 1
	whole    string // what is to be added to that, in ones
	null     bool   // where there is nothing to divide by it is null
}

func count(name, inSlots, num string) property {
	return property{name: name, inSlots: inSlots, num: num, unit: 1}
}

func seconds(name, inSlots, num string) property {
	return property{name: name, inSlots: inSlots, num: num, unit: msPerSecond}
}

func average(name, num, den string) property {
	return property{name: name, inSlots: name, rule: ratio, num: num, den: den, unit: 1}
}

func averageSeconds(name, num, den string) property {
	return property{name: name, inSlots: name, rule: ratio, num: num, den: den, unit: msPerSecond}
}

// value divides once, at the end; by nothing is 0.
func value(num, den int64) float64 {
	if den == 0 {
		return 0
	}
	return float64(num) / float64(den)
}

func (p property) of(r raw) float64 {
	switch p.rule {
	case ratio:
		return value(r[p.num], r[p.den]*p.unit)
	case percentile:
		return float64(nearestRank(r, p.num, p.unit))
	}
	if p.whole != "" {
		sum := big.NewRat(r[p.num], p.unit)
		f, _ := sum.Add(sum, new(big.Rat).SetInt64(r[p.whole])).Float64()
		return f
	}
	return value(r[p.num], p.unit)
}

func (p property) ofSlot(list []raw) any {
	if p.rule == percentile || p.null {
		all := raw{}
		for _, r := range list {
			for k, n := range r {
				all[k] += n
			}
		}
		return p.told(all)
	}
	var num, den int64
	for _, r := range list {
		num += r[p.num]
		den += r[p.den]
	}
	switch p.rule {
	case ratio:
		return value(num, den*p.unit)
	case total:
		return value(num, p.unit)
	}
	return value(num, int64(len(list))*p.unit)
}

// sheet is a report whose answer is a list of rows of figures.
type sheet struct {
	properties func(group string) []property
	raw        func(q *query, sc scope, from, to int64) raw
	extra      func(q *query, sc scope, r raw, row map[string]any) // may be nil
	figures    func(q *query, r raw) bool                          // says whether anything but the properties is not 0; may be nil
	only       func(r raw) bool                                    // says whether an entity without .updated has a row; nil: any figure is not 0
}

func same(list ...property) func(string) []property {
	return func(string) []property { return list }
}

// idProperty names the property that holds the row's entity.
func idProperty(group string) string { return group + "Id" }

func (s sheet) run(q *query) any {
	rows := []any{}
	properties := s.properties(q.of())
	filter := scope{}
	if q.filter != "" {
		filter = filter.with(q.filter, q.filterValue)
	}
	fill := func(sc scope, r raw) map[string]any {
		row := map[string]any{}
		for _, p := range properties {
			row[p.name] = p.told(r)
			if sc.none != "" && slices.Contains(nobodys[sc.none], p.name) {
				row[p.name] = nil
			}
		}
		if s.extra != nil {
			s.extra(q, sc, r, row)
		}
		return row
	}

	switch {
	case isDistribution(q.group):
		ofSlots := make([][]bucket, slots(q.group))
		for _, b := range q.buckets() {
			ofSlots[b.slot] = append(ofSlots[b.slot], b)
		}
		for slot, list := range ofSlots {
			for sc, identify := range s.scopes(q, filter) {
				var occurrences []raw
				for _, b := range list {
					occurrences = append(occurrences, s.raw(q, sc, b.from, b.to))
				}
				row := map[string]any{"time": slotTime(q.group, slot)}
				for _, p := range properties {
					row[p.inSlots] = p.ofSlot(occurrences)
					if sc.none != "" && slices.Contains(nobodys[sc.none], p.name) {
						row[p.inSlots] = nil
					}
				}
				rows = append(rows, identify(row))
			}
		}
	case isTime(q.group):
		for _, b := range q.buckets() {
			for sc, identify := range s.scopes(q, filter) {
				row := fill(sc, s.raw(q, sc, b.from, b.to))
				row["time"] = q.timeOf(b)
				rows = append(rows, identify(row))
			}
		}
	default:
		for _, id := range s.entities(q, filter) {
			sc := filter.with(q.of(), id)
			rows = append(rows, q.identified(fill(sc, s.raw(q, sc, q.from, q.to)), id))
		}
		q.sortRows(rows)
		if q.none {
			sc := filter.withNone(q.of())
			rows = append(rows, q.identified(fill(sc, s.raw(q, sc, q.from, q.to)), ""))
		}
	}
	return rows
}

// entities are those that have rows: known ones, and others with any figure in a part of the
// range that has a row of its own.
func (s sheet) entities(q *query, filter scope) []string {
	var out []string
	for _, id := range q.ids(q.of()) {
		if !q.sameEntity(id) {
			continue
		}
		figures := false
		for _, b := range q.parts() {
			r := s.raw(q, filter.with(q.of(), id), b.from, b.to)
			if s.only != nil {
				figures = figures || s.only(r)
				continue
			}
			figures = figures || s.figures != nil && s.figures(q, r)
			for _, p := range s.properties(q.of()) {
				figures = figures || p.of(r) != 0
			}
		}
		if figures || q.keeps(id) {
			out = append(out, id)
		}
	}
	return out
}

// scopes are those of the rows of one part of the range, in order: one, or one an entity.
func (s sheet) scopes(q *query, filter scope) iter.Seq2[scope, func(map[string]any) map[string]any] {
	return func(yield func(scope, func(map[string]any) map[string]any) bool) {
		if q.by == "" {
			yield(filter, func(row map[string]any) map[string]any { return row })
			return
		}
		if q.crossed == nil {
			q.crossed = append([]string{}, s.entities(q, filter)...)
		}
		for _, id := range q.crossed {
			if !yield(filter.with(q.by, id), func(row map[string]any) map[string]any { return q.identified(row, id) }) {
				return
			}
		}
		if q.none {
			yield(filter.withNone(q.by), func(row map[string]any) map[string]any { return q.identified(row, "") })
		}
	}
}

// parts are the buckets of a group by time, else the range.
func (q *query) parts() []bucket {
	if isTime(q.group) {
		return q.buckets()
	}
	return []bucket{{from: q.from, to: q.to}}
}

// identified adds to a row whose it is.
func (q *query) identified(row map[string]any, id string) map[string]any {
	row[idProperty(q.of())] = id
	switch {
	case id == "":
		row[idProperty(q.of())] = nil
	case q.of() == "agent":
		row["agentId"] = agentID(id)
	}
	return row
}

// sameEntity says whether a row's entity passes a filter on the grouped entity.
func (q *query) sameEntity(id string) bool {
	grouped := q.filter == q.of() || q.filter == "conversion" && q.of() == "conversionAction"
	return !grouped || id == q.filterValue
}

// keeps says whether an entity has a row even if all its figures are 0.
func (q *query) keeps(id string) bool {
	if !q.known[q.of()][id] {
		return false
	}
	switch {
	case q.of() == "agent" && q.filter == "department":
		return q.memberIn(id, q.filterValue, q.from, q.to)
	case q.of() == "department" && q.filter == "agent":
		return q.memberIn(q.filterValue, id, q.from, q.to)
	case q.of() == "autoInvitation" && q.filter == "campaign":
		return q.campaignOf(id) == q.filterValue
	}
	return true
}
