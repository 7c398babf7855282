package verified

import (
	"encoding/hex"
	"flag"
	"reflect"
	"testing"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table/embedded"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

func TestMembersStay(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers, reflect.TypeFor[record]())
}

func TestWhatIsStoredStays(t *testing.T) {
	want := record{1, 2, 3, 4, 5, map[string]int{"x": 6}, 7, 8}
	raw, err := stored.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const bytes = "a80101020203030404050506a161780607070808"
	if got := hex.EncodeToString(raw); got != bytes {
		t.Errorf("it is stored as %s, and was as %s", got, bytes)
	}
	var got record
	if err := stored.Unmarshal(raw, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %v: %v", got, err)
	}
}

func TestTheLastResultIsKept(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := db.Table("state")
	if r, err := Last(t.Context(), state, "acme"); r != nil || err != nil {
		t.Errorf("before any: %v, %v", r, err)
	}
	first := Result{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Facts: 3, Blocks: 9, Differences: map[string]int{"block": 2}, Mended: 1, Behind: 5}
	second := Result{At: first.At.Add(time.Hour), From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Facts: 4}
	for _, want := range []*Result{&first, &second} {
		if err := Keep(t.Context(), state, "acme", want); err != nil {
			t.Fatal(err)
		}
		if got, err := Last(t.Context(), state, "acme"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("it is %+v, %v, want %+v", got, err, want)
		}
	}
	if r, err := Last(t.Context(), state, "other"); r != nil || err != nil {
		t.Errorf("of another tenant: %v, %v", r, err)
	}
}
