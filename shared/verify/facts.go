package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// entities lists what the journal has events of and what there are facts of, and
// notes the days that there are counters of.
func (v *verifier) entities(ctx context.Context) ([]journal.Entity, error) {
	all := map[journal.Entity]bool{}
	for item, err := range v.events.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err != nil {
			return nil, fmt.Errorf("scanning the journal: %w", err)
		}
		if p := table.Split(item.Part); len(p) == 3 {
			all[journal.Entity{Tenant: p[0], Kind: p[1], ID: p[2]}] = true
		} else {
			v.differ(Difference{What: "journal", Entity: item.Part, Note: "not the key of an entity"})
		}
	}
	for item, err := range v.state.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err != nil {
			return nil, fmt.Errorf("scanning the state: %w", err)
		}
		if e, ok := facts.EntityOf(item.Key); ok {
			all[e] = true
		} else {
			audit.StoredDays(item, func(d cell.Day) { v.days[d] += len(item.Value) })
		}
	}
	out := slices.Collect(maps.Keys(all))
	slices.SortFunc(out, func(a, b journal.Entity) int {
		return slices.Compare([]string{a.Kind, a.ID}, []string{b.Kind, b.ID})
	})
	return out, nil
}

// facts compares the facts of entities with their journal, again and again
// while some events may still be on their way: a try counts only if no entity
// came right meanwhile. It returns the entities that stay wrong and can be folded
// again.
func (v *verifier) facts(ctx context.Context, entities []journal.Entity) (wrong []journal.Entity, err error) {
	for try := 0; ; try++ {
		var foldable []journal.Entity
		verdicts, err := v.compareAll(ctx, entities)
		if err != nil {
			return nil, err
		}
		wrong = wrong[:0]
		for i := range verdicts {
			if len(verdicts[i].differences) > 0 {
				wrong = append(wrong, entities[i])
			} else {
				v.report.Facts += verdicts[i].facts
			}
		}
		if len(wrong) < len(entities) {
			try = 0
		}
		if len(wrong) == 0 || try == v.Tries {
			for i := range verdicts {
				if d := verdicts[i].differences; len(d) > 0 {
					v.report.Facts += verdicts[i].facts
					v.report.Differences = append(v.report.Differences, d...)
				}
				if len(verdicts[i].differences) > 0 && !verdicts[i].unfoldable {
					foldable = append(foldable, entities[i])
				}
			}
			return foldable, nil
		}
		select {
		case <-time.After(v.Wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		entities = slices.Clone(wrong)
	}
}

// verdict is what comparing one entity came to.
type verdict struct {
	facts       int
	differences []Difference
	unfoldable  bool // the fold panics
}

// parallel is how many entities are compared at once.
const parallel = 8

func (v *verifier) compareAll(ctx context.Context, entities []journal.Entity) ([]verdict, error) {
	out := make([]verdict, len(entities))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, e := range entities {
		g.Go(func() error {
			days := map[cell.Day]bool{}
			verdict, err := v.compare(ctx, e, days)
			out[i] = verdict
			mu.Lock()
			defer mu.Unlock()
			for d := range days {
				v.days[d] += 0
			}
			return err
		})
	}
	return out, g.Wait()
}

// compare compares one entity. What is stored is read before the journal, so
// that it can only be behind.
func (v *verifier) compare(ctx context.Context, e journal.Entity, days map[cell.Day]bool) (verdict, error) {
	stored, err := v.stored(ctx, e)
	if err != nil {
		return verdict{}, err
	}
	out := verdict{facts: len(stored)}
	expected, err := expectSafely(ctx, v.journal, e)
	if _, ok := errors.AsType[*panicError](err); ok {
		out.unfoldable = true
		out.differences = []Difference{{What: "journal", Entity: table.Join(e.Kind, e.ID), Note: err.Error()}}
		return out, nil
	}
	if err != nil {
		return verdict{}, err
	}
	for key, item := range stored {
		name := nameOf(e, key)
		old, err := fact.Decode(item.Value)
		if err != nil {
			out.differences = append(out.differences, Difference{What: "fact", Entity: name, Note: "cannot be read: " + err.Error()})
			continue
		}
		v.note(days, old)
		next := expected[key]
		if next == nil {
			out.differences = append(out.differences, Difference{What: "fact", Entity: name, Note: "the journal has no event of it"})
			continue
		}
		if v.mend && earlier(old) {
			out.differences = append(out.differences, Difference{What: "fact", Entity: name, Note: "an earlier version folded it, and it notes less"})
			continue
		}
		d, err := v.compareFacts(name, item.Value, old, next)
		if err != nil {
			return verdict{}, err
		}
		out.differences = append(out.differences, d...)
	}
	for key, next := range expected {
		v.note(days, next)
		if _, ok := stored[key]; !ok {
			out.differences = append(out.differences, Difference{
				What: "fact", Entity: nameOf(e, key), Note: fmt.Sprintf("there is none; the journal has %d events of it", len(next.Seen)/4),
			})
		}
	}
	return out, nil
}

// earlier says that a fact lacks what facts note today.
func earlier(f *fact.Fact) bool {
	if f.Chat == nil && f.Visitor == nil && f.Agent == nil {
		return false
	}
	return f.Generation < fact.Generation || f.Agent != nil && !f.Agent.Before.Told
}

func (v *verifier) note(days map[cell.Day]bool, f *fact.Fact) {
	for _, c := range v.Version.Of(f) {
		audit.Days(&c, func(d cell.Day) { days[d] = true })
	}
}

// compareFacts says where a stored fact is not the fold of its journal.
func (v *verifier) compareFacts(name string, raw []byte, old, next *fact.Fact) ([]Difference, error) {
	next.Log = old.Log // where it was committed, not what it says
	next.AsOf(old.Generation)
	if old.Agent != nil && next.Agent != nil && !old.Agent.Before.Told {
		next.Agent.Untold()
	}
	if old.NotesNoMessages() && next.Chat != nil {
		next.Chat.Said = nil
	}
	want, err := next.Encode()
	if err != nil || bytes.Equal(raw, want) {
		return nil, err
	}
	if same, err := old.Encode(); err != nil || bytes.Equal(same, want) { // another version wrote the same
		return nil, err
	}
	var out []Difference
	for _, c := range measure.Difference(v.Version.Of(old), v.Version.Of(next)) {
		d := Difference{What: "fact", Entity: name, At: c.At, Expected: c.N, Measure: measure.Get(c.Measure).Name + " contribution"}
		if c.N < 0 {
			d.Stored, d.Expected = -c.N, 0
		}
		out = append(out, d)
	}
	if a, b := len(old.Seen)/4, len(next.Seen)/4; a != b {
		out = append(out, Difference{What: "fact", Entity: name, Note: fmt.Sprintf("it holds %d events, the journal %d", a, b)})
	}
	if len(out) == 0 {
		out = append(out, Difference{What: "fact", Entity: name, Note: "it is not what its events fold into"})
	}
	return out, nil
}

// nameOf names a fact as the log does; an agent's entry in the directory, which
// is no fact of its own, by that.
func nameOf(e journal.Entity, k table.Key) string {
	if facts.Key(e, k.Sort) == k {
		return facts.Name(e, k.Sort)
	}
	return table.Join("dir", e.Kind, e.ID)
}

// stored reads all facts of an entity, and an agent's entry in the directory.
func (v *verifier) stored(ctx context.Context, e journal.Entity) (map[table.Key]table.Item, error) {
	items, err := facts.Stored(ctx, v.state, e)
	if err != nil {
		return nil, err
	}
	if e.Kind == "agent" {
		entry, err := v.state.Get(ctx, facts.EntryKey(e))
		if err != nil {
			return nil, fmt.Errorf("reading the entry of agent %q: %w", e.ID, err)
		}
		if entry[0].Version != 0 {
			items = append(items, entry[0])
		}
	}
	out := map[table.Key]table.Item{}
	for _, item := range items {
		out[item.Key] = item
	}
	return out, nil
}

// panicError is a panic of the fold.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("its events cannot be folded: %v", e.value) }

func expectSafely(ctx context.Context, j *journal.Journal, e journal.Entity) (out map[table.Key]*fact.Fact, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{r}
		}
	}()
	return expect(ctx, j, e)
}

// expect folds all events of an entity. It cuts them into segments in its own
// way, on purpose: it is what package fold is compared with.
func expect(ctx context.Context, j *journal.Journal, e journal.Entity) (map[table.Key]*fact.Fact, error) {
	out := map[table.Key]*fact.Fact{}
	history, err := j.Read(ctx, e, math.MinInt64, math.MaxInt64)
	if err != nil || len(history.Events)+len(history.LeftOut)+len(history.Retractions) == 0 {
		return out, err
	}
	events := history.Events
	var length int64
	var layout string
	switch e.Kind {
	case "agent":
		length, layout = 24*time.Hour.Milliseconds(), time.DateOnly
	case "visitor":
		length, layout = time.Hour.Milliseconds(), "2006-01-02T15"
	default:
		f := fact.New(e.Kind)
		f.Fold(events...)
		f.Retract(history.Retractions)
		out[facts.Key(e, "-")] = f
		return out, nil
	}
	if len(history.Retractions) > 0 {
		f := &fact.Fact{}
		f.Retract(history.Retractions)
		out[facts.Key(e, "retracted")] = f
	}
	// Of events that use an id twice the first counts, within a segment; what was taken
	// back leaves a segment, too, even an empty one.
	all := slices.Concat(events, history.LeftOut)
	var starts []int64
	for i := range all {
		t := all[i].Time()
		starts = append(starts, t.Truncate(time.Duration(length)*time.Millisecond).UnixMilli())
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	before := fact.Beginning()
	for i, start := range starts {
		some, effective := events[:0:0], events[:0:0]
		for len(history.LeftOut) == 0 && len(events) > 0 && events[0].At < start+length {
			some, events = append(some, events[0]), events[1:]
		}
		if len(history.LeftOut) > 0 {
			segment, err := j.Read(ctx, e, start, start+length)
			if err != nil {
				return nil, err
			}
			some, effective = segment.Events, segment.Effective
		}
		key := facts.Key(e, time.UnixMilli(start).UTC().Format(layout))
		f := fact.New(e.Kind)
		if e.Kind == "agent" {
			until := fact.Forever
			if i+1 < len(starts) {
				until = starts[i+1]
			}
			f = fact.NewAgent(e.ID, start, until, before)
		}
		f.Fold(some...)
		f.Retract(effective)
		out[key] = f
		if e.Kind == "agent" {
			before = f.Agent.After
		}
	}
	if e.Kind == "agent" && before.Profile != nil {
		out[facts.EntryKey(e)] = &fact.Fact{Entry: before.Profile}
	}
	return out, nil
}
