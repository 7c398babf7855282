package drift

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/document"
)

// query is one that was read and can be asked.
type query struct {
	filters []filter
	// matching are the conditions of the filters, first those for which least of a document
	// has to be read.
	matching []condition
	metrics  []metric
	order    order
	limit    int
	after    *position
	most     int64 // bytes that it may read
	named    bool  // beside each id, whose it is
	called   called
	// looking reads the conversation that is looked at: what conditions and order want of
	// it. telling reads the one that is told: what metrics want; told is what it tells, and of
	// whom.
	looking, telling document.Reader
	told             []string
	of               []entity // whose the told ids are
}

// condition is what a filter says of some fields of a document.
type condition struct {
	reads document.Fields
	holds predicate
}

// filter is one as it was sent.
type filter struct {
	Property  string            `json:"property"`
	Operation string            `json:"operation"`
	Values    []json.RawMessage `json:"values"`
}

// metric is a property to be told; of a name that is none, nil.
type metric struct {
	name string
	*property
}

// read reads a query.
func read(raw []byte) (*query, *dialect.Refusal) {
	b, refused := readBody(raw)
	if refused != nil {
		return nil, refused
	}
	q := &query{most: mostRead}
	for i, raw := range b.Filters {
		where := fmt.Sprintf("filters[%d]", i)
		var f filter
		if refused := strictly(raw, &f, where, "property", "operation", "values"); refused != nil {
			return nil, refused
		}
		match, refused := f.compile(where)
		if refused != nil {
			return nil, refused
		}
		q.filters, q.matching = append(q.filters, f), append(q.matching, condition{find(f.Property).reads, match})
	}
	slices.SortStableFunc(q.matching, func(a, b condition) int { return cmp.Compare(a.reads, b.reads) })
	for i, raw := range b.Metrics {
		m, refused := readMetric(raw, fmt.Sprintf("metrics[%d]", i))
		if refused != nil {
			return nil, refused
		}
		q.metrics = append(q.metrics, m)
	}
	if q.order, refused = readOrder(b.Sort); refused != nil {
		return nil, refused
	}
	if q.limit, refused = b.limit(); refused != nil {
		return nil, refused
	}
	if b.Cursor != "" {
		after, err := q.order.readCursor(b.Cursor)
		if err != nil {
			return nil, wrongQuery("cursor", "it is none that was given with an answer to a query of the same sort")
		}
		q.after = after
	}
	q.want()
	return q, nil
}

// warnings names the metrics that are no properties.
func (q *query) warnings() []string {
	var out []string
	for _, m := range q.metrics {
		if m.property == nil {
			w := "unknown metric " + dialect.Printable(m.name)
			if !slices.Contains(out, w) && len(out) < 20 {
				out = append(out, w)
			}
		}
	}
	return out
}

// want says which fields of documents are read.
func (q *query) want() {
	for i := range q.matching {
		q.looking.Wanted |= q.matching[i].reads
	}
	if q.order.by != nil {
		q.looking.Wanted |= q.order.by.reads
	}
	for _, m := range q.metrics {
		if m.property != nil {
			q.telling.Wanted |= m.reads
		}
	}
}

// look looks at a conversation: whether it passes every filter, and where it stands. It
// reads on in the document only as long as it may pass.
func (q *query) look(stored string) (here position, matches bool, err error) {
	r := &q.looking
	if err := r.Open(stored); err != nil {
		return here, false, err
	}
	for i := range q.matching {
		if err := r.Read(q.matching[i].reads); err != nil || !q.matching[i].holds(&r.Document) {
			return here, false, err
		}
	}
	if err := r.Read(r.Wanted); err != nil {
		return here, false, err
	}
	here = q.order.position(&r.Document)
	return here, q.after == nil || q.order.compare(q.after, &here) < 0, nil
}

// mostLookedUp bounds how many chats are looked up one by one.
const mostLookedUp = 100

// chats are the ids of the only conversations that can match, if a filter names few.
func (q *query) chats() (ids []string, some bool) {
	for i := range q.filters {
		f := &q.filters[i]
		if f.Property != "id" || f.Operation != opEQ && f.Operation != opIn || len(f.Values) > mostLookedUp && f.Operation == opIn {
			continue
		}
		values := f.Values
		if f.Operation == opEQ {
			values = values[:1]
		}
		for _, raw := range values {
			if v, _ := find(f.Property).textOf(raw); v != "" && !slices.Contains(ids, v) {
				ids = append(ids, v)
			}
		}
		return ids, true
	}
	return nil, false
}

// Times that a chat may have been requested at, and all that happens to it.
const (
	earliest = -62167219200000 // the year 0
	latest   = 253402300800000 // the year 10000
)

// bounds are what the times of a conversation that matches lie in, as the filters say.
func (q *query) bounds() document.Bounds {
	b := document.Unbounded()
	narrow := func(t document.Time, low, high float64) {
		b[t].From = max(b[t].From, int64(math.Floor(min(max(low, earliest), latest))))
		b[t].To = min(b[t].To, int64(math.Ceil(max(min(high, latest), earliest))))
	}
	for i := range q.filters {
		f := &q.filters[i]
		p := find(f.Property)
		if p.kind != moment {
			continue
		}
		n := make([]float64, len(f.Values))
		for i, raw := range f.Values {
			n[i], _ = p.numberOf(raw)
		}
		switch f.Operation {
		case opEQ:
			narrow(p.time, n[0], n[0])
		case opIn:
			narrow(p.time, slices.Min(n), slices.Max(n))
		case opBetween:
			narrow(p.time, n[0], n[1])
		case opGT, opGTE:
			narrow(p.time, n[0], latest)
		case opLT, opLTE:
			narrow(p.time, earliest, n[0])
		case opHasProperty:
			narrow(p.time, earliest, latest)
		}
	}
	always := q.order.by != nil && q.order.by.kind == moment && q.order.by.time <= document.Updated
	switch after := q.after; {
	case after == nil:
	case q.order.by == nil:
		narrow(document.Created, float64(after.CreatedAt), latest)
	case always && q.order.down:
		narrow(q.order.by.time, earliest, float64(after.Number))
	case always:
		narrow(q.order.by.time, float64(after.Number), latest)
	}
	narrow(document.Created, earliest, float64(b[document.Updated].To)) // it is never after that
	return b
}
