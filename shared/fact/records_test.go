package fact

import (
	"flag"
	"reflect"
	"testing"

	"chatreports/shared/stored"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/tuple"
)

var addMeanings = flag.Bool("add", false, "say what records mean that testdata does not name yet; no line is ever changed")

// Facts of every kind as they were ever stored mean what they meant.
func TestFactsOfEveryGenerationAreRead(t *testing.T) {
	kinds := map[string]bool{}
	records := facts(t)
	meanings := storedtest.Open(t, "testdata/meanings.txt", *addMeanings)
	for i := range records {
		r := &records[i]
		f, err := Decode(r.Value)
		if err != nil {
			t.Errorf("%s: %v", r.Name(), err)
			continue
		}
		kinds[tuple.Split(r.Part)[2]] = true
		meanings.Check(r, f)
	}
	for _, kind := range []string{"chat", "visitor", "agent", "message", "department"} {
		if !kinds[kind] {
			t.Errorf("no generation has a fact of a %s", kind)
		}
	}
}

func facts(t *testing.T) []storedtest.Record {
	t.Helper()
	return storedtest.All(t, func(r *storedtest.Record) bool {
		part := tuple.Split(r.Part)
		return r.Table == "state" && len(part) > 2 && (part[1] == "fact" || part[1] == "dir")
	})
}

// Structures within structures are not flattened: package stored would not find their
// members again.
func TestStoredStructuresEmbedNone(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for field := range typ.Fields() {
			if field.Anonymous {
				t.Errorf("%s embeds %s", typ, field.Name)
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[Fact]())
	if len(seen) < 20 {
		t.Errorf("only %d structures found", len(seen))
	}
}

// A later version adds a member to every array: it reads what is stored now, and
// this one reads what it stores.
func TestFactsGrow(t *testing.T) {
	later := storedtest.Grown(reflect.TypeFor[Fact]())
	added := 0
	for _, r := range facts(t) {
		now, err := Decode(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		grown := reflect.New(later)
		if err := stored.Unmarshal(r.Value, grown.Interface()); err != nil {
			t.Errorf("%s: a later version does not read it: %v", r.Name(), err)
			continue
		}
		added += storedtest.Fill(grown.Elem())
		raw, err := stored.Marshal(grown.Interface())
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(raw)
		if err != nil {
			t.Errorf("%s: what a later version stores is not read: %v", r.Name(), err)
			continue
		}
		if !reflect.DeepEqual(back, now) {
			t.Errorf("%s came back from a later version as %+v, want %+v", r.Name(), back, now)
		}
	}
	if added < 100 {
		t.Errorf("only %d members were added", added)
	}
}

func TestMembersOfFactsStay(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMeanings, reflect.TypeFor[Fact]())
}
