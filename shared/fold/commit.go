package fold

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/fact"
	"chatreports/shared/table"
)

// Bounds of one transaction.
const (
	maxWrites = table.MaxOps - 10
	// maxDiffs is how many differences go into one log item.
	maxDiffs = 3000
	maxItems = 6
)

// headLife is for how long a number of the log is trusted to be the last one seen:
// items of the log are kept for much longer, so that a number that others have taken
// since is still there to be refused.
const headLife = 24 * time.Hour

// meeting is for how long a folder that has met another in a log looks for it there.
const meeting = time.Hour

// see finds out which generation serves, the last number of its log, and then whether there
// are corrections and which version counts; if it is one that this folder goes on from, its
// own does from there on.
func (p *plan) see() error {
	h, now := p.head, p.folder.now()
	if h.known && now.Sub(h.seen) <= headLife {
		return nil
	}
	root, err := counter.ReadMerged(p.ctx, p.folder.state, p.tenant)
	if err != nil {
		return err
	}
	serves := p.serves(&root)
	state := counter.Space(p.folder.state, p.tenant, serves)
	seq, items, bytes, err := counter.End(p.ctx, state, p.tenant)
	if err != nil {
		return err
	}
	known, err := counter.ReadKnown(p.ctx, p.folder.state, p.tenant, serves)
	if err != nil {
		return err
	}
	if p.serves(&known.Root) != serves {
		return &table.ConflictError{}
	}
	if p.folder.Only == nil {
		if err := counter.Unpause(p.ctx, p.folder.state, p.tenant, &known.Root, now); err != nil {
			return err
		}
	}
	if seq > 0 {
		if err := p.folder.Version.Check(p.tenant, known.Mark.Catalogue); err != nil {
			return err
		}
		if known.Mark.Catalogue < p.folder.Version.Number {
			seq++
			if err := counter.Raise(p.ctx, state, p.tenant, known.Mark, p.folder.Version, seq, now); err != nil {
				return err
			}
		}
	}
	if h.serves != serves {
		h.view = derive.View{}
	}
	h.state, h.serves, h.several = state, serves, known.Root.Several()
	h.seq, h.items, h.bytes, h.corrected, h.known, h.seen = seq, items, bytes, known.Corrected, true, now
	return nil
}

// serves is the generation to fold into.
func (p *plan) serves(root *cell.Merged) uint32 {
	if p.folder.Only != nil {
		return *p.folder.Only
	}
	return root.Serves()
}

// look reads what others have put into the log, right before a commit. It is a read of a
// unit or two, where a commit that is refused costs as much as one that is not. A folder that
// has met nobody lately need not look.
func (p *plan) look() error {
	h, now := p.head, p.folder.now()
	if now.Sub(h.met) > meeting {
		return nil
	}
	items, err := counter.Tail(p.ctx, h.state, p.tenant, h.seq, derive.Bases)
	if err != nil || len(items) == 0 {
		return err
	}
	for i := range items {
		if items[i].Mended {
			h.known = false
			return &table.ConflictError{}
		}
		h.view.Add(&items[i])
		h.items, h.bytes = h.items+1, h.bytes+items[i].Bytes
	}
	h.seq, h.seen, h.met = items[len(items)-1].Seq, now, now
	if h.corrected {
		return nil
	}
	h.corrected, err = counter.Corrected(p.ctx, h.state, p.tenant)
	if err == nil && h.corrected { // what was planned does not know it
		return &table.ConflictError{}
	}
	return err
}

// commit writes what was planned, in as many transactions as it takes. Later
// segments of an agent go before earlier ones, so that a crash in between leaves
// the first one still to be done.
func (p *plan) commit() error {
	now := p.folder.now()
	for len(p.writes) > 0 {
		n, diffs := 0, 0
		for n < len(p.writes) && (n == 0 || p.writes[n].with || n < maxWrites && diffs+len(p.writes[n].diffs) <= maxDiffs*maxItems) {
			diffs += len(p.writes[n].diffs)
			n++
		}
		err := p.commitSome(p.writes[:n], now)
		for less := p.half(n); less > 0 && errors.Is(err, errTooMany); less = p.half(n) {
			n = less
			err = p.commitSome(p.writes[:n], now)
		}
		if err != nil {
			return err
		}
		p.writes = p.writes[n:]
	}
	return nil
}

// errTooMany: with what follows from them, writes do not fit into one transaction.
var errTooMany = fmt.Errorf("%w: too many differences", table.ErrTooLarge)

// half is how many of the first n writes to commit instead; 0: they go together.
func (p *plan) half(n int) int {
	for n /= 2; n > 0 && p.writes[n].with; {
		n--
	}
	return n
}

func (p *plan) commitSome(writes []write, now time.Time) error {
	h := p.head
	if err := p.look(); err != nil {
		return err
	}
	diffs := h.lists.diffs[:0]
	for i := range writes {
		diffs = append(diffs, writes[i].diffs...)
	}
	derived, err := h.view.Derive(p.ctx, h.state, p.tenant, h.seq, diffs, now.UnixMilli())
	if err != nil {
		return fmt.Errorf("deriving: %w", p.lost(err))
	}
	diffs = append(diffs, derived...)
	h.lists.diffs = diffs
	if len(writes)+(len(diffs)+maxDiffs-1)/maxDiffs > table.MaxOps-3 { // three more begin a log
		return errTooMany
	}
	takesBack := slices.ContainsFunc(writes, func(w write) bool { return w.takesBack })
	items := slices.Collect(slices.Chunk(diffs, maxDiffs))
	seq, size := h.seq, 0
	var ops []table.Op
	for i, item := range items {
		seq++
		add, bytes := counter.Add(p.tenant, seq, item, now, i+1 < len(items))
		ops = append(ops, add)
		size += bytes
	}
	if corrected := h.corrected || takesBack; len(items) > 0 && (h.seq == 0 || takesBack) {
		ops = append(ops, counter.List(p.tenant, corrected))
	}
	if len(items) > 0 && h.seq == 0 {
		begin, err := counter.Begin(p.tenant, fact.Generation, p.folder.Version)
		if err != nil {
			return err
		}
		ops = append(ops, begin...)
	}
	for _, w := range writes {
		op, err := w.op(seq)
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	if err := h.state.Write(p.ctx, ops...); err != nil {
		if _, ok := errors.AsType[*table.ConflictError](p.lost(err)); ok {
			return err
		}
		return fmt.Errorf("committing %d facts of %q: %w", len(writes), p.tenant, err)
	}
	for _, item := range items {
		h.seq++
		h.view.Add(&cell.LogItem{Seq: h.seq, Diffs: item})
	}
	if size > 0 {
		h.seen, h.items, h.bytes = now, h.items+len(items), h.bytes+size
	}
	h.corrected = h.corrected || takesBack
	return nil
}

// lost notes why a commit was not written, and gives that back: another may have taken the
// number, or, whatever else went wrong, nothing is known of the log any more.
func (p *plan) lost(err error) error {
	if _, ok := errors.AsType[*table.ConflictError](err); ok {
		p.head.met = p.folder.now()
	} else {
		p.head.known = false
	}
	return err
}

// op is the write as part of a commit whose last log item is seq.
func (w *write) op(seq uint64) (table.Op, error) {
	op := table.Op{Item: table.Item{Key: w.was.Key}, If: table.Unchanged(w.was)}
	if w.always {
		op.If = table.Always
	}
	switch {
	case w.remove:
		op.Verb = table.Delete
		return op, nil
	case w.check:
		op.Verb = table.Check
		return op, nil
	}
	if len(w.diffs) > 0 {
		w.fact.Log = seq
	}
	op.Item.Version = w.was.Version + 1
	var err error
	op.Item.Value, err = w.fact.Encode()
	return op, err
}
