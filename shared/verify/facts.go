package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// verdict is what comparing one entity came to.
type verdict struct {
	facts       int
	differences []Difference
	unfoldable  bool // the fold panics
	// stands is a sum over the facts as they were, and torn says that they changed while they
	// were compared.
	stands uint64
	torn   bool
	// lacks are events of the journal that the facts have not folded, and but says that
	// nothing else is wrong with them. overtaken says that later ones are folded.
	lacks          map[uint32]bool
	but, overtaken bool
}

// compare compares one entity, and notes the days on which it counts. What is stored is read
// before the journal, so that it can only be behind: then it is compared with the journal as
// far as it has been folded.
func (v *verifier) compare(ctx context.Context, e journal.Entity, days map[cell.Day]bool) (out verdict, err error) {
	stored, err := v.stored(ctx, e)
	if err != nil {
		return out, err
	}
	out.facts, out.stands = len(stored), sum(stored)
	out.differences, out.unfoldable, err = v.against(ctx, v.journal, e, stored, days)
	if err != nil || len(out.differences) == 0 || out.unfoldable {
		return out, err
	}
	part := foldedOf(v.events, stored)
	differences, _, err := v.against(ctx, journal.New(part), e, stored, nil)
	if err != nil {
		return out, err
	}
	out.lacks, out.overtaken = part.lacks, part.overtaken(time.Duration(v.Tries)*v.Wait)
	if out.but = len(differences) == 0; out.but {
		return out, nil
	}
	again, err := v.stored(ctx, e)
	out.torn = err == nil && sum(again) != out.stands
	return out, err
}

// against compares the facts of an entity with what a journal says of it.
func (v *verifier) against(ctx context.Context, j *journal.Journal, e journal.Entity, stored map[table.Key]table.Item, days map[cell.Day]bool) (out []Difference, unfoldable bool, err error) {
	expected, err := expectSafely(ctx, j, e)
	if _, ok := errors.AsType[*panicError](err); ok {
		return []Difference{{What: "journal", Entity: table.Join(e.Kind, e.ID), Note: err.Error()}}, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	for key, item := range stored {
		name := nameOf(e, key)
		old, err := fact.Decode(item.Value)
		if err != nil {
			out = append(out, Difference{What: "fact", Entity: name, Note: "cannot be read: " + err.Error()})
			continue
		}
		v.note(days, old)
		next := expected[key]
		if next == nil {
			out = append(out, Difference{What: "fact", Entity: name, Note: "the journal has no event of it"})
			continue
		}
		if v.mend && earlier(old) {
			out = append(out, Difference{What: "fact", Entity: name, Note: "an earlier version folded it, and it notes less"})
			continue
		}
		d, err := v.compareFacts(name, item.Value, old, next)
		if err != nil {
			return nil, false, err
		}
		out = append(out, d...)
	}
	for key, next := range expected {
		v.note(days, next)
		if _, ok := stored[key]; !ok {
			out = append(out, Difference{
				What: "fact", Entity: nameOf(e, key), Note: fmt.Sprintf("there is none; the journal has %d events of it", len(next.Seen)/4),
			})
		}
	}
	return out, false, nil
}

// earlier says that a fact lacks what facts note today.
func earlier(f *fact.Fact) bool {
	if f.Chat == nil && f.Visitor == nil && f.Agent == nil {
		return false
	}
	return f.Generation < fact.Generation || f.Agent != nil && !f.Agent.Before.Told
}

// note notes the days on which a fact counts; nil: nobody asks.
func (v *verifier) note(days map[cell.Day]bool, f *fact.Fact) {
	if days == nil {
		return
	}
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
