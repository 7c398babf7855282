package dialect

import (
	"fmt"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/tenant"
)

// BusinessHours are those of a tenant, in its zone.
func BusinessHours(t *tenant.Tenant) (*calendar.BusinessHours, error) {
	zone, err := calendar.ParseZone(t.Zone)
	if err != nil {
		return nil, fmt.Errorf("the zone of tenant %q: %w", t.ID, err)
	}
	hours := calendar.AlwaysOpen
	if t.BusinessHours != nil {
		hours = func(d time.Weekday) []calendar.WallSpan {
			var spans []calendar.WallSpan
			for _, s := range t.BusinessHours.Day(d) {
				spans = append(spans, calendar.WallSpan{From: s.From, To: s.To})
			}
			return spans
		}
	}
	b, err := calendar.NewBusinessHours(zone, hours, t.Holidays)
	if err != nil {
		return nil, fmt.Errorf("the business hours of tenant %q: %w", t.ID, err)
	}
	return b, nil
}
