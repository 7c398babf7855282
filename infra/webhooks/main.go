// Command webhooks works with what webhooks have delivered, as it is kept: it lists it, and
// maps it again, with the mapping as it is today. It exits with 0 if it could, 1 if not, and 2
// on a mistake in the arguments.
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
