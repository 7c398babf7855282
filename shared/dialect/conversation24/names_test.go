package conversation24_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect/conversation24"
)

// Names are columns of their own: without them every export is as it is without names, and
// they are those that the directory tells.
func TestNamesStandBesideIds(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	events := oracle.AnyEvents(seed, 400)
	who, _ := tenantOf("Asia/Kolkata")
	s := asked(t, who, oracle.AfterAny, events, rand.New(rand.NewPCG(seed, 0)))
	told := map[string]map[string]string{}
	for _, kind := range []string{"agent", "campaign", "host", "invitation"} {
		var all []struct{ ID, Name string }
		if err := json.Unmarshal([]byte(s.ask("all", "GET", "/v1/directory/"+kind, "").body), &all); err != nil {
			t.Fatal(err)
		}
		told[kind] = map[string]string{}
		for _, e := range all {
			told[kind][e.ID] = e.Name
		}
	}
	checked := 0
	for _, r := range conversation24.Reports() {
		plain, named := s.export(r.Name, nil), s.export(r.Name, url.Values{"names": {"true"}})
		if len(plain) != len(named) {
			t.Fatalf("%s has %d rows, with names %d", r.Name, len(plain), len(named))
		}
		heads := slices.Clone(named[0])
		for n := range named {
			at := 0
			for i, head := range heads {
				if !slices.Contains(plain[0], head) {
					continue
				}
				if named[n][i] != plain[n][at] {
					t.Errorf("%s: %s of row %d is %q, with names %q", r.Name, head, n, plain[n][at], named[n][i])
				}
				kind := r.Columns[at].Of
				at++
				name := slices.Index(heads, strings.TrimSuffix(head, "id")+"name")
				if n == 0 || kind == "" {
					continue
				}
				if name < 0 {
					t.Fatalf("%s has no names of %s", r.Name, head)
				}
				if kind == "user" {
					continue // which no directory lists; an export tells them
				}
				if checked++; named[n][name] != told[kind][named[n][i]] {
					t.Errorf("%s: %s %q is called %q, and in the directory %q", r.Name, head, named[n][i], named[n][name], told[kind][named[n][i]])
				}
			}
			if at != len(plain[0]) {
				t.Fatalf("%s has %d of %d columns with names: %v", r.Name, at, len(plain[0]), heads)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d names were compared", checked)
	}
}
