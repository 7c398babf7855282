package report

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Listing is what rows are found with that are told again from the journal: which chats
// there are on a day, who is named how, what visitors did. It is all as of one moment.
type Listing struct {
	*Snapshot
	// tail is what is not merged yet, by measure; named, of names, by what has them, the newest
	// first.
	tail  map[measure.ID][]late
	named map[measure.ID]map[string][]late
	at    int64
	// userMonths are the months in which any visitor is named: of most visitors there is no
	// name, and that is to cost little.
	userMonths func() ([]cell.Quarters, error)
}

// late is a difference of the log after what is merged.
type late struct {
	cell.Difference
	seq uint64
}

// rowsSince is the generation of facts that first noted all that rows are found with: the
// days of chats, and every name, those of labels' categories too.
const rowsSince = 4

// ErrEarlier says that an earlier version stored chats of which it is not noted on which
// days anything happened to them.
var ErrEarlier = errors.New("some chats were stored by an earlier version, which did not note on which days anything happened to them: a rebuild does, once (go run ./infra/verify --rebuild)")

var listed = cell.Measures{measure.Touched: true, measure.Names: true, measure.UserNames: true, measure.Acts: true}

// Listing reads what is not merged yet.
func (s *Snapshot) Listing() (*Listing, error) {
	generation, err := counter.Generation(s.ctx, s.state, s.tenant, fact.Generation)
	if err != nil {
		return nil, err
	}
	if generation < rowsSince {
		return nil, fmt.Errorf("tenant %q: %w", s.tenant, ErrEarlier)
	}
	reading, err := counter.Read(s.ctx, s.state, counter.Request{Tenant: s.tenant, Measures: &listed}, s.merged)
	if err != nil {
		return nil, err
	}
	l := &Listing{Snapshot: s, tail: map[measure.ID][]late{}, named: map[measure.ID]map[string][]late{}, at: reading.At}
	l.userMonths = sync.OnceValues(l.withUsers)
	for i := range reading.Tail {
		for _, d := range reading.Tail[i].Diffs {
			l.tail[d.Measure] = append(l.tail[d.Measure], late{d, reading.Tail[i].Seq})
		}
	}
	l.nameTail(measure.Names, measure.Named)
	l.nameTail(measure.UserNames, measure.User)
	return l, nil
}

// CountedUntil is when the newest change was committed that is listed; the zero time: there
// is none.
func (l *Listing) CountedUntil() time.Time {
	if l.at == 0 {
		return time.Time{}
	}
	return time.UnixMilli(l.at)
}

// each yields the differences of one measure at moments in [from, to), in no order.
func (l *Listing) each(id measure.ID, from, to int64, f func(*cell.Difference) error) error {
	if from >= to {
		return nil
	}
	var want cell.Measures
	want[id] = true
	within := func(d *cell.Difference) error {
		if d.At < from || d.At >= to {
			return nil
		}
		return f(d)
	}
	for i := range l.tail[id] {
		if err := within(&l.tail[id][i].Difference); err != nil {
			return err
		}
	}
	for month := range l.merged.EachMonth() {
		in := cell.Quarters{From: max(month.From, cell.QuarterOf(from)), To: min(month.To, cell.QuarterOf(to-1)+1)}
		if err := counter.EachDetail(l.ctx, l.state, l.tenant, l.merged, in, &want, within); err != nil {
			return err
		}
	}
	return nil
}

// Chats lists, in order, the chats to which anything happened on a UTC day; midnight is the
// day's.
func (l *Listing) Chats(midnight int64) ([]string, error) {
	n := map[string]int64{}
	err := l.each(measure.Touched, midnight, midnight+1, func(d *cell.Difference) error {
		n[d.Fact] += d.N
		return nil
	})
	return chatsOf(n), err
}

// InForce lists, in order, the chats that an agent is in at a moment.
func (l *Listing) InForce(at int64) ([]string, error) {
	diffs, err := l.Window(at, at, measure.InChat, measure.Attending)
	n := map[string]int64{}
	for i := range diffs {
		n[diffs[i].Fact]++
	}
	return chatsOf(n), err
}

func chatsOf(facts map[string]int64) []string {
	out := make([]string, 0, len(facts))
	for name, n := range facts {
		if n > 0 {
			out = append(out, table.Split(name)[1])
		}
	}
	slices.Sort(out)
	return out
}

// Act is something that visitors did, or were offered by a rule.
type Act struct {
	At int64
	// Type is the event's: page.viewed, entrypoint.viewed, invitation.sent, ….
	Type, Campaign string
	ID             string // of the entry point or the invitation
	N              int64  // how many; less than none where one is taken back
}

// Acts yields what visitors did in [from, to), in no order: the N add up.
func (l *Listing) Acts(from, to int64, f func(Act) error) error {
	return l.each(measure.Acts, from, to, func(d *cell.Difference) error {
		key := table.Split(d.Key)
		return f(Act{d.At, key[0], key[1], key[2], d.N})
	})
}

// Days yields the midnights of the UTC days of [from, to), in order, on which there may be
// any chat or act. math.MinInt64 and math.MaxInt64 are no bounds.
func (l *Listing) Days(from, to int64) []int64 {
	var out []int64
	if from >= to {
		return nil
	}
	add := func(from, to int64) {
		for day := fact.DayOf(from); fact.Midnight(day) < to; day++ {
			out = append(out, fact.Midnight(day))
		}
	}
	for month := range l.merged.EachMonth() {
		add(max(from, month.From.Start()), min(to, month.To.Start()))
	}
	for _, id := range []measure.ID{measure.Touched, measure.Acts} {
		for i := range l.tail[id] {
			d := &l.tail[id][i]
			day := fact.Midnight(fact.DayOf(d.At))
			if d.N != 0 && from < day+dayMillis && day < to { // of nothing, it only names its fact, at any time
				add(day, day+1)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const dayMillis = int64(24 * time.Hour / time.Millisecond)
