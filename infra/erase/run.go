package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/storage"
	"chatreports/shared/erase"
	"chatreports/shared/function"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

const usage = `erase removes everything that is stored of a tenant, or what says who a visitor is, for good.

  erase --tenant ID --everything --dry-run               says how much there is
  erase --tenant ID --everything --confirm ID            removes it
  erase --tenant ID --visitor VISITOR --dry-run          says what would be written anew, and what deleted
  erase --tenant ID --visitor VISITOR --confirm VISITOR  puts another name in its place

With --data DIR of the local system, while it does not run; without it, of the tables and buckets
named by $JOURNAL_TABLE, $STATE_TABLE, $OBJECT_BUCKET and $FAILURE_BUCKET. The line in JSON on
standard output is for the audit log.

`

// arguments are what the command line says.
type arguments struct {
	data, by      string
	erase.Visitor // without a visitor, it is the whole tenant
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

// run is one run of the program; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	a, err := parse(args, errOut)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = a.erase(ctx, getenv, out, errOut)
	} else {
		err = &usageError{err}
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "erase:", err)
	if _, wrong := errors.AsType[*usageError](err); wrong {
		return 2
	}
	return 1
}

func parse(args []string, errOut io.Writer) (*arguments, error) {
	a := &arguments{}
	flags := pflag.NewFlagSet("erase", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&a.data, "data", "", "data directory of the local system")
	flags.StringVar(&a.ID, "tenant", "", "the tenant's id")
	everything := flags.Bool("everything", false, "the whole tenant: events, counters, files, settings and keys")
	flags.StringVar(&a.Visitor.Visitor, "visitor", "", "a visitor's id, as events give it")
	confirm := flags.String("confirm", "", "the visitor's id once more, or the tenant's")
	flags.BoolVar(&a.DryRun, "dry-run", false, "say how much there is, and change nothing")
	flags.StringVar(&a.by, "by", "", "who does it, for the audit log (default: the user of this machine)")
	flags.DurationVar(&a.Wait, "wait", 2*tenant.CacheFor, "how long to wait between looks for what is in flight; with --data nothing is")
	flags.Usage = func() { fmt.Fprint(errOut, usage, flags.FlagUsages()) }
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q is not a flag; see --help", flags.Arg(0))
	case a.ID == "":
		return nil, errors.New("--tenant is missing")
	case *everything == (a.Visitor.Visitor != ""):
		return nil, errors.New("there should be either --everything, which means the whole tenant, or --visitor")
	case slices.Contains(tenant.ReservedIDs(), a.ID):
		return nil, fmt.Errorf("--tenant is %q, which no tenant can be called", a.ID)
	case !a.DryRun && *confirm != cmp.Or(a.Visitor.Visitor, a.ID):
		return nil, fmt.Errorf("--confirm is %q; it should be the id once more, %q, or there should be --dry-run", *confirm, cmp.Or(a.Visitor.Visitor, a.ID))
	}
	if a.by == "" {
		if u, err := user.Current(); err == nil {
			a.by = u.Username
		}
	}
	return a, nil
}

// open opens what the tenant is erased from.
func (a *arguments) open(ctx context.Context, getenv func(string) string) (done func(), err error) {
	if err := storage.Named(a.data, getenv, function.ObjectBucket, function.FailureBucket, function.JournalTable, function.StateTable); err != nil {
		return nil, err
	}
	if a.Objects, err = storage.Objects(ctx, a.data, getenv); err != nil {
		return nil, err
	}
	if a.Failures, err = storage.Failures(ctx, a.data, getenv); err != nil {
		return nil, err
	}
	a.Journal, a.State, done, err = storage.Undivided(ctx, a.data, getenv)
	if errors.Is(err, embedded.ErrInUse) {
		err = fmt.Errorf("%s is in use by a local system: stop it first", a.data)
	}
	if err != nil {
		return nil, err
	}
	if feed, ok := a.Journal.(embedded.FeedTable); ok {
		a.Wait = 0
		n, err := feed.Pending(ctx)
		if err == nil && n > 0 {
			err = fmt.Errorf("%s holds %d events that are stored and not counted yet, and they would be counted after the erasure: start the local system once (go run ./infra/local --data %[1]s), stop it, then erase again", a.data, n)
		}
		if err != nil {
			done()
			return nil, err
		}
	}
	return done, nil
}

// tellEvery is how often progress is told.
const tellEvery = 2 * time.Second

func (a *arguments) erase(ctx context.Context, getenv func(string) string, out, errOut io.Writer) error {
	done, err := a.open(ctx, getenv)
	if err != nil {
		return &usageError{err}
	}
	defer done()
	last := time.Now()
	a.Progress = func(c erase.Counts) {
		if now := time.Now(); now.Sub(last) > tellEvery {
			last = now
			fmt.Fprintln(errOut, words(c))
		}
	}
	a.Now = time.Now
	what, run := "visitor", a.Visitor.Run
	if a.Visitor.Visitor == "" {
		what, run = "tenant", a.Tenant.Run
	}
	counts, err := run(ctx)
	if feed, ok := a.Journal.(embedded.FeedTable); ok && err == nil && !a.DryRun {
		err = acknowledge(ctx, feed)
	}
	fmt.Fprintln(errOut, a.told(counts))
	a.audit(ctx, out, what, counts, err == nil)
	return err
}

// acknowledge takes what was written anew out of a local system's feed: it is folded.
func acknowledge(ctx context.Context, feed embedded.FeedTable) error {
	shards, err := feed.Shards(ctx)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		const some = 1000
		for {
			changes, err := feed.Next(ctx, shard, some)
			if err != nil || len(changes) == 0 {
				return err
			}
			if err := feed.Acknowledge(ctx, shard, changes[len(changes)-1].Sequence); err != nil {
				return err
			}
		}
	}
	return nil
}

// audit writes one line: no visitor, and no error, which may name somebody's records.
func (a *arguments) audit(ctx context.Context, out io.Writer, what string, counts erase.Counts, complete bool) {
	of := make([]any, 0, 2*len(counts))
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		of = append(of, what, counts[what])
	}
	all := []any{"what", what, "by", a.by, "tenant", a.ID, "dryRun", a.DryRun, "complete", complete && !a.DryRun, slog.Group("counts", of...)}
	log := slog.New(slog.NewJSONHandler(out, nil))
	if a.DryRun {
		log.InfoContext(ctx, "counted, and not erased", all...)
		return
	}
	log.InfoContext(ctx, "erased", all...)
}

// told says what was done, or would be.
func (a *arguments) told(c erase.Counts) string {
	would, dry := "", ""
	if a.DryRun {
		would, dry = "would be ", " (--dry-run)"
	}
	if a.Visitor.Visitor == "" {
		if len(c) == 0 {
			return fmt.Sprintf("nothing is stored of a tenant %q%s", a.ID, dry)
		}
		return would + "erased" + dry + ": " + words(c)
	}
	anew, gone := erase.Counts{}, erase.Counts{}
	for what, n := range c {
		if what == erase.Events || what == erase.Records {
			anew[what] = n
		} else {
			gone[what] = n
		}
	}
	said := fmt.Sprintf("no event of tenant %q names a visitor %q", a.ID, a.Visitor.Visitor)
	if len(anew) > 0 {
		said = would + "written anew under another name: " + words(anew)
		if a.DryRun {
			said += ", and counters that name the visitor"
		}
	}
	if len(gone) > 0 {
		said += "; " + would + "deleted: " + words(gone)
	}
	return said + dry
}

// words says how much there was.
func words(c erase.Counts) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprint(c[what], " ", what))
	}
	return strings.Join(parts, ", ")
}
