package dialect_test

import (
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/tenant"
)

func TestBusinessHoursAreThoseOfTheTenantsFile(t *testing.T) {
	friday := time.Date(2026, 11, 27, 8, 30, 0, 0, time.UTC) // 09:30 in Berlin
	for name, c := range map[string]struct {
		tenant tenant.Tenant
		want   time.Duration // open in the seven days from then on
	}{
		"none named is always":   {tenant.Tenant{Zone: "Europe/Berlin"}, 7 * 24 * time.Hour},
		"but for holidays":       {tenant.Tenant{Zone: "Europe/Berlin", Holidays: []string{"2026-11-28"}}, 6 * 24 * time.Hour},
		"in the tenant's zone":   {tenant.Tenant{Zone: "Europe/Berlin", BusinessHours: tenant.Week{"fri": {{From: 540, To: 600}}}}, time.Hour},
		"or in UTC":              {tenant.Tenant{BusinessHours: tenant.Week{"fri": {{From: 540, To: 600}}}}, time.Hour},
		"an empty week is never": {tenant.Tenant{BusinessHours: tenant.Week{}}, 0},
	} {
		b, err := dialect.BusinessHours(&c.tenant)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Length(friday.UnixMilli(), friday.AddDate(0, 0, 7).UnixMilli()); got != c.want.Milliseconds() {
			t.Errorf("%s: %v, want %v", name, time.Duration(got)*time.Millisecond, c.want)
		}
	}
	if _, err := dialect.BusinessHours(&tenant.Tenant{ID: "a", Zone: "Nowhere"}); err == nil {
		t.Error("a zone that does not exist has business hours")
	}
}
