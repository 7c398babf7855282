package fold

import (
	"context"
	"errors"
	"iter"

	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// storage marks the errors of a table that may pass: whatever met one is folded again once
// storage is back, and is no poison.
type storage struct{ table.Table }

// outageError is such an error.
type outageError struct{ error }

func (e *outageError) Unwrap() error { return e.error }

func outage(err error) error {
	if err == nil || errors.Is(err, table.ErrTooLarge) {
		return err
	}
	if _, ok := errors.AsType[*table.ConflictError](err); ok {
		return err
	}
	if _, ok := errors.AsType[*table.InvalidError](err); ok {
		return err
	}
	return &outageError{err}
}

// passes says whether an error may pass, so that it says nothing of what was to be folded.
func passes(ctx context.Context, err error) bool {
	_, out := errors.AsType[*outageError](err)
	_, conflict := errors.AsType[*table.ConflictError](err)
	_, version := errors.AsType[*measure.VersionError](err) // once the right one is run
	return out || conflict || version || ctx.Err() != nil
}

func (s storage) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	items, err := s.Table.Get(ctx, keys...)
	return items, outage(err)
}

func (s storage) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		for item, err := range s.Table.Query(ctx, r) {
			if !yield(item, outage(err)) {
				return
			}
		}
	}
}

func (s storage) Write(ctx context.Context, ops ...table.Op) error {
	return outage(s.Table.Write(ctx, ops...))
}

func (s storage) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	stood, err := s.Table.PutEach(ctx, ops...)
	return stood, outage(err)
}
