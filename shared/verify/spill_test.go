package verify

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"chatreports/shared/table"
)

// Lists come back in order, from memory and from the file, which is gone afterwards.
func TestRecordsThatAreSetAsideComeBackInOrder(t *testing.T) {
	dir := t.TempDir()
	s := newSpill(dir, 3)
	const n = 50
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, spillBytes/20) }
	for i := range n {
		if err := s.put(i%2, &table.Item{Key: table.Key{Part: "a", Sort: fmt.Sprint(i)}, Value: value(i), Version: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.written[0]) < 2 || len(s.memory[0]) == 0 {
		t.Fatalf("%d pieces are written, %d bytes are in memory", len(s.written[0]), len(s.memory[0]))
	}
	for list := range 3 {
		next := list
		for item, err := range s.each(list) {
			if err != nil || item.Sort != fmt.Sprint(next) || !bytes.Equal(item.Value, value(next)) {
				t.Fatalf("list %d has %q, want %d, error %v", list, item.Sort, next, err)
			}
			next += 2
		}
		if list < 2 && next != n+list || list == 2 && next != 2 {
			t.Errorf("list %d ends before %d", list, next)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}
