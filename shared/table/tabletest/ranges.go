package tabletest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/table"
)

// words are sort keys whose bytewise order differs from that of their letters, of
// UTF-16 and of locales.
var words = []string{
	"\x01", "\x1f", " ", "!", "%", "%00", "%2F", "-", "/", "0", "00", "1", "10", "2", "9", ":",
	"A", "Z", "_", "a", "a\x00", "a\x00\x00", "a!", "a/", "a/%", "a/b", "a0", "aa", "ab", "b", "z", "~", "\x7f",
	"\u00e9", "\u00fc", "\u0416", "\u3042", "\u65e5\u672c", "\ud7ff", "\ue000", "\ufeff", "\uff21", "\ufffd",
	"\U00010000", "\U0001F642", "\U0001F642a", "\U0010FFFD",
}

func order(t *testing.T, tab table.Table) {
	if !slices.IsSorted(words) {
		t.Fatal("the list of this test is not in order")
	}
	var items []table.Item
	for i, w := range words {
		items = append(items, item("p", w, fmt.Sprint(i), 1))
	}
	mustPut(t, tab, items...)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})), items...)
	slices.Reverse(items)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p", Reverse: true})), items...)
}

// ranges asks for every range between any two of the words, and around them,
// either way, with several limits.
func ranges(t *testing.T, tab table.Table) {
	var items []table.Item
	var bounds []string
	for i, w := range words {
		if i%4 == 1 { // so that most bounds are not themselves stored
			items = append(items, item("p", w, fmt.Sprint(i), 1))
		}
		if i%3 == 0 {
			bounds = append(bounds, w)
		}
	}
	mustPut(t, tab, items...)
	mustPut(t, tab, item("o", "z", "before", 1), item("p ", "a", "behind", 1), item("q", "a", "behind", 1))
	bounds = append(bounds, "", words[5], words[9], "a\x00", strings.Repeat("z", table.MaxSortBytes)+"z", "\U0010FFFF")
	for _, from := range bounds {
		for _, to := range bounds {
			for _, reverse := range []bool{false, true} {
				for _, limit := range []int{0, 1, 3} {
					r := table.Range{Part: "p", From: from, To: to, Reverse: reverse, Limit: limit}
					var want []table.Item
					for _, it := range items {
						if it.Sort >= from && (to == "" || it.Sort < to) {
							want = append(want, it)
						}
					}
					if reverse {
						slices.Reverse(want)
					}
					if limit > 0 && len(want) > limit {
						want = want[:limit]
					}
					got := mustCollect(t, tab.Query(t.Context(), r))
					if len(got) != len(want) {
						t.Fatalf("range %+v gave %d records%s, want %d:%s", r, len(got), brief(got), len(want), brief(want))
					}
					wantItems(t, got, want...)
				}
			}
		}
	}
}

func prefixes(t *testing.T, tab table.Table) {
	values := [][]string{
		{"1", "23"},
		{"12", "3"},
		{"1", ""},
		{"1"},
		{"12"},
		{"1", "23", "x"},
		{"1/23"},
		{"1", "\U0010FFFF"},
		{"1", "\U0010FFFD"},
		{"日", "本"},
		{"日本"},
		{"日", ""},
		{"\xe6", "a"},
		{"", "a"},
		{"%", "a"},
	}
	for _, v := range values {
		mustPut(t, tab, item("p", table.Join(v...), strings.Join(v, "|"), 1))
	}
	for _, v := range values {
		prefix := table.Join(v...) + "/"
		want := 0
		for _, w := range values {
			if len(w) > len(v) && slices.Equal(w[:len(v)], v) {
				want++
			}
		}
		got := mustCollect(t, tab.Query(t.Context(), table.Prefix("p", prefix)))
		if len(got) != want {
			t.Errorf("prefix %q gave%s, want %d records", prefix, brief(got), want)
		}
		for _, it := range got {
			if !strings.HasPrefix(it.Sort, prefix) {
				t.Errorf("prefix %q gave %q", prefix, it.Sort)
			}
		}
	}
	if got := mustCollect(t, tab.Query(t.Context(), table.Prefix("p", ""))); len(got) != len(values) {
		t.Errorf("the empty prefix gave %d of %d records", len(got), len(values))
	}
	long := strings.Repeat("x", table.MaxSortBytes) // the range's end is longer than a sort key may be
	mustPut(t, tab, item("long", long, "v", 1), item("long", long[:1000], "v", 1), item("long", "y", "v", 1))
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Prefix("long", long))), item("long", long, "v", 1))
}

func partitions(t *testing.T, tab table.Table) {
	parts := []string{"a", "a ", "a!", "a/", "a/b", "aa", "A", "á", "a\u0301", "a\U0001F642"}
	for _, p := range parts {
		mustPut(t, tab, item(p, "1", p, 1), item(p, "\U0010FFFD", p, 1))
	}
	for _, p := range parts {
		for _, reverse := range []bool{false, true} {
			want := []table.Item{item(p, "1", p, 1), item(p, "\U0010FFFD", p, 1)}
			if reverse {
				slices.Reverse(want)
			}
			wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: p, Reverse: reverse})), want...)
		}
	}
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "none"})))
	for _, err := range tab.Query(t.Context(), table.Range{}) {
		if err == nil {
			t.Error("a range without a partition gave a record")
		}
	}
}

func queryPages(t *testing.T, tab table.Table) {
	var items []table.Item
	for i := range 16 { // 4.8 MB
		items = append(items, table.Item{Key: key("p", fmt.Sprintf("s%02d", i)), Value: random(uint64(i), 300<<10), Version: 1})
	}
	for i := range 700 { // and more records than a page holds
		items = append(items, item("p", fmt.Sprintf("t%03d", i), "small", 1))
	}
	mustPut(t, tab, items...)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p"})), items...)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p", From: "s03", To: "t400", Limit: 300})), items[3:303]...)
	slices.Reverse(items)
	wantItems(t, mustCollect(t, tab.Query(t.Context(), table.Range{Part: "p", Reverse: true})), items...)
	// A query stops as soon as its context ends.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, ended := 0, error(nil)
	for _, err := range tab.Query(ctx, table.Range{Part: "p"}) {
		cancel()
		n, ended = n+1, err
	}
	if n != 2 || !errors.Is(ended, context.Canceled) {
		t.Errorf("cancelled at its first record, a query went on for %d more and ended with %v", n-1, ended)
	}
}

func queryEnds(t *testing.T, tab table.Table) {
	var items []table.Item
	for i := range 600 {
		items = append(items, item("p", fmt.Sprintf("s%03d", i), "v", 1))
	}
	mustPut(t, tab, items...)
	n := 0
	for _, err := range tab.Query(t.Context(), table.Range{Part: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
	// A consumer may write to the table that it is reading.
	n = 0
	for it, err := range tab.Query(t.Context(), table.Range{Part: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100 == 0 {
			mustWrite(t, tab, put(item(it.Part, it.Sort, "changed", 2), table.VersionIs(1)))
		}
	}
	if n != len(items) {
		t.Fatalf("got %d of %d records", n, len(items))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n = 0
	for it, err := range tab.Query(ctx, table.Range{Part: "p"}) {
		if n++; err == nil || !errors.Is(err, context.Canceled) || it.Version != 0 || n > 1 {
			t.Fatalf("with a cancelled context: record %q, error %v", it.Sort, err)
		}
	}
	if n != 1 {
		t.Fatal("a cancelled query ended without an error")
	}
}
