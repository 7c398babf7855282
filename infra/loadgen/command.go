package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"chatreports/infra/loadgen/replay"
	"chatreports/infra/loadgen/sim"
	"chatreports/shared/iana"
	"chatreports/shared/nearest"

	"github.com/spf13/pflag"
)

// How each subcommand is called.
const (
	usageSimulate = "loadgen simulate [flags]             write simulated events, one a line"
	usageReplay   = "loadgen replay FILE [flags]          send the events of a file (\"-\": standard input; gzip'ed or not)"
	usageWebhook  = "loadgen webhook --vendor V [flags]   post a payload as a vendor does, or with --play a simulation"
)

const usage = `loadgen makes and sends events.

  ` + usageSimulate + `
  ` + usageReplay + `
  ` + usageWebhook + `

"loadgen simulate --help" and so on list the flags.
`

// command is one run of the program: 0 is success, 1 that something was not done,
// 2 a mistake in the arguments.
type command struct {
	in       io.Reader
	out, err io.Writer
}

func (c command) run(ctx context.Context, args []string) int {
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	known := []string{"simulate", "replay", "webhook"}
	switch name {
	case "simulate":
		return c.simulate(ctx, args[1:])
	case "replay":
		return c.replay(ctx, args[1:])
	case "webhook":
		return c.webhook(ctx, args[1:])
	case "help", "-h", "--help":
		_, _ = io.WriteString(c.out, usage)
		return 0
	}
	if name != "" {
		c.complain(fmt.Errorf("unknown subcommand %q; %sthere are %s", name, nearest.Hint(name, known), strings.Join(known, ", ")))
	}
	_, _ = io.WriteString(c.err, usage)
	return 2
}

func (c command) complain(err error) { _, _ = fmt.Fprintln(c.err, "loadgen:", err) }

// parse reads flags before and after the operands, of which the usage has one if it has a FILE;
// done says that nothing is left to do, with that exit code.
func (c command) parse(flags *pflag.FlagSet, args []string, usage string) (code int, done bool) {
	operands := strings.Count(usage, " FILE ")
	flags.SetOutput(c.err)
	flags.Usage = func() { _, _ = fmt.Fprintf(c.err, "usage: %s\n\n%s", usage, flags.FlagUsages()) }
	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0, true
	case err == nil && flags.NArg() != operands:
		err = fmt.Errorf("%s takes %d operands besides its flags, not %d; usage: %s", flags.Name(), operands, flags.NArg(), usage)
	}
	if err != nil {
		c.complain(err)
		return 2, true
	}
	return 0, false
}

func (c command) simulate(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("simulate", pflag.ContinueOnError)
	cfg := sim.Config{}
	flags.Uint64Var(&cfg.Seed, "seed", 1, "decides everything left to chance")
	start := flags.String("start", "", "first moment, RFC 3339 or a date in the zone (default: a week before the end)")
	end := flags.String("end", "", "moment to stop at, exclusive (default: now)")
	zone := flags.String("zone", "UTC", "IANA zone of days and shifts")
	flags.Float64Var(&cfg.Scale, "scale", 1, fmt.Sprintf("1 is about %d chats a workday", sim.ChatsPerWorkday))
	flags.Float64Var(&cfg.Concurrency, "concurrency", 0, "multiplies the chats an agent takes at a time (default: as scale needs)")
	flags.IntVar(&cfg.Agents, "agents", 40, "number of agents")
	flags.IntVar(&cfg.Departments, "departments", 6, "number of departments")
	flags.IntVar(&cfg.Campaigns, "campaigns", 3, "number of campaigns")
	flags.BoolVar(&cfg.RoundTheClock, "round-the-clock", false, "shifts cover every hour, and somebody always waits")
	flags.StringVar(&cfg.Source, "source", "sim", "source of the events")
	if code, done := c.parse(flags, args, usageSimulate); done {
		return code
	}
	if err := setTimes(&cfg, *start, *end, *zone, 7*24*time.Hour, time.Now()); err != nil {
		c.complain(err)
		return 2
	}
	if err := writeEvents(ctx, c.out, cfg); err != nil {
		c.complain(err)
		return 1
	}
	return 0
}

// setTimes reads the stretch of time; without a start it is as long as back.
func setTimes(cfg *sim.Config, start, end, zone string, back time.Duration, now time.Time) error {
	loc, err := iana.Zone(zone)
	if err != nil {
		return fmt.Errorf("--zone is %q; it should be a zone such as Europe/Berlin", zone)
	}
	cfg.Zone = loc
	if cfg.End, err = moment("--end", end, loc, now.In(loc).Truncate(time.Minute)); err != nil {
		return err
	}
	if cfg.Start, err = moment("--start", start, loc, cfg.End.Add(-back)); err != nil {
		return err
	}
	if !cfg.Start.Before(cfg.End) {
		return fmt.Errorf("--start %s is not before --end %s", cfg.Start.Format(time.RFC3339), cfg.End.Format(time.RFC3339))
	}
	return nil
}

func moment(flag, v string, zone *time.Location, otherwise time.Time) (time.Time, error) {
	if v == "" {
		return otherwise, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, v, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return t, fmt.Errorf("%s is %q; it should be a date or RFC 3339, such as 2026-03-01T09:30:00Z", flag, v)
	}
	return t, nil
}

func writeEvents(ctx context.Context, w io.Writer, cfg sim.Config) error {
	out := bufio.NewWriterSize(w, 1<<20)
	var line []byte
	for e := range sim.New(cfg).Events() {
		line = append(sim.AppendJSON(line[:0], &e), '\n')
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

func (c command) replay(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("replay", pflag.ContinueOnError)
	o := replay.Options{}
	flags.StringVar(&o.To, "to", "http://127.0.0.1:8080", "the server")
	flags.StringVar(&o.Key, "key", os.Getenv("CHATREPORTS_KEY"), "secret of a key with the scope events:write; $CHATREPORTS_KEY")
	flags.Lookup("key").DefValue = "" // a secret is not shown as a default
	shuffle := flags.String("shuffle", "", "send in a random order that this seed decides (holds the file in memory)")
	flags.IntVar(&o.Batch, "batch", replay.MaxRequestEvents, "events a request")
	flags.IntVar(&o.Parallel, "parallel", 4, "requests at a time")
	flags.Float64Var(&o.Rate, "rate", 0, "events a second at most; 0 is no limit")
	flags.DurationVar(&o.GiveUp, "give-up", 2*time.Minute, "how long one request is tried again")
	flags.IntVar(&o.Keep, "refusals", 10, "how many refusals are printed")
	again := flags.Bool("loop-check", false, "then send everything again: every event must be a duplicate")
	quiet := flags.Bool("quiet", false, "no progress")
	if code, done := c.parse(flags, args, usageReplay); done {
		return code
	}
	if *shuffle != "" {
		seed, err := strconv.ParseUint(*shuffle, 10, 64)
		if err != nil {
			c.complain(fmt.Errorf("--shuffle is %q; it should be a whole number", *shuffle))
			return 2
		}
		o.Shuffle = &seed
	}
	if !*quiet {
		p := newProgress(c.err)
		o.Progress, o.Retry = p.answered, p.retried
	}
	file := flags.Arg(0)
	if *again && file == "-" {
		c.complain(errors.New("--loop-check reads twice and so needs a file"))
		return 2
	}
	first, ok := c.send(ctx, file, o)
	if !ok || !*again {
		return code(ok)
	}
	second, ok := c.send(ctx, file, o)
	if ok && (second.Accepted > 0 || second.Sent() != first.Sent()) {
		c.complain(fmt.Errorf("sent again, %d of %d events were not known", second.Accepted, second.Sent()))
		ok = false
	}
	return code(ok)
}

func code(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// send replays one file and says how it went; ok means that every event is stored.
func (c command) send(ctx context.Context, file string, o replay.Options) (r replay.Result, ok bool) {
	in := c.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			c.complain(err)
			return r, false
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	began := time.Now()
	r, err := replay.Run(ctx, in, o)
	for _, refusal := range r.Refusals {
		c.complain(errors.New(refusal.String()))
	}
	if more := r.Refused - len(r.Refusals); more > 0 {
		c.complain(fmt.Errorf("and %d more refused", more))
	}
	if err != nil {
		c.complain(fmt.Errorf("stopped, not everything is stored (sending it all again is harmless): %w", err))
	}
	_, _ = fmt.Fprintln(c.out, r.Summary(time.Since(began)))
	return r, err == nil && r.Refused == 0
}
