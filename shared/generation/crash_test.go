package generation_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/generation"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/verify"
)

// foldAll folds items by a version; of what another version counts nothing is.
func (w *world) foldAll(v *measure.Version, items []table.Item, now time.Time) (other bool) {
	w.t.Helper()
	f := fold.New(w.journal, w.state, func() time.Time { return now })
	f.Version = v
	for len(items) > 0 {
		n := min(20, len(items))
		_, err := f.Apply(w.t.Context(), items[:n])
		if _, other := errors.AsType[*measure.VersionError](err); other {
			return true
		}
		if err != nil {
			w.t.Fatal(err)
		}
		items = items[n:]
	}
	return false
}

// whole builds, verifies and makes serve what is not yet.
func whole(ctx context.Context, b *generation.Builder) error {
	all, err := b.List(ctx)
	if err != nil {
		return err
	}
	n := all.Last
	if n == 0 || all.All[len(all.All)-1].Built == 0 {
		if n, err = b.Build(ctx); err != nil {
			return err
		}
	}
	if all.Serving == n && n > 0 {
		return nil
	}
	r, err := b.Verify(ctx, n, verify.Options{Wait: time.Millisecond, Tries: 3})
	if err == nil && len(r.Differences) > 0 {
		err = errors.New(r.Differences[0].String())
	}
	if err != nil {
		return err
	}
	return b.Swap(ctx, n, false)
}

// TestABuilderThatDiesAnywhere: wherever it does, folding goes on, at the latest after a
// minute, and another builder brings it to an end.
func TestABuilderThatDiesAnywhere(t *testing.T) {
	var events []event.Event
	requested := int64(0)
	for _, e := range simulated()[:240] {
		if events = append(events, e); e.Type == "chat.requested" {
			requested++
		}
	}
	faults := []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly}
	crashes := 0
	for k := 1; ; k += 1 + k/12 {
		w := newWorld(t)
		ctx := t.Context()
		items := &fresh{Table: w.journal}
		if _, err := journal.New(items).Append(ctx, acme, events, end); err != nil {
			t.Fatal(err)
		}
		half := len(items.items) / 2
		w.foldAll(&first, items.items[:half], end)

		plan := tabletest.CrashAt(k, faults[k%len(faults)])
		dies := w.builder(&second)
		dies.Journal, dies.State = tabletest.NewFaulty(w.journal, plan), tabletest.NewFaulty(w.state, plan)
		err := whole(ctx, dies)
		if plan.Calls() < k {
			break
		}
		crashes++
		later := end.Add(2 * time.Minute)
		served := w.foldAll(&first, items.items[half:], later)
		b := w.builder(&second)
		b.Now = func() time.Time { return later }
		if whole := whole(ctx, b); whole != nil {
			t.Fatalf("after %v (%v): %v", plan.Log(), err, whole)
		}
		if w.foldAll(&second, items.items, later) {
			t.Fatalf("after %v the second version does not serve", plan.Log())
		}
		w.appended.Store(requested)
		if got := w.chats(); got != requested*times {
			t.Errorf("after %v, which had served: %v, there are %d chats, want %d", plan.Log(), served, got, requested*times)
		}
		state, err := w.serving()
		if err != nil {
			t.Fatal(err)
		}
		r, err := verify.Run(ctx, w.journal, state, verify.Options{Tenant: acme, Version: &second, Wait: time.Millisecond, Tries: 1})
		if err != nil || len(r.Differences) > 0 {
			t.Fatalf("after %v: %v, %v", plan.Log(), r.Differences, err)
		}
	}
	if crashes < 40 {
		t.Errorf("%d crashes are few", crashes)
	}
}
