// Command erase removes everything that is stored of a tenant, or what says who a visitor is,
// for good. It exits with 0 if nothing is left, 1 if something is, 2 on a mistake in the
// arguments.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
