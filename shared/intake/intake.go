// Package intake counts what was wrong with events that were sent, by UTC day: what was
// refused and why, what was in conflict, warned of or taken back. In: tallies, one a
// request. Out: sums of the last days. It knows no event, no HTTP and no clock.
//
// Each process counts in records of its own, so that none waits for another, and a request
// with nothing to tell costs nothing.
package intake

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// Keep is how long a day is kept.
const Keep = 35 * 24 * time.Hour

// Tally is a number of events: refused, stored under an id that another has, with members
// that nobody knows, and taken back.
type Tally struct {
	Refused, Conflicts, Warned, Retracted int64
	// Codes say why how many were refused.
	Codes map[string]int64
}

// Zero says whether there is nothing to tell.
func (t *Tally) Zero() bool {
	return t.Refused == 0 && t.Conflicts == 0 && t.Warned == 0 && t.Retracted == 0
}

// Refuse counts an event that is refused.
func (t *Tally) Refuse(code string) {
	t.Refused++
	if t.Codes == nil {
		t.Codes = map[string]int64{}
	}
	t.Codes[code]++
}

// Add adds another.
func (t *Tally) Add(o *Tally) {
	t.Refused, t.Conflicts, t.Warned, t.Retracted = t.Refused+o.Refused, t.Conflicts+o.Conflicts, t.Warned+o.Warned, t.Retracted+o.Retracted
	for code, n := range o.Codes {
		if t.Codes == nil {
			t.Codes = map[string]int64{}
		}
		t.Codes[code] += n
	}
}

// record is a day's tally of one process, as it is stored.
type record struct {
	Refused   int64            `cbor:"1,keyasint,omitempty"`
	Conflicts int64            `cbor:"2,keyasint,omitempty"`
	Warned    int64            `cbor:"3,keyasint,omitempty"`
	Retracted int64            `cbor:"4,keyasint,omitempty"`
	Codes     map[string]int64 `cbor:"5,keyasint,omitempty"`
}

func part(tenant string) string { return table.Join(tenant, "intake") }

// Counter counts for one process.
type Counter struct {
	state table.Table
	id    string

	mu   sync.Mutex
	days map[table.Key]*day
}

// day is what was counted of a tenant's day, and which version of that is stored.
type day struct {
	Tally
	version uint64
	expires int64
}

// New returns a counter that stores in the state's table.
func New(state table.Table) *Counter {
	return &Counter{state: state, id: rand.Text(), days: map[table.Key]*day{}}
}

// Count adds a request's tally to the day of a moment, and stores it. What could not be
// stored is stored with the next one.
func (c *Counter) Count(ctx context.Context, tenant string, at time.Time, t Tally) error {
	if t.Zero() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := table.Key{Part: part(tenant), Sort: table.Join(at.UTC().Format(time.DateOnly), c.id)}
	d := c.days[key]
	if d == nil {
		maps.DeleteFunc(c.days, func(_ table.Key, d *day) bool { return d.expires < at.Add(Keep-24*time.Hour).Unix() }) // of days that are over
		d = &day{expires: at.Add(Keep).Unix()}
		c.days[key] = d
	}
	d.Add(&t)
	raw, err := stored.Marshal(record{d.Refused, d.Conflicts, d.Warned, d.Retracted, d.Codes})
	if err != nil {
		return err
	}
	item := table.Item{Key: key, Value: raw, Version: d.version + 1, Expires: d.expires}
	if err := c.state.Write(ctx, table.Op{Item: item}); err != nil {
		return fmt.Errorf("counting what was wrong with events of %q: %w", tenant, err)
	}
	d.version++
	return nil
}

// Day is the tally of a UTC day, yyyy-MM-dd.
type Day struct {
	Date string
	Tally
}

// Read sums up the days of a tenant that are kept and have anything to tell, the newest
// first.
func Read(ctx context.Context, state table.Table, tenant string, now time.Time) ([]Day, error) {
	sums := map[string]*Day{}
	for item, err := range state.Query(ctx, table.Range{Part: part(tenant)}) {
		if err != nil {
			return nil, fmt.Errorf("reading what was wrong with events of %q: %w", tenant, err)
		}
		if now.Unix() >= item.Expires {
			continue
		}
		var r record
		if err := stored.Unmarshal(item.Value, &r); err != nil {
			return nil, fmt.Errorf("what was wrong with events of %q cannot be read: %w", tenant, err)
		}
		date := table.Split(item.Sort)[0]
		if sums[date] == nil {
			sums[date] = &Day{Date: date}
		}
		sums[date].Add(&Tally{r.Refused, r.Conflicts, r.Warned, r.Retracted, r.Codes})
	}
	var out []Day
	for _, d := range sums {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Day) int { return strings.Compare(b.Date, a.Date) })
	return out, nil
}
