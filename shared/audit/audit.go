// Package audit compares what is stored of counters with what follows from the facts,
// exactly and while the system runs, and mends what differs. It knows no events: whoever
// audits shows it the facts' contributions, and every record of the tenant.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Finding is a place where what is stored is not what follows from the facts.
type Finding struct {
	Kind   string // block, detail, open, log, bundle
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
// Begin with Moment.Days; then show it the facts and records that have to do with these
// days (see Moment.Days), in any order; then ask for Findings.
type Audit struct {
	*Moment
	days map[cell.Day]bool
	open bool
	// What there should be.
	sums    cell.Sums
	running [cell.Chunks][]cell.Difference // what has not ended, by chunk
	details map[cell.Slot][]cell.Difference
	whole   *derive.Whole

	// What is stored.
	blocks   map[cell.BlockID]table.Item
	chunks   [cell.Chunks]table.Item
	runs     [cell.Chunks][]table.Item  // that the chunks name
	aside    [cell.Chunks][]table.Item  // all runs there are, without their values
	pieces   map[cell.Slot][]table.Item // of detail
	units    auditedUnits
	findings []Finding
	mends    []table.Op

	// Blocks and Details count the records compared.
	Blocks, Details int
}

// Days audits some days, and, on request, what is open. It is to be shown each fact that
// contributes to these days, and every one with anything that has not ended or lasts
// throughout units (see Everywhere); and of the records of counters those of these days, and
// all of units. Others may be shown, and change nothing.
func (m *Moment) Days(days []cell.Day, open bool) *Audit {
	a := &Audit{
		Moment: m, days: map[cell.Day]bool{}, open: open,
		sums: cell.Sums{}, details: map[cell.Slot][]cell.Difference{}, whole: derive.NewWhole(),
		blocks: map[cell.BlockID]table.Item{}, pieces: map[cell.Slot][]table.Item{},
		units: newUnits(),
	}
	for _, d := range days {
		a.days[d] = true
	}
	return a
}

// Fact adds what a fact contributes.
func (a *Audit) Fact(name string, contributions []measure.Contribution) {
	for _, c := range contributions {
		a.add(cell.Difference{Fact: name, Contribution: c}, true)
	}
}

// add adds a difference where it belongs to the days audited.
func (a *Audit) add(d cell.Difference, detail bool) {
	if d.Until == measure.Forever {
		a.whole.Open(&d.Contribution)
		if a.open {
			c := cell.ChunkOf(&d)
			a.running[c] = append(a.running[c], d)
		}
		return
	}
	if detail && d.Lasts() {
		a.whole.Lasts(&d.Contribution)
		a.units.add(&d)
	}
	begin, end := cell.DayOf(d.At), cell.DayOf(max(d.At, d.Until-1))
	for day := range a.days {
		if day < begin || end < day {
			continue
		}
		in := day.Quarters()
		a.sums.Add(&d.Contribution, in)
		if detail {
			cell.EachSlot(&d.Contribution, in, func(s cell.Slot) { a.details[s] = append(a.details[s], d) })
		}
	}
}

// Stored takes a record of the tenant; those that are no counters it leaves out.
func (a *Audit) Stored(item table.Item) {
	p, ok, err := cell.PlaceOf(item.Key)
	switch {
	case err != nil:
		a.find(Finding{Kind: "block", Series: item.Part + " " + item.Sort, Note: err.Error()})
	case !ok:
	case p.Kind == "open":
		if a.open {
			a.chunks[p.Chunk] = item
		}
	case p.Kind == "run":
		if item.Value = nil; a.open {
			a.aside[p.Chunk] = append(a.aside[p.Chunk], item)
		}
	case p.OfUnits() && p.Kind == "detail":
		a.units.pieces[p.Unit] = append(a.units.pieces[p.Unit], item)
	case p.OfUnits():
		a.units.blocks[p.Block] = item
	case !a.days[p.Day]:
	case p.Kind == "detail":
		a.pieces[p.Slot] = append(a.pieces[p.Slot], item)
	default:
		a.blocks[p.Block] = item
	}
}

func (a *Audit) find(f Finding) { a.findings = append(a.findings, f) }

// Findings compares, once everything was shown.
func (a *Audit) Findings(ctx context.Context) ([]Finding, error) {
	if err := a.readRuns(ctx); err != nil {
		return nil, err
	}
	if a.open {
		if err := a.compareBundles(ctx); err != nil {
			return nil, err
		}
	}
	a.back()
	tail := a.tail
	a.readUnits()
	a.findTimes()
	a.compareDetails()
	a.compareAt(a.isBase)
	a.mendUnits()
	// Forward again, to wherever a record has been merged.
	later := map[uint64]bool{a.merged.HeldTo(): true}
	for _, item := range a.blocks {
		later[item.Version] = true
	}
	for i := range a.chunks {
		later[a.chunks[i].Version] = true
	}
	for i := range tail {
		for _, d := range tail[i].Diffs {
			a.add(d, false)
			a.forward(&d.Contribution)
		}
		if v := tail[i].Seq; later[v] {
			a.compareAt(func(version uint64) bool { return version == v })
		}
	}
	return a.findings, nil
}

// compareAt compares the records that hold everything up to some numbers of the log with the
// sums as they are now.
func (a *Audit) compareAt(has func(seq uint64) bool) {
	blocks := map[cell.BlockID]table.Item{}
	for id, item := range a.blocks {
		if has(a.upTo(id, item.Version)) {
			blocks[id] = item
		}
	}
	all := []cell.Sums{a.sums, a.units.sums}
	for i := range a.held {
		all = append(all, a.held[i].sums)
	}
	for _, sums := range all { // what is not stored at all
		for id := range sums {
			if _, ok := a.blocks[id]; !ok && a.days[cell.DayOf(id.First().Start())] && has(a.upTo(id, 0)) {
				blocks[id] = table.Item{Key: id.Key(a.tenant)}
			}
		}
	}
	// In order of time: where a unit begins, it may be put right for all days after.
	for _, id := range slices.SortedFunc(maps.Keys(blocks), func(a, b cell.BlockID) int { return cmp.Compare(a.First(), b.First()) }) {
		a.compareBlock(id, blocks[id])
	}
	for c := range a.chunks {
		if v := a.chunks[c].Version; a.open && has(v) {
			a.compareChunk(c, a.isBase(v))
		}
	}
}

func (a *Audit) compareBlock(id cell.BlockID, item table.Item) {
	before, base := len(a.findings), a.isBase(item.Version)
	a.version(Finding{Kind: "block", Series: id.Series.String() + "/" + id.Value, At: id.First().Start()}, item, base)
	cells, err := cell.DecodeBlock(item.Value)
	if err != nil {
		a.find(Finding{Kind: "block", Series: id.Series.String() + "/" + id.Value, At: id.First().Start(), Note: err.Error()})
		cells = nil
	}
	bad := len(a.findings) > before // whatever it says
	stored := make(map[cell.ID]int64, len(cells))
	for _, c := range cells {
		stored[c.ID] += c.N
	}
	if base {
		a.addHeld(stored, id, item.Version)
	}
	want, lacks := a.compareNumbers(id, stored)
	for k, n := range lacks {
		a.find(Finding{
			Kind: "block", Series: id.Series.String() + "/" + id.Value, At: (id.First() + cell.Quarter(k.Quarter)).Start(),
			Measure: measureName(k.Column.Measure()), Part: k.Column.Part().Name(id.Class.Shape()), Sub: k.Sub, Key: k.Key,
			Stored: want[k] - n, Expected: want[k],
		})
	}
	if item.Version != 0 || len(without0(want)) > 0 {
		a.Blocks++
	}
	differ := len(a.findings) > before
	if base {
		a.checkTimes(id, want)
	}
	if !base || !differ {
		return
	}
	if a.correctUnits(id, lacks) {
		want, lacks = a.compareNumbers(id, stored)
	}
	if !bad && len(lacks) == 0 {
		return
	}
	seq, held := a.beforeHeld(id)
	var right []cell.Cell
	for k, n := range without0(less(less(want, a.units.sums[id]), held)) {
		right = append(right, cell.Cell{ID: k, N: n})
	}
	a.mend(item, cell.EncodeBlock(right), seq)
}

// compareNumbers says what the numbers of a block should add up to, with those of units,
// which are in no block of a day but count there; and what they lack.
func (a *Audit) compareNumbers(id cell.BlockID, stored map[cell.ID]int64) (want, lacks map[cell.ID]int64) {
	want, units := a.sums[id], a.units.sums[id]
	if len(units) > 0 && id.Class.Shape() == cell.Steps {
		want, stored, units = fromStart(want), fromStart(stored), fromStart(units)
	}
	lacks = maps.Clone(want)
	if lacks == nil {
		lacks = map[cell.ID]int64{}
	}
	for _, off := range []map[cell.ID]int64{stored, units} {
		for k, n := range off {
			lacks[k] -= n
		}
	}
	maps.DeleteFunc(lacks, isZero)
	return want, lacks
}

func isZero(_ cell.ID, n int64) bool { return n == 0 }

// without0 are the numbers that are any.
func without0(numbers map[cell.ID]int64) map[cell.ID]int64 {
	out := maps.Clone(numbers)
	maps.DeleteFunc(out, isZero)
	return out
}

// less takes numbers off others.
func less(numbers, off map[cell.ID]int64) map[cell.ID]int64 {
	out := make(map[cell.ID]int64, len(numbers)+len(off))
	maps.Copy(out, numbers)
	for k, n := range off {
		out[k] -= n
	}
	return out
}

// fromStart makes the value with which a quarter begins one number, however it came about.
func fromStart(cells map[cell.ID]int64) map[cell.ID]int64 {
	out := make(map[cell.ID]int64, len(cells))
	for k, n := range cells {
		if k.Sub == 0 {
			k.Sub = cell.AtStart
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

// isBase says whether what a record of a version holds is to be compared as of merged: what
// claims to be beyond the log is, too.
func (a *Audit) isBase(version uint64) bool { return version <= a.merged.Merged || version > a.end() }

// mend notes what a record should be as of a number of the log.
func (a *Audit) mend(old table.Item, value []byte, seq uint64) {
	op := table.Op{Item: table.Item{Key: old.Key, Value: value, Version: seq}, If: table.Unchanged(old)}
	if a.merged.Merged == 0 { // nothing is merged, so there should be nothing
		if old.Version == 0 {
			return
		}
		op.Verb, op.Item = table.Delete, table.Item{Key: old.Key}
	}
	a.mends = append(a.mends, op)
}

// Mends is how many records Findings found that are to be written. Once they are, what was
// read for other days may be out of date.
func (a *Audit) Mends() int { return len(a.mends) }

// Mend writes what Findings found wrong as of the number of the log it is exact
// at, provided that no merge has begun since; again says that one has, and that
// the rest has to be audited anew. now stamps what it adds to the log.
func (a *Audit) Mend(ctx context.Context, now time.Time) (again bool, err error) {
	if a.changed {
		if again, err := counter.PutMerged(ctx, a.state, a.tenant, &a.merged); again || err != nil {
			return again, err
		}
		a.changed = false
	}
	return counter.Mend(ctx, a.state, a.tenant, &a.merged, a.mends, now)
}
