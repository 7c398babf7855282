package function

import (
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/dialect/comm100"
)

// crowd asks for the same report many times at once, and gives the statuses of the
// answers and the most memory in use meanwhile beyond what was before, in bytes.
func crowd(t *testing.T, gate *admission.Gate, atOnce int) (statuses map[int]int, most int64) {
	t.Helper()
	state := known(t, "acme")
	d := Deps{State: state, Now: time.Now, Log: slog.New(slog.DiscardHandler), Reports: gate}
	h := Report(d, comm100.New(nil, state))
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	runtime.GC()
	before := inUse()
	statuses = map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var done atomic.Bool
	for range atOnce {
		wg.Go(func() {
			status, _, _, err := ask(t.Context(), h, "acme", "timeFrom=2025-01-01T00:00:00&timeTo=2026-01-01T00:00:00&group=hour")
			mu.Lock()
			defer mu.Unlock()
			if statuses[status]++; err != nil {
				t.Error(err)
			}
		})
	}
	go func() {
		wg.Wait()
		done.Store(true)
	}()
	for !done.Load() {
		most = max(most, inUse()-before)
		time.Sleep(5 * time.Millisecond)
	}
	return statuses, most
}

func TestACrowdOfReportsHoldsABoundedMemory(t *testing.T) {
	const atOnce = 100
	gate := admission.New(admission.Limits{One: 1 << 30, Share: 16 << 20, All: 16 << 20, Wait: time.Hour})
	statuses, most := crowd(t, gate, atOnce)
	if statuses[http.StatusOK] != atOnce {
		t.Errorf("the statuses are %v, want all answered one after the other", statuses)
	}
	t.Logf("%d MB at most", most>>20)
	if most > 128<<20 {
		t.Errorf("%d bytes were in use at once, and the gate lets in 16 MiB", most)
	}
}
