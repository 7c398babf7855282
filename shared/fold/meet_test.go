package fold_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/fold"
	"chatreports/shared/table"
)

// refused is a table that counts the transactions that it refuses.
type refused struct {
	table.Table
	n int
}

func (r *refused) Write(ctx context.Context, ops ...table.Op) error {
	err := r.Table.Write(ctx, ops...)
	if _, ok := errors.AsType[*table.ConflictError](err); ok {
		r.n++
	}
	return err
}

// Folders of several shards take turns in one log: a race is lost when they meet, and none
// after that.
func TestFoldersThatMeetLoseOneRaceEach(t *testing.T) {
	db := open(t)
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	state := &refused{Table: db.Table("state")}
	folders := make([]*fold.Folder, 4)
	for i := range folders {
		folders[i] = fold.New(db.Table("journal"), state, func() time.Time { return now })
	}
	turn := func(n int) {
		t.Helper()
		now = now.Add(time.Second)
		items := feed(t, db, request(fmt.Sprint("c", n), now.UnixMilli()))
		if _, err := folders[n%4].Apply(t.Context(), items[len(items)-1:]); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 40 {
		turn(n)
	}
	if state.n > len(folders) {
		t.Errorf("%d transactions were refused", state.n)
	}
	if seq, _, _, err := counter.End(t.Context(), state, "acme"); err != nil || seq != 40 {
		t.Errorf("the log ends at %d, error %v", seq, err)
	}
}
