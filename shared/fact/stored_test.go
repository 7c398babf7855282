package fact

import (
	"reflect"
	"strings"
	"testing"
)

// Two members under one key would overwrite each other in the stored form.
func TestStoredMembersHaveKeysOfTheirOwn(t *testing.T) {
	for _, v := range []any{Fact{}, Chat{}, Visitor{}, Agent{}, AgentState{}, Message{}, Entry{}} {
		typ := reflect.TypeOf(v)
		seen := map[string]string{}
		for i := range typ.NumField() {
			key, _, _ := strings.Cut(typ.Field(i).Tag.Get("cbor"), ",")
			if other, ok := seen[key]; ok || key == "" {
				t.Errorf("%s: %s and %s are stored under the key %q", typ.Name(), other, typ.Field(i).Name, key)
			}
			seen[key] = typ.Field(i).Name
		}
	}
}
