package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestNoQuestionTakesMoreThanTwoTrips asks every report in every group and with every
// filter over a month, in zones that are whole hours and three quarters from UTC. The
// clock is the bubble's, so a machine that is busy makes no trip look as if it came
// after another. Left out is what no counters are kept for together, and so is looked up
// fact by fact.
func TestNoQuestionTakesMoreThanTwoTrips(t *testing.T) {
	end := lastDay.AddDate(0, 0, 1)
	m := newMemory()
	if _, err := backfill(t.Context(), newCounters(newMemory(), m), workload(0.25, end.AddDate(0, 0, -10), end)); err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"Asia/Kathmandu", "Pacific/Chatham", "Australia/Eucla", "Europe/Berlin"} {
		for _, q := range everything(zone, true) {
			if lookedUp(q) {
				continue
			}
			t.Run(q.String()+" "+q.Query.Get("filterValue"), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCounted(m, stateKind)
					c.quiet, c.page = time.Millisecond, smallPage
					if _, err := answer(t.Context(), c, q, end); err != nil {
						t.Fatal(err)
					}
					if got := c.tally(); got.Depth > 2 {
						t.Errorf("%d round trips one after another, %v", got.Depth, got.ReadUnits)
					}
				})
			})
		}
	}
}

// lookedUp says whether a question combines campaigns with agents or departments where only
// requests and chats are counted for both.
func lookedUp(q question) bool {
	group, filter := q.Query.Get("group"), q.Query.Get("filterName")
	switch q.Path {
	case "leaderboard":
		return filter == "campaign"
	case "firstResponseTime":
		return filter == "campaign" && (group == "agent" || group == "department") || group == "campaign" && (filter == "agent" || filter == "department")
	}
	return false
}

// smallPage is as much as a query may answer at once here, as a page is to a whole month
// at full scale.
const smallPage = 75_000
