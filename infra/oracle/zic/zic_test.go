package zic_test

import (
	"slices"
	"testing"
	"time"

	"chatreports/infra/oracle/zic"
	"chatreports/shared/iana"
)

// The compiled zones that the product reads, and the rules, read here: the same release, the same names, and the same
// offset at the beginning and at the end of every stretch that either knows in 400 years.
func TestTheCompiledZonesAreWhatTheRulesSay(t *testing.T) {
	if zic.Version() != iana.Version {
		t.Fatalf("the rules are of %s, the compiled zones of %s", zic.Version(), iana.Version)
	}
	if !slices.Equal(zic.Names(), iana.Names()) {
		t.Fatalf("the rules know %d zones, the compiled zones are %d", len(zic.Names()), len(iana.Names()))
	}
	begin, end := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	stretches := 0
	for _, name := range iana.Names() {
		rules, ok := zic.Load(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		compiled, err := iana.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		same := func(at time.Time) {
			_, seconds := at.In(compiled).Zone()
			if offset := rules.Offset(at); offset != time.Duration(seconds)*time.Second {
				t.Fatalf("%s at %s: by the rules %s, compiled %ds", name, at.Format(time.RFC3339), offset, seconds)
			}
		}
		for at := begin; at.Before(end); stretches++ {
			next := end
			if change := rules.Next(at); !change.IsZero() && change.Before(next) {
				next = change
			}
			switch _, until := at.In(compiled).ZoneBounds(); {
			case until.IsZero() || until.After(next):
			case until.After(at):
				next = until.UTC()
			default: // Go is a day short in leap years
				next = at.Add(24 * time.Hour)
			}
			same(at)
			same(next.Add(-time.Second))
			at = next
		}
	}
	t.Logf("%d zones, %d stretches", len(iana.Names()), stretches)
}
