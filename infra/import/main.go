// Command import brings the past in: files of events, of Freshchat's raw reports and of
// Comm100's chats, through a running system's door. In: a file and its format. Out: requests
// with events, and a count of what became of every row. It stores nothing itself.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command{out: os.Stdout, err: os.Stderr}.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
