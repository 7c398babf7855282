package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"chatreports/infra/storage"
	"chatreports/shared/generation"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/verify"
)

const usage = `rebuild builds what is derived of a tenant a second time, beside what serves.

  rebuild --tenant ID list               the generations there are
  rebuild --tenant ID build              make one from the journal, or go on with one that was begun, and verify it
  rebuild --tenant ID verify NUMBER      catch up with what came since, and verify it
  rebuild --tenant ID swap NUMBER        catch up, and make it serve
  rebuild --tenant ID delete NUMBER      delete one that does not serve, an hour after it did

The tables are those named by $JOURNAL_TABLE and $STATE_TABLE, or with --data DIR the local system's,
while it does not run. Each command may be interrupted and given again.

`

// run is one run of the program; it returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, errOut io.Writer) int {
	complain := func(code int, err error) int {
		_, _ = fmt.Fprintln(errOut, "rebuild:", err)
		return code
	}
	flags := pflag.NewFlagSet("rebuild", pflag.ContinueOnError)
	flags.SetOutput(errOut)
	data := flags.String("data", "", "data directory of the local system")
	tenant := flags.String("tenant", "", "the tenant's id")
	unverified := flags.Bool("unverified", false, "swap: even if it was not verified")
	flags.Usage = func() { _, _ = fmt.Fprint(errOut, usage, flags.FlagUsages()) }
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	c := command{out: out, unverified: *unverified}
	if err == nil {
		err = c.parse(*tenant, flags.Args())
	}
	if err != nil {
		return complain(2, err)
	}
	journal, state, done, err := storage.Tables(ctx, *data, getenv)
	if errors.Is(err, embedded.ErrInUse) {
		err = fmt.Errorf("%s is in use by a local system: stop it first", *data)
	}
	if err != nil {
		return complain(2, err)
	}
	defer done()
	c.builder = generation.Builder{Journal: journal, State: state, Tenant: *tenant, Progress: c.progress()}
	if err := c.do(ctx); err != nil {
		return complain(1, err)
	}
	if err := c.used(journal, state); err != nil {
		return complain(1, err)
	}
	return 0
}

// command is what is to be done.
type command struct {
	name       string
	number     uint32
	unverified bool
	builder    generation.Builder
	out        io.Writer
}

func (c *command) parse(tenant string, args []string) error {
	if tenant == "" {
		return errors.New("--tenant is missing")
	}
	if len(args) == 0 {
		return errors.New("a command is missing: list, build, verify, swap or delete")
	}
	c.name = args[0]
	switch c.name {
	case "list", "build":
		if len(args) > 1 {
			return fmt.Errorf("%s takes no %q", c.name, args[1])
		}
		return nil
	case "verify", "swap", "delete":
		if len(args) != 2 {
			return fmt.Errorf("%s takes the number of a generation; list tells them", c.name)
		}
		n, err := strconv.ParseUint(args[1], 10, 32)
		c.number = uint32(n)
		if err != nil {
			return fmt.Errorf("%q is no number of a generation; list tells them", args[1])
		}
		return nil
	}
	return fmt.Errorf("there is no command %q; there are list, build, verify, swap and delete", c.name)
}

func (c *command) do(ctx context.Context) (err error) {
	switch c.name {
	case "list":
		return c.list(ctx)
	case "build":
		if c.number, err = c.builder.Build(ctx); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.out, "generation %d is whole; verifying it\n", c.number); err != nil {
			return err
		}
		return c.verify(ctx)
	case "verify":
		return c.verify(ctx)
	case "swap":
		if err := c.builder.Swap(ctx, c.number, c.unverified); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.out, "generation %d serves; run the version of this program, if another one runs\n", c.number)
		return err
	}
	if err := c.builder.Delete(ctx, c.number); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "generation %d is deleted\n", c.number)
	return err
}

// errDifferent says that a generation may not serve.
var errDifferent = errors.New("there are differences: it cannot serve; delete it and build another")

// errBehind says that not all of a generation was compared.
var errBehind = errors.New("it is behind, and not all of it could be compared: verify it again when fewer events come")

func (c *command) verify(ctx context.Context) error {
	report, err := c.builder.Verify(ctx, c.number, verify.Options{})
	if err != nil {
		return err
	}
	if ok, err := report.Print(c.out); err != nil || !ok {
		return errors.Join(err, errDifferent)
	}
	if report.Behind > 0 {
		return errBehind
	}
	_, err = fmt.Fprintf(c.out, "generation %d can serve: rebuild --tenant %s swap %[1]d\n", c.number, c.builder.Tenant)
	return err
}

func (c *command) list(ctx context.Context) error {
	all, err := c.builder.List(ctx)
	if err != nil {
		return err
	}
	for _, g := range all.All {
		state := "is being built"
		switch {
		case g.Number == all.Serving:
			state = "serves"
		case g.Verified != 0:
			state = "verified " + time.UnixMilli(g.Verified).UTC().Format(time.RFC3339)
		case g.Built != 0:
			state = "whole, not verified"
		}
		if _, err := fmt.Fprintf(c.out, "generation %d, version %d of the measures: %s\n", g.Number, g.Catalogue, state); err != nil {
			return err
		}
	}
	return nil
}

// tellEvery is how often it is told how far a build is.
const tellEvery = 10 * time.Second

// progress tells now and then how far a build is, and how long the rest will take.
func (c *command) progress() func(done, of int) {
	began, told, first := time.Now(), time.Now(), -1
	return func(done, of int) {
		if first < 0 {
			began, first = time.Now(), done
		}
		if time.Since(told) < tellEvery || done == first {
			return
		}
		told = time.Now()
		left := time.Duration(float64(time.Since(began)) / float64(done-first) * float64(of-done)).Round(time.Second)
		_, _ = fmt.Fprintf(c.out, "%d of %d entities, %v left\n", done, of, left)
	}
}

// List prices of DynamoDB on demand in us-east-1, of a unit, in dollars.
const (
	writeUnit = 0.625e-6
	readUnit  = 0.125e-6
)

// used says what DynamoDB charged for.
func (c *command) used(tables ...table.Table) error {
	var u table.Usage
	for _, t := range tables {
		if t, ok := t.(interface{ Usage() table.Usage }); ok {
			u.WriteUnits, u.ReadUnits = u.WriteUnits+t.Usage().WriteUnits, u.ReadUnits+t.Usage().ReadUnits
		}
	}
	if u.WriteUnits+u.ReadUnits == 0 { // an engine without units
		return nil
	}
	_, err := fmt.Fprintf(c.out, "%.0f write units, %.0f read units: $%.2f by the list prices of us-east-1\n", u.WriteUnits, u.ReadUnits, u.WriteUnits*writeUnit+u.ReadUnits*readUnit)
	return err
}
