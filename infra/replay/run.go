package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/storage"
	"chatreports/shared/fold"
	"chatreports/shared/function"
	"chatreports/shared/object"
	"chatreports/shared/table/embedded"
)

const usage = `replay has the records counted that fold has set aside.

  replay                the bucket and the tables named by $FAILURE_BUCKET, $JOURNAL_TABLE and $STATE_TABLE
  replay --data DIR     the local system's directory, while it does not run

`

// run is one run of the program; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	complain := func(code int, err error) int {
		_, _ = fmt.Fprintln(errOut, "replay:", err)
		return code
	}
	flags := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	data := flags.String("data", "", "data directory of the local system")
	dry := flags.Bool("dry-run", false, "say what lies there, and change nothing")
	flags.Usage = func() { _, _ = fmt.Fprint(errOut, usage, flags.FlagUsages()) }
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is not a flag; see --help", flags.Arg(0))
	}
	if err != nil {
		return complain(2, err)
	}
	needs := []string{function.FailureBucket}
	if !*dry {
		needs = append(needs, function.JournalTable, function.StateTable)
	}
	if err := storage.Named(*data, getenv, needs...); err != nil {
		return complain(2, err)
	}
	failures, err := storage.Failures(ctx, *data, getenv)
	if err != nil {
		return complain(2, err)
	}
	r := replay{failures: failures, dry: *dry, out: out}
	if !*dry {
		journal, state, done, err := storage.Tables(ctx, *data, getenv)
		if errors.Is(err, embedded.ErrInUse) {
			err = fmt.Errorf("%s is in use by a local system: stop it first", *data)
		}
		if err != nil {
			return complain(2, err)
		}
		defer done()
		r.folder = fold.New(journal, state, time.Now)
		r.folder.OnMergeError = func(string, error) {} // the schedule merges
	}
	if err := r.all(ctx); err != nil {
		return complain(1, err)
	}
	if r.stay > 0 {
		return 1
	}
	return 0
}

// replay is what one run does, and what it came to.
type replay struct {
	failures object.Store
	folder   *fold.Folder
	dry      bool
	out      io.Writer

	files, records, stay int
}

// all replays every object that there is now. An error is one of storage: what was counted
// till then is, and another run goes on.
func (r *replay) all(ctx context.Context) error {
	var keys []string
	for info, err := range r.failures.List(ctx, "") {
		if err != nil {
			return err
		}
		keys = append(keys, info.Key)
	}
	for _, key := range keys {
		if err := r.object(ctx, key); err != nil {
			return err
		}
	}
	did := "are counted"
	if r.dry {
		did = "lie there"
	}
	fmt.Fprintf(r.out, "%d records in %d files %s; %d files stay\n", r.records, r.files, did, r.stay)
	return nil
}

// object replays one.
func (r *replay) object(ctx context.Context, key string) error {
	raw, err := r.read(ctx, key)
	if err != nil {
		return err
	}
	items, err := function.ReadSetAside(raw)
	if err != nil {
		r.stay++
		fmt.Fprintf(r.out, "%s stays: %v\n", key, err)
		return nil
	}
	if !r.dry {
		failed, err := r.folder.Apply(ctx, items)
		if err != nil {
			return fmt.Errorf("folding %s: %w", key, err)
		}
		if i := slices.IndexFunc(failed, func(err error) bool { return err != nil }); i >= 0 {
			r.stay++
			fmt.Fprintf(r.out, "%s stays: %s %s: %v\n", key, items[i].Part, items[i].Sort, failed[i])
			return nil
		}
		if err := r.failures.Delete(ctx, key); err != nil {
			return err
		}
	}
	for _, item := range items {
		fmt.Fprintf(r.out, "%s: %s %s\n", key, item.Part, item.Sort)
	}
	r.files, r.records = r.files+1, r.records+len(items)
	return nil
}

func (r *replay) read(ctx context.Context, key string) ([]byte, error) {
	in, err := r.failures.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", key, err)
	}
	return raw, nil
}
