package table_test

import (
	"bytes"
	"reflect"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// A record that was packed is the one that was read: one in parts is replaced with its parts.
func TestARecordThatWasPackedIsTheOneThatWasRead(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	divided := table.Divide(db.Table("state"))
	small := table.Item{Key: table.Key{Part: "acme/a", Sort: "1"}, Value: []byte{0, 255}, Version: 7, Expires: 99}
	large := table.Item{Key: table.Key{Part: "acme/a", Sort: "2"}, Value: bytes.Repeat([]byte("abc"), 300_000), Version: 1}
	if err := divided.Write(t.Context(), table.Op{Item: small}, table.Op{Item: large}); err != nil {
		t.Fatal(err)
	}
	read, err := divided.Get(t.Context(), small.Key, large.Key)
	if err != nil {
		t.Fatal(err)
	}
	var raw []byte
	for i := range read {
		raw = read[i].Pack(raw)
	}
	for i := range read {
		var got table.Item
		if got, raw, err = table.Unpack(raw); err != nil || !reflect.DeepEqual(got, read[i]) {
			t.Fatalf("%q %q is unpacked as %q %q, error %v", read[i].Part, read[i].Sort, got.Part, got.Sort, err)
		}
		next := table.Item{Key: got.Key, Value: []byte("x"), Version: got.Version + 1}
		if err := divided.Write(t.Context(), table.Op{Item: next, If: table.Unchanged(got)}); err != nil {
			t.Fatal(err)
		}
	}
	for item, err := range db.Table("state").Scan(t.Context(), "acme/") {
		if err != nil || item.Part != "acme/a" {
			t.Errorf("%q %q is left, error %v", item.Part, item.Sort, err)
		}
	}
	raw = small.Pack(nil)
	for n := range raw {
		if _, _, err := table.Unpack(raw[:n]); err == nil {
			t.Errorf("%d of %d bytes are read", n, len(raw))
		}
	}
}
