package schedule

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/object"
	"chatreports/shared/step"
	"chatreports/shared/tenant"
)

// run is one run of a schedule, from its claim on.
type run struct {
	*Scheduler
	*record
	timing   *Timing
	tenant   *tenant.Tenant
	declared *tenant.Schedule
	report   *Report
	now      time.Time
}

// deliver writes the periods that are over, and again those in which something changed.
//
// Whatever moment it ends at, users see nothing half: an object is there once it is
// whole, and counts once its manifest names it. What it was writing is in the record, so
// that the next run takes it away.
func (r *run) deliver(ctx context.Context) error {
	if err := r.tidy(ctx); err != nil {
		return err
	}
	now := r.now.UnixMilli()
	oldest := r.timing.at(r.now.Add(-Late).UnixMilli()).From // of those that ended within Late
	known := oldest
	if r.Next > 0 { // the one delivered last is looked at again, however long a period is
		known = min(oldest, r.timing.at(r.Next-1).From)
	}
	var changed *changes
	var again, fresh []step.Span
	state, generation, err := counter.Served(ctx, r.State, r.tenant.ID, &measure.Current)
	switch another := generation != r.Generation; {
	case err != nil:
	case r.Next == 0 || r.report.Listing || another:
		if changed, err = upToNow(ctx, state, r.tenant.ID); err == nil {
			changed.all = another
		}
	default:
		changed, err = r.changesSince(ctx, state, r.tenant.ID, r.report.Told, r.Seen, known, now)
	}
	if err != nil {
		return err
	}
	switch last := r.timing.LastBefore(now); {
	case r.Next == 0, r.report.Listing && last.From >= r.Next:
		fresh = []step.Span{last}
	case !r.report.Listing:
		again, fresh = changed.periods(r.timing, known, r.Next), r.timing.Between(r.due(oldest), now)
	}
	if changed.counted == 0 {
		changed.counted = r.Counted
	}
	if err := r.eachFolder(ctx, again, changed, r.again); err != nil {
		return err
	}
	if err := r.eachFolder(ctx, fresh, changed, r.fresh); err != nil {
		return err
	}
	r.Generation, r.Seen, r.Counted = generation, changed.end, changed.counted
	return nil
}

// due is where the first period begins that is delivered now: the first that was not yet,
// unless runs were missed. Then it is no older than oldest.
func (r *run) due(oldest int64) int64 {
	first, err := r.timing.Next(time.UnixMilli(r.Ran))
	if err != nil {
		return r.Next
	}
	if second, err := r.timing.Next(first); err != nil || second.After(r.now) {
		return r.Next
	}
	return max(r.Next, oldest)
}

// tidy ends what a run before has left: an object that no manifest names, a manifest that
// was not written.
func (r *run) tidy(ctx context.Context) error {
	if r.Writing != "" {
		if err := r.takeAway(ctx, r.Writing); err != nil {
			return err
		}
		r.Writing = ""
	}
	if !r.Stale {
		return nil
	}
	f, err := readFolder(ctx, r.State, r.tenant.ID, r.declared.ID, r.Day)
	if err != nil {
		return err
	}
	return r.putManifest(ctx, f)
}

// takeAway takes an object away, or what was written of it.
func (r *run) takeAway(ctx context.Context, key string) error {
	if err := r.Objects.Abandon(ctx, key); err != nil {
		return err
	}
	return r.Objects.Delete(ctx, key)
}

// eachFolder calls f with each period and the folder it is in.
func (r *run) eachFolder(ctx context.Context, periods []step.Span, c *changes, f func(context.Context, *folder, step.Span, *changes) error) error {
	for len(periods) > 0 {
		day := dayOf(r.timing.zone, periods[0])
		folder, err := readFolder(ctx, r.State, r.tenant.ID, r.declared.ID, day)
		if err != nil {
			return err
		}
		for len(periods) > 0 && dayOf(r.timing.zone, periods[0]) == day {
			if r.hurried(ctx) {
				return errTime
			}
			if err := f(ctx, folder, periods[0], c); err != nil {
				return err
			}
			periods = periods[1:]
		}
	}
	return nil
}

// again delivers a period that was delivered, if that would be another object by now.
func (r *run) again(ctx context.Context, f *folder, p step.Span, c *changes) error {
	was := f.of(p)
	if was == nil {
		return nil
	}
	made, err := r.write(ctx, io.Discard, p)
	if err != nil {
		return err
	}
	if newest := was.Versions[len(was.Versions)-1]; made.rows == newest.Rows && bytes.Equal(made.sum.Sum(nil), newest.SHA256) {
		return nil
	}
	return r.put(ctx, f, p, c, r.Next)
}

// fresh delivers a period for the first time.
func (r *run) fresh(ctx context.Context, f *folder, p step.Span, c *changes) error {
	return r.put(ctx, f, p, c, p.To)
}

// put writes an object, then that it is there. next is where the first period begins that
// is not delivered then.
func (r *run) put(ctx context.Context, f *folder, p step.Span, c *changes, next int64) error {
	name := r.timing.nameOf(p, r.Runs, r.format())
	r.Writing = Prefix(r.tenant.ID, r.declared.ID) + f.day + "/" + name
	if err := r.save(ctx, r.State); err != nil {
		return err
	}
	var made *counting
	err := object.Put(ctx, r.Objects, r.Writing, func(w io.Writer) (err error) {
		made, err = r.write(ctx, w, p)
		return err
	})
	if err != nil {
		return err
	}
	f.Report = r.declared.Report
	f.add(p, version{
		Object: name, Rows: made.rows, Bytes: made.bytes, SHA256: made.sum.Sum(nil), Counted: c.counted, Written: r.Real().UnixMilli(),
	})
	op, err := f.op()
	if err != nil {
		return err
	}
	key := r.Writing
	r.Writing, r.Next, r.Day, r.Stale = "", next, f.day, true
	if err := r.save(ctx, r.State, op); err != nil {
		if errors.Is(err, errTaken) { // whoever has it by now knows nothing of this object, or is taking it away
			return errors.Join(err, r.takeAway(ctx, key))
		}
		return err
	}
	f.item = op.Item
	return r.putManifest(ctx, f)
}

// putManifest writes a folder's manifest as users read it.
func (r *run) putManifest(ctx context.Context, f *folder) error {
	text, err := f.manifest(r.tenant, r.declared.ID)
	if err != nil {
		return err
	}
	err = object.Put(ctx, r.Objects, Prefix(r.tenant.ID, r.declared.ID)+f.day+"/"+manifestName, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	r.Stale = err != nil
	return err
}

func (r *run) format() string {
	if r.declared.Format != "" {
		return r.declared.Format
	}
	return r.report.Formats[0]
}

// write writes the report of a period, and says what it wrote.
func (r *run) write(ctx context.Context, w io.Writer, p step.Span) (*counting, error) {
	c := &counting{w: w, sum: sha256.New()}
	var err error
	c.rows, err = r.report.Write(ctx, c, &Asked{
		Tenant: r.tenant, Parameters: r.declared.Parameters, Format: r.format(), From: p.From, To: p.To, Now: r.now,
	})
	if err != nil {
		return nil, fmt.Errorf("making report %s from %s to %s: %w", r.declared.Report, written(p.From), written(p.To), err)
	}
	return c, nil
}

// counting counts and digests what is written through it.
type counting struct {
	w           io.Writer
	sum         hash.Hash
	bytes, rows int64
}

func (c *counting) Write(b []byte) (int, error) {
	c.sum.Write(b)
	c.bytes += int64(len(b))
	return c.w.Write(b)
}
