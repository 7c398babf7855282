package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/shared/tenant"
)

// greet says what is there, in lines that work as they are.
func (sys *system) greet(out io.Writer, o options, file tenant.File, address string) {
	url := "http://" + address
	if o.engine == engineAWS {
		fmt.Fprintf(out, "data on %s and %s; for the tools in infra:\n  export", endpoint("DYNAMODB"), endpoint("S3"))
		for _, variable := range slices.Sorted(maps.Keys(sys.names)) {
			fmt.Fprintf(out, " %s=%s", variable, sys.names[variable])
		}
		fmt.Fprintln(out)
	} else {
		fmt.Fprintln(out, "data in", o.data)
	}
	for _, e := range file.Entries {
		fmt.Fprintf(out, "tenant %s, keys: %d\n", e.Tenant.ID, len(e.Keys))
	}
	if o.demo {
		fmt.Fprintln(out, "demo key", demoSecret)
		fmt.Fprintf(out, "dashboard %s/, documentation %s/docs\n", url, url)
		if sys.demo.Edition < edition {
			fmt.Fprintf(out, "the demo there is of an earlier version and begins on %s; another --data DIR gets the new one\n", sys.demo.Start.Format(time.DateOnly))
		}
		fmt.Fprintln(out, "try:")
		now := o.clock()().UTC()
		for _, line := range sys.demo.questions(now) {
			fmt.Fprintf(out, "  curl -H 'Authorization: Bearer %s' '%s/%s'\n", demoSecret, url, line)
		}
		fmt.Fprintf(out, "  curl -H 'Authorization: Bearer %s' -H 'Content-Type: application/cloudevents+json' '%s/v1/events' -d '%s'\n",
			demoSecret, url, fmt.Sprintf(`{"specversion":"1.0","id":"try-1","source":"curl","type":"chat.requested","subject":"try","time":"%s","data":{"visitorId":"me","initiatedBy":"visitor","source":"visitor"}}`,
				now.Format(time.RFC3339)))
		fmt.Fprintln(out, "what vendors would post, signed:")
		for _, vendor := range tenant.Providers() {
			fmt.Fprintf(out, "  go run ./infra/loadgen webhook --vendor %s --to %s/v1/webhooks/%s\n", vendor, url, payload.DemoID(vendor))
		}
	}
	fmt.Fprintf(out, "  curl '%s/healthz'\n", url)
	fmt.Fprintln(out, "listening on", url)
}

// questions are paths of reports that the demo has an answer to: of the week and the
// month before now, or before the demo's end if it has nothing so early; and who waits.
func (s demoState) questions(now time.Time) []string {
	end := now
	if end.After(s.Until) || end.AddDate(0, 0, -7).Before(s.Start) {
		end = s.Until
	}
	today := end.UTC().Truncate(24 * time.Hour)
	week, month := today.AddDate(0, 0, -7), today.AddDate(0, 0, 1-today.Day())
	last := month.AddDate(0, -1, 0)
	if last.Before(s.Start) {
		last, month = week, today
	}
	const stamp, comm100 = "2006-01-02T15:04:05", "api/v3/livechat/reports/"
	return []string{
		fmt.Sprintf(comm100+"chatVolume?timeFrom=%s&timeTo=%s&group=day", week.Format(stamp), today.Format(stamp)),
		fmt.Sprintf(comm100+"queue?timeFrom=%s&timeTo=%s&group=department", last.Format(stamp), month.Format(stamp)),
		comm100 + "realtime/queue",
		fmt.Sprintf("reports/conversations?from=%s&to=%s&group=storyId", week.Format(time.DateOnly), today.Format(time.DateOnly)),
		fmt.Sprintf("v1/exports/conversations?from=%s&to=%s", today.AddDate(0, 0, -1).Format(time.DateOnly), today.Format(time.DateOnly)),
	}
}
