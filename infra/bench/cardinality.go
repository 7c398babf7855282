package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// crowdVariable tells this program, started again, which crowd to let come, as JSON.
const crowdVariable = "CHATREPORTS_BENCH_CROWD"

// order is what the program started again is to do.
type order struct {
	Name string
	Size int
	Dir  string // for its database; whoever started it deletes it
	// Profile is the file for a profile of the processor; empty: none.
	Profile string
}

// quickScale and quickLimit are those of --quick and of the test.
const (
	quickScale = 0.02
	quickLimit = 20 * time.Second
)

// cardinality lets every crowd come, each to a process and a database of its own.
func cardinality(ctx context.Context, p *printer, o options) error {
	p.section("Much of one thing, at %g of its size: what it costs, and what a small tenant who sends a chat a second waits meanwhile", o.crowdScale)
	all := make([]crowdRow, 0, len(crowds))
	for i := range crowds {
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), crowds[i].name) {
			continue
		}
		profile := ""
		if o.profiles != "" {
			profile = filepath.Join(o.profiles, crowds[i].name+".pprof")
		}
		row := apart(ctx, &crowds[i], crowds[i].scaled(o.crowdScale), o.limit, profile)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all = append(all, row)
		_, _ = fmt.Fprintf(os.Stderr, "%s: %s\n", row.name, row.verdict())
	}
	if len(all) == 0 {
		return fmt.Errorf("--only is %q; there are %s", o.only, strings.Join(crowdNames(), ", "))
	}
	printCrowds(p, all)
	return nil
}

func crowdNames() (names []string) {
	for i := range crowds {
		names = append(names, crowds[i].name)
	}
	return names
}

// scaled is the size of a crowd at a scale: of what is odd by itself there is one.
func (what *crowd) scaled(scale float64) int {
	return max(min(what.size, 10), int(math.Round(float64(what.size)*scale)))
}

// crowdRow is one line of the table.
type crowdRow struct {
	name  string
	size  int
	sends int // events
	crowding
	stuck bool // it was ended
	err   error
}

// busyMachine is how much longer than its processor time a case may take.
const busyMachine = 10

// apart runs a crowd in a process and a directory of its own, and ends it when it
// has used the limit of processor time.
func apart(ctx context.Context, what *crowd, size int, limit time.Duration, profile string) crowdRow {
	row := crowdRow{name: what.name, size: size}
	what.events(size, func(time.Time, string, string, string) { row.sends++ })
	limited, cancel := context.WithTimeout(ctx, busyMachine*limit)
	defer cancel()
	err := inDirectory(func(dir string) error {
		return run(limited, order{Name: what.name, Size: size, Dir: dir, Profile: profile}, func(c crowding) {
			if row.crowding = c; c.Used > limit {
				cancel()
			}
		})
	})
	if limited.Err() != nil && row.Step != "" && ctx.Err() == nil {
		row.stuck, err = true, nil
	}
	row.err = err
	return row
}

func inDirectory(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "crowd-*")
	if err != nil {
		return err
	}
	return errors.Join(do(dir), os.RemoveAll(dir))
}

// run starts this program again with an order, and hands on what it says.
func run(ctx context.Context, o order, progress func(crowding)) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program) //nolint:gosec // it is this program
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 2*time.Second
	cmd.Env = append(os.Environ(), crowdVariable+"="+string(raw))
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for decoder := json.NewDecoder(out); ; {
		var c crowding
		if decoder.Decode(&c) != nil {
			break
		}
		progress(c)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, clip(strings.TrimSpace(said.String())))
	}
	return nil
}

// asCrowd is this program started again: it does what the order says and prints
// what came of it so far, a line each time.
func asCrowd(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	i := slices.IndexFunc(crowds, func(c crowd) bool { return c.name == o.Name })
	if i < 0 {
		return fmt.Errorf("no crowd is called %q", o.Name)
	}
	debug.SetGCPercent(400) // as template.yaml has both for the functions
	debug.SetMemoryLimit(400 << 20)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.Profile != "" {
		f, err := os.Create(o.Profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, pprof.StopCPUProfile) // also of what is stuck
		defer pprof.StopCPUProfile()
	}
	encoder := json.NewEncoder(os.Stdout)
	c, err := crowdIn(ctx, o.Dir, &crowds[i], o.Size, func(c crowding) { _ = encoder.Encode(c) })
	return errors.Join(err, encoder.Encode(c))
}

// verdict is what is true afterwards.
func (r *crowdRow) verdict() string {
	refused := 0
	for _, n := range r.Refused {
		refused += n
	}
	switch {
	case r.stuck && r.Step == "folding":
		return fmt.Sprintf("STUCK after %.0f s: %d of %d events folded", r.Used.Seconds(), r.Folded, r.sends)
	case r.stuck:
		return fmt.Sprintf("STUCK after %.0f s, %s", r.Used.Seconds(), r.Step)
	case r.err != nil:
		return "FAILED"
	case len(r.Wrong) > 0:
		return "WRONG"
	case refused > 0:
		return fmt.Sprintf("exact, %d refused", refused)
	}
	return "exact"
}

// notes are what a line has no room for.
func (r *crowdRow) notes() (notes []string) {
	if r.err != nil {
		notes = append(notes, r.err.Error())
	}
	for what, n := range r.Refused {
		notes = append(notes, fmt.Sprintf("refused at the door: %d, %s", n, what))
	}
	if r.MergeErrors > 1 {
		notes = append(notes, fmt.Sprintf("%d merges failed", r.MergeErrors))
	}
	if r.Lost > 0 {
		notes = append(notes, fmt.Sprintf("%d records lost", r.Lost))
	}
	return append(notes, r.Wrong...)
}

func printCrowds(p *printer, all []crowdRow) {
	w := tabwriter.NewWriter(p.out, 2, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "  what\tsize\tevents\tevents/s\twrite units\tread units\tmemory\tstored\tothers wait\tof it processor time\tfolds\treports\tafterwards")
	for i := range all {
		r := &all[i]
		n := float64(max(1, r.Folded))
		rate := n / max(r.CPU.Seconds(), 1e-6)
		_, _ = fmt.Fprintf(w, "  %s\t%d\t%d\t%.0f\t%.2f\t%.2f\t%s\t%s\t%s\t%s\t%d\t%.0f ms\t%s\n", r.name, r.size, r.sends, rate, float64(r.Writes)/n, float64(r.Reads)/n,
			megabytes(r.Memory), megabytes(r.Stored), r.Wait.Round(time.Millisecond), r.WaitCPU.Round(time.Millisecond), r.WaitFolds, float64(r.Slowest)/1e6, r.verdict())
		wrong := 0.0
		if v := r.verdict(); !strings.HasPrefix(v, "exact") {
			wrong = 1
		}
		p.keep(
			result{What: r.name + ": not exact", Target: 0.5, Measured: wrong, Detail: strings.Join(append([]string{r.verdict()}, r.notes()...), "; ")},
			result{What: r.name + ": another tenant waits", Target: 5, Measured: r.Wait.Seconds(), Unit: "s"},
			result{What: r.name + ": folded", Measured: rate, Unit: "events/s"},
			result{What: r.name + ": write units per event", Measured: float64(r.Writes) / n, Unit: "WU"},
			result{What: r.name + ": read units per event", Measured: float64(r.Reads) / n, Unit: "RU"},
			result{What: r.name + ": memory", Measured: float64(r.Memory), Unit: "bytes"},
		)
	}
	_ = w.Flush()
	for i := range all {
		for _, note := range all[i].notes() {
			_, _ = fmt.Fprintf(p.out, "      %s: %s\n", all[i].name, note)
		}
	}
}

func megabytes(n int) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
