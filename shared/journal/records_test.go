package journal

import (
	"flag"
	"reflect"
	"testing"

	"chatreports/shared/stored/storedtest"
)

var addMeanings = flag.Bool("add", false, "say what records mean that testdata does not name yet; no line is ever changed")

// Events of every type as they were ever stored mean what they meant.
func TestEventsOfEveryGenerationAreRead(t *testing.T) {
	records := storedtest.All(t, func(r *storedtest.Record) bool { return r.Table == "journal" && !IsNote(r.Item) })
	meanings := storedtest.Open(t, "testdata/meanings.txt", *addMeanings)
	types := map[string]bool{}
	for i := range records {
		rec, err := Decode(records[i].Item)
		if err != nil {
			t.Errorf("%s: %v", records[i].Name(), err)
			continue
		}
		types[rec.Event.Type] = true
		meanings.Check(&records[i], rec)
	}
	if len(types) < 46 {
		t.Errorf("the generations have events of %d types", len(types))
	}
}

func TestMembersOfEventsStay(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMeanings, reflect.TypeFor[value]())
}
