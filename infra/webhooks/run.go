package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/storage"
	"chatreports/infra/verify/running"
	"chatreports/shared/journal"
	"chatreports/shared/payload"
	"chatreports/shared/table/embedded"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/vendors"
)

const usage = `webhooks works with what webhooks have delivered, as it is kept.

  webhooks list   --tenant ID [--webhook ID] --from DAY --to DAY    what there is, by day and webhook
  webhooks replay --tenant ID --webhook ID --from DAY --to DAY      map it again, and store the events that are new

With --data DIR of the local system, whether it runs or not; without it, of the bucket named by
$OBJECT_BUCKET, and the tables named by $JOURNAL_TABLE and $STATE_TABLE.

`

// arguments are what the command line says.
type arguments struct {
	list bool
	data string
	webhook.Replay

	running bool // the local system does it
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func misused(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// run is one run of the program; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	a, err := parse(args, errOut)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = a.do(ctx, getenv, out, errOut)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "webhooks:", err)
	if _, wrong := errors.AsType[*usageError](err); wrong {
		return 2
	}
	return 1
}

func parse(args []string, errOut io.Writer) (a arguments, err error) {
	flags := pflag.NewFlagSet("webhooks", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&a.data, "data", "", "data directory of the local system")
	flags.StringVar(&a.Tenant, "tenant", "", "the tenant's id")
	flags.StringVar(&a.Webhook, "webhook", "", "the webhook's id, as it was in the tenants file")
	from := flags.String("from", "", "first day (UTC) of arrival, such as 2026-01-31")
	to := flags.String("to", "", "day after the last one")
	flags.BoolVar(&a.DryRun, "dry-run", false, "replay: say what would come of it, and store nothing")
	flags.BoolVar(&a.Correct, "correct", false, "replay: take back what is stored otherwise than the mapping has it now, and store that instead")
	flags.Usage = func() { fmt.Fprint(errOut, usage, flags.FlagUsages()) }
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return a, err
		}
		return a, misused("%w; see --help", err)
	}
	a.list = flags.Arg(0) == "list"
	switch {
	case flags.NArg() != 1 || !a.list && flags.Arg(0) != "replay":
		return a, misused("say list or replay, and nothing else that is no flag; see --help")
	case a.Tenant == "":
		return a, misused("--tenant is missing")
	case a.Webhook == "" && !a.list:
		return a, misused("--webhook is missing")
	case a.list && (a.DryRun || a.Correct):
		return a, misused("--dry-run and --correct are of replay")
	}
	for _, day := range []struct {
		flag, text string
		is         *time.Time
	}{{"--from", *from, &a.From}, {"--to", *to, &a.To}} {
		if *day.is, err = time.Parse(time.DateOnly, day.text); err != nil {
			return a, misused("%s is %q; it should be a day such as 2026-01-31", day.flag, day.text)
		}
	}
	if !a.From.Before(a.To) {
		return a, misused("--from %s is not before --to %s, the day after the last one", *from, *to)
	}
	return a, nil
}

func (a *arguments) do(ctx context.Context, getenv func(string) string, out, errOut io.Writer) error {
	if a.list {
		return a.show(ctx, getenv, out)
	}
	done, err := a.replay(ctx, getenv, errOut)
	if err == nil && done.Deliveries+len(done.Damaged) == 0 {
		err = fmt.Errorf("nothing is kept of a tenant %q, webhook %q, in that time", a.Tenant, a.Webhook)
	}
	if err != nil {
		return err
	}
	return a.print(out, &done)
}

// show lists what is kept. The local system need not stop for it.
func (a *arguments) show(ctx context.Context, getenv func(string) string, out io.Writer) error {
	objects, err := storage.Objects(ctx, a.data, getenv)
	if err != nil {
		return &usageError{err}
	}
	type group struct {
		day     string
		webhook string
	}
	var groups []group
	count, bytes := map[group]int{}, map[group]int64{}
	for e, err := range payload.List(ctx, objects, a.Tenant, a.Webhook, a.From, a.To) {
		if err != nil {
			return err
		}
		g := group{e.Day.Format(time.DateOnly), e.Webhook}
		if count[g] == 0 {
			groups = append(groups, g)
		}
		count[g]++
		bytes[g] += e.Bytes
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "day\twebhook\tdeliveries\tbytes")
	for _, g := range groups {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", g.day, g.webhook, count[g], bytes[g])
	}
	return w.Flush()
}

// replay works on the stores themselves, or asks the local system that holds them.
func (a *arguments) replay(ctx context.Context, getenv func(string) string, errOut io.Writer) (done webhook.Replayed, err error) {
	table, _, closes, err := storage.Tables(ctx, a.data, getenv)
	if errors.Is(err, embedded.ErrInUse) {
		a.running = true
		done, err = running.Replay(a.data, a.Replay)
		if _, nobody := errors.AsType[*net.OpError](err); nobody {
			err = misused("%s is in use by a process that cannot be asked; wait until it listens, or stop it: %w", a.data, err)
		}
		return done, err
	}
	if err != nil {
		return done, &usageError{err}
	}
	defer closes()
	objects, err := storage.Objects(ctx, a.data, getenv)
	if err != nil {
		return done, &usageError{err}
	}
	r := &webhook.Replayer{Providers: vendors.All(), Objects: objects, Journal: journal.New(table), Clock: time.Now}
	last := time.Now()
	r.Progress = func(d *webhook.Replayed) {
		if now := time.Now(); now.Sub(last) > 2*time.Second {
			last = now
			fmt.Fprintf(errOut, "%d deliveries, %d new events\n", d.Deliveries, d.New)
		}
	}
	return r.Run(ctx, a.Replay)
}

// print says what became of it.
func (a *arguments) print(out io.Writer, done *webhook.Replayed) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "deliveries\t%d\n", done.Deliveries)
	for _, action := range slices.Sorted(maps.Keys(done.Actions)) {
		note := ""
		if done.Unknown[action] {
			note = "\tno event follows from it"
		}
		fmt.Fprintf(w, "  %q\t%d%s\n", action, done.Actions[action], note)
	}
	fmt.Fprintf(w, "  not understood\t%d%s\n", len(done.NotUnderstood), examples(done.NotUnderstood))
	fmt.Fprintf(w, "  damaged\t%d%s\n", len(done.Damaged), examples(done.Damaged))
	would := ""
	if a.DryRun {
		would = "\twould be stored"
	}
	conflicting := "\tstand as they are stored; --correct replaces them"
	if a.Correct {
		conflicting = "\treplaced"
		if a.DryRun {
			conflicting = "\twould be replaced"
		}
	}
	if done.Conflicting == 0 {
		conflicting = ""
	}
	fmt.Fprintf(w, "new events\t%d%s\nknown\t%d\nconflicting\t%d%s\nrefused\t%d\n", done.New, would, done.Known, done.Conflicting, conflicting, done.Refused)
	if a.data != "" && !a.running && !a.DryRun {
		fmt.Fprintf(w, "They are counted once the local system runs: go run ./infra/local --data %s\n", a.data)
	}
	return w.Flush()
}

// examples are some of many.
func examples(keys []string) string {
	const most = 3
	return strings.Join(append([]string{""}, keys[:min(len(keys), most)]...), "\t")
}
