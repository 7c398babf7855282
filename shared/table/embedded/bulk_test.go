package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

// single does each call in a Do of its own.
type single struct {
	bulk  *embedded.Bulk
	table *embedded.Table
}

func (s single) Get(ctx context.Context, keys ...table.Key) (items []table.Item, err error) {
	err = s.bulk.Do(func() error { items, err = s.table.Get(ctx, keys...); return err })
	return items, err
}

func (s single) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return s.whole(ctx, func() iter.Seq2[table.Item, error] { return s.table.Query(ctx, r) })
}

func (s single) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return s.whole(ctx, func() iter.Seq2[table.Item, error] { return s.table.Scan(ctx, prefix) })
}

// whole reads all of it before it yields any, so that what is done meanwhile does not wait.
func (s single) whole(ctx context.Context, of func() iter.Seq2[table.Item, error]) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		var items []table.Item
		err := s.bulk.Do(func() error {
			for item, err := range of() {
				if err != nil {
					return err
				}
				items = append(items, item)
			}
			return nil
		})
		for _, item := range items {
			if ctx.Err() != nil {
				err = ctx.Err()
				break
			}
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			yield(table.Item{}, err)
		}
	}
}

func (s single) Write(ctx context.Context, ops ...table.Op) error {
	return s.bulk.Do(func() error { return s.table.Write(ctx, ops...) })
}

func (s single) PutEach(ctx context.Context, ops ...table.Op) (stood []*table.Item, err error) {
	err = s.bulk.Do(func() error { stood, err = s.table.PutEach(ctx, ops...); return err })
	return stood, err
}

func TestContractInBulk(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table {
		bulk := open(t).Bulk()
		return single{bulk, bulk.Table("t")}
	})
}

func TestABulkIsStoredWholeOrNotAtAllAndFeedsNothing(t *testing.T) {
	db := open(t)
	feed := db.FeedTable("t")
	mustPut(t, feed, rec("p", "before", 1, 0))
	bulk := db.Bulk()
	a, b := bulk.Table("t"), bulk.Table("u")
	if err := bulk.Do(func() error {
		mustPut(t, a, rec("p", "1", 1, 0))
		mustPut(t, b, rec("p", "2", 1, 0))
		if got := append(sorts(t, a, "p"), sorts(t, b, "p")...); len(got) != 3 {
			t.Errorf("within it %q are seen", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no")
	if err := bulk.Do(func() error {
		mustPut(t, a, rec("p", "3", 1, 0))
		return failed
	}); !errors.Is(err, failed) || db.LastWrite() != nil {
		t.Errorf("it ends with %v, and the last write with %v", err, db.LastWrite())
	}
	if got := fmt.Sprint(sorts(t, feed, "p"), sorts(t, db.Table("u"), "p")); got != "[1 before] [2]" {
		t.Errorf("stored are %s", got)
	}
	if changes, err := feed.Next(t.Context(), "0", 9); err != nil || len(changes) != 1 {
		t.Errorf("the feed holds %d changes, %v", len(changes), err)
	}
	if n, err := feed.Pending(t.Context()); err != nil || n != 1 {
		t.Errorf("%d are pending, %v", n, err)
	}
	if _, err := a.Get(t.Context(), table.Key{Part: "p", Sort: "1"}); err == nil {
		t.Error("it works without a transaction")
	}
}
