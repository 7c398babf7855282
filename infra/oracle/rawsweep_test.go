package oracle_test

import (
	"context"
	"math"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
)

// TestRawReportsAgree compares the rows of every raw report, told from the journal of
// what was folded and merged, over odd windows.
func TestRawReportsAgree(t *testing.T) {
	sweep(t, func(t *testing.T, s *swept) {
		hours, err := dialect.BusinessHours(&s.who)
		if err != nil {
			t.Fatal(err)
		}
		ground := &extract.Ground{Journal: s.Journal, State: s.State, Dir: t.TempDir()}
		for _, report := range freshchat.Reports() {
			for range 3 {
				from := pick(s.Rand, time.UnixMilli(0), stamp("2024-10-26T10:20:30Z"), stamp("2024-10-27T00:00:00Z"), stamp("2024-10-27T02:03:04.5Z"), stamp(s.anyTime()))
				to := pick(s.Rand, time.UnixMilli(math.MaxInt32*1000), stamp("2024-10-27T03:00:00Z"), stamp("2024-10-28T00:00:00Z"), stamp("2024-10-28T17:00:00Z"), stamp(s.anyTime()))
				w := &extract.Window{Tenant: &s.who, From: from.UnixMilli(), To: to.UnixMilli(), Now: s.now.UnixMilli(), Hours: hours}
				source, err := ground.Open(context.Background(), w)
				if err != nil {
					t.Fatal(err)
				}
				got := [][]string{{}}
				sheet := source.Run(&report, nil)
				for _, c := range sheet.Columns {
					got[0] = append(got[0], c.Name)
				}
				for row, err := range sheet.Rows {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, append([]string(nil), row...))
				}
				if got, want := oracle.CSV(got), oracle.CSV(s.Freshchat(report.Name, from, to, s.now)); got != want {
					t.Errorf("%s %v %v: %s", report.Name, from.UTC(), to.UTC(), firstDifference(got, want))
				}
			}
		}
	})
}

func stamp(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}
