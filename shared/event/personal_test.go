package event

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Of each member it is decided what it says of a visitor.
func TestOfEachMemberItIsDecidedWhetherItIsPersonal(t *testing.T) {
	decided := strings.Fields(pseudonyms + " " + blanks + " " + others)
	for name := range memberTable {
		if n := len(slices.DeleteFunc(slices.Clone(decided), func(d string) bool { return d != name })); n != 1 {
			t.Errorf("%s is in %d lists, want 1", name, n)
		}
	}
	if len(decided) != len(memberTable) {
		t.Errorf("%d members are decided, there are %d", len(decided), len(memberTable))
	}
}

// filled sets every text within a structure.
func filled(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), text)
	case reflect.Struct:
		for _, f := range v.Fields() {
			if f.CanSet() {
				filled(f, text)
			}
		}
	case reflect.Slice:
		if v.Type() != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			filled(v.Index(0), text)
		}
	}
}

func TestErasingTakesOutWhatIsPersonalAndNothingElse(t *testing.T) {
	e := Event{Type: "chat.requested", Subject: "c"}
	filled(reflect.ValueOf(&e.Data).Elem(), "ann")
	e.Data.Actor.Type, e.Data.By.Type = "user", "user"
	e.Data.Rest = json.RawMessage(`{"phone":"ann"}`)
	before := members(t, e.Data)
	if !e.OfVisitor("ann") || e.OfVisitor("an") {
		t.Error("it is taken for another visitor's, or not for this one's")
	}
	e.EraseVisitor("ann", "x")
	after := members(t, e.Data)
	for name, was := range before {
		gone := slices.Contains(strings.Fields(pseudonyms+" "+blanks), name)
		if same := reflect.DeepEqual(was, after[name]); same == gone {
			t.Errorf("%s was %v and is %v", name, was, after[name])
		}
	}
	if e.Data.VisitorID != "x" || e.Data.Actor.ID != "x" || e.Data.By.ID != "x" || e.Data.By.Name != "" || e.Data.Comment != Erased || e.Data.Rest != nil {
		t.Errorf("it is %+v", e.Data)
	}
	agent := Event{Type: "message.sent", Data: Data{Actor: &Actor{Type: "agent", ID: "ann", Name: "Ann"}}}
	if agent.EraseVisitor("ann", "x"); agent.Data.Actor.Name != "Ann" || agent.OfVisitor("ann") {
		t.Errorf("an agent is %+v", agent.Data.Actor)
	}
	visit := Event{Type: "visit.started", Subject: "ann"}
	if !visit.OfVisitor("ann") {
		t.Error("a visit is nobody's")
	}
}

func members(t *testing.T, d Data) (out map[string]any) {
	t.Helper()
	raw, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
