package tabletest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"chatreports/shared/table"
)

// hundred is as many puts as a write may hold, over several partitions.
func hundred(version uint64, c table.Cond) []table.Op {
	ops := make([]table.Op, table.MaxOps)
	for i := range ops {
		ops[i] = put(item(fmt.Sprintf("p%d", i%3), fmt.Sprintf("s%03d", i), fmt.Sprint(version), version), c)
	}
	return ops
}

func keysOf(ops []table.Op) (keys []table.Key) {
	for _, op := range ops {
		keys = append(keys, op.Item.Key)
	}
	return keys
}

func itemsOf(ops []table.Op) (items []table.Item) {
	for _, op := range ops {
		items = append(items, op.Item)
	}
	return items
}

func writeAtomic(t *testing.T, tab table.Table) {
	first := hundred(1, table.Absent)
	mustWrite(t, tab, first...)
	wantItems(t, mustGet(t, tab, keysOf(first)...), itemsOf(first)...)

	// One condition that fails, at either end or between, undoes all the rest.
	for _, bad := range []int{0, 57, 99} {
		second := hundred(2, table.VersionIs(1))
		second[bad].If = table.VersionIs(3)
		wantFailed(t, write(t.Context(), tab, second...), bad)
		wantItems(t, mustGet(t, tab, keysOf(first)...), itemsOf(first)...)
	}
	second := hundred(2, table.VersionIs(1))
	mustWrite(t, tab, second...)
	wantItems(t, mustGet(t, tab, keysOf(first)...), itemsOf(second)...)
	mustWrite(t, tab) // nothing to do
}

func writeFailures(t *testing.T, tab table.Table) {
	mustPut(t, tab, item("p", "a", "1", 1), item("p", "b", "1", 1), item("p", "c", "1", 1))
	err := write(t.Context(), tab,
		put(item("p", "a", "2", 2), table.VersionIs(9)),   // fails
		put(item("p", "b", "2", 2), table.VersionIs(1)),   // holds
		del(key("p", "c"), table.VersionIs(2)),            // fails
		put(item("p", "new", "2", 2), table.Absent),       // holds
		check(key("p", "none"), table.VersionIs(1)),       // fails
		put(item("p", "d", "2", 2), table.Always),         // holds
		check(key("other part", "none"), table.Absent),    // holds
		del(key("p", "none too"), table.VersionIs(1<<40)), // fails
	)
	wantFailed(t, err, 0, 2, 4, 7)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})),
		item("p", "a", "1", 1), item("p", "b", "1", 1), item("p", "c", "1", 1))

	all := hundred(1, table.VersionIs(1)) // none is there
	var want []int
	for i := range all {
		want = append(want, i)
	}
	wantFailed(t, write(t.Context(), tab, all...), want...)
}

func writeRefuses(t *testing.T, tab table.Table) {
	a := put(item("p", "a", "v", 1), table.Always)
	for _, c := range []struct {
		name string
		ops  []table.Op
		each bool // PutEach refuses it too
	}{
		{"101 operations", append(hundred(1, table.Always), a), false},
		{"one key twice", []table.Op{a, check(a.Item.Key, table.Always)}, false},
		{"an empty part", []table.Op{a, put(item("", "s", "v", 1), table.Always)}, true},
		{"an empty sort", []table.Op{a, put(item("p", "", "v", 1), table.Always)}, true},
		{"a long part", []table.Op{a, del(key(strings.Repeat("p", table.MaxPartBytes+1), "s"), table.Always)}, true},
		{"a long sort", []table.Op{a, check(key("p", strings.Repeat("é", table.MaxSortBytes/2+1)), table.Absent)}, true},
		{"a control character in the part", []table.Op{a, put(item("p\x00q", "s", "v", 1), table.Always)}, true},
		{"a part that is not UTF-8", []table.Op{a, put(item("p\xff", "s", "v", 1), table.Always)}, true},
		{"a sort that is not UTF-8", []table.Op{a, put(item("p", "s\xff", "v", 1), table.Always)}, true},
		{"version 0", []table.Op{a, put(item("p", "s", "v", 0), table.Always)}, true},
		{"an unknown verb", []table.Op{a, {Verb: 77, Item: item("p", "s", "v", 1)}}, true},
	} {
		err := tab.Write(t.Context(), c.ops...)
		var conflict *table.ConflictError
		if err == nil || errors.As(err, &conflict) {
			t.Errorf("write with %s: got error %v", c.name, err)
		}
		if c.each {
			if _, err := tab.PutEach(t.Context(), c.ops...); err == nil {
				t.Errorf("put each with %s: no error", c.name)
			}
		}
	}
	for _, k := range []table.Key{{}, key("p", ""), key("", "s"), key("p\x1f", "s")} {
		if _, err := tab.Get(t.Context(), a.Item.Key, k); err == nil {
			t.Errorf("get of %q: no error", k)
		}
	}
	wantItems(t, mustGet(t, tab, a.Item.Key), table.Item{Key: a.Item.Key})
}

func putEachPartial(t *testing.T, tab table.Table) {
	const n = 250
	var have, all []table.Item
	var ops []table.Op
	want := make([]*table.Item, n)
	for i := range n {
		it := item("p", fmt.Sprintf("s%03d", i), "new", 2)
		if i%3 == 0 {
			it.Value, it.Version = fmt.Appendf(nil, "old %d", i), 1
			want[i] = &it
			have = append(have, it)
		}
		all = append(all, it)
		ops = append(ops, put(item("p", it.Sort, "new", 2), table.Absent))
	}
	mustPut(t, tab, have...)
	stood, err := tab.PutEach(t.Context(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	wantStood(t, stood, want...)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})), all...)

	stood, err = tab.PutEach(t.Context())
	if err != nil || len(stood) != 0 {
		t.Fatalf("none: %v, %v", stood, err)
	}
}

func putEachTwice(t *testing.T, tab table.Table) {
	var ops []table.Op
	for i := range 40 {
		ops = append(ops, put(item("p", fmt.Sprint("s", i%4), fmt.Sprint(i), uint64(i+1)), table.Absent))
	}
	stood, err := tab.PutEach(t.Context(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	won := map[string]table.Item{}
	for i := range ops {
		if it := ops[i].Item; stood[i] == nil {
			if _, ok := won[it.Sort]; ok {
				t.Fatalf("two puts if absent of %q were applied", it.Sort)
			}
			won[it.Sort] = it
		}
	}
	for i := range ops {
		if stood[i] != nil {
			wantItems(t, []table.Item{*stood[i]}, won[stood[i].Sort])
		}
	}
	for _, it := range mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})) {
		wantItems(t, []table.Item{it}, won[it.Sort])
		delete(won, it.Sort)
	}
	if len(won) != 0 {
		t.Fatalf("acknowledged and not there: %v", won)
	}
}

func putEachVerbs(t *testing.T, tab table.Table) {
	mustPut(t, tab, item("p", "a", "1", 1), item("p", "b", "1", 1), item("p", "c", "1", 1))
	stood, err := tab.PutEach(t.Context(),
		del(key("p", "a"), table.VersionIs(1)),
		del(key("p", "b"), table.VersionIs(2)),
		check(key("p", "c"), table.VersionIs(1)),
		check(key("p", "d"), table.VersionIs(1)),
		check(key("p", "e"), table.Always),
		put(item("p", "f", "1", 1), table.Always),
	)
	if err != nil {
		t.Fatal(err)
	}
	b := item("p", "b", "1", 1)
	wantStood(t, stood, nil, &b, nil, &table.Item{Key: key("p", "d")}, nil, nil)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})),
		item("p", "b", "1", 1), item("p", "c", "1", 1), item("p", "f", "1", 1))
}
