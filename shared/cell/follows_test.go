package cell

import (
	"math/rand/v2"
	"testing"
	"time"

	"chatreports/shared/measure"
)

// TestAnAuditOfDaysFarApart: seven days on which anything counts may be years apart.
func TestAnAuditOfDaysFarApart(t *testing.T) {
	m := newModel(t, rand.New(rand.NewPCG(1, 1)), 1)
	m.now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
	own := measure.Dims{{Dim: measure.Agent, ID: "a"}}
	for n, back := range []int64{0, 100, 600, 2000} {
		at := m.now - back*DayMillis - 3600_000
		m.put("chat/"+string(rune('a'+n))+"/-",
			measure.Contribution{Measure: measure.InChat, At: at, Until: at + 1000_000, N: 1, Dims: own},
			measure.Contribution{Measure: measure.LoggedInStep, At: at + 10_000, Until: at + 2000_000, N: 1, Dims: own},
			measure.Contribution{Measure: measure.QueueLevel, At: at - 10_000, Until: at, N: 1, Dims: measure.Dims{{Dim: measure.Queue, ID: "department/x"}}},
		)
	}
	m.merge(nil)
	m.audit(false)
	m.compare()
}
