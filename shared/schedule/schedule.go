// Package schedule delivers reports to the object store when it is time: each whole
// period once, and again when something late changes it. In: what tenants declare, and
// the present. Out: objects, and beside them manifests that say what they hold. Which
// reports there are is handed in; it knows no vendor's report, no HTTP and no engine.
package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Report is a report that can be delivered.
type Report struct {
	// Formats are the endings of the names of files; the first is the one without a wish.
	Formats []string
	// Told is what it is made of.
	Told Told
	// Listing says that it tells what there is and not what happened in a period: only the
	// last period is delivered, and none again.
	Listing bool
	// Check says what is wrong with what a schedule asks of it: a *FieldError.
	Check func(t *tenant.Tenant, s *tenant.Schedule) error
	// Write writes it, and tells how many rows it has.
	Write func(ctx context.Context, w io.Writer, a *Asked) (rows int64, err error)
}

// Check says what is wrong with a schedule of a tenant: a *FieldError.
func Check(reports map[string]*Report, t *tenant.Tenant, s *tenant.Schedule) error {
	zone, err := calendar.ParseZone(t.Zone)
	if err != nil {
		return err
	}
	if _, err := TimingOf(s, zone); err != nil {
		return err
	}
	if s.Report == "" {
		return wrong("report", `%q has no report; add one, such as report: comm100/chatVolume`, s.ID)
	}
	report, ok := reports[s.Report]
	if !ok {
		return wrong("report", "%q has report %q; it should be %s", s.ID, s.Report, nearest(reports, s.Report))
	}
	if s.Format != "" && !slices.Contains(report.Formats, s.Format) {
		return wrong("format", "%q has format %q; %s can be '%s'", s.ID, s.Format, s.Report, strings.Join(report.Formats, "', '"))
	}
	return report.Check(t, s)
}

// nearest names the reports that may be meant: those of the dialect that is named, or else
// the dialects.
func nearest(reports map[string]*Report, name string) string {
	dialect, _, _ := strings.Cut(name, "/")
	var names, dialects []string
	for _, known := range slices.Sorted(maps.Keys(reports)) {
		of, report, _ := strings.Cut(known, "/")
		if of == dialect {
			names = append(names, report)
		}
		if !slices.Contains(dialects, of) {
			dialects = append(dialects, of)
		}
	}
	if len(names) > 0 {
		return "'" + dialect + "/' and one of " + strings.Join(names, ", ")
	}
	return "'" + strings.Join(dialects, "/…' or '") + "/…', such as comm100/chatVolume"
}

// Asked is what a report is asked.
type Asked struct {
	Tenant     *tenant.Tenant
	Parameters map[string]string
	Format     string
	// From and To are Unix milliseconds: From is in, To is out.
	From, To int64
	Now      time.Time
}

// Scheduler runs schedules. Many may at once: each run is one's alone.
type Scheduler struct {
	State, Journal table.Table
	Objects        object.Store
	// Reports are those there are, by name.
	Reports map[string]*Report
	// Now is the present of the business, which may stand still; Real is the clock that
	// says how long something takes.
	Now, Real func() time.Time
}

const (
	// lease is how long a run may take; it must be longer than the time that whoever calls
	// Run lets it take.
	lease = 15 * time.Minute
	// retry is how long a run that failed waits.
	retry = 5 * time.Minute
	// spare is what a run keeps of the time it has, to end well.
	spare = 15 * time.Second
	// Late is how long after its end a period is delivered, and delivered again.
	Late = 35 * 24 * time.Hour
)

// errTime says that there is no time left; the next run goes on.
var errTime = errors.New("schedule: no time left")

// Run runs every schedule that is due. One that fails keeps no other from running.
func (s *Scheduler) Run(ctx context.Context) error {
	tenants, err := tenant.All(ctx, s.State)
	if err != nil {
		return err
	}
	var failed []error
	for i := range tenants {
		t := &tenants[i]
		if len(t.Schedules) == 0 {
			continue
		}
		records, err := readRecords(ctx, s.State, t.ID)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for j := range t.Schedules {
			declared := &t.Schedules[j]
			err := s.one(ctx, t, declared, records[declared.ID])
			if errors.Is(err, errTime) {
				return errors.Join(failed...)
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("schedule %q of tenant %q: %w", declared.ID, t.ID, err))
			}
		}
	}
	return errors.Join(failed...)
}

// one runs one schedule if it is due and nobody else runs it.
func (s *Scheduler) one(ctx context.Context, t *tenant.Tenant, declared *tenant.Schedule, r *record) error {
	now := s.Now()
	run, due, err := s.prepare(t, declared, r, now)
	if err != nil || !due {
		return err
	}
	if run.Until > s.Real().UnixMilli() {
		return nil
	}
	if s.hurried(ctx) {
		return errTime
	}
	run.Runs++
	run.Until = s.Real().Add(lease).UnixMilli()
	if err := run.save(ctx, s.State); err != nil {
		return notTaken(err)
	}
	err = run.deliver(ctx)
	switch {
	case err == nil:
		run.Ran, run.Until, run.Failure = now.UnixMilli(), 0, ""
	case errors.Is(err, errTaken), errors.Is(err, object.ErrEnded): // whoever has it by now ended it
		return nil
	case errors.Is(err, errTime):
		run.Until = 0
	default:
		run.Until, run.Failure = s.Real().Add(retry).UnixMilli(), told(err)
	}
	// Also when there is no time left at all, so that the next need not wait.
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), spare/3)
	defer cancel()
	if saved := notTaken(run.save(saving, s.State)); saved != nil {
		return errors.Join(err, saved)
	}
	return err
}

// told is a failure in words for the tenant. What is wrong inside is for the log only.
func told(err error) string {
	if refused, ok := errors.AsType[*dialect.Refusal](err); ok {
		return refused.Sentence()
	}
	return "The report could not be made or stored; it is tried again every five minutes."
}

func notTaken(err error) error {
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// hurried says that there is no time to begin anything.
func (s *Scheduler) hurried(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && end.Sub(s.Real()) < spare
}

// prepare says what a run of a schedule is about, and whether it is due.
func (s *Scheduler) prepare(t *tenant.Tenant, declared *tenant.Schedule, r *record, now time.Time) (*run, bool, error) {
	zone, err := calendar.ParseZone(t.Zone)
	if err != nil {
		return nil, false, err
	}
	timing, err := TimingOf(declared, zone)
	if err != nil {
		return nil, false, err
	}
	report, ok := s.Reports[declared.Report]
	if !ok {
		return nil, false, fmt.Errorf("there is no report %q", declared.Report)
	}
	if r == nil {
		r = &record{item: table.Item{Key: recordKey(t.ID, declared.ID)}}
	}
	if digest := digestOf(t.Zone, declared); r.Declared != digest {
		// What it was before says nothing of what it is now; what that left over does.
		*r = record{Declared: digest, Runs: r.Runs, Until: r.Until, Writing: r.Writing, Day: r.Day, Stale: r.Stale, item: r.item}
	}
	due := true
	if r.Ran > 0 {
		next, err := timing.Next(time.UnixMilli(r.Ran))
		due = err == nil && !next.After(now)
	}
	return &run{Scheduler: s, record: r, timing: timing, tenant: t, declared: declared, report: report, now: now}, due, nil
}

// digestOf is another for every declaration.
func digestOf(zone string, declared *tenant.Schedule) string {
	raw, _ := json.Marshal(declared) // of texts, which it always can
	sum := sha256.Sum256(append(raw, zone...))
	return hex.EncodeToString(sum[:16])
}
