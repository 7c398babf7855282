package table_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

func openEngine(t *testing.T) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db.Table("t")
}

func TestADividedTableKeepsTheContract(t *testing.T) {
	t.Run("whole records", func(t *testing.T) {
		tabletest.RunDivided(t, func(t *testing.T) table.Table { return table.Divide(openEngine(t)) })
	})
	t.Run("records of a page in parts", func(t *testing.T) {
		tabletest.RunDivided(t, func(t *testing.T) table.Table { return table.DivideFrom(openEngine(t), 4096, 50<<10) })
	})
}

func value(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = r.Read(b)
	return b
}

// stored counts the records of a tenant that an engine holds, parts included.
func stored(t *testing.T, tab table.Table, tenant string) (records, parts int) {
	t.Helper()
	for item, err := range tab.Scan(t.Context(), tenant+"/") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(item.Part, tenant+"/part/") {
			parts++
		} else {
			records++
		}
	}
	return records, parts
}

func TestLargeRecordsAreThereWholeAndLeaveNoPartsBehind(t *testing.T) {
	ctx, engine := t.Context(), openEngine(t)
	tab := table.Divide(engine)
	k := table.Key{Part: table.Join("a/b", "x"), Sort: "s"}
	read := func() table.Item {
		t.Helper()
		items, err := tab.Get(ctx, k, k)
		if err != nil || !bytes.Equal(items[0].Value, items[1].Value) {
			t.Fatal(err)
		}
		for item, err := range tab.Query(ctx, table.Range{Part: k.Part}) {
			if err != nil || !bytes.Equal(item.Value, items[0].Value) || item.Version != items[0].Version {
				t.Fatal("a query gives something else", err)
			}
		}
		for item, err := range tab.Scan(ctx, table.Join("a/b")+"/") {
			if err != nil || item.Key != k || !bytes.Equal(item.Value, items[0].Value) {
				t.Fatal("a scan gives something else", err)
			}
		}
		return items[0]
	}
	for version, size := range []int{10, 5_000_000, 500_000, table.MaxItemBytes + 1, 10, table.MaxDividedBytes, 0, 400_000} {
		was := read()
		op := table.Op{Item: table.Item{Key: k, Value: value(uint64(version), size), Version: uint64(version) + 1}, If: table.Unchanged(was)}
		if version%2 == 0 {
			if err := tab.Write(ctx, op); err != nil {
				t.Fatal(err)
			}
		} else if stood, err := tab.PutEach(ctx, op); err != nil || stood[0] != nil {
			t.Fatal(stood, err)
		}
		if now := read(); !bytes.Equal(now.Value, op.Item.Value) || now.Version != op.Item.Version {
			t.Fatalf("%d bytes came back as %d", size, len(now.Value))
		}
		wanted := 0
		if size > table.MaxItemBytes-100 {
			wanted = (size + 384<<10 - 1) / (384 << 10)
		}
		if records, parts := stored(t, engine, table.Join("a/b")); records != 1 || parts != wanted {
			t.Fatalf("of %d bytes there are %d records and %d parts, want %d", size, records, parts, wanted)
		}
		// What is refused or comes to nothing leaves nothing.
		op.Item.Value = value(99, 1_000_000)
		if err := tab.Write(ctx, op); !errors.As(err, new(*table.ConflictError)) {
			t.Fatalf("a write on a stale condition: %v", err)
		}
		if stood, err := tab.PutEach(ctx, op); err != nil || stood[0] == nil {
			t.Fatal(err)
		} else if now := read(); !bytes.Equal(stood[0].Value, now.Value) || stood[0].Version != now.Version {
			t.Fatalf("%d bytes stood there, not the %d that are", len(stood[0].Value), len(now.Value))
		}
		op.Item.Value = make([]byte, table.MaxDividedBytes+1)
		if err := tab.Write(ctx, op); !errors.Is(err, table.ErrTooLarge) {
			t.Fatalf("a record beyond all limits: %v", err)
		}
		if _, parts := stored(t, engine, table.Join("a/b")); parts != wanted {
			t.Fatalf("what was not written left %d parts, want %d", parts, wanted)
		}
	}
	if err := tab.Write(ctx, table.Op{Verb: table.Delete, Item: table.Item{Key: k}, If: table.Unchanged(read())}); err != nil {
		t.Fatal(err)
	}
	if records, parts := stored(t, engine, table.Join("a/b")); records+parts != 0 {
		t.Fatalf("%d records and %d parts are left of what was deleted", records, parts)
	}
}

func TestAValueThatLooksLikeAHeadIsNone(t *testing.T) {
	ctx, engine := t.Context(), openEngine(t)
	tab := table.Divide(engine)
	k := table.Key{Part: "a/x", Sort: "s"}
	if err := tab.Write(ctx, table.Op{Item: table.Item{Key: k, Value: value(1, 500_000), Version: 1}}); err != nil {
		t.Fatal(err)
	}
	raw, err := engine.Get(ctx, k)
	if err != nil {
		t.Fatal(err)
	}
	mean := table.Item{Key: table.Key{Part: "a/x", Sort: "t"}, Value: raw[0].Value, Version: 1}
	if err := tab.Write(ctx, table.Op{Item: mean}); err != nil {
		t.Fatal(err)
	}
	items, err := tab.Get(ctx, mean.Key)
	if err != nil || !bytes.Equal(items[0].Value, mean.Value) {
		t.Fatalf("it came back as %q, %v", items[0].Value, err)
	}
	// What is damaged is said.
	for _, broken := range [][]byte{raw[0].Value[:len(raw[0].Value)-1], raw[0].Value[:20]} {
		if _, err := engine.PutEach(ctx, table.Op{Item: table.Item{Key: mean.Key, Value: broken, Version: 2}}); err != nil {
			t.Fatal(err)
		}
		if _, err := tab.Get(ctx, mean.Key); err == nil {
			t.Fatalf("%q was read", broken)
		}
	}
}

func TestAWriteTooLargeTogetherIsDivided(t *testing.T) {
	ctx, engine := t.Context(), openEngine(t)
	tab := table.Divide(engine)
	var ops []table.Op
	for i := range table.MaxOps {
		ops = append(ops, table.Op{Item: table.Item{Key: table.Key{Part: "a/x", Sort: fmt.Sprint(i)}, Value: value(uint64(i), 10_000*(i%20)), Version: 1}, If: table.Absent})
	}
	if err := tab.Write(ctx, ops...); err != nil {
		t.Fatal(err)
	}
	for i := range ops {
		items, err := tab.Get(ctx, ops[i].Item.Key)
		if err != nil || !bytes.Equal(items[0].Value, ops[i].Item.Value) {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	if _, parts := stored(t, engine, "a"); parts == 0 || parts > 60 {
		t.Fatalf("%d parts: only the largest need to be divided", parts)
	}
}

// Readers see one value or the other, whole, whatever writers do; of writers that meet one wins.
func TestReadersOfWhatIsReplaced(t *testing.T) {
	ctx, engine := t.Context(), openEngine(t)
	tab := table.DivideFrom(engine, 100, 300)
	k := table.Key{Part: "a/x", Sort: "s"}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 3 {
		writers.Go(func() {
			for n := 0; n < 100; {
				items, err := tab.Get(ctx, k)
				if err != nil {
					t.Error(err)
					return
				}
				next := bytes.Repeat([]byte{byte('a' + w)}, 50+rand.IntN(2000))
				stood, err := tab.PutEach(ctx, table.Op{Item: table.Item{Key: k, Value: next, Version: items[0].Version + 1}, If: table.Unchanged(items[0])})
				if err != nil {
					t.Error(err)
					return
				}
				if stood[0] == nil {
					n++
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			last := uint64(0)
			for {
				select {
				case <-done:
					return
				default:
				}
				for item, err := range tab.Query(ctx, table.Range{Part: k.Part}) {
					if err != nil {
						t.Error(err)
						return
					}
					if len(item.Value) < 50 || len(bytes.Trim(item.Value, string(item.Value[:1]))) != 0 || item.Version < last {
						t.Errorf("version %d after %d: %q", item.Version, last, item.Value)
						return
					}
					last = item.Version
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	items, err := tab.Get(ctx, k)
	if err != nil || items[0].Version != 300 {
		t.Fatalf("version %d of 300, %v", items[0].Version, err)
	}
	if _, parts := stored(t, engine, "a"); parts > 7 {
		t.Fatalf("%d parts are left", parts)
	}
}

// A writer may die between any two calls: what was there is there, or what was to come.
func TestAWriterDiesBetweenPartsAndRecord(t *testing.T) {
	for _, fault := range []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly} {
		for call := 1; ; call++ {
			ctx, engine := context.Background(), openEngine(t)
			k := table.Key{Part: "a/x", Sort: "s"}
			plain := table.DivideFrom(engine, 100, 300)
			was, next := value(1, 1000), value(2, 2000)
			if err := plain.Write(ctx, table.Op{Item: table.Item{Key: k, Value: was, Version: 1}}); err != nil {
				t.Fatal(err)
			}
			plan := tabletest.CrashAt(call, fault)
			dying := table.DivideFrom(tabletest.NewFaulty(engine, plan), 100, 300)
			items, err := dying.Get(ctx, k)
			if err == nil {
				err = dying.Write(ctx, table.Op{Item: table.Item{Key: k, Value: next, Version: 2}, If: table.Unchanged(items[0])})
			}
			now, readErr := plain.Get(ctx, k)
			if readErr != nil {
				t.Fatalf("%v in call %d: %v", fault, call, readErr)
			}
			wanted := was
			if now[0].Version == 2 {
				wanted = next
			}
			if !bytes.Equal(now[0].Value, wanted) || err == nil && now[0].Version != 2 {
				t.Fatalf("%v in call %d: version %d, %v", fault, call, now[0].Version, err)
			}
			if plan.Calls() < call {
				break
			}
		}
	}
}
