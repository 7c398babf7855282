package storage

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Main runs a tool of this process, until it is interrupted, and exits with its code.
func Main(run func(ctx context.Context, args []string, getenv func(string) string, out, errs io.Writer) (code int)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
