package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// calmly is how often the log says the same at most.
const calmly = time.Second

// calm is a log in which nothing that is only for information is said more than once in a
// while: what is said next tells how often it was not. Whatever is wrong is always said, and
// so is each use of a public link, of which the log is the record.
type calm struct {
	slog.Handler
	said *said
}

// said is when what was said last, by its message.
type said struct {
	mu   sync.Mutex
	last map[string]*saying
}

type saying struct {
	at   time.Time
	left int // not said since
}

func newCalm(h slog.Handler) *calm { return &calm{h, &said{last: map[string]*saying{}}} }

// Handle implements slog.Handler.
func (c *calm) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn && !ofLink(&r) {
		left, ok := c.said.again(r.Message, r.Time)
		if !ok {
			return nil
		}
		if left > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Int("and", left))
		}
	}
	return c.Handler.Handle(ctx, r)
}

// ofLink says whether a line names a public link.
func ofLink(r *slog.Record) (named bool) {
	r.Attrs(func(a slog.Attr) bool {
		named = a.Key == "link"
		return !named
	})
	return named
}

// again says whether something may be said, and how often it was not since it last was.
func (s *said) again(message string, at time.Time) (left int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last[message]
	if last == nil {
		last = &saying{}
		s.last[message] = last
	} else if at.Sub(last.at) < calmly {
		last.left++
		return 0, false
	}
	left, last.left, last.at = last.left, 0, at
	return left, true
}

// WithAttrs implements slog.Handler.
func (c *calm) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &calm{c.Handler.WithAttrs(attrs), c.said}
}

// WithGroup implements slog.Handler.
func (c *calm) WithGroup(name string) slog.Handler { return &calm{c.Handler.WithGroup(name), c.said} }
