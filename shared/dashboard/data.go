package dashboard

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/intake"
)

// freshness says up to when events are counted.
func freshness(a *asker) (*listing, error) {
	const path = comm100.Prefix + "realtime/rightNow"
	l := &listing{
		Name: "freshness", Title: "How fresh", None: "Nothing has been counted yet.", Heads: []string{"The newest change that is counted (UTC)", "Ago"}, Path: path,
		Note: "What is sent counts about two seconds later. Every answer says in its header Counted-Until up to when; whether all figures follow from the events, infra/verify says.",
	}
	answer, _, err := a.body(a.Reports, path, url.Values{})
	if err != nil {
		return nil, err
	}
	if until := answer.CountedUntil; !until.IsZero() {
		l.Lines = [][]item{{moment(until), {Text: length(max(0, a.now.Sub(until)).Truncate(time.Second).Seconds())}}}
	}
	return l, nil
}

// mistakes lists what was wrong with events, by day.
func mistakes(a *asker) (*listing, error) {
	l := &listing{
		Name: "mistakes", Wide: true, Title: "What was sent", None: "In the last 35 days no event was refused, in conflict, warned of or taken back.",
		Heads: []string{"Day (UTC)", "Refused", "Why", "In conflict", "Warned of", "Taken back"},
		Note:  "Of events sent to /v1/events. A refused event is stored nowhere; one in conflict has an id that another has; one that is warned of has a member that nobody knows; one that is taken back counts nowhere.",
	}
	days, err := intake.Read(a, a.State, a.tenant.ID, a.Clock())
	if err != nil {
		return nil, err
	}
	for _, d := range days {
		var why []string
		for _, code := range slices.SortedFunc(maps.Keys(d.Codes), func(x, y string) int { return cmp.Or(cmp.Compare(d.Codes[y], d.Codes[x]), strings.Compare(x, y)) }) {
			why = append(why, fmt.Sprintf("%s: %d", code, d.Codes[code]))
		}
		number := func(n int64) item { return item{Text: thousands(float64(n))} }
		l.Lines = append(l.Lines, []item{{Text: d.Date}, number(d.Refused), {Text: cmp.Or(strings.Join(why, ", "), "–")}, number(d.Conflicts), number(d.Warned), number(d.Retracted)})
	}
	return l, nil
}
