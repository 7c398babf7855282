package counter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Every report reads the log beyond what is merged. A merge writes all blocks that anything
// was added to, hundreds of them: so it comes the seldomer the better. A bundle of some of
// the log takes a fraction of the bytes and costs hardly anything. So the log is bundled
// piece by piece, and merged when bundles are as long as a report may read.
const (
	// MergeBytes is how long they may get.
	MergeBytes = 60 << 10
	// MergeAge is how old the log may get. A small tenant's is short, and would gain nothing
	// from being merged; but it expires.
	MergeAge = 7 * 24 * time.Hour
	// bundleBytes is how much of the log is bundled.
	bundleBytes = 24 << 10
	// minItems: few large items (a backfill) may grow beyond these, to maxBytes, before
	// anything pays.
	minItems = 6
	maxBytes = 512 << 10
	// stepBytes is how much one merge takes at most: all of it may be of one
	// quarter, whose detail must fit into one record.
	stepBytes = 256 << 10
)

// Due says whether to Shorten a log of so many items and bytes that are neither merged nor
// bundled.
func Due(items, bytes int) bool {
	return bytes > bundleBytes && items >= minItems || bytes > maxBytes
}

// MergeDue shortens every tenant's log that is long or older than MergeAge: a step of each
// and then the next of each, so that nobody waits for another's long log. since is from when
// on the one should have been shortened that waits longest and still is not; zero: none should.
// It is right of all logs that could be read, whatever the error.
func MergeDue(ctx context.Context, state table.Table, now time.Time) (since time.Time, err error) {
	var failed []error
	var due []*overdue
	for item, err := range state.Query(ctx, table.Range{Part: logsKey("").Part}) {
		if err != nil {
			failed = append(failed, fmt.Errorf("listing logs: %w", err))
			break
		}
		tenant := table.Split(item.Sort)[0]
		o, err := look(ctx, state, tenant, now)
		if err != nil {
			failed = append(failed, err)
		} else if o != nil {
			due = append(due, o)
		}
	}
	for todo := due; len(todo) > 0; {
		var more []*overdue
		for _, o := range todo {
			left, err := o.step(ctx)
			if err != nil {
				failed = append(failed, fmt.Errorf("merging %q: %w", o.tenant, err))
			}
			switch _, damaged := errors.AsType[*DamageError](err); {
			case err != nil && !damaged:
			case !left:
				o.since = 0
			default:
				more = append(more, o)
			}
		}
		todo = more
	}
	for _, o := range due {
		if at := time.UnixMilli(o.since); o.since != 0 && (since.IsZero() || at.Before(since)) {
			since = at
		}
	}
	return since, errors.Join(failed...)
}

// overdue is a log that is to be shortened: merged, all of it, or bundled as long as bundles
// are no longer than they may get; and since when it should have been, in Unix milliseconds
// (0: it should not).
type overdue struct {
	tenant string
	state  table.Table // where the generation lies that serves
	merge  bool
	since  int64
}

// step shortens it by a piece, and says whether there is more to do.
func (o *overdue) step(ctx context.Context) (more bool, err error) {
	if o.merge {
		step, err := MergeStep(ctx, o.state, o.tenant)
		return step.Items > 0, err
	}
	step, err := Bundle(ctx, o.state, o.tenant)
	return step.Bytes > bundleBytes, err
}

// look says whether the log of a tenant's generation that serves is long or old, or a merge of
// it was begun; nil: it is not. Whoever builds another generation merges that.
func look(ctx context.Context, state table.Table, tenant string, now time.Time) (*overdue, error) {
	m, err := ReadMerged(ctx, state, tenant)
	if err != nil {
		return nil, err
	}
	if serves := m.Serves(); serves != 0 {
		state = Space(state, tenant, serves)
		if m, err = ReadMerged(ctx, state, tenant); err != nil {
			return nil, err
		}
	}
	if err := measure.Current.Check(tenant, m.Catalogue); err != nil {
		return nil, err
	}
	o := &overdue{tenant: tenant, state: state}
	first, bytes := int64(0), 0
	if len(m.Bundles) > 0 {
		first = m.Bundles[0].Since
	}
	for l, err := range heads(ctx, state, tenant, m.Bundled()) {
		if err != nil {
			return nil, err
		}
		if first == 0 {
			first = l.At
		}
		bytes += l.Bytes
		if o.since == 0 && (bytes > bundleBytes || l.Seq == m.Intent) {
			o.since = l.At
		}
	}
	due := first + MergeAge.Milliseconds()
	old := first != 0 && due <= now.UnixMilli()
	if old && (o.since == 0 || due < o.since) {
		o.since = due
	}
	fold, err := letGo(ctx, state, tenant, &m, now)
	if err != nil {
		return nil, err
	}
	o.merge = old || m.Intent > m.Merged || fold
	if !o.merge && o.since == 0 {
		return nil, nil
	}
	return o, nil
}

// Shorten takes the log's newest items into a bundle, if that is Due; or, if bundles would be
// longer than they may get, it is a MergeStep.
func Shorten(ctx context.Context, state table.Table, tenant string) (Step, error) {
	return shorten(ctx, state, tenant, Due)
}

// Bundle is Shorten of a log however short it is.
func Bundle(ctx context.Context, state table.Table, tenant string) (Step, error) {
	return shorten(ctx, state, tenant, func(items, _ int) bool { return items > 0 })
}

func shorten(ctx context.Context, state table.Table, tenant string, due func(items, bytes int) bool) (Step, error) {
	for {
		m, err := ReadMerged(ctx, state, tenant)
		if err != nil {
			return Step{}, err
		}
		items, err := Tail(ctx, state, tenant, m.Bundled(), nil)
		if err != nil {
			return Step{}, err
		}
		size := 0
		for i := range items {
			size += items[i].Bytes
		}
		switch {
		case size > maxBytes || m.Intent > m.Merged || m.Fold:
			return MergeStep(ctx, state, tenant)
		case !due(len(items), size): // somebody else has
			return Step{Merged: m, Items: len(items), Bytes: size}, nil
		}
		record, documents, err := bundle(ctx, state, tenant, &m, unheld(items, &m))
		if err != nil {
			return Step{}, err
		}
		if m.BundledBytes() > MergeBytes {
			return MergeStep(ctx, state, tenant)
		}
		if _, err := state.PutEach(ctx, table.Op{Item: record}); err != nil {
			return Step{}, fmt.Errorf("bundling the log of %q: %w", tenant, err)
		}
		if m.Held, err = hold(ctx, state, tenant, &m, documents); err != nil {
			return Step{}, err
		}
		for i := range documents {
			m.Note(documents[i].Diffs)
		}
		again, err := PutMerged(ctx, state, tenant, &m)
		if err != nil || !again {
			return Step{Merged: m}, err
		}
	}
}

// bundle notes that the items that come next are bundled, and gives the record of the bundle,
// and what they change of documents, which is to be held. Bundles before that are not much
// larger are taken along, so that there are few, and each item is written again a few times
// at most: what items that are far from one another say often adds up to nothing.
func bundle(ctx context.Context, state table.Table, tenant string, m *cell.Merged, items []cell.LogItem) (record table.Item, documents []cell.LogItem, err error) {
	expire := expires(items[len(items)-1].At)
	documents = apart(items)
	b, record := cell.BundleOf(tenant, cell.Bundle{First: m.Bundled() + 1, Since: items[0].At}, items)
	before, along := alongWith(m.Bundles, b.Bytes)
	if slices.ContainsFunc(before, func(b cell.Bundle) bool { return !b.Apart }) {
		before, along = nil, m.Bundles
	}
	if len(along) > 0 {
		more, err := readBundles(ctx, state, tenant, along, nil)
		if err != nil {
			return record, nil, err
		}
		documents, items = append(apart(unheld(more, m)), documents...), append(more, items...)
		b, record = cell.BundleOf(tenant, along[0], items)
	}
	b.Apart, record.Expires = true, expire
	m.Bundles = append(slices.Clip(before), b)
	return record, documents, nil
}

// alongWith tells those of some bundles that stay from the last ones that are taken along with
// a further one of a size, since they are not much larger.
func alongWith(bundles []cell.Bundle, size int) (stay, along []cell.Bundle) {
	n := len(bundles)
	for n > 0 && bundles[n-1].Bytes <= size {
		n--
		size += bundles[n].Bytes
	}
	return bundles[:n], bundles[n:]
}
