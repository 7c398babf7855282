package tabletest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/table"
)

// sized is a record of exactly n bytes.
func sized(k table.Key, n int) table.Item {
	it := table.Item{Key: k, Version: ^uint64(0), Expires: 4_102_444_800}
	it.Value = random(uint64(n), n-it.Size())
	return it
}

func itemSize(t *testing.T, tab table.Table) {
	for i, k := range []table.Key{
		key("p", "s"),
		key("é", "🙂"),
		key(strings.Repeat("é", table.MaxPartBytes/2), strings.Repeat("s", table.MaxSortBytes)),
	} {
		largest := sized(k, table.MaxItemBytes)
		mustWrite(t, tab, put(largest, table.Absent))
		wantItems(t, mustGet(t, tab, k), largest)
		mustWrite(t, tab, put(largest, table.Always), put(item("beside", fmt.Sprint(i), "v", 1), table.Absent))

		larger := sized(k, table.MaxItemBytes+1)
		if err := tab.Write(t.Context(), put(larger, table.Always)); !errors.Is(err, table.ErrTooLarge) {
			t.Errorf("write of a record too large: %v", err)
		}
		if _, err := tab.PutEach(t.Context(), put(item("p", "small", "v", 1), table.Always), put(larger, table.Always)); !errors.Is(err, table.ErrTooLarge) {
			t.Errorf("put each of a record too large: %v", err)
		}
		wantItems(t, mustGet(t, tab, k), largest)
	}
}

func writeSize(t *testing.T, tab table.Table) {
	var ops []table.Op
	for i := range 10 {
		ops = append(ops, put(sized(key("p", fmt.Sprintf("s%02d", i)), table.MaxItemBytes), table.Absent))
	}
	mustWrite(t, tab, ops...)
	wantItems(t, mustGet(t, tab, keysOf(ops)...), itemsOf(ops)...)

	for i := range ops {
		ops[i].If = table.Always
	}
	ops = append(ops, put(sized(key("p", "s10"), table.MaxItemBytes), table.Absent))
	if err := tab.Write(t.Context(), ops...); !errors.Is(err, table.ErrTooLarge) {
		t.Errorf("write of 11 records of the largest size: %v", err)
	}
	wantItems(t, mustGet(t, tab, key("p", "s10")), table.Item{Key: key("p", "s10")})
}

func scan(t *testing.T, tab table.Table) {
	want := map[table.Key]int{}
	for i := range 400 {
		it := item(table.Join("tenant", fmt.Sprint(i%5), "é"), fmt.Sprintf("s%03d", i), "v", 1)
		mustPut(t, tab, it)
		want[it.Key] = 1
	}
	for i := range 10 { // more than 1 MB among them
		it := table.Item{Key: key(table.Join("tenant", "1", "日本"), fmt.Sprint(i)), Value: random(uint64(i), 200<<10), Version: 1}
		mustPut(t, tab, it)
		want[it.Key] = 1
	}
	for _, part := range []string{"tenan", "tenant", "tenant2/1", "tenanu", "Tenant/1", "\U0001F642"} {
		mustPut(t, tab, item(part, "s", "other", 1))
	}
	for _, c := range []struct {
		prefix string
		want   int
	}{
		{"tenant/", 410}, {"tenant/1", 90}, {"tenant/1/日", 10}, {"none", 0}, {"tenant/1/日本x", 0}, {"tenant", 412}, {"", 416}, {"\U0001F642", 1},
	} {
		seen := map[table.Key]int{}
		for _, it := range mustCollect(t, tab.Scan(t.Context(), c.prefix)) {
			if seen[it.Key]++; seen[it.Key] > 1 || !strings.HasPrefix(it.Part, c.prefix) {
				t.Fatalf("scan of %q gave %q %q (%d times)", c.prefix, it.Part, it.Sort, seen[it.Key])
			}
		}
		if len(seen) != c.want {
			t.Errorf("scan of %q gave %d records, want %d", c.prefix, len(seen), c.want)
		}
	}
	for it, err := range tab.Scan(t.Context(), "tenant/") { // may be left early
		if err != nil || !strings.HasPrefix(it.Part, "tenant/") {
			t.Fatal(it.Key, err)
		}
		break
	}
	large := mustCollect(t, tab.Scan(t.Context(), "tenant/1/日本"))
	slices.SortFunc(large, func(a, b table.Item) int { return strings.Compare(a.Sort, b.Sort) })
	for i, it := range large {
		wantItems(t, []table.Item{it}, table.Item{Key: key("tenant/1/日本", fmt.Sprint(i)), Value: random(uint64(i), 200<<10), Version: 1})
	}
}
