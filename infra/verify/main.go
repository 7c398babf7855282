// Command verify recomputes a tenant's facts and counters and says where what is
// stored differs; with --rebuild it mends that. It exits with 0 if nothing is
// different (any more), 1 if something is, 2 on a mistake in the arguments.
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
