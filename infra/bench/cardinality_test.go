package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's own program be started again as a crowd.
func TestMain(m *testing.M) {
	if text := os.Getenv(crowdVariable); text != "" {
		if err := asCrowd(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestNobodyIsWedged lets every crowd come in small: what is accepted counts,
// exactly, and nothing of it is stuck or lost. The sizes that count are those of
// the program.
func TestNobodyIsWedged(t *testing.T) {
	const scale = 0.005
	for i := range crowds {
		what := &crowds[i]
		t.Run(what.name, func(t *testing.T) {
			t.Parallel()
			row := apart(t.Context(), what, what.scaled(scale), time.Minute, "")
			if row.verdict() != "exact" || row.Folded == 0 || row.Lost+row.MergeErrors > 0 {
				t.Errorf("%s: %s", row.verdict(), strings.Join(row.notes(), "\n"))
			}
			if row.Writes < row.Folded || row.Memory == 0 || row.Stored == 0 || row.WaitFolds == 0 {
				t.Errorf("not measured: %+v", row.crowding)
			}
		})
	}
}

func TestACrowdThatIsStuckIsEnded(t *testing.T) {
	began := time.Now()
	row := apart(t.Context(), &crowds[0], 200_000, 2*time.Second, "")
	if !strings.HasPrefix(row.verdict(), "STUCK after ") {
		t.Errorf("it is %s: %v", row.verdict(), row.notes())
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it was ended after %v", took)
	}
	row = apart(t.Context(), &crowd{name: "nothing of this name", events: func(int, send) {}}, 1, time.Minute, "")
	if row.verdict() != "FAILED" || !strings.Contains(strings.Join(row.notes(), ""), `no crowd is called "nothing of this name"`) {
		t.Errorf("it is %s: %v", row.verdict(), row.notes())
	}
}
