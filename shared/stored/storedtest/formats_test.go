package storedtest_test

import (
	"os"
	"strings"
	"testing"

	"chatreports/shared/stored/storedtest"
)

// The page of formats draws every kind of record that is kept, and names the files in
// which they are.
func TestThePageOfFormatsDrawsEveryKind(t *testing.T) {
	raw, err := os.ReadFile("../../FORMATS.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	wanted := map[string]bool{"| state | `tenant/part/": true}
	for _, g := range storedtest.Generations(t) {
		wanted["stored/storedtest/records/"+g+".txt"] = true
		for _, r := range storedtest.Read(t, g) {
			part := strings.Split(r.Part, "/")
			switch {
			case r.Table == "journal":
				wanted["| journal | `tenant/KIND/ID`"] = true
			case part[0] == "acme":
				wanted["| state | `tenant/"+part[1]] = true
			default:
				wanted["| state | `"+part[0]] = true
			}
			if len(part) > 2 && part[1] == "block" {
				wanted["`"+part[2]+"`"] = true
			}
		}
	}
	for text := range wanted {
		if !strings.Contains(page, text) {
			t.Errorf("FORMATS.md has no %s", text)
		}
	}
}
