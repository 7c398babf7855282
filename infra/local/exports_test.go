package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An export that is longer than Lambda passes on is had by whoever follows redirects, as the
// same export in pieces is.
func TestALongExportIsFetchedThroughARedirect(t *testing.T) {
	t.Parallel()
	p := start(t, "--data", t.TempDir(), "--demo=false", "--now", extractNow, "--tenants", tenantsAt(t, tenantsFile))
	const agents, each = 36, 200_000
	for from := 0; from < agents; from += 12 {
		var batch []string
		for i := from; i < from+12; i++ {
			batch = append(batch, fmt.Sprintf(`{"specversion":"1.0","id":"%[1]d","source":"t","type":"agent.updated","subject":"a%02[1]d","time":"2026-03-01T09:00:00Z","data":{"lastName":"%[2]s"}}`, i, strings.Repeat("long ", each/5)))
		}
		p.must("POST", "/v1/events", "all-key", "["+strings.Join(batch, ",")+"]", 202)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) { // until they are folded
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/v1/exports/agents", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer ops-key")
		r.Header.Set("Accept-Encoding", "identity")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(response.Body).ReadAll()
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%d %v, %v\n%s", response.StatusCode, response.Header, err, p.errors)
		}
		if len(rows) != agents+1 && time.Now().Before(deadline) {
			continue
		}
		if len(rows) != agents+1 || rows[agents][0] != "a35" || len(rows[agents][3]) != each {
			t.Errorf("there are %d rows", len(rows)-1)
		}
		if !strings.HasPrefix(response.Request.URL.Path, "/files/exports/acme/") {
			t.Errorf("it came from %s", response.Request.URL)
		}
		return
	}
}
