package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// counters compares the counters with what the stored facts contribute, some days at a time,
// and what is open with the first of them. The state is read once, and what was read is set
// aside by what it has to do with; where anything was mended, the rest is read anew.
func (v *verifier) counters(ctx context.Context) error {
	var days []cell.Day
	for _, d := range slices.Sorted(maps.Keys(v.days)) {
		if (v.From.IsZero() || int64(d) >= v.From.UnixMilli()) && (v.To.IsZero() || int64(d) < v.To.UnixMilli()) {
			days = append(days, d)
		}
	}
	windows := v.windows(days)
	for open := true; open || len(windows) > 0; open = false {
		n, err := v.pass(ctx, windows, open)
		if err != nil {
			return err
		}
		windows = windows[n:]
	}
	return nil
}

// windowBytes is how much of counters' records is compared at once: while it is, it takes
// some 40 times as much memory.
const windowBytes = 2 << 20

// windows are the days that are compared at once. There is one at least.
func (v *verifier) windows(days []cell.Day) (out [][]cell.Day) {
	for len(days) > 0 || len(out) == 0 {
		n, size := 0, 0
		for ; n < min(v.Days, len(days)); n++ {
			if size += v.days[days[n]]; size > windowBytes && n > 0 {
				break
			}
		}
		out, days = append(out, days[:n]), days[n:]
	}
	return out
}

// errRemoved says that no pass over the facts knew all of them.
var errRemoved = errors.New("facts are removed all the time while they are read: verify again when nothing is erased")

// pass reads the state, and compares windows until something is mended: n is how many.
func (v *verifier) pass(ctx context.Context, windows [][]cell.Day, open bool) (n int, err error) {
	var p *pass
	for try := 0; p == nil; try++ {
		if try > v.Tries {
			return 0, errRemoved
		}
		if p, err = v.read(ctx, windows); err != nil {
			return 0, err
		}
	}
	defer func() { err = errors.Join(err, p.close()) }()
	for n < len(windows) {
		wrote, err := v.window(ctx, p, n, open && n == 0)
		if n++; err != nil || wrote {
			return n, err
		}
	}
	return n, nil
}

// pass is what was read of the state, by window, and last what has to do with all of them.
type pass struct {
	*spill
	*audit.Moment
	windows [][]cell.Day
	of      map[cell.Day]int
}

// everywhere is the list of what has to do with all windows.
func (p *pass) everywhere() int { return len(p.windows) }

// read reads all of the state; nil: facts were removed meanwhile, and it is to be read again.
func (v *verifier) read(ctx context.Context, windows [][]cell.Day) (_ *pass, err error) {
	p := &pass{spill: newSpill(v.Dir, len(windows)+1), windows: windows, of: map[cell.Day]int{}}
	keep := false
	defer func() {
		if !keep {
			err = errors.Join(err, p.close())
		}
	}()
	for n, days := range windows {
		for _, d := range days {
			p.of[d] = n
		}
	}
	if p.Moment, err = audit.At(ctx, v.state, v.Tenant); err != nil {
		return nil, err
	}
	for item, err := range v.state.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err == nil {
			err = v.sort(p, &item)
		}
		if err != nil {
			return nil, fmt.Errorf("scanning the state: %w", err)
		}
	}
	findings, doubt, err := p.End(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range doubt {
		if there, err := v.there(ctx, name); err != nil || !there {
			return nil, err
		}
	}
	for i := range findings {
		v.differ(counted(&findings[i]))
	}
	keep = true
	return p, nil
}

// there says whether there is a fact.
func (v *verifier) there(ctx context.Context, name string) (bool, error) {
	key, ok := facts.KeyOf(v.Tenant, name)
	if !ok {
		return true, nil // it is none, but follows from some
	}
	items, err := v.state.Get(ctx, key)
	if err != nil {
		return false, fmt.Errorf("looking for fact %q: %w", name, err)
	}
	return items[0].Version != 0, nil
}

// logged is what the log calls a fact: one that lies in the directory has no segment.
func logged(e journal.Entity, k table.Key) string {
	if k == facts.EntryKey(e) {
		return facts.Name(e, facts.Whole)
	}
	return facts.Name(e, k.Sort)
}

// sort sets a record aside for the windows that it has to do with.
func (v *verifier) sort(p *pass, item *table.Item) error {
	to, all := map[int]bool{}, false
	if e, ok := facts.EntityOf(item.Key); ok {
		f, err := fact.Decode(item.Value)
		if err != nil { // said by facts
			p.Saw(logged(e, item.Key), 0, nil)
			return nil
		}
		contributions := v.Version.Of(f)
		p.Saw(logged(e, item.Key), f.Log, contributions)
		for i := range contributions {
			all = all || audit.Everywhere(&contributions[i])
			audit.Days(&contributions[i], func(d cell.Day) {
				if n, ok := p.of[d]; ok {
					to[n] = true
				}
			})
		}
	} else {
		place, ok, err := cell.PlaceOf(item.Key)
		switch {
		case err != nil || place.Kind == "open" || place.Kind == "run":
			to[0] = true // where it is told, or compared
		case ok && place.OfUnits():
			all = true
		case ok:
			if n, ok := p.of[place.Day]; ok {
				to[n] = true
			}
		}
	}
	if all {
		return p.put(p.everywhere(), item)
	}
	for n := range to {
		if err := p.put(n, item); err != nil {
			return err
		}
	}
	return nil
}

// window compares some days, and mends them if it is to; wrote says that anything was.
func (v *verifier) window(ctx context.Context, p *pass, n int, open bool) (wrote bool, err error) {
	a := p.Days(p.windows[n], open)
	for _, list := range []int{p.everywhere(), n} {
		for item, err := range p.each(list) {
			if err != nil {
				return false, err
			}
			e, ok := facts.EntityOf(item.Key)
			if !ok {
				a.Stored(item)
				continue
			}
			f, err := fact.Decode(item.Value)
			if err != nil {
				return false, err
			}
			a.Fact(logged(e, item.Key), v.Version.Of(f))
		}
	}
	findings, err := a.Findings(ctx)
	if err != nil {
		return false, err
	}
	v.report.Blocks += a.Blocks
	v.report.Details += a.Details
	for i := range findings {
		v.differ(counted(&findings[i]))
	}
	if !v.mend {
		return false, nil
	}
	again, err := a.Mend(ctx, v.Now())
	v.busy = v.busy || again
	return again || a.Mends() > 0, err
}
