package job

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"testing"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/table"
)

// dying is a process that is killed at its n-th call of storage: that one takes effect, or
// not, and nobody hears of it; none after it does.
type dying struct {
	table.Table
	object.Store
	after bool
	left  int
	mu    sync.Mutex
}

var errKilled = errors.New("killed")

func (d *dying) call(do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left--
	switch {
	case d.left > 0:
		return do()
	case d.left == 0 && d.after:
		_ = do()
	}
	return errKilled
}

func (d *dying) Get(ctx context.Context, keys ...table.Key) (items []table.Item, err error) {
	err = d.call(func() error { items, err = d.Table.Get(ctx, keys...); return err })
	return items, err
}

func (d *dying) Write(ctx context.Context, ops ...table.Op) error {
	return d.call(func() error { return d.Table.Write(ctx, ops...) })
}

func (d *dying) Create(ctx context.Context, key string) (u object.Upload, err error) {
	err = d.call(func() error { u, err = d.Store.Create(ctx, key); return err })
	if err != nil {
		return nil, err
	}
	return &dyingUpload{d, u}, nil
}

func (d *dying) Delete(ctx context.Context, key string) error {
	return d.call(func() error { return d.Store.Delete(ctx, key) })
}

func (d *dying) Abandon(ctx context.Context, prefix string) error {
	return d.call(func() error { return d.Store.Abandon(ctx, prefix) })
}

func (d *dying) List(ctx context.Context, prefix string) iter.Seq2[object.Info, error] {
	if err := d.call(func() error { return nil }); err != nil {
		return func(yield func(object.Info, error) bool) { yield(object.Info{}, err) }
	}
	return d.Store.List(ctx, prefix)
}

func (d *dying) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return d.Store.Open(ctx, key)
}

type dyingUpload struct {
	*dying
	upload object.Upload
}

func (u *dyingUpload) Write(p []byte) (n int, err error) {
	err = u.call(func() error { n, err = u.upload.Write(p); return err })
	return n, err
}

func (u *dyingUpload) Commit() error { return u.call(u.upload.Commit) }

func (u *dyingUpload) Abort() { _ = u.call(func() error { u.upload.Abort(); return nil }) }

func TestKilledBetweenAnyTwoCallsAnotherMakesIt(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			p := newPlace(t)
			p.ask(one)
			// The first is killed early, so that the second has something to clean up, and is
			// killed in turn.
			first := &dying{Table: p.state, Store: p.objects, left: 6, after: true}
			second := &dying{Table: p.state, Store: p.objects, left: n, after: after}
			for _, d := range []*dying{first, second} {
				w := p.worker(func() {})
				w.State, w.Objects = dyingTable{d}, d
				_ = w.Run(t.Context(), one)
				p.later(Lease + time.Second)
			}
			if err := p.worker(func() {}).Run(t.Context(), one); err != nil {
				t.Fatalf("killed at call %d (%t): %v", n, after, err)
			}
			p.completed(one)
			if t.Failed() {
				t.Fatalf("killed at call %d (%t)", n, after)
			}
			if second.left > 0 {
				if n < 8 {
					t.Errorf("there are only %d calls", n)
				}
				break
			}
		}
	}
}

// dyingTable is its table.
type dyingTable struct{ *dying }

func (d dyingTable) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return d.Table.Query(ctx, r)
}

func (d dyingTable) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	return d.Table.PutEach(ctx, ops...)
}

func (d dyingTable) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return d.Table.Scan(ctx, prefix)
}
