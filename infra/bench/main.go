// Command bench runs the reference workload through the product and prints what
// it costs, in counted units and ratios, beside the targets.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// options are the flags.
type options struct {
	scales   []float64
	shards   []int
	engine   string
	postgres string
	days     int
	json     string
	quick    bool
	parts    string
	// Of the part cardinality:
	crowdScale float64
	only       string
	limit      time.Duration
	profiles   string
	// Of the part drift:
	conversations []int
	python        string
}

func main() {
	if text := os.Getenv(crowdVariable); text != "" {
		if err := asCrowd(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // as template.yaml has it for the functions
	}
	p := &printer{out: os.Stdout}
	if err == nil {
		err = bench(ctx, p, o)
	}
	if err == nil && o.json != "" {
		err = p.save(o.json)
	}
	if err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	o := options{}
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	scales := flags.String("scale", "1,10,100", "multiples of the reference workload")
	flags.IntSliceVar(&o.shards, "shards", []int{4, 1, 8}, "live: of how many shards the stream is; reports are asked with the first")
	flags.StringVar(&o.engine, "engine", "embedded", "embedded, or the URL of a server of DynamoDB's protocol to check the count of units against")
	flags.StringVar(&o.postgres, "postgres", "auto", "the peer: a DSN, none, or auto to start one in a directory of its own")
	flags.IntVar(&o.days, "days", 30, "days of the backfill at 1×")
	flags.StringVar(&o.json, "json", "", "write the results to this file too")
	flags.BoolVar(&o.quick, "quick", false, "1× only, fewer days, no peer: for CI")
	flags.StringVar(&o.parts, "parts", "live,backfill,fold,store,extract,files,webhook,drift,generation,beside,cardinality", "what to run")
	flags.Float64Var(&o.crowdScale, "crowds", 1, "cardinality: this part of the sizes")
	flags.StringVar(&o.only, "only", "", "cardinality: these cases and no others, such as queue-20k,before-1970")
	flags.DurationVar(&o.limit, "limit", 2*time.Minute, "cardinality: how much processor time a case may take before it is called stuck")
	flags.StringVar(&o.profiles, "profiles", "", "cardinality: write a profile of the processor for each case into this directory")
	flags.IntSliceVar(&o.conversations, "conversations", []int{10_000, 100_000, 1_000_000}, "drift: how many conversations queries are asked of")
	flags.StringVar(&o.python, "python", os.Getenv("CHATREPORTS_PYTHON"), "drift: a Python that has DuckDB, the peer; empty: none")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("bench takes no operands, not %q", flags.Args())
	}
	for s := range strings.SplitSeq(*scales, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil || v <= 0 {
			return o, fmt.Errorf("--scale holds %q; it should be numbers such as 1,10,100", s)
		}
		o.scales = append(o.scales, v)
	}
	for _, n := range o.shards {
		if n < 1 || n > 1000 {
			return o, fmt.Errorf("--shards holds %d; it should be numbers from 1 to 1000", n)
		}
	}
	if o.days < 1 || o.days > 30 {
		return o, fmt.Errorf("--days is %d; it should be 1 to 30", o.days)
	}
	if o.crowdScale <= 0 || o.limit <= 0 {
		return o, fmt.Errorf("--crowds is %g and --limit %v; both should be more than 0", o.crowdScale, o.limit)
	}
	for _, n := range o.conversations {
		if n < 1 || n > 10_000_000 {
			return o, fmt.Errorf("--conversations holds %d; it should be numbers from 1 to 10,000,000", n)
		}
	}
	if o.engine != "embedded" && !strings.Contains(o.engine, "://") {
		return o, fmt.Errorf("--engine is %q; it should be embedded or a URL such as http://127.0.0.1:8002", o.engine)
	}
	if o.quick {
		o.conversations = o.conversations[:1]
		o.scales, o.postgres, o.days = []float64{1}, "none", min(o.days, 4)
		if !flags.Changed("crowds") {
			o.crowdScale, o.limit = quickScale, quickLimit
		}
	}
	return o, nil
}
