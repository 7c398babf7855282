package web

import (
	"context"
	"log/slog"
	"slices"
	"sync"
)

// notes are what is said of a call.
type notes struct {
	mu  sync.Mutex
	all []slog.Attr
}

type notesKey struct{}

// WithNotes begins a call. noted is what has been said of it by then.
func WithNotes(ctx context.Context) (_ context.Context, noted func() []slog.Attr) {
	n := &notes{}
	return context.WithValue(ctx, notesKey{}, n), func() []slog.Attr {
		n.mu.Lock()
		defer n.mu.Unlock()
		return slices.Clone(n.all)
	}
}

// Note says something of the call that ctx is of, for the line that is logged once it is
// over: no secret, and nothing that people wrote. Where no such line is logged it does nothing.
func Note(ctx context.Context, said ...slog.Attr) {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.all = append(n.all, said...)
	}
}
