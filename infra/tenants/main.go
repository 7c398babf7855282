// Command tenants applies a tenants file to the state table on AWS:
//
//	STATE_TABLE=… go run ./infra/tenants apply [--dry-run] [--prune] FILE
//
// In: the file, and the table and credentials that the environment names. Out: what
// changes, told; tenants and hashes of keys in the table. Tenants that are not in the file
// stay as they are, unless --prune is to revoke their keys. It is idempotent. It touches no
// events and no reports.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"

	"chatreports/shared/function"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

const usage = "usage: tenants apply [--dry-run] [--prune] FILE, with the state table's name in " + function.StateTable

const help = `tenants applies a tenants file to the state table that $STATE_TABLE names, and says what changes.

  tenants apply --dry-run FILE   says what would change
  tenants apply FILE             applies it
  tenants apply --prune FILE     applies it, and revokes the keys of tenants that are not in it

`

// leastSecret is how many bytes a secret has at least where others than one's own machine
// can try them.
const leastSecret = 16

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := read(os.Args[1:], os.Stderr)
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tenants:", err)
		os.Exit(2)
	}
	var deps function.Deps
	if err = function.State(ctx, &deps); err == nil {
		err = o.apply(ctx, deps.State, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tenants:", err)
		os.Exit(1)
	}
}

// order is what the arguments ask for.
type order struct {
	file       tenant.File
	dry, prune bool
}

// read reads the arguments and the file that they name. Where they ask for help it tells it,
// and returns pflag.ErrHelp.
func read(args []string, told io.Writer) (order, error) {
	var o order
	flags := pflag.NewFlagSet("tenants", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.dry, "dry-run", false, "say what would change, and change nothing")
	flags.BoolVar(&o.prune, "prune", false, "revoke the keys of tenants that are not in the file")
	flags.Usage = func() { _, _ = fmt.Fprint(told, help, flags.FlagUsages()) }
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return o, err
	}
	if err != nil {
		return o, fmt.Errorf("%w; %s", err, usage)
	}
	if flags.NArg() != 2 || flags.Arg(0) != "apply" {
		return o, errors.New(usage)
	}
	raw, err := os.ReadFile(flags.Arg(1))
	if err != nil {
		return o, fmt.Errorf("the tenants file cannot be read: %w", err)
	}
	if o.file, err = tenantfile.Parse(raw); err != nil {
		return o, fmt.Errorf("%s: %w", flags.Arg(1), err)
	}
	for _, e := range o.file.Entries {
		for _, k := range e.Keys {
			if len(k.Secret) < leastSecret {
				return o, fmt.Errorf("%s: tenant %q: key %q: secret has %d bytes, and at least %d are needed where anybody can try it; 'openssl rand -hex 24' makes one",
					flags.Arg(1), e.Tenant.ID, k.ID, len(k.Secret), leastSecret)
			}
		}
	}
	return o, nil
}

func (o *order) apply(ctx context.Context, state table.Table, out io.Writer) error {
	applied, pruned, err := tenant.Changes(ctx, state, o.file)
	if err != nil {
		return err
	}
	if !o.dry {
		if err := tenant.Apply(ctx, state, o.file); err != nil {
			return err
		}
		if o.prune {
			if err := tenant.Prune(ctx, state, o.file); err != nil {
				return err
			}
		}
	}
	for i := range applied {
		fmt.Fprintf(out, "%s: %s\n", applied[i].Tenant, words(&applied[i]))
	}
	for i := range pruned {
		c := &pruned[i]
		switch {
		case c.None():
			fmt.Fprintf(out, "%s: not in the file, has no keys; its data stays\n", c.Tenant)
		case o.prune:
			fmt.Fprintf(out, "%s: not in the file, %s; its data stays\n", c.Tenant, words(c))
		default:
			fmt.Fprintf(out, "%s: not in the file, stays as it is; --prune revokes its keys %s\n", c.Tenant, strings.Join(c.Revoked, ", "))
		}
	}
	if o.dry {
		fmt.Fprintln(out, "nothing was changed (--dry-run)")
	}
	return nil
}

// words says what changes of a tenant.
func words(c *tenant.Change) string {
	if c.None() {
		return "unchanged"
	}
	var parts []string
	if c.New {
		parts = append(parts, "new")
	}
	if c.Settings {
		parts = append(parts, "settings changed")
	}
	for _, keys := range []struct {
		did string
		ids []string
	}{{"added", c.Added}, {"changed", c.Changed}, {"revoked", c.Revoked}} {
		if len(keys.ids) > 0 {
			parts = append(parts, fmt.Sprintf("keys %s: %s", keys.did, strings.Join(keys.ids, ", ")))
		}
	}
	return strings.Join(parts, "; ")
}
