package generation_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/event"
	"chatreports/shared/generation"
	"chatreports/shared/verify"
)

var soon = verify.Options{Wait: 100 * time.Millisecond, Tries: 60}

// TestAnotherGenerationUnderLoad: what counts is changed while several folders fold and reports
// are asked. The other generation is built, verified, made to serve, and left again; no report
// is wrong at any moment, and in the end both are as they must be.
func TestAnotherGenerationUnderLoad(t *testing.T) { underLoad(newWorld(t), simulated()) }

func underLoad(w *world, events []event.Event) {
	t := w.t
	t.Helper()
	ctx := t.Context()
	of := func(part int) int64 {
		n := int64(0)
		for _, e := range events[:len(events)*part/10] {
			if e.Type == "chat.requested" {
				n++
			}
		}
		return n
	}
	w.run(ctx)
	// Load goes on as the test does, so that there is some at every step.
	step := make(chan int, 20)
	appending := make(chan struct{})
	go func() {
		defer close(appending)
		at := 0
		for part := range step {
			for ; at < len(events)*part/10; at += 7 {
				w.append(events[at:min(at+7, len(events)*part/10)])
				time.Sleep(3 * time.Millisecond)
			}
			at = len(events) * part / 10
		}
	}()
	step <- 2
	w.until(of(2))
	watching, stop := context.WithCancel(ctx)
	asked := make(chan int, 1)
	go func() { asked <- w.watch(watching) }()
	var merging sync.WaitGroup
	merging.Go(func() { w.merge(watching) })

	step <- 4 // while it is built
	b := w.builder(&second)
	n, err := b.Build(ctx)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	step <- 5 // while it is verified
	w.verified(b.Verify(ctx, n, soon))
	step <- 6 // while it is made to serve
	if err := b.Swap(ctx, n, false); err != nil {
		t.Fatal(err)
	}
	if state, number, err := counter.Served(ctx, w.state, acme, &first); err != nil || number != 0 || state != w.state {
		t.Errorf("the first version reads generation %d, %v", number, err)
	}
	step <- 7
	w.meets(&second)
	w.until(of(7))
	if got, want := w.chats(), of(7)*times; got != want {
		t.Errorf("%d chats by the second version, want %d", got, want)
	}

	step <- 8 // while the first one catches up and serves again
	back := w.builder(&first)
	w.verified(back.Verify(ctx, 0, soon))
	if err := back.Swap(ctx, 0, false); err != nil {
		t.Fatal(err)
	}
	step <- 10
	close(step)
	w.meets(&first)
	<-appending
	for _, s := range w.streams {
		close(s)
	}
	w.folding.Wait()
	stop()
	merging.Wait()
	t.Logf("%d events, %d answers while it went on, %d batches met another version", len(events), <-asked, w.stopped.Load())
	if got, want := w.chats(), of(10); got != want {
		t.Errorf("%d chats by the first version, want %d", got, want)
	}

	w.verified(verify.Run(ctx, w.journal, w.state, verify.Options{Tenant: acme, Version: &first, Now: clock}))
	w.verified(w.builder(&second).Verify(ctx, n, soon))
	right := newWorld(t)
	right.run(ctx)
	right.append(events)
	for _, s := range right.streams {
		close(s)
	}
	right.folding.Wait()
	for r, group := range map[string]string{"chatVolume": "hour", "waitTime": "day", "queue": "day", "agentPerformance": "agent"} {
		if got, want := w.ask(r, group), right.ask(r, group); got != want {
			t.Errorf("%s says\n%s\nwant\n%s", r, got, want)
		}
	}

	w.deleted(n)
}

// deleted deletes a generation, once nobody can be reading it.
func (w *world) deleted(n uint32) {
	w.t.Helper()
	b := w.builder(&first)
	if err := b.Delete(w.t.Context(), n); err == nil {
		w.t.Error("a generation that has just served is deleted")
	}
	b.Now = func() time.Time { return end.Add(2 * generation.Keep) }
	if err := b.Delete(w.t.Context(), n); err != nil {
		w.t.Fatal(err)
	}
	for item, err := range w.state.Scan(w.t.Context(), fmt.Sprintf("%s/g%d/", acme, n)) {
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Errorf("%q %q is left", item.Part, item.Sort)
	}
	all, err := b.List(w.t.Context())
	if err != nil || len(all.All) != 1 || all.All[0].Number == n {
		w.t.Errorf("there are %+v, %v", all, err)
	}
	w.verified(verify.Run(w.t.Context(), w.journal, w.state, verify.Options{Tenant: acme, Version: &first, Now: clock}))
}
