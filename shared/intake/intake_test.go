package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"reflect"
	"sync"
	"testing"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

func TestMembersStay(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers, reflect.TypeFor[record]())
}

func TestWhatIsStoredStays(t *testing.T) {
	want := record{1, 2, 3, 4, map[string]int64{"x": 5}}
	raw, err := stored.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const bytes = "a5010102020303040405a1617805"
	if got := hex.EncodeToString(raw); got != bytes {
		t.Errorf("it is stored as %s, and was as %s", got, bytes)
	}
	var got record
	if err := stored.Unmarshal(raw, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %v: %v", got, err)
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// failing is a table that cannot be written for a while.
type failing struct {
	table.Table
	down bool
}

func (f *failing) Write(ctx context.Context, ops ...table.Op) error {
	if f.down {
		return errors.New("it is down")
	}
	return f.Table.Write(ctx, ops...)
}

func state(t *testing.T) *failing {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &failing{Table: db.Table("state")}
}

func tally(refused, conflicts, warned, retracted int64, codes ...string) (t Tally) {
	t = Tally{Refused: refused - int64(len(codes)), Conflicts: conflicts, Warned: warned, Retracted: retracted}
	for _, code := range codes {
		t.Refuse(code)
	}
	return t
}

func TestEveryProcessCountsAndNothingIsLost(t *testing.T) {
	s := state(t)
	processes := []*Counter{New(s), New(s), New(s)}
	var all sync.WaitGroup
	for i, c := range processes {
		for range 20 {
			all.Go(func() {
				if err := c.Count(t.Context(), "acme", noon.Add(time.Duration(i)*8*time.Hour), tally(2, 1, 3, 1, "unknown_type", "wrong_type")); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	s.down = true
	if err := processes[0].Count(t.Context(), "acme", noon, tally(1, 0, 0, 0, "unknown_type")); err == nil {
		t.Error("it is down, and nobody says so")
	}
	s.down = false
	for _, c := range []func() error{
		func() error { return processes[0].Count(t.Context(), "acme", noon, tally(1, 0, 0, 0, "unknown_type")) },
		func() error { return processes[0].Count(t.Context(), "other", noon, tally(9, 0, 0, 0)) },
		func() error { return processes[0].Count(t.Context(), "acme", noon, Tally{}) },
	} {
		if err := c(); err != nil {
			t.Fatal(err)
		}
	}
	want := []Day{
		{"2026-03-02", tally(40, 20, 60, 20)},
		{"2026-03-01", tally(82, 40, 120, 40)},
	}
	want[0].Codes = map[string]int64{"unknown_type": 20, "wrong_type": 20}
	want[1].Codes = map[string]int64{"unknown_type": 42, "wrong_type": 40}
	got, err := Read(t.Context(), s, "acme", noon.Add(48*time.Hour))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if got, err := Read(t.Context(), s, "acme", noon.Add(Keep+17*time.Hour)); err != nil || len(got) != 0 {
		t.Errorf("after it has expired: %v %v", got, err)
	}
}

func TestADayThatIsOverIsForgotten(t *testing.T) {
	c := New(state(t))
	for day := range 10 {
		if err := c.Count(t.Context(), "acme", noon.AddDate(0, 0, day), tally(1, 0, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.days) > 2 {
		t.Errorf("%d days are in memory", len(c.days))
	}
}

func TestADamagedRecordIsAnError(t *testing.T) {
	s := state(t)
	if err := s.Write(t.Context(), table.Op{Item: table.Item{Key: table.Key{Part: part("acme"), Sort: "x"}, Value: []byte{0xff}, Version: 1, Expires: noon.Unix() + 1}}); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(t.Context(), s, "acme", noon); err == nil {
		t.Errorf("a damaged record is read as %v", got)
	}
}
