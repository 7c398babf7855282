package cell

import (
	"context"
	"fmt"
	"maps"
	"time"

	"chatreports/shared/measure"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// DayMillis is the length of a UTC day: what an Audit is cut into.
const DayMillis = 96 * QuarterMillis

// Day is a UTC day as its first millisecond.
type Day int64

// DayOf is the day a moment lies in.
func DayOf(ms int64) Day { return Day(floorDiv(ms, DayMillis) * DayMillis) }

func (d Day) String() string { return time.UnixMilli(int64(d)).UTC().Format(time.DateOnly) }

// Days yields the days that show whether a contribution is in the counters: those in
// which it is kept quarter by quarter, and the first of each unit; while it has not
// ended, the one in which it began.
func Days(c *measure.Contribution, f func(Day)) {
	if c.Until == measure.Forever || !c.Lasts() {
		f(DayOf(c.At))
		return
	}
	parts := coverOf(c.At, c.Until)
	for _, end := range parts.ends {
		for q := end.From; q < end.To; q = QuarterOf(int64(DayOf(q.Start())) + DayMillis) {
			f(DayOf(q.Start()))
		}
	}
	parts.eachUnit(func(u Unit) { f(DayOf(u.From())) })
}

// Finding is a place where what is stored is not what follows from the facts.
type Finding struct {
	Kind   string // block, detail, open, log
	Series string // of a block, with the value: department/30
	Fact   string // of detail and of what is open
	At     int64  // the quarter, or when the contribution counts, in Unix milliseconds
	// Measure, and Part: count, ms, histogram, step, key or contribution.
	Measure, Part    string
	Sub              int64 // the second of a histogram, the millisecond of a step
	Key              string
	Stored, Expected int64
	Note             string // what else is wrong, instead of two numbers
}

// Audit compares the counters of some days with the contributions of all facts,
// exactly, while the system runs. Everything is compared as of a number of the
// log: the facts are brought back to it by the log items after it, blocks that
// have been merged further are compared with the facts brought forward again.
//
// Begin with NewAudit; then show it every fact and every record of the tenant,
// in any order; then ask for Findings.
type Audit struct {
	state   table.Table
	tenant  string
	days    map[Day]bool
	open    bool
	merged  Merged
	ahead   map[string]uint64 // facts that stand beyond merged, and where
	sums    sums
	details map[detailSlot][]Difference
	running map[functionID][]step.Edge // what has not ended of functions

	blocks   map[blockID]table.Item
	chunks   [openChunks]openChunk
	pieces   map[detailSlot][]table.Item // of detail
	units    auditedUnits
	findings []Finding
	mends    []table.Op
	widened  bool // merged is to be put, too

	// Blocks and Details count the records compared.
	Blocks, Details int
}

// sums are counters as they should be.
type sums struct {
	blocks map[blockID]map[cellKey]int64
	open   [openChunks][]Difference
}

// NewAudit begins an audit of some days, and, on request, of what is open.
func NewAudit(ctx context.Context, state table.Table, tenant string, days []Day, open bool) (*Audit, error) {
	a := &Audit{
		state: state, tenant: tenant, days: map[Day]bool{}, open: open, ahead: map[string]uint64{},
		sums: sums{blocks: map[blockID]map[cellKey]int64{}}, details: map[detailSlot][]Difference{}, running: map[functionID][]step.Edge{},
		blocks: map[blockID]table.Item{}, pieces: map[detailSlot][]table.Item{},
		units: auditedUnits{blocks: map[blockID]table.Item{}, pieces: map[Unit][]table.Item{}},
	}
	for _, d := range days {
		a.days[d] = true
	}
	var err error
	a.merged, err = ReadMerged(ctx, state, tenant)
	return a, err
}

// Fact adds what a fact contributes. log is the number of the log item of its
// last commit that made a difference.
func (a *Audit) Fact(name string, log uint64, contributions []measure.Contribution) {
	if log > a.merged.Merged {
		a.ahead[name] = log
	}
	for _, c := range contributions {
		a.add(Difference{Fact: name, Contribution: c}, true)
	}
}

// add adds a difference where it belongs to the days audited.
func (a *Audit) add(d Difference, detail bool) {
	if d.Until == measure.Forever {
		if bases.has(d.Measure) {
			for _, v := range d.Dims {
				id := functionID{d.Measure, v}
				a.running[id] = append(a.running[id], step.Edge{At: d.At, N: d.N})
			}
		}
		if a.open {
			c := chunkOf(&d)
			a.sums.open[c] = append(a.sums.open[c], d)
		}
		return
	}
	begin, end := DayOf(d.At), DayOf(max(d.At, d.Until-1))
	for day := range a.days {
		if day < begin || end < day {
			continue
		}
		first := QuarterOf(int64(day))
		in := Quarters{first, first + quartersOfDay}
		addToBlocks(a.sums.blocks, &d.Contribution, in)
		if detail {
			eachDetail(&d.Contribution, in, func(s detailSlot) { a.details[s] = append(a.details[s], d) })
		}
	}
}

// Stored takes a record of the tenant; those that are no counters it leaves out.
func (a *Audit) Stored(item table.Item) {
	p, ok, err := placeOf(item.Key)
	switch {
	case err != nil:
		a.find(Finding{Kind: "block", Series: item.Part + " " + item.Sort, Note: err.Error()})
	case !ok:
	case p.kind == "open":
		if a.open {
			a.chunks[p.chunk].item = item
		}
	case p.unit.scale > 0:
		a.units.pieces[p.unit] = append(a.units.pieces[p.unit], item)
	case p.units():
		a.units.blocks[p.block] = item
	case !a.days[p.day]:
	case p.kind == "detail":
		a.pieces[p.slot] = append(a.pieces[p.slot], item)
	default:
		a.blocks[p.block] = item
	}
}

func (a *Audit) find(f Finding) { a.findings = append(a.findings, f) }

// Findings compares, once everything was shown.
func (a *Audit) Findings(ctx context.Context) ([]Finding, error) {
	if err := a.readRuns(ctx); err != nil {
		return nil, err
	}
	tail, err := Tail(ctx, a.state, a.tenant, a.merged.Merged)
	if err != nil {
		return nil, err
	}
	end := a.merged.Merged + uint64(len(tail))
	for name, seq := range a.ahead {
		if seq > end {
			a.find(Finding{Kind: "log", Fact: name, Note: fmt.Sprintf("the fact stands at %d, the log ends at %d", seq, end)})
		}
	}
	if err := a.back(ctx, tail); err != nil {
		return nil, err
	}
	a.readUnits(tail)
	a.compareDetails()
	a.compareAt(func(v uint64) bool { return v <= a.merged.Merged || v > end }, true)
	// Forward again, to wherever a record has been merged.
	later := map[uint64]bool{}
	for _, item := range a.blocks {
		later[item.Version] = true
	}
	for i := range a.chunks {
		later[a.chunks[i].item.Version] = true
	}
	for i := range tail {
		for _, d := range tail[i].Diffs {
			a.add(d, false)
			a.forward(&d.Contribution)
		}
		if v := tail[i].Seq; later[v] {
			a.compareAt(func(version uint64) bool { return version == v }, false)
		}
	}
	return a.findings, nil
}

// compareAt compares the records of some versions with the sums as they are now.
// base says that the sums are those at merged, and that what is not stored at all
// is to be compared too.
func (a *Audit) compareAt(has func(version uint64) bool, base bool) {
	for id, item := range a.blocks {
		if has(item.Version) {
			a.compareBlock(id, item, base)
		}
	}
	if base {
		missing := map[blockID]bool{}
		for _, sums := range []map[blockID]map[cellKey]int64{a.sums.blocks, a.units.sums} {
			for id := range sums {
				if _, ok := a.blocks[id]; !ok && a.days[DayOf(id.class.first(id.block).Start())] {
					missing[id] = true
				}
			}
		}
		for id := range missing {
			a.compareBlock(id, table.Item{Key: blockKey(a.tenant, id.class, id.series, id.value, id.block)}, base)
		}
	}
	for c := range a.chunks {
		if a.open && has(a.chunks[c].item.Version) {
			a.compareChunk(c, base)
		}
	}
}

func (a *Audit) compareBlock(id blockID, item table.Item, base bool) {
	before := len(a.findings)
	a.version(Finding{Kind: "block", Series: id.series.String() + "/" + id.value, At: id.class.first(id.block).Start()}, item, base)
	cells, err := decodeBlock(item.Value)
	if err != nil {
		a.find(Finding{Kind: "block", Series: id.series.String() + "/" + id.value, At: id.class.first(id.block).Start(), Note: err.Error()})
		cells = nil
	}
	stored := make(map[cellKey]int64, len(cells))
	for _, c := range cells {
		stored[c.cellKey] += c.N
	}
	throughout := a.units.sums[id] // is in no block of a day, but counts there
	for k, n := range throughout {
		stored[k] += n
	}
	want := a.sums.blocks[id]
	if len(throughout) > 0 && id.class.Shape() == Steps {
		stored, want = fromStart(stored), fromStart(want)
	}
	miss := func(k cellKey) {
		if stored[k] == want[k] {
			return
		}
		a.find(Finding{
			Kind: "block", Series: id.series.String() + "/" + id.value, At: (id.class.first(id.block) + Quarter(k.Quarter)).Start(),
			Measure: measureName(k.Column.Measure()), Part: partName(k.Column.Part(), id.class), Sub: k.Sub, Key: k.Key,
			Stored: stored[k], Expected: want[k],
		})
	}
	some := false
	for k, n := range want {
		some = some || n != 0
		miss(k)
	}
	for k := range stored {
		if _, ok := want[k]; !ok {
			miss(k)
		}
	}
	if some || item.Version != 0 {
		a.Blocks++
	}
	if base && len(a.findings) > before {
		right := maps.Clone(want)
		if right == nil {
			right = map[cellKey]int64{}
		}
		for k, n := range throughout {
			right[k] -= n
		}
		var cells []cell
		for k, n := range right {
			if n != 0 {
				cells = append(cells, cell{k, n})
			}
		}
		a.mend(item, encodeBlock(cells))
	}
}

// fromStart makes the value with which a quarter begins one number, however it came about.
func fromStart(cells map[cellKey]int64) map[cellKey]int64 {
	out := make(map[cellKey]int64, len(cells))
	for k, n := range cells {
		if k.Sub == 0 {
			k.Sub = atStart
		}
		out[k] += n
	}
	return out
}

// version notes a record that claims to be merged further than the log goes.
func (a *Audit) version(f Finding, item table.Item, base bool) {
	if base && item.Version > a.merged.Merged {
		f.Note = fmt.Sprintf("it stands at %d, beyond the end of the log", item.Version)
		a.find(f)
	}
}

func measureName(id measure.ID) string {
	if int(id) < 256 {
		if m := measure.Get(id); m != nil {
			return m.Name
		}
	}
	return fmt.Sprintf("measure %d", id)
}
