package stack

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	wd, _ := os.Getwd()
	s, err := Find(wd)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", s)
}
