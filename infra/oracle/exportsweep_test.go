package oracle_test

import (
	"net/url"
	"testing"
	"time"

	"chatreports/infra/oracle"
)

// TestExportsAgree compares every export over HTTP, over odd windows: CSV byte by byte, of
// JSON lines and Parquet every cell.
func TestExportsAgree(t *testing.T) {
	sweep(t, func(t *testing.T, s *swept) {
		for _, report := range oracle.Exports() {
			for range 4 {
				from := pick(s.Rand, "", "2024-10-26T10:20:30+02:00", "2024-10-26", "2024-10-27T02:00:00.500Z", "2024-10-27T00:30:00Z", "2024-10-27", s.anyTime())
				to := pick(s.Rand, "", "2024-10-27T03:00:00Z", "2024-10-27T17:11:13-03:30", "2024-10-28", "2024-11-01", s.anyTime())
				q := url.Values{}
				campaign := ""
				if report != "agents" && report != "hosts" {
					campaign = pick(s.Rand, "", "", "k", "l")
				}
				for name, v := range map[string]string{"from": from, "to": to, "campaign": campaign} {
					if v != "" {
						q.Set(name, v)
					}
				}
				format := pick(s.Rand, "", "csv", "jsonl", "parquet")
				if format != "" {
					q.Set("format", format)
				}
				target := "/v1/exports/" + report + "?" + q.Encode()
				status, _, raw := s.ask(t, "GET", target, "")
				rows := oracle.OfCampaign(s.Export(report, from, to, s.now), campaign)
				got := string(raw)
				if rows != nil && status == 200 {
					got = read(t, format, raw, rows)
				}
				switch {
				case rows == nil && status != 400:
					t.Errorf("%s: %d %s", target, status, raw)
				case rows != nil && (status != 200 || got != oracle.CSV(rows)):
					t.Errorf("%s, now %s: %d\n%s", target, s.now.Format(time.RFC3339), status, firstDifference(got, oracle.CSV(rows)))
				}
			}
		}
	})
}
