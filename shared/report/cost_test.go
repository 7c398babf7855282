package report_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/report"
	"chatreports/shared/tenant"
)

// asked is a report, what it was estimated to take and what it takes, in bytes.
type asked struct {
	question       string
	estimate, real int64
}

// ask asks a dialect, that is from the question to the last byte of its answer.
func ask(ctx context.Context, api dialect.API, question string) error {
	u, err := url.Parse(comm100.Prefix + question)
	if err != nil {
		return err
	}
	a, err := api.Answer(ctx, &dialect.Request{
		Tenant: &tenant.Tenant{ID: "acme", Edition: tenant.Enterprise}, Path: u.Path, Query: u.Query(), Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return err
	}
	return a.Write(io.Discard)
}

// measured asks twice: at a gate that lets nothing in, which says what the report was
// taken to weigh, and at none.
func measured(t *testing.T, api dialect.API, question string) asked {
	t.Helper()
	ctx, leave := admission.New(admission.Limits{}).Visit(t.Context(), "acme")
	defer leave()
	much, ok := errors.AsType[*admission.TooMuchError](ask(ctx, api, question))
	if !ok {
		t.Fatalf("%s is not asked whether it is let in", question)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := ask(t.Context(), api, question); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	runtime.ReadMemStats(&after)
	return asked{question, much.Weight, int64(after.TotalAlloc - before.TotalAlloc)}
}

// What is said to be dearer is dearer: of any two reports of which one takes four times
// as much memory as the other. It is counted in bytes allocated, which do not depend on
// how fast the machine is.
func TestDearReportsAreKnownBeforeTheyAreAnswered(t *testing.T) {
	api := comm100.New(nil, weekState(t))
	const (
		day     = "timeFrom=2026-03-10T00:00:00&timeTo=2026-03-11T00:00:00"
		week    = "timeFrom=2026-03-09T00:00:00&timeTo=2026-03-16T00:00:00"
		cut     = "timeFrom=2026-03-09T00:00:01&timeTo=2026-03-16T00:00:01"
		decade  = "timeFrom=2016-03-16T00:00:00&timeTo=2026-03-16T00:00:00"
		century = "timeFrom=1926-03-16T00:00:00&timeTo=2026-03-16T00:00:00"
		two     = "&filterName=department&filterValue=1&filterName=campaign&filterValue=1"
	)
	if err := ask(t.Context(), api, "chatVolume?group=day&"+week); err != nil { // what is built once is not counted
		t.Fatal(err)
	}
	var all []asked
	for _, question := range []string{
		"chatVolume?group=day&" + day,
		"chatVolume?group=day&" + week,
		"chatVolume?group=hour&" + week,
		"chatVolume?group=department&" + week,
		"chatVolume?group=day&" + week + two,
		"chatVolume?group=hour&" + decade,
		"chatVolume?group=day&" + century,
		"chatVolume?group=month&" + century,
		"chatVolume?group=day&" + decade + two,
		"waitTime?group=hour&percentiles=50,90,99&" + week,
		"waitTime?group=hour&percentiles=50,90,99&" + decade,
		"queue?group=hour&" + week,
		"queue?group=hour&" + decade,
		"queue?group=hour&timezone=Africa/Monrovia&" + cut,
		"agentPerformance?group=agent&" + week,
		"agentPerformance?group=day&" + century,
		"workload?group=24*7Distribution&" + week,
		"workload?group=24*7Distribution&" + decade,
		"conversions?group=day&" + week,
	} {
		all = append(all, measured(t, api, question))
	}
	slices.SortFunc(all, func(a, b asked) int { return cmp.Compare(a.real, b.real) })
	for i, a := range all {
		t.Logf("%9d bytes, %9d estimated (%.1f): %s", a.real, a.estimate, float64(a.estimate)/float64(a.real), a.question)
		for _, b := range all[i+1:] {
			if b.real >= 4*a.real && b.estimate <= a.estimate {
				t.Errorf("%s takes %d bytes, and %d were estimated; %s takes %d, and %d were", a.question, a.real, a.estimate, b.question, b.real, b.estimate)
			}
		}
	}
}

func TestWhatIsTooMuchSaysWhatToAskInstead(t *testing.T) {
	api := comm100.New(nil, weekState(t))
	for question, want := range map[string]string{
		"chatVolume?group=hour&timeFrom=2016-03-16T00:00:00&timeTo=2026-03-16T00:00:00":                                                                      "longer periods",
		"chatVolume?group=day&timeFrom=2026-03-09T00:00:00&timeTo=2026-03-16T00:00:00&filterName=department&filterValue=1&filterName=campaign&filterValue=1": "fewer filters",
	} {
		ctx, leave := admission.New(admission.Limits{}).Visit(t.Context(), "acme")
		defer leave()
		much, ok := errors.AsType[*report.TooMuchError](ask(ctx, api, question))
		if !ok || !strings.Contains(much.Instead, want) {
			t.Errorf("%s: %+v, want %q in what to ask instead", question, much, want)
		}
	}
}
