package admission

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var limits = Limits{One: 70, Share: 60, All: 100, Wait: 5 * time.Second}

// need is one piece of work that asks for its weight and stays until the test lets it go.
func need(ctx context.Context, g *Gate, tenant string, weight int64) (leave func(), err error) {
	ctx, leave = g.Visit(ctx, tenant)
	return leave, Need(ctx, weight)
}

func TestATenantsFloodKeepsNobodyElseOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(limits)
		var mu sync.Mutex
		var in, away int
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				leave, err := need(t.Context(), g, "flood", 20)
				defer leave()
				mu.Lock()
				var busy *BusyError
				switch {
				case err == nil:
					in++
				case errors.As(err, &busy) && busy.Own && busy.RetryAfter == limits.Wait:
					away++
				default:
					t.Errorf("the flood got %v", err)
				}
				mu.Unlock()
				time.Sleep(3 * time.Second)
			})
		}
		synctest.Wait()
		if in != 3 {
			t.Errorf("%d of the flood are in at once, want its share: 3 of weight 20", in)
		}
		began := time.Now()
		leave, err := need(t.Context(), g, "small", 20)
		if err != nil || time.Since(began) != 0 {
			t.Errorf("another tenant waited %s and got %v", time.Since(began), err)
		}
		leave()
		wg.Wait()
		if in != 6 || away != 194 { // 3 at once, 3 after 3 s; at 5 s the others are turned away
			t.Errorf("%d of the flood got in and %d were turned away", in, away)
		}
		if len(g.shares) != 0 {
			t.Errorf("%d shares are kept when nothing is under way", len(g.shares))
		}
		if !g.all.TryAcquire(limits.All) {
			t.Error("not all of the room was given back")
		}
	})
}

func TestWhenAllRoomIsInUseItIsNobodysOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(limits)
		for _, tenant := range []string{"a", "b"} {
			leave, err := need(t.Context(), g, tenant, 50)
			if err != nil {
				t.Fatal(err)
			}
			defer leave()
		}
		leave, err := need(t.Context(), g, "c", 1)
		leave()
		var busy *BusyError
		if !errors.As(err, &busy) || busy.Own {
			t.Errorf("got %v, want that all room is in use", err)
		}
	})
}

func TestWhatWeighsTooMuchIsTurnedAwayAtOnce(t *testing.T) {
	g := New(limits)
	leave, err := need(t.Context(), g, "a", 71)
	leave()
	var much *TooMuchError
	if !errors.As(err, &much) || *much != (TooMuchError{Weight: 71, Most: 70}) {
		t.Errorf("got %v", err)
	}
}

func TestWhatWeighsMoreThanTheShareHasItAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(limits)
		leave, err := need(t.Context(), g, "a", 70)
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		other, err := need(t.Context(), g, "a", 1)
		other()
		if busy, ok := errors.AsType[*BusyError](err); !ok || !busy.Own {
			t.Errorf("beside it the same tenant got %v", err)
		}
		if other, err = need(t.Context(), g, "b", 40); err != nil {
			t.Errorf("beside it another tenant got %v", err)
		}
		other()
	})
}

func TestWhoIsInGoesOn(t *testing.T) {
	g := New(limits)
	ctx, leave := g.Visit(t.Context(), "a")
	for range 5 { // 5 × 40 is more than there is room for; what fits is counted
		if err := Need(ctx, 40); err != nil {
			t.Fatal(err)
		}
	}
	if !g.all.TryAcquire(60) || g.all.TryAcquire(1) {
		t.Error("it does not hold 40 of the room")
	}
	g.all.Release(60)
	leave()
	leave() // a second time nothing happens
	if !g.all.TryAcquire(limits.All) {
		t.Error("not all of the room was given back")
	}
}

func TestWhoeverWaitsLeavesWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(limits)
		leave, err := need(t.Context(), g, "a", 60)
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err = need(ctx, g, "a", 60)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("after %s it got %v", time.Since(began), err)
		}
	})
}

func TestWithoutAGateAllIsLetIn(t *testing.T) {
	var g *Gate
	leave, err := need(t.Context(), g, "a", 1<<40)
	leave()
	if err != nil {
		t.Error(err)
	}
}
