package cell

import (
	"encoding/hex"
	"reflect"
	"testing"
)

// What is stored of generations is read as it was written, from these bytes on for good.
func TestGenerationsAsTheyAreStored(t *testing.T) {
	m := Merged{Merged: 3, Intent: 3, Catalogue: 2, Version: 7, Generations: &Generations{
		Serving: 1, Paused: 5, Last: 2, All: []Generation{
			{Catalogue: 1, Source: 1, After: 9, Built: 1, Verified: 4, Left: 4},
			{Number: 1, Catalogue: 2, Done: "k", Built: 2, Verified: 3},
		},
	}}
	const golden = "a4010302030b020ca401010205030204828800010109600104048801020000616b020300"
	item, err := m.Item("acme")
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(item.Value); got != golden {
		t.Errorf("it is stored as %s", got)
	}
	raw, _ := hex.DecodeString(golden)
	item.Value = raw
	if read, err := DecodeMerged(item); err != nil || !reflect.DeepEqual(read, m) {
		t.Errorf("%+v, %v", read, err)
	}
	if g := m.Generation(1); g == nil || g.Done != "k" || m.Generation(2) != nil || m.Serves() != 1 || !m.Several() {
		t.Errorf("generation 1 is %+v", g)
	}
}
