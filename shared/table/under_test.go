package table_test

import (
	"slices"
	"testing"

	"chatreports/shared/table"
)

// What lies under a name is what it is elsewhere, and is nobody else's.
func TestWhatLiesUnderAName(t *testing.T) {
	ctx := t.Context()
	outer := table.Divide(openEngine(t))
	inner := table.Under(outer, "acme", "g2")
	own, foreign := table.Key{Part: "acme/fact/chat/c", Sort: "-"}, table.Key{Part: "logs", Sort: "acme"}
	large := make([]byte, table.MaxItemBytes+1)
	put := func(in table.Table, k table.Key, v []byte, c table.Cond) error {
		return in.Write(ctx, table.Op{Item: table.Item{Key: k, Value: v, Version: 1}, If: c})
	}
	for _, k := range []table.Key{own, foreign} {
		if err := put(outer, k, []byte("outside"), table.Absent); err != nil {
			t.Fatal(err)
		}
		if err := put(inner, k, large, table.Absent); err != nil {
			t.Fatal(err)
		}
		if err := put(inner, k, large, table.Absent); err == nil {
			t.Errorf("%v was put twice", k)
		}
		stood, err := inner.PutEach(ctx, table.Op{Item: table.Item{Key: k, Version: 1}, If: table.Absent})
		if err != nil || stood[0] == nil || stood[0].Key != k {
			t.Errorf("%v stood in the way, %v", stood[0], err)
		}
		items, err := inner.Get(ctx, k)
		if err != nil || items[0].Key != k || len(items[0].Value) != len(large) {
			t.Errorf("%v has the key %v and %d bytes, %v", k, items[0].Key, len(items[0].Value), err)
		}
		for item, err := range inner.Query(ctx, table.Range{Part: k.Part}) {
			if err != nil || item.Key != k {
				t.Errorf("%v is found as %v, %v", k, item.Key, err)
			}
		}
		if items, err := outer.Get(ctx, k); err != nil || string(items[0].Value) != "outside" {
			t.Errorf("%v outside was changed, %v", k, err)
		}
	}
	scanned := func(in table.Table, prefix string) (parts []string) {
		for item, err := range in.Scan(ctx, prefix) {
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, item.Part)
		}
		slices.Sort(parts)
		return parts
	}
	if got := scanned(inner, "acme/"); !slices.Equal(got, []string{own.Part, "acme/logs"}) {
		t.Errorf("within there are %q", got)
	}
	if got := scanned(outer, "acme/"); !slices.Equal(got, []string{own.Part, "acme/g2/fact/chat/c", "acme/g2/logs"}) {
		t.Errorf("in all there are %q", got)
	}
	items, err := inner.Get(ctx, own)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inner.PutEach(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: own}, If: table.Unchanged(items[0])}); err != nil {
		t.Fatal(err)
	}
	if got := scanned(outer, "acme/"); !slices.Equal(got, []string{own.Part, "acme/g2/logs"}) {
		t.Errorf("after one was deleted there are %q", got)
	}
}
