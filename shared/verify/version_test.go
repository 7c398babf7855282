package verify_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/fold"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
)

var version = flag.Bool("version", false, "note what the current version of the measures counts")

const versions = "../measure/testdata/versions.txt"

// TestTheVersionGrowsWithWhatCounts keeps a digest of what facts contribute and what is kept
// of it, for each version. If it is another now:
//
// Give measure.Current the next number. If this version takes back of any stored fact
// something else than the one before had it contribute, Oldest is that number, too: then
// every tenant is to be built anew before this is deployed. If all that is new depends on
// Measure.Since, Oldest stays. Then
//
//	go test ./shared/verify -run VersionGrows -version
func TestTheVersionGrowsWithWhatCounts(t *testing.T) {
	var all []string
	note := func(raw []byte) {
		f, err := fact.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range measure.Current.Of(f) {
			all = append(all, fmt.Sprint(c))
		}
	}
	for _, r := range storedtest.All(t, func(r *storedtest.Record) bool { _, ok := facts.EntityOf(r.Key); return ok && r.Table == "state" }) {
		note(r.Value)
	}
	s := newSystem(t, start.Add(12*time.Hour))
	if err := apply(s.folder(), s.append(append(simulated(7, start, 12*time.Hour, 0.02), samples(t)...)), 500); err != nil {
		t.Fatal(err)
	}
	for item, err := range s.state.Scan(context.Background(), acme+"/") {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := facts.EntityOf(item.Key); ok {
			note(item.Value)
		}
	}
	if len(all) < 1000 {
		t.Fatalf("%d contributions are too few to tell", len(all))
	}
	for i := range measure.Catalogue {
		m := &measure.Catalogue[i]
		all = append(all, fmt.Sprint(m.ID, m.Shape, m.Series, m.Rule, m.Of))
	}
	slices.Sort(all)
	line := fmt.Sprintf("%d %x", measure.Current.Number, sha256.Sum256([]byte(strings.Join(all, "\n"))))
	raw, err := os.ReadFile(versions)
	if err != nil && !*version {
		t.Fatal(err)
	}
	known := strings.Fields(string(raw))
	switch {
	case slices.Contains(strings.Split(string(raw), "\n"), line):
	case !*version || slices.Contains(known, fmt.Sprint(measure.Current.Number)):
		t.Errorf("what facts contribute is not what version %d of the measures had them contribute: see the comment of this test", measure.Current.Number)
	default:
		if err := os.WriteFile(versions, append(raw, line+"\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// versioned is a folder of another version of the measures.
func (s *system) versioned(v measure.Version) *fold.Folder {
	f := s.folder()
	f.Version = &v
	return f
}

// TestAnotherVersionStops: where a newer version counts, an older folder stops, whatever it
// knows, and changes nothing; so does one that does not go on from the stored version, and a
// report. The stream delivers again, and once the right one runs nothing is missing.
func TestAnotherVersionStops(t *testing.T) {
	r := source(t)
	s, items, right := centre(t, r, 12*time.Hour, 0.02)
	want := right.answers()
	now := measure.Current
	next := measure.Version{Number: now.Number + 1}
	apart := measure.Version{Number: now.Number + 2, Oldest: now.Number + 2}
	third := len(items) / 3

	older, newer := s.folder(), s.versioned(next)
	if err := apply(older, items[:third], 50); err != nil {
		t.Fatal(err)
	}
	s.answers()
	if err := apply(newer, items[third:2*third], 50); err != nil {
		t.Fatal(err)
	}
	stops := func(what string, err error) {
		t.Helper()
		if _, ok := errors.AsType[*measure.VersionError](err); !ok {
			t.Fatalf("%s: %v", what, err)
		}
	}
	before := s.contents()
	for range 3 {
		failed, err := older.Apply(context.Background(), items[2*third:])
		stops("an older folder that was running", err)
		for _, err := range failed {
			if err != nil {
				t.Fatalf("a record is no poison because of the version: %v", err)
			}
		}
	}
	_, err := s.folder().Apply(context.Background(), items[2*third:])
	stops("an older folder that begins", err)
	_, err = s.versioned(apart).Apply(context.Background(), items[2*third:])
	stops("one that does not go on from what is stored", err)
	_, err = counter.MergeDue(context.Background(), s.state, s.now)
	stops("an older merge", err)
	_, err = report.Open(context.Background(), s.state, acme, s.now)
	stops("an older report", err)
	if after := s.contents(); after != before {
		t.Fatal("what should have stopped changed something")
	}
	if err := apply(s.versioned(next), delivered(items, r), 100); err != nil {
		t.Fatal(err)
	}
	measure.Current = next
	defer func() { measure.Current = now }()
	s.same(want)
}

// contents is all that the state's table holds.
func (s *system) contents() string {
	s.t.Helper()
	var out []string
	for item, err := range s.state.Scan(context.Background(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%q %d %x", table.Join(item.Part, item.Sort), item.Version, item.Value))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// guarded is a table through which nothing may be committed once another version counts.
type guarded struct {
	table.Table
	t   *testing.T
	own uint32
}

func (g *guarded) Write(ctx context.Context, ops ...table.Op) error {
	err := g.Table.Write(ctx, ops...)
	if err != nil {
		return err
	}
	if m, err := counter.ReadMerged(ctx, g.Table, acme); err != nil || m.Catalogue != g.own {
		g.t.Errorf("a folder of version %d committed where version %d counts: %v", g.own, m.Catalogue, err)
	}
	return nil
}

// TestNobodyCommitsAfterANewerVersion: wherever between two calls of an older folder a newer
// one begins, the older one commits nothing any more.
func TestNobodyCommitsAfterANewerVersion(t *testing.T) {
	r := source(t)
	s, items, _ := centre(t, r, 6*time.Hour, 0.01)
	next := measure.Version{Number: measure.Current.Number + 1}
	for k := 1; ; k++ {
		s := s.empty()
		if err := apply(s.folder(), items[:10], 10); err != nil {
			t.Fatal(err)
		}
		newer := s.versioned(next)
		between := &interrupted{Table: &guarded{s.state, t, measure.Current.Number}, k: k, what: func() {
			if err := apply(newer, items[10:20], 10); err != nil {
				t.Error(err)
			}
		}}
		older := s.with(s.journal, between).folder()
		err := apply(older, items[20:min(60, len(items))], 10)
		if between.calls < k {
			break
		}
		if _, ok := errors.AsType[*measure.VersionError](err); err != nil && !ok || t.Failed() {
			t.Fatalf("with the newer folder before call %d: %v", k, err)
		}
	}
}
