package journal

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"math"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/table"
)

// Records are the events that the journal holds of an entity, or of some time of it, as
// they are stored. Events are large, and records are not: so however many there are, only
// those asked for are read, one after another.
type Records struct {
	entity Entity
	// counts are those that count, in the order in which they fold. The others are as
	// History has them.
	counts, leftOut, retractions, effective []record

	bytes int
	err   error
	sums  []uint64 // what plain needs, kept for the next entity
}

// Bytes is about how much memory they take.
func (r *Records) Bytes() int { return r.bytes }

// record is one event. end is that of its sort key: its source and id.
type record struct {
	at    int64
	typ   string
	end   string
	value []byte
}

// ReadRecords reads the events of an entity with from <= time < to (Unix milliseconds) into r,
// in place of those there. many, if it is not nil, is called once, as soon as there are so
// many that they take much memory.
func (j *Journal) ReadRecords(ctx context.Context, r *Records, e Entity, from, to int64, many func()) error {
	clear(r.counts[:cap(r.counts)]) // the values
	*r = Records{entity: e, counts: r.counts[:0], sums: r.sums}
	part := e.part()
	ranges := []table.Range{{Part: part}}
	if from != math.MinInt64 || to != math.MaxInt64 {
		ranges = []table.Range{{Part: part, From: sortTime(from), To: sortTime(to)}, table.Prefix(part, retractions)}
	}
	for _, within := range ranges {
		for item, err := range j.t.Query(ctx, within) {
			if err != nil {
				return fmt.Errorf("reading the journal of %s %q: %w", e.Kind, e.ID, err)
			}
			if IsNote(item) {
				continue
			}
			if err := r.add(item); err != nil {
				return err
			}
			if r.bytes > ManyBytes && many != nil {
				many()
				many = nil
			}
		}
	}
	return r.settle()
}

// ManyBytes is how many bytes of records are many: those of more than a thousand messages.
const ManyBytes = 256 << 10

func (r *Records) add(item table.Item) error {
	at, end, err := splitTime(item.Sort)
	typ, ok := typeOf(item.Value)
	if err != nil || !ok {
		var e event.Event
		if _, err := r.entity.decode(item, nil, &e); err != nil {
			return err
		}
		typ = e.Type
	}
	r.counts = append(r.counts, record{at, typ, end, item.Value})
	r.bytes += len(item.Sort) + len(item.Value)
	return nil
}

// Events are those that count, as d reads them; nobody else may use it meanwhile. If one
// cannot be read there are no more, and Err says why.
func (r *Records) Events(d *Decoder) event.Sequence {
	return func(wanted func(typ string) bool) iter.Seq[*event.Event] {
		return func(yield func(*event.Event) bool) {
			for i := range r.counts {
				if !wanted(r.counts[i].typ) {
					continue
				}
				if _, err := r.read(&r.counts[i], d, &d.event); err != nil {
					r.err = err
					return
				}
				if !yield(&d.event) {
					return
				}
			}
		}
	}
}

// Err says what could not be read, if anything.
func (r *Records) Err() error { return r.err }

func (r *Records) read(one *record, d *Decoder, e *event.Event) (nanos int64, err error) {
	if nanos, err = r.entity.decodeAt(one.at, one.end, one.value, d, e); err != nil {
		sort := sortTime(one.at) + "/" + one.end
		if one.typ == event.Retracted {
			sort = retractions + sort
		}
		return 0, unreadable(table.Item{Key: table.Key{Part: r.entity.part(), Sort: sort}}, err)
	}
	return nanos, nil
}

// all reads some of them.
func (r *Records) all(of []record) ([]event.Event, error) {
	if len(of) == 0 {
		return nil, nil
	}
	out := make([]event.Event, len(of)) // they are large: none is copied
	for i := range of {
		if _, err := r.read(&of[i], nil, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// settle brings the records into folding order and leaves out, of those with the same source
// and id, all but the one stored first, and what is taken back.
func (r *Records) settle() error {
	if !r.plain() {
		if err := r.leaveOut(); err != nil {
			return err
		}
	}
	for _, list := range [][]record{r.counts, r.retractions, r.effective} {
		if !inOrder(list) {
			slices.SortFunc(list, r.compare)
		}
	}
	return r.err
}

// plain says whether all records count: there is no retraction, and all differ in source and
// id.
func (r *Records) plain() bool {
	r.sums = r.sums[:0]
	for i := range r.counts {
		if r.counts[i].typ == event.Retracted {
			return false
		}
		r.sums = append(r.sums, maphash.String(seed, r.counts[i].end))
	}
	slices.Sort(r.sums)
	return len(slices.Compact(r.sums)) == len(r.counts)
}

var seed = maphash.MakeSeed()

// leaveOut finds out which records count.
func (r *Records) leaveOut() error {
	type identity struct{ source, id string }
	type meant struct {
		identity
		typ string
	}
	all := r.counts
	r.counts = nil
	ids, stored, means := make([]identity, len(all)), make([]int64, len(all)), make([]meant, len(all))
	first := make(map[identity]int, len(all))
	for i := range all {
		var e event.Event
		var err error
		if stored[i], err = r.read(&all[i], nil, &e); err != nil {
			return err
		}
		ids[i] = identity{e.Source, e.ID}
		if e.Type == event.Retracted {
			m := e.Meant()
			means[i] = meant{identity{m.Source, m.ID}, m.Type}
		}
		if n, ok := first[ids[i]]; !ok || stored[i] < stored[n] {
			first[ids[i]] = i
		}
	}
	counts := func(i int) bool { return first[ids[i]] == i }
	taken := map[meant][]record{}
	for i, one := range all {
		if one.typ == event.Retracted {
			r.retractions = append(r.retractions, one)
			if counts(i) {
				taken[means[i]] = append(taken[means[i]], one)
			}
		}
	}
	for i, one := range all {
		by := taken[meant{ids[i], one.typ}]
		switch {
		case one.typ == event.Retracted:
		case !counts(i):
			r.leftOut = append(r.leftOut, one)
		case len(by) > 0:
			r.leftOut, r.effective = append(r.leftOut, one), append(r.effective, by...)
		default:
			r.counts = append(r.counts, one)
		}
	}
	return nil
}

// inOrder says whether each happened after the one before.
func inOrder(list []record) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1].at >= list[i].at {
			return false
		}
	}
	return true
}

// compare orders two events as event.Compare does.
func (r *Records) compare(a, b record) int {
	if a.at != b.at {
		return cmp.Compare(a.at, b.at)
	}
	x, y := event.Place{Type: a.typ}, event.Place{Type: b.typ}
	_, x.ID, _ = splitEnd(a.end)
	_, y.ID, _ = splitEnd(b.end)
	if x.ID == y.ID { // it may be for the source, of which the key may have a hash
		x.Source, y.Source = r.source(&a), r.source(&b)
	}
	return x.Compare(y)
}

func (r *Records) source(of *record) string {
	var e event.Event
	_, err := r.read(of, nil, &e)
	r.err = cmp.Or(r.err, err)
	return e.Source
}
