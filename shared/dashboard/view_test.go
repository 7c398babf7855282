package dashboard_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
)

// report is what a report of Comm100 answers.
func report[T any](t *testing.T, get func(target string) string, question string) (told T) {
	t.Helper()
	body := get("/api/v3/livechat/reports/" + question)
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		t.Fatalf("%s answers %s", question, body)
	}
	return told
}

func TestTotalsStandBesideThoseBefore(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	const before = "chatVolume?group=total&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-04T00:00:00"
	told := report[[]struct{ ChatRequests int }](t, asked, before)
	_, _, page := get(t, s, "/?range=yesterday&zone=UTC&compare=previous", "a secret")
	if want := fmt.Sprintf("before: %d<", told[0].ChatRequests); told[0].ChatRequests == 0 || !strings.Contains(page, want) {
		t.Errorf("the page does not say %q", want)
	}
	if _, _, page = get(t, s, "/?range=yesterday&zone=UTC", "a secret"); strings.Contains(page, "before: ") {
		t.Error("the page compares though nobody asked for it")
	}
}

// TestAFilterThatAReportDoesNotKnow filters by a campaign, which the reports of agents do
// not know.
func TestAFilterThatAReportDoesNotKnow(t *testing.T) {
	s := centre(t)
	const note = "availability knows no filter by campaign."
	if _, _, page := get(t, s, "/dashboard/agents?campaign=c1", "a secret"); !strings.Contains(page, note) {
		t.Errorf("the page does not say %q", note)
	}
	if _, _, page := get(t, s, "/dashboard/agents", "a secret"); strings.Contains(page, "knows no filter") {
		t.Error("the page tells of a filter that there is not")
	}
}

func TestTheAverageRatingIsThatOfTheScores(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	told := report[[]map[string]any](t, asked, "rating?group=total&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00")
	sum, n := 0.0, 0.0
	for score := 1.0; score <= 5; score++ {
		times, _ := told[0][fmt.Sprintf("score%.0f", score)].(float64)
		sum, n = sum+score*times, n+times
	}
	if n == 0 {
		t.Fatal("nobody has rated")
	}
	_, _, page := get(t, s, "/dashboard/satisfaction?from=2026-03-03&to=2026-03-05&zone=UTC", "a secret")
	if all := figures(t, page); math.Abs(all[0].value-sum/n) > 1e-9 || all[1].value != n {
		t.Errorf("the page says %v of %v, the scores %v of %v", all[0].value, all[1].value, sum/n, n)
	}
	status, _, page := get(t, s, "/dashboard/satisfaction?from=2020-03-03&to=2020-03-05", "a secret")
	if status != http.StatusOK || strings.Contains(page, "NaN") {
		t.Errorf("where nobody has rated: %d, with NaN", status)
	}
}

func TestThePresentIsAFragment(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	told := report[struct{ OngoingChats, LoggedInAgents int }](t, asked, "realtime/rightNow")
	status, _, fragment := get(t, s, "/dashboard/live", "a secret")
	for _, want := range []string{fmt.Sprintf("<strong>%d</strong> chats going on", told.OngoingChats), fmt.Sprintf("<strong>%d</strong> agents signed in", told.LoggedInAgents)} {
		if status != http.StatusOK || !strings.Contains(fragment, want) {
			t.Errorf("%d, without %q: %s", status, want, fragment)
		}
	}
	if strings.Contains(fragment, "<html") {
		t.Error("the present is a page, and should be a part of one")
	}
}
