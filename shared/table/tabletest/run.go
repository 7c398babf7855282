// Package tabletest holds what every engine behind package table must do, as
// tests (Run, RunFeed), and a wrapper that makes any engine fail on purpose
// (Faulty). It is used by tests only.
package tabletest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chatreports/shared/table"
)

// Names of the tests of what a table that divides its records does not have.
const (
	recordLimit = "records up to the limit, and not beyond"
	writeLimit  = "a write up to its limit, and not beyond"
)

// RunDivided checks the contract of what table.Divide makes of a table.
func RunDivided(t *testing.T, open func(t *testing.T) table.Table) {
	run(t, open, recordLimit, writeLimit)
}

// Run checks the contract of table.Table. open returns a table that is empty; it
// is called once per test and cleans up with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) table.Table) { run(t, open) }

func run(t *testing.T, open func(t *testing.T) table.Table, without ...string) {
	for _, c := range []struct {
		name string
		test func(*testing.T, table.Table)
	}{
		{"a record comes back as it was put", roundTrip},
		{"get keeps the order asked for, with repeats and gaps, beyond 100 keys", getMany},
		{"get of many large records is whole", getLarge},
		{"conditions", conditions},
		{"delete and check", deleteAndCheck},
		{"write is all or nothing, with 100 operations", writeAtomic},
		{"write names every failed condition", writeFailures},
		{"write refuses what the port does not allow", writeRefuses},
		{"put each applies what it can", putEachPartial},
		{"put each of one key twice has one winner", putEachTwice},
		{"put each checks and deletes", putEachVerbs},
		{"order is bytewise", order},
		{"ranges", ranges},
		{"prefixes", prefixes},
		{"a range stays in its partition", partitions},
		{"query pages through more than 1 MB", queryPages},
		{"query can be left early and called off", queryEnds},
		{recordLimit, itemSize},
		{writeLimit, writeSize},
		{"scan yields every part with the prefix", scan},
		{"of concurrent puts if absent one wins", oneWinner},
		{"concurrent writers with versions lose no update", noLostUpdate},
		{"concurrent writes of several records are atomic", transfers},
		{"readers see what was acknowledged", readYourWrites},
		{"a cancelled context ends the call", cancelled},
	} {
		if !slices.Contains(without, c.name) {
			t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
		}
	}
}

func key(part, sort string) table.Key { return table.Key{Part: part, Sort: sort} }

func item(part, sort, value string, version uint64) table.Item {
	return table.Item{Key: key(part, sort), Value: []byte(value), Version: version}
}

func put(i table.Item, c table.Cond) table.Op { return table.Op{Verb: table.Put, Item: i, If: c} }

func del(k table.Key, c table.Cond) table.Op {
	return table.Op{Verb: table.Delete, Item: table.Item{Key: k}, If: c}
}

func check(k table.Key, c table.Cond) table.Op {
	return table.Op{Verb: table.Check, Item: table.Item{Key: k}, If: c}
}

// write writes, coming again as the contract says a caller may, and returns what
// is not a passing trouble.
func write(ctx context.Context, tab table.Table, ops ...table.Op) error {
	for try := 1; ; try++ {
		err := tab.Write(ctx, ops...)
		var conflict *table.ConflictError
		again := errors.Is(err, table.ErrThrottled) || errors.As(err, &conflict) && len(conflict.Failed) == 0
		if !again || try == 100 {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(5*try)) * time.Millisecond)
	}
}

func mustWrite(t *testing.T, tab table.Table, ops ...table.Op) {
	t.Helper()
	if err := write(t.Context(), tab, ops...); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// mustPut puts all records, whatever is there.
func mustPut(t *testing.T, tab table.Table, items ...table.Item) {
	t.Helper()
	ops := make([]table.Op, len(items))
	for i := range items {
		ops[i] = put(items[i], table.Always)
	}
	stood, err := tab.PutEach(t.Context(), ops...)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	wantStood(t, stood, make([]*table.Item, len(ops))...)
}

// wantStood wants these records to have stood in the way of a PutEach.
func wantStood(t *testing.T, got []*table.Item, want ...*table.Item) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d outcomes, want %d", len(got), len(want))
	}
	for i, w := range want {
		switch g := got[i]; {
		case (g == nil) != (w == nil):
			t.Fatalf("in the way of operation %d stood %v, want %v", i, g, w)
		case g != nil:
			wantItems(t, []table.Item{*g}, *w)
		}
	}
}

// wantFailed wants a conflict of exactly these operations.
func wantFailed(t *testing.T, err error, failed ...int) {
	t.Helper()
	var conflict *table.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got error %v, want a conflict of operations %v", err, failed)
	}
	if !slices.Equal(conflict.Failed, failed) {
		t.Fatalf("operations %v failed, want %v", conflict.Failed, failed)
	}
}

func mustGet(t *testing.T, tab table.Table, keys ...table.Key) []table.Item {
	t.Helper()
	items, err := tab.Get(t.Context(), keys...)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if len(items) != len(keys) {
		t.Fatalf("get of %d keys gave %d records", len(keys), len(items))
	}
	return items
}

func mustCollect(t *testing.T, seq iter.Seq2[table.Item, error]) []table.Item {
	t.Helper()
	var items []table.Item
	for i, err := range seq {
		if err != nil {
			t.Fatalf("after %d records: %v", len(items), err)
		}
		items = append(items, i)
	}
	return items
}

// wantItems compares records; an empty value and none are the same.
func wantItems(t *testing.T, got []table.Item, want ...table.Item) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d records %s, want %d: %s", len(got), brief(got), len(want), brief(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.Key != w.Key || g.Version != w.Version || g.Expires != w.Expires || !bytes.Equal(g.Value, w.Value) {
			t.Fatalf("record %d is %s, want %s", i, brief(got[i:i+1]), brief(want[i:i+1]))
		}
	}
}

func brief(items []table.Item) string {
	var b bytes.Buffer
	for i, it := range items {
		if i == 10 {
			fmt.Fprint(&b, " …")
			break
		}
		fmt.Fprintf(&b, " [%q %q v%d x%d %d bytes]", it.Part, it.Sort, it.Version, it.Expires, len(it.Value))
	}
	return b.String()
}

// random is a value that does not compress and is told from every other.
func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	_, _ = r.Read(b) // never fails
	return b
}
