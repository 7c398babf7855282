package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/loadgen/replay"
)

const usage = `import FILE… --format FORMAT --to URL --key KEY

sends what is in files to a running system: events of ours, one a line (events); Freshchat's raw reports, as CSV or
a ZIP of it (freshchat); Comm100's chats as JSON (comm100). Any of them may be gzip'ed. Sending a file again changes
nothing; what was interrupted goes on with the same command.

`

// keepsUp is how many events a second are sent if nobody says otherwise: what is sent faster
// than it is folded makes all tenants wait.
const keepsUp = 2000

// command is one run of the program: 0 is success, 1 that something was not done,
// 2 a mistake in the arguments.
type command struct {
	out, err io.Writer
}

func (c command) complain(err error) { fmt.Fprintln(c.err, "import:", err) }

func (c command) run(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("import", pflag.ContinueOnError)
	flags.SetOutput(c.err)
	flags.Usage = func() { fmt.Fprint(c.err, usage, flags.FlagUsages()) }
	o := replay.Options{}
	name := flags.String("format", "", "what the files are: "+formatNames)
	flags.StringVar(&o.To, "to", "http://127.0.0.1:8080", "the server")
	flags.StringVar(&o.Key, "key", os.Getenv("CHATREPORTS_KEY"), "secret of a key with the scope events:write; $CHATREPORTS_KEY")
	flags.Lookup("key").DefValue = "" // a secret is not shown as a default
	before := flags.String("before", "", "only what happened before, RFC 3339: since when a webhook has told the same")
	anew := flags.Bool("anew", false, "begin at the beginning, also where an earlier run stopped half way")
	flags.IntVar(&o.Parallel, "parallel", 4, "requests at a time")
	flags.Float64Var(&o.Rate, "rate", keepsUp, "events a second at most, so that others do not wait; 0 is no limit")
	flags.DurationVar(&o.GiveUp, "give-up", 2*time.Minute, "how long one request is tried again")
	flags.IntVar(&o.Keep, "problems", 10, "how many rows that are not understood, and how many events that are refused, are printed")
	quiet := flags.Bool("quiet", false, "no progress")
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	m := importer{now: time.Now(), keep: o.Keep, tell: func(s string) { c.complain(errors.New(s)) }}
	m.format = formats[*name]
	switch {
	case err != nil:
	case flags.NArg() == 0:
		err = errors.New("name a file; --help says more")
	case m.format == nil:
		err = fmt.Errorf("--format is %q; it should be one of %s", *name, formatNames)
	case *before != "" && *name == "events":
		err = errors.New("--before is for files of vendors; events of ours are sent whole")
	case *before != "":
		if m.before, err = time.Parse(time.RFC3339, *before); err != nil {
			err = fmt.Errorf("--before is %q; it should be RFC 3339, such as 2026-03-01T09:30:00Z", *before)
		}
	}
	if err != nil {
		c.complain(err)
		return 2
	}
	exit := 0
	for _, file := range flags.Args() {
		one := m
		one.file, one.send = file, o
		if one.state, err = newState(file, *name, *before, o.To, o.Key); err == nil && !*anew {
			_, err = one.state.resume()
		}
		if err != nil {
			c.complain(err)
			return 1
		}
		if !*quiet {
			p := &progress{out: c.err, file: file, said: m.now}
			one.send.Progress, one.send.Retry = p.answered, p.retried
		}
		whole, err := c.importFile(ctx, &one)
		if err != nil {
			c.complain(err)
			return 1
		}
		if !whole {
			exit = 1
		}
	}
	return exit
}

// importFile imports one file and says how it went: whether every row was understood and
// every event taken. An error means that it was not sent to its end.
func (c command) importFile(ctx context.Context, m *importer) (whole bool, err error) {
	began := time.Now()
	r, err := m.run(ctx)
	for _, refusal := range r.Refusals {
		c.complain(fmt.Errorf("%s: %v", m.file, refusal))
	}
	text := fmt.Sprintf("%s: %d rows, %d not understood", m.file, m.rows, m.wrong)
	if m.skipped > 0 {
		text += fmt.Sprintf(", %d sent by an earlier run", m.skipped)
	}
	text += fmt.Sprintf("; %d events taken, %d known already, %d refused", r.Accepted, r.Duplicates, r.Refused)
	if m.late > 0 {
		text += fmt.Sprintf(", %d left out", m.late)
	}
	fmt.Fprintf(c.out, "%s, in %.1f s\n", text, time.Since(began).Seconds())
	if err != nil {
		err = fmt.Errorf("%s: stopped, not everything is stored; the same command goes on: %w", m.file, err)
		return false, errors.Join(err, m.state.stop())
	}
	return m.wrong == 0 && r.Refused == 0, m.state.done()
}

// progress tells now and then how far a file is. Its methods may be called from several
// goroutines.
type progress struct {
	mu   sync.Mutex
	out  io.Writer
	file string
	said time.Time
}

const progressEvery = 2 * time.Second

func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.said) >= progressEvery {
		p.said = now
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *progress) answered(r replay.Result) {
	p.say("%s: %d events sent, %d of them known already, %d refused", p.file, r.Sent(), r.Duplicates, r.Refused)
}

func (p *progress) retried(err error, wait time.Duration) {
	p.say("%s: sending again in %.1f s: %v", p.file, wait.Seconds(), err)
}
