package tabletest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"chatreports/shared/table"
)

// FeedTable is a table with its change feed. Reopen gives another handle on the
// same feed, as a restarted process would get it, or is nil if the engine keeps
// acknowledgements in memory only.
type FeedTable struct {
	Table  table.Table
	Feed   table.Feed
	Reopen func(t *testing.T) table.Feed
}

// RunFeed checks the contract of table.Feed.
func RunFeed(t *testing.T, open func(t *testing.T) FeedTable) {
	for _, c := range []struct {
		name string
		test func(*testing.T, FeedTable)
	}{
		{"every put is delivered, in order, until acknowledged", feedOrder},
		{"what was not acknowledged comes again", feedAgain},
		{"a change holds the record whole", feedRecords},
		{"what was not written is not in the feed", feedOnlyWritten},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// collect reads changes of all shards without acknowledging until there are n of
// different records and versions, or for a while.
func collect(t *testing.T, f table.Feed, n int) []table.Change {
	t.Helper()
	var last []table.Change
	for range 100 {
		last = nil
		shards, err := f.Shards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shards {
			changes, err := f.Next(t.Context(), s, 1000)
			if err != nil {
				t.Fatal(err)
			}
			last = append(last, changes...)
		}
		if len(last) >= n {
			return last
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("the feed holds %d changes, want %d", len(last), n)
	return nil
}

func feedOrder(t *testing.T, ft FeedTable) {
	const keys, versions = 5, 12
	for v := range uint64(versions) {
		for k := range keys {
			it := item(fmt.Sprint("p", k), "s", "v", v+1)
			if v%2 == 0 {
				mustWrite(t, ft.Table, put(it, table.VersionIs(v)), check(key("p", "none"), table.Absent))
			} else {
				mustPut(t, ft.Table, it)
			}
		}
	}
	// Read in small steps, acknowledging each.
	seen := map[string]uint64{}
	last := map[string]string{}
	for n, idle := 0, 0; n < keys*versions && idle < 100; idle++ {
		shards, err := ft.Feed.Shards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shards {
			changes, err := ft.Feed.Next(t.Context(), s, 7)
			if err != nil {
				t.Fatal(err)
			}
			if len(changes) > 7 {
				t.Fatalf("asked for 7 changes, got %d", len(changes))
			}
			for _, c := range changes {
				if c.Shard != s || c.Sequence <= last[s] {
					t.Fatalf("change %q of shard %q after %q of %q", c.Sequence, c.Shard, last[s], s)
				}
				last[s] = c.Sequence
				if c.Item.Version != seen[c.Item.Part]+1 {
					t.Fatalf("version %d of %q after %d", c.Item.Version, c.Item.Part, seen[c.Item.Part])
				}
				seen[c.Item.Part]++
				n, idle = n+1, 0
			}
			if len(changes) > 0 {
				if err := ft.Feed.Acknowledge(t.Context(), s, last[s]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if idle > 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	for k := range keys {
		if got := seen[fmt.Sprint("p", k)]; got != versions {
			t.Errorf("record %d was delivered up to version %d of %d", k, got, versions)
		}
	}
	if rest := collect(t, ft.Feed, 0); len(rest) != 0 {
		t.Errorf("%d changes come again after all were acknowledged", len(rest))
	}
	// And the feed goes on.
	mustPut(t, ft.Table, item("p", "later", "v", 1))
	if c := collect(t, ft.Feed, 1)[0]; c.Item.Sort != "later" {
		t.Errorf("got a change of %q", c.Item.Sort)
	}
}

func feedAgain(t *testing.T, ft FeedTable) {
	for i := range uint64(20) {
		mustPut(t, ft.Table, item("p", "s", "v", i+1))
	}
	first, again := collect(t, ft.Feed, 20), collect(t, ft.Feed, 20)
	for i := range first {
		if first[i].Sequence != again[i].Sequence || first[i].Item.Version != again[i].Item.Version {
			t.Fatalf("change %d was version %d (%s), and then version %d (%s)", i,
				first[i].Item.Version, first[i].Sequence, again[i].Item.Version, again[i].Sequence)
		}
	}
	if err := ft.Feed.Acknowledge(t.Context(), first[7].Shard, first[7].Sequence); err != nil {
		t.Fatal(err)
	}
	if rest := collect(t, ft.Feed, 12); len(rest) != 12 || rest[0].Item.Version != 9 {
		t.Fatalf("after acknowledging 8 of 20: %d changes from version %d on", len(rest), rest[0].Item.Version)
	}
	// Acknowledging less than before takes nothing back.
	if err := ft.Feed.Acknowledge(t.Context(), first[3].Shard, first[3].Sequence); err != nil {
		t.Fatal(err)
	}
	if rest := collect(t, ft.Feed, 12); len(rest) != 12 {
		t.Fatalf("after acknowledging an earlier one: %d changes", len(rest))
	}
	if ft.Reopen == nil {
		return
	}
	feed := ft.Reopen(t)
	if rest := collect(t, feed, 12); len(rest) != 12 || rest[0].Sequence != first[8].Sequence {
		t.Fatalf("after a restart: %d changes from %s on, want 12 from %s on", len(rest), rest[0].Sequence, first[8].Sequence)
	}
}

func feedRecords(t *testing.T, ft FeedTable) {
	odd := table.Join("a/b", "", "日本", "\x00")
	want := []table.Item{
		{Key: key(odd, odd+"\x00"), Value: []byte("\x00\xff"), Version: ^uint64(0), Expires: 4_102_444_800},
		item("p", "empty", "", 1),
		{Key: key("p", "large"), Value: random(1, 380<<10), Version: 3},
	}
	mustPut(t, ft.Table, want[0])
	mustWrite(t, ft.Table, put(want[1], table.Absent))
	mustPut(t, ft.Table, want[2])
	for i, c := range collect(t, ft.Feed, len(want)) {
		wantItems(t, []table.Item{c.Item}, want[i])
	}
}

func feedOnlyWritten(t *testing.T, ft FeedTable) {
	mustPut(t, ft.Table, item("p", "a", "1", 1))
	err := write(t.Context(), ft.Table, put(item("p", "b", "1", 1), table.Absent), put(item("p", "a", "2", 2), table.Absent))
	wantFailed(t, err, 1)
	var conflict *table.ConflictError
	if err := write(t.Context(), ft.Table, put(item("p", "a", "2", 2), table.VersionIs(7))); !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	if stood, err := ft.Table.PutEach(t.Context(), put(item("p", "a", "2", 2), table.Absent)); err != nil || stood[0] == nil {
		t.Fatal(stood, err)
	}
	mustWrite(t, ft.Table, del(key("p", "a"), table.Always)) // deletes are not in it
	mustPut(t, ft.Table, item("p", "c", "1", 1))
	got := collect(t, ft.Feed, 2)
	if len(got) != 2 || got[0].Item.Sort != "a" || got[1].Item.Sort != "c" {
		t.Fatalf("%d changes, the first of %q, want one of a and one of c", len(got), got[0].Item.Sort)
	}
}
