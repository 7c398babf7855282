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
		for field := range typ.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("cbor"), ",")
			if other, ok := seen[key]; ok || key == "" {
				t.Errorf("%s: %s and %s are stored under the key %q", typ.Name(), other, field.Name, key)
			}
			seen[key] = field.Name
		}
	}
}
