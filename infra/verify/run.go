package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/storage"
	"chatreports/infra/verify/running"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verify"
)

const usage = `verify compares what is stored of a tenant with what follows from its journal,
and keeps what it found for the dashboard's page Data.

  verify --tenant ID --data DIR     the local system's directory, whether it runs or not
  verify --tenant ID                the DynamoDB tables named by $JOURNAL_TABLE and $STATE_TABLE

`

// arguments are what the flags say.
type arguments struct {
	data string
	verify.Options
}

// run is one run of the program; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	complain := func(code int, err error) int {
		_, _ = fmt.Fprintln(errOut, "verify:", err)
		return code
	}
	a, err := parse(args, errOut)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err != nil {
		return complain(2, err)
	}
	report, unkept, err := a.verify(ctx, getenv)
	if _, wrong := errors.AsType[*usageError](err); wrong {
		return complain(2, err)
	}
	if err != nil {
		return complain(1, err)
	}
	if report.Empty() {
		return complain(2, fmt.Errorf("nothing is stored of a tenant %q", a.Tenant))
	}
	if _, err := report.Print(out); err != nil {
		return complain(1, err)
	}
	if unkept != nil {
		return complain(1, unkept)
	}
	return exitCode(&report)
}

// exitCode says in a number what was found.
func exitCode(r *verify.Report) int {
	switch {
	case len(r.Differences) > 0:
		return 1
	case r.Behind > 0:
		return 3
	}
	return 0
}

func parse(args []string, errOut io.Writer) (arguments, error) {
	var a arguments
	flags := pflag.NewFlagSet("verify", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&a.data, "data", "", "data directory of the local system; without it, the DynamoDB tables named by $JOURNAL_TABLE and $STATE_TABLE")
	flags.StringVar(&a.Tenant, "tenant", "", "the tenant's id")
	from := flags.String("from", "", "first day (UTC) whose counters are compared, such as 2026-01-01 (default: all)")
	to := flags.String("to", "", "day after the last one")
	flags.BoolVar(&a.Rebuild, "rebuild", false, "mend what is different, then verify again")
	flags.DurationVar(&a.Wait, "wait", time.Second, "how long to wait, up to five times in a row in which nothing is counted, for events on their way into facts")
	flags.Usage = func() { _, _ = fmt.Fprint(errOut, usage, flags.FlagUsages()) }
	if err := flags.Parse(args); err != nil {
		return a, err
	}
	switch {
	case flags.NArg() > 0:
		return a, fmt.Errorf("%q is not a flag; see --help", flags.Arg(0))
	case a.Tenant == "":
		return a, errors.New("--tenant is missing")
	}
	var err error
	if a.From, err = day("--from", *from); err != nil {
		return a, err
	}
	if a.To, err = day("--to", *to); err != nil {
		return a, err
	}
	if !a.From.IsZero() && !a.To.IsZero() && !a.From.Before(a.To) {
		return a, fmt.Errorf("--from %s is not before --to %s", *from, *to)
	}
	return a, nil
}

func day(flag, v string) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, v)
	if err != nil {
		return t, fmt.Errorf("%s is %q; it should be a date such as 2026-01-31", flag, v)
	}
	return t, nil
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

// verify runs on the tables themselves, or asks the local system that holds them.
// What nobody has folded is no difference: it says so, before anything is compared.
func (a *arguments) verify(ctx context.Context, getenv func(string) string) (report verify.Report, unkept, err error) {
	journal, state, done, err := storage.Tables(ctx, a.data, getenv)
	if errors.Is(err, embedded.ErrInUse) {
		report, err := running.Ask(a.data, a.Options)
		if _, nobody := errors.AsType[*net.OpError](err); nobody {
			return report, nil, &usageError{fmt.Errorf("%s is in use by a process that cannot be asked; wait until it listens, or stop it: %w", a.data, err)}
		}
		return report, nil, err
	}
	if err != nil {
		return report, nil, &usageError{err}
	}
	defer done()
	if feed, ok := journal.(embedded.FeedTable); ok && !a.Rebuild {
		n, err := feed.Pending(ctx)
		if err != nil {
			return report, nil, err
		}
		if n > 0 {
			return report, nil, fmt.Errorf("%s holds %d events that are stored and not counted yet, since the local system was ended before: start it once (go run ./infra/local --data %[1]s), then verify again", a.data, n)
		}
	}
	return verify.RunAndKeep(ctx, journal, state, a.Options)
}
