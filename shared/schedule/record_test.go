package schedule

import (
	"encoding/hex"
	"flag"
	"reflect"
	"testing"

	"chatreports/shared/stored"
	"chatreports/shared/stored/storedtest"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

// What is stored keeps its numbers: see shared/FORMATS.md.
func TestMembersKeepTheirNumbers(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers,
		reflect.TypeFor[record](), reflect.TypeFor[folder](), reflect.TypeFor[delivered](), reflect.TypeFor[version]())
}

// What was stored on 2026-11-29 is read as what it meant then.
func TestWhatWasStoredIsRead(t *testing.T) {
	for _, c := range []struct {
		bytes      string
		read, want any
	}{
		{"ab016264310207031b0000019acd6464a0041b0000019acd72204005782c7363686564756c65732f61636d652f732f323032352d31312d32382f323032352d31312d32382e372e63737606182a071b0000019acd62de00081b0000019accb1dd8009626e6f0a6a323032352d31312d32380bf5", new(record), &record{
			Declared: "d1", Runs: 7, Ran: 1_764_382_500_000, Until: 1_764_383_400_000, Writing: "schedules/acme/s/2025-11-28/2025-11-28.7.csv", Seen: 42, Counted: 1_764_382_400_000,
			Next: 1_764_370_800_000, Failure: "no", Day: "2025-11-28", Stale: true,
		}},
		{"a20172636f6d6d3130302f63686174566f6c756d650281831b0000019ac78b81801b0000019accb1dd80818670323032352d31312d32382e372e63737618181904d7430102031b0000019acd62de001b0000019acd6464a0", new(folder), &folder{Report: "comm100/chatVolume", Periods: []delivered{{
			From: 1_764_284_400_000, To: 1_764_370_800_000,
			Versions: []version{{Object: "2025-11-28.7.csv", Rows: 24, Bytes: 1239, SHA256: []byte{1, 2, 3}, Counted: 1_764_382_400_000, Written: 1_764_382_500_000}},
		}}}},
	} {
		raw, err := hex.DecodeString(c.bytes)
		if err != nil {
			t.Fatal(err)
		}
		if err := stored.Unmarshal(raw, c.read); err != nil || !reflect.DeepEqual(c.read, c.want) {
			t.Errorf("%+v, %v, want %+v", c.read, err, c.want)
		}
	}
}
