package tabletest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/table"
)

func roundTrip(t *testing.T, tab table.Table) {
	odd := table.Join("a/b", "100%", "", "\x00\x1f\n", "Zoë 🙂 日本", "\xff\xfe")
	items := []table.Item{
		item("p", "s", "value", 1),
		item("p", "empty", "", 7),
		item(odd, odd, "\x00\xff binary \x80", 1<<63+5),
		item("p", "largest version", "v", ^uint64(0)),
		{Key: key("p", "expiring"), Value: []byte("x"), Version: 2, Expires: 4_102_444_800},
		item(strings.Repeat("P", table.MaxPartBytes), strings.Repeat("S", table.MaxSortBytes), "long", 1),
		item(strings.Repeat("é", table.MaxPartBytes/2), strings.Repeat("🙂", table.MaxSortBytes/4), "long", 1),
	}
	mustPut(t, tab, items...)
	for _, it := range items {
		wantItems(t, mustGet(t, tab, it.Key), it)
		wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: it.Part, From: it.Sort, Limit: 1})), it)
	}

	// A put replaces the record whole, expiry included.
	next := item("p", "expiring", "y", 3)
	mustWrite(t, tab, put(next, table.Always))
	wantItems(t, mustGet(t, tab, next.Key), next)
}

func getMany(t *testing.T, tab table.Table) {
	const n = 230
	var items, want []table.Item
	var keys []table.Key
	for i := range n {
		it := item(fmt.Sprintf("p%d", i%7), fmt.Sprintf("s%03d", i), fmt.Sprint(i), uint64(i+1))
		items = append(items, it)
		absent := key("absent", it.Sort)
		keys = append(keys, it.Key, absent)
		want = append(want, it, table.Item{Key: absent})
		if i%3 == 0 {
			keys, want = append(keys, items[i/2].Key), append(want, items[i/2])
		}
	}
	mustPut(t, tab, items...)
	slices.Reverse(keys)
	slices.Reverse(want)
	wantItems(t, mustGet(t, tab, keys...), want...)
	wantItems(t, mustGet(t, tab))
}

// getLarge asks for more than the 16 MB that one DynamoDB batch answers.
func getLarge(t *testing.T, tab table.Table) {
	const n, size = 60, 320 << 10
	var items []table.Item
	var keys []table.Key
	for i := range n {
		it := table.Item{Key: key("p", fmt.Sprintf("s%02d", i)), Value: random(uint64(i), size), Version: 1}
		items, keys = append(items, it), append(keys, it.Key)
	}
	mustPut(t, tab, items...)
	wantItems(t, mustGet(t, tab, keys...), items...)
}

func conditions(t *testing.T, tab table.Table) {
	old := item("p", "s", "old", 5)
	for _, c := range []struct {
		name   string
		stored bool
		cond   table.Cond
		holds  bool
	}{
		{"always, none stored", false, table.Always, true},
		{"always, one stored", true, table.Always, true},
		{"the zero condition, one stored", true, table.Cond{}, true},
		{"absent, none stored", false, table.Absent, true},
		{"absent, one stored", true, table.Absent, false},
		{"its version", true, table.VersionIs(5), true},
		{"an older version", true, table.VersionIs(4), false},
		{"a newer version", true, table.VersionIs(6), false},
		{"a version, none stored", false, table.VersionIs(5), false},
		{"version 0, none stored", false, table.VersionIs(0), true},
		{"version 0, one stored", true, table.VersionIs(0), false},
	} {
		mustPut(t, tab, item("p", "other", "x", 1))
		for _, way := range []string{"write", "write of two", "put each"} {
			for _, verb := range []table.Verb{table.Put, table.Delete, table.Check} {
				mustWrite(t, tab, del(old.Key, table.Always))
				if c.stored {
					mustPut(t, tab, old)
				}
				op := table.Op{Verb: verb, Item: item("p", "s", "new", 9), If: c.cond}
				if verb != table.Put {
					op.Item = table.Item{Key: op.Item.Key}
				}
				var err error
				var stood []*table.Item
				failed := false
				switch way {
				case "write":
					err = write(t.Context(), tab, op)
				case "write of two":
					err = write(t.Context(), tab, op, check(key("p", "other"), table.VersionIs(1)))
				default:
					if stood, err = tab.PutEach(t.Context(), op); err == nil {
						failed = stood[0] != nil
					}
				}
				var conflict *table.ConflictError
				if errors.As(err, &conflict) && way != "put each" && slices.Equal(conflict.Failed, []int{0}) {
					err, failed = nil, true
				}
				if err != nil {
					t.Fatalf("%s of verb %d if %s: %v", way, verb, c.name, err)
				}
				if failed == c.holds {
					t.Fatalf("%s of verb %d if %s: condition held is %v, want %v", way, verb, c.name, !failed, c.holds)
				}
				if way == "put each" && failed {
					there := table.Item{Key: old.Key}
					if c.stored {
						there = old
					}
					wantStood(t, stood, &there)
				}
				want := table.Item{Key: old.Key}
				switch {
				case c.holds && verb == table.Put:
					want = op.Item
				case c.holds && verb == table.Delete:
				case c.stored:
					want = old
				}
				wantItems(t, mustGet(t, tab, old.Key), want)
			}
		}
	}
}

func deleteAndCheck(t *testing.T, tab table.Table) {
	mustWrite(t, tab, del(key("p", "never"), table.Always)) // absent: no error
	it := item("p", "s", "v", 1)
	mustPut(t, tab, it)
	mustWrite(t, tab, check(it.Key, table.Always), check(key("p", "never"), table.Absent), del(key("p", "nor this"), table.Always))
	wantItems(t, mustGet(t, tab, it.Key), it)
	mustWrite(t, tab, del(it.Key, table.VersionIs(1)))
	wantItems(t, mustGet(t, tab, it.Key), table.Item{Key: it.Key})
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})))
	mustWrite(t, tab, put(it, table.Absent)) // and may be put again
	wantItems(t, mustGet(t, tab, it.Key), it)
}
