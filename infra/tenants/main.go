// Command tenants applies a tenants file to the state table on AWS:
//
//	STATE_TABLE=… go run ./infra/tenants apply FILE
//
// In: the file, and the table and credentials that the environment names. Out:
// tenants and hashes of keys in the table; keys that left the file are revoked. It
// is idempotent. It touches no events and no reports.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"chatreports/shared/function"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

const usage = "usage: tenants apply FILE, with the state table's name in " + function.StateTable

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	file, err := read(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "tenants:", err)
		os.Exit(2)
	}
	deps, err := function.FromEnv(ctx, function.StateTable)
	if err == nil {
		err = apply(ctx, deps.State, file, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tenants:", err)
		os.Exit(1)
	}
}

// read reads the file that the arguments name.
func read(args []string) (tenant.File, error) {
	if len(args) != 2 || args[0] != "apply" {
		return tenant.File{}, errors.New(usage)
	}
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return tenant.File{}, fmt.Errorf("the tenants file cannot be read: %w", err)
	}
	file, err := tenantfile.Parse(raw)
	if err != nil {
		return tenant.File{}, fmt.Errorf("%s: %w", args[1], err)
	}
	return file, nil
}

func apply(ctx context.Context, state table.Table, file tenant.File, out io.Writer) error {
	if err := tenant.Apply(ctx, state, file); err != nil {
		return err
	}
	for _, e := range file.Entries {
		fmt.Fprintf(out, "%s: %d keys\n", e.Tenant.ID, len(e.Keys))
	}
	stored, err := tenant.All(ctx, state)
	if err != nil {
		return err
	}
	for _, t := range stored {
		if !named(file, t.ID) {
			fmt.Fprintf(out, "%s: not in the file, so without keys; its data stays\n", t.ID)
		}
	}
	return nil
}

func named(file tenant.File, id string) bool {
	for _, e := range file.Entries {
		if e.Tenant.ID == id {
			return true
		}
	}
	return false
}
