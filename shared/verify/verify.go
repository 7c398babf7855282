// Package verify recomputes what is derived and compares it with what is stored:
// facts must be the fold of the journal, and counters the sum of what the facts
// contribute. In: the two tables and a tenant. Out: every difference, none in a
// system that works; on request it mends what it finds. It runs while events come
// in, is exact all the same, and has no clock of its own.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/verified"
)

// Options says what to verify.
type Options struct {
	Tenant string
	// From and To bound the days, UTC and half-open, whose counters are compared;
	// zero is all. Facts are compared whatever their days.
	From, To time.Time
	// Rebuild mends what is different, and then verifies again.
	Rebuild bool
	// Wait is how long it is waited for events to come from the journal into their facts, Tries
	// how often, without any fact that changes; default 5 times a second.
	Wait  time.Duration
	Tries int
	// Days is how many days of counters are compared at once at most. Whatever it is, no
	// more are than take little memory, or one; default is that.
	Days int
	// Dir is where temporary files go, of what is too much for memory; empty: where the
	// system puts them.
	Dir string
	// Now stamps the commits of a rebuild; default time.Now.
	Now func() time.Time
	// Version is the version of the measures that counts; default the current one.
	Version *measure.Version
}

// Report is what was found.
type Report struct {
	Tenant string
	// Facts, Blocks and Details count the records compared.
	Facts, Blocks, Details int
	// Differences are what is different now; Mended what was before a rebuild.
	Differences, Mended []Difference
	// Behind counts the entities that were not compared, since for as long as was waited their
	// events were folded later than others came; Late are some of them.
	Behind int
	Late   []Difference
}

// rounds bounds a rebuild: what another process changes meanwhile is mended in
// the next round.
const rounds = 5

// RunAndKeep verifies one tenant as its generation that serves is, and keeps what it finds. The
// report is good though it could not be kept: unkept is why.
func RunAndKeep(ctx context.Context, journalTable, state table.Table, o Options) (r Report, unkept, err error) {
	served, _, err := counter.Served(ctx, state, o.Tenant, &measure.Current)
	if err != nil {
		return r, nil, err
	}
	r, err = Run(ctx, journalTable, served, o)
	if err == nil && !r.Empty() {
		unkept = verified.Keep(ctx, state, o.Tenant, r.Result(&o, time.Now()))
	}
	return r, unkept, err
}

// Run verifies one tenant.
func Run(ctx context.Context, journalTable, state table.Table, o Options) (Report, error) {
	if o.Tries == 0 {
		o.Tries = 5
	}
	if o.Wait == 0 {
		o.Wait = time.Second
	}
	if o.Days == 0 {
		o.Days = math.MaxInt
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == nil {
		o.Version = &measure.Current
	}
	if m, err := counter.ReadMerged(ctx, state, o.Tenant); err != nil {
		return Report{}, err
	} else if m.Version != 0 {
		if err := o.Version.Check(o.Tenant, m.Catalogue); err != nil {
			return Report{}, err
		}
	}
	var mended []Difference
	var unmerged error
	for round := 0; ; round++ {
		v := &verifier{Options: o, events: journalTable, journal: journal.New(journalTable), state: state, days: map[cell.Day]int{}}
		v.mend = o.Rebuild && round < rounds
		if err := v.run(ctx); err != nil {
			return v.report, fmt.Errorf("verifying tenant %q: %w", o.Tenant, err)
		}
		v.report.Tenant, v.report.Mended = o.Tenant, mended
		switch {
		case len(v.report.Differences) == 0:
			if v.mend && v.report.Behind == 0 { // so all facts note what facts note today
				return v.report, counter.SetGeneration(ctx, state, o.Tenant, fact.Generation)
			}
			return v.report, nil
		case !v.mend:
			return v.report, unmerged
		}
		mended = append(mended, v.report.Differences...)
		unmerged = v.unmerged
	}
}

// verifier is one round.
type verifier struct {
	Options
	mend    bool
	events  table.Table
	journal *journal.Journal
	state   table.Table
	days    map[cell.Day]int // on which anything counts, and how many bytes of records
	busy    bool             // somebody else merged while counters were mended
	// unmerged is why a merge failed after mending.
	unmerged error
	report   Report
}

func (v *verifier) run(ctx context.Context) error {
	wrong, err := v.facts(ctx)
	if err != nil {
		return err
	}
	if err := v.counters(ctx); err != nil || !v.mend {
		return err
	}
	// Counters are now the sum of the facts as they are, right or wrong, and
	// folding a fact again changes them by what it changes in the fact.
	folder := fold.New(v.events, v.state, v.Now)
	folder.Version = v.Version
	var failed []error // of one entity keeps no other from being folded
	for _, e := range wrong {
		failed = append(failed, folder.Refold(ctx, e))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	if v.busy || len(v.report.Differences) == 0 {
		return nil
	}
	// What a merge that died left behind can be mended once it is complete. If it
	// meets a record that cannot be read, the next round mends that.
	v.unmerged = counter.Merge(ctx, v.state, v.Tenant)
	return nil
}

func (v *verifier) differ(d Difference) {
	v.report.Differences = append(v.report.Differences, d)
}

// Empty says that nothing is stored.
func (r *Report) Empty() bool { return r.Facts == 0 && len(r.Differences) == 0 && r.Behind == 0 }

// Result is the report as it is kept for people to look at.
func (r *Report) Result(o *Options, at time.Time) *verified.Result {
	out := &verified.Result{At: at, From: o.From, To: o.To, Facts: r.Facts, Blocks: r.Blocks, Mended: len(r.Mended), Behind: r.Behind}
	for i := range r.Differences {
		if out.Differences == nil {
			out.Differences = map[string]int{}
		}
		out.Differences[r.Differences[i].What]++
	}
	return out
}

// Print writes every difference and a closing line. ok says that there is none.
func (r *Report) Print(w io.Writer) (ok bool, err error) {
	for _, d := range r.Mended {
		if _, err := fmt.Fprintln(w, "mended:", d); err != nil {
			return false, err
		}
	}
	for _, d := range r.Differences {
		if _, err := fmt.Fprintln(w, d); err != nil {
			return false, err
		}
	}
	for _, d := range r.Late {
		if _, err := fmt.Fprintln(w, d); err != nil {
			return false, err
		}
	}
	behind := ""
	if r.Behind > 0 {
		behind = fmt.Sprintf(", %d chats, visitors, agents and the like behind and not compared", r.Behind)
	}
	_, err = fmt.Fprintf(w, "verified tenant %s: %d facts, %d blocks, %d differences%s\n", r.Tenant, r.Facts, r.Blocks, len(r.Differences), behind)
	return len(r.Differences) == 0, err
}
