package cell

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"chatreports/shared/document"
	"chatreports/shared/measure"
)

// Documents say when chats may have been requested whose documents have their other times
// within some bounds, so that an open query reads the blocks of no other time. They are how
// much later than the request each time came, at least and at most, by the month of the
// request: whatever is merged widens that first, and a rebuild may find it anew.
type Documents struct {
	_ struct{} `cbor:",toarray"`
	// Unknown are the months, as ranges, in which there may be documents of which this is
	// not known: those merged before it was kept.
	Unknown []int64
	// Lags are in order of the months. A month that is in none, and not unknown, has no
	// documents.
	Lags []Lags
}

// Lags are how much later than their requests the times of documents came.
type Lags struct {
	_ struct{} `cbor:",toarray"`
	// First and Last are the months of the requests.
	First, Last int64
	// Hours are of each time but the first from how many hours to how many: 0 to 0 where no
	// document has the time.
	Hours []int64
}

// endOfTime is the month after those in which anything may have been requested.
const endOfTime = 10000 * 12

// hour is in milliseconds.
const hour = QuarterMillis * 4

// mostLags bounds Lags, so that the record stays within one unit of writing: of more
// months the two oldest become one.
const mostLags = 24

// Note takes a document that is contributed.
func (d *Documents) Note(c *measure.Contribution) {
	month := monthOf(QuarterOf(c.At))
	if inMonths(d.Unknown, month) {
		return
	}
	var doc document.Document
	if doc.Decode(c.Key) != nil { // nobody can read it, which a query is to say
		d.Unknown = withMonths(d.Unknown, month, month)
		return
	}
	l := d.lags(month)
	for t := document.Updated; t < document.Times && int(2*t) <= len(l.Hours); t++ {
		if m := doc.Time(t); m.Came() {
			from, to := &l.Hours[2*t-2], &l.Hours[2*t-1]
			if lag := floorDiv(m.Millis()-doc.CreatedAt, hour); *from == *to {
				*from, *to = lag, lag+1
			} else {
				*from, *to = min(*from, lag), max(*to, lag+1)
			}
		}
	}
}

// Cover says whether a document that is contributed is among those that are known of, or
// of a month of which nothing is.
func (d *Documents) Cover(c *measure.Contribution) bool {
	month := monthOf(QuarterOf(c.At))
	var doc document.Document
	if inMonths(d.Unknown, month) || doc.Decode(c.Key) != nil {
		return true
	}
	at := slices.IndexFunc(d.Lags, func(l Lags) bool { return l.First <= month && month <= l.Last })
	if at < 0 {
		return false
	}
	for t := document.Updated; t < document.Times && int(2*t) <= len(d.Lags[at].Hours); t++ {
		lag := floorDiv(doc.Time(t).Millis()-doc.CreatedAt, hour)
		if doc.Time(t).Came() && (lag < d.Lags[at].Hours[2*t-2] || lag >= d.Lags[at].Hours[2*t-1]) {
			return false
		}
	}
	return true
}

// lags are those of a month, or of some with it.
func (d *Documents) lags(month int64) *Lags {
	at := sort.Search(len(d.Lags), func(i int) bool { return d.Lags[i].Last >= month })
	if at == len(d.Lags) || d.Lags[at].First > month {
		d.Lags = slices.Insert(d.Lags, at, Lags{First: month, Last: month, Hours: make([]int64, 2*document.Times-2)})
		if len(d.Lags) > mostLags {
			d.Lags[1].join(&d.Lags[0])
			d.Lags, at = d.Lags[1:], max(0, at-1)
		}
	}
	return &d.Lags[at]
}

// join takes in those of earlier months.
func (l *Lags) join(o *Lags) {
	l.First = o.First
	l.Hours = l.Hours[:min(len(l.Hours), len(o.Hours))]
	for i := 0; i+1 < len(l.Hours); i += 2 {
		switch {
		case o.Hours[i] == o.Hours[i+1]:
		case l.Hours[i] == l.Hours[i+1]:
			l.Hours[i], l.Hours[i+1] = o.Hours[i], o.Hours[i+1]
		default:
			l.Hours[i], l.Hours[i+1] = min(l.Hours[i], o.Hours[i]), max(l.Hours[i+1], o.Hours[i+1])
		}
	}
}

// Requested gives the time, in whole blocks, in which chats may have been requested whose
// documents are within some bounds.
func (m *Merged) Requested(b *document.Bounds) []Quarters {
	created := b[document.Created]
	if created.From > created.To {
		return nil
	}
	within := m.Within(max(QuarterOf(created.From), monthStart(0)), min(QuarterOf(created.To)+1, monthStart(endOfTime)))
	known := []Quarters{{math.MinInt64, math.MaxInt64}}
	if m.Documents != nil {
		known = m.Documents.requested(b)
	}
	var out []Quarters
	for _, w := range within {
		for _, k := range known {
			from, to := max(w.From, k.From), min(w.To, k.To)
			if from >= to {
				continue
			}
			from, to = documents.First(documents.Number(from)), documents.First(documents.Number(to-1)+1)
			if n := len(out); n > 0 && from <= out[n-1].To {
				out[n-1].To = max(out[n-1].To, to)
			} else {
				out = append(out, Quarters{from, to})
			}
		}
	}
	return out
}

// requested are in order of their beginnings.
func (d *Documents) requested(b *document.Bounds) (out []Quarters) {
	for i := 0; i < len(d.Unknown); i += 2 {
		out = append(out, Quarters{monthStart(d.Unknown[i]), monthStart(d.Unknown[i+1] + 1)})
	}
	for i := range d.Lags {
		if q := d.Lags[i].requested(b); q.From < q.To {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b Quarters) int { return cmp.Compare(a.From, b.From) })
	return out
}

func (l *Lags) requested(b *document.Bounds) Quarters {
	from, to := monthStart(l.First).Start(), monthStart(l.Last+1).Start()-1
	for t := document.Updated; t < document.Times && int(2*t) <= len(l.Hours); t++ {
		if b[t] == document.Anytime {
			continue
		}
		least, most := l.Hours[2*t-2], l.Hours[2*t-1]
		if least == most {
			return Quarters{}
		}
		if b[t].From != math.MinInt64 {
			from = max(from, b[t].From-most*hour+1)
		}
		if b[t].To != math.MaxInt64 {
			to = min(to, b[t].To-least*hour)
		}
	}
	if from > to {
		return Quarters{}
	}
	return Quarters{QuarterOf(from), QuarterOf(to) + 1}
}
