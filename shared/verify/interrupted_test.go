package verify_test

import (
	"context"
	"iter"
	"sync"

	"chatreports/shared/table"
)

// interrupted is a table where something else happens just before one of the
// calls: the k-th, counted from 1.
type interrupted struct {
	table.Table
	mu    sync.Mutex
	calls int
	k     int
	what  func()
}

func (i *interrupted) call() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	if i.calls == i.k {
		i.what()
	}
}

func (i *interrupted) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	i.call()
	return i.Table.Get(ctx, keys...)
}

func (i *interrupted) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	i.call()
	return i.Table.Query(ctx, r)
}

func (i *interrupted) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	i.call()
	return i.Table.Scan(ctx, prefix)
}

func (i *interrupted) Write(ctx context.Context, ops ...table.Op) error {
	i.call()
	return i.Table.Write(ctx, ops...)
}

func (i *interrupted) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	i.call()
	return i.Table.PutEach(ctx, ops...)
}
