package payload

import (
	"flag"
	"reflect"
	"testing"

	"chatreports/shared/stored/storedtest"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

// What is stored keeps its numbers: see shared/FORMATS.md.
func TestMembersKeepTheirNumbers(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers, reflect.TypeFor[record]())
}
