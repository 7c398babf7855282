package dashboard

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect/comm100"
	"chatreports/shared/intake"
	"chatreports/shared/verified"
)

// freshness says up to when events are counted, and how long that takes.
func freshness(a *asker) (*listing, error) {
	l := &listing{
		Name: "freshness", Title: "How fresh", None: "Nothing has been counted yet.", Heads: []string{"Counted until (UTC)", "Ago", "Lag"}, Path: comm100.Prefix + "realtime/rightNow",
		Note: "When the newest change that is counted was committed, which every answer says in its header Counted-Until, and how long before that the event had been stored. What is sent counts about two seconds later.",
	}
	s, err := a.standing()
	if err != nil || s.Newest.IsZero() {
		return l, err
	}
	lag := item{Text: "–"}
	if s.Traced {
		lag.Text = length(s.Lag.Seconds())
	}
	l.Lines = [][]item{{moment(s.Newest, time.UTC), a.ago(s.Newest), lag}}
	return l, nil
}

// ago is how long ago a moment was.
func (a *asker) ago(t time.Time) item {
	return item{Text: length(max(0, a.now.Sub(t)).Truncate(time.Second).Seconds())}
}

// unmerged says how much of the log is counted by whoever reads it, and no block holds yet.
func unmerged(a *asker) (*listing, error) {
	l := &listing{
		Name: "unmerged", Title: "Not merged yet", None: "Blocks hold all that is counted.", Heads: []string{"Commits", "Size", "Since (UTC)", "Documents held back"},
		Note: "Of the log of changes. It is counted all the same, and merged into blocks at some 60 KB or after a week.",
	}
	s, err := a.standing()
	if err != nil || s.Commits == 0 && s.Held == 0 {
		return l, err
	}
	l.Lines = [][]item{{{Text: thousands(float64(s.Commits))}, {Text: size(int64(s.Bytes))}, moment(s.Since, time.UTC), {Text: size(int64(s.Held))}}}
	return l, nil
}

// verification says what the last one found.
func verification(a *asker) (*listing, error) {
	l := &listing{
		Name: "verification", Wide: true, Title: "Verified", None: "Nobody has verified yet whether all figures follow from the events: go run ./infra/verify does.",
		Heads: []string{"When (UTC)", "Days (UTC)", "Facts", "Blocks", "Differences", "Mended before"},
		Note:  "Facts are compared with the events, counters with the facts. A difference is a figure that may be wrong.",
	}
	r, err := verified.Last(a, a.State, a.tenant.ID)
	if err != nil || r == nil {
		return l, err
	}
	var found []string
	for _, what := range slices.Sorted(maps.Keys(r.Differences)) {
		found = append(found, fmt.Sprintf("%s: %d", what, r.Differences[what]))
	}
	differences := cmp.Or(strings.Join(found, ", "), "none")
	if r.Behind > 0 {
		differences += fmt.Sprintf("; %s chats, agents or visitors were behind and not compared", thousands(float64(r.Behind)))
	}
	days := "all"
	if !r.From.IsZero() || !r.To.IsZero() {
		days = "from " + dayOr(r.From, "the first") + " to before " + dayOr(r.To, "the last")
	}
	number := func(n int) item { return item{Text: thousands(float64(n))} }
	l.Lines = [][]item{{moment(r.At, time.UTC), {Text: days}, number(r.Facts), number(r.Blocks), {Text: differences}, number(r.Mended)}}
	return l, nil
}

func dayOr(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return t.Format(day)
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
