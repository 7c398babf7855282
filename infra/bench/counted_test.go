package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

func TestCountedKeepsTheContract(t *testing.T) {
	tabletest.Run(t, func(*testing.T) table.Table { return newCounted(newMemory(), stateKind) })
}

func one(table.Key) string { return "one" }

func TestAQueryCostsItsBytesAndATripAPage(t *testing.T) {
	c := newCounted(newMemory(), one)
	ctx := context.Background()
	for i := range 30 {
		item := sized(100_000)
		item.Sort = fmt.Sprintf("%02d", i)
		if _, err := c.PutEach(ctx, table.Op{Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, err := range c.Query(ctx, table.Range{Part: "p"}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	got := c.tally()
	if n != 30 || got.Reads != 3 || got.Depth != 3 || got.ReadUnits["one"] < 30*100_000/4096 {
		t.Errorf("%d items, %d trips, %d after another, %d units", n, got.Reads, got.Depth, got.ReadUnits["one"])
	}
	if got.WriteUnits["one"] != 30*98 {
		t.Errorf("%d write units", got.WriteUnits["one"])
	}
}

func TestAnEmptyAnswerCostsAUnit(t *testing.T) {
	c := newCounted(newMemory(), one)
	if _, err := c.Get(context.Background(), table.Key{Part: "p", Sort: "s"}); err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Query(context.Background(), table.Range{Part: "p"}) {
		t.Errorf("an item where there is none, error %v", err)
	}
	if got := c.tally(); got.ReadUnits["one"] != 2 || got.Depth != 2 {
		t.Errorf("%d units, depth %d", got.ReadUnits["one"], got.Depth)
	}
}

func TestAFailedConditionCostsAsMuch(t *testing.T) {
	c := newCounted(newMemory(), one)
	op := table.Op{Item: sized(2000), If: table.Absent}
	for range 2 {
		_ = c.Write(context.Background(), op)
	}
	if got := c.tally().WriteUnits["one"]; got != 4 {
		t.Errorf("%d units", got)
	}
}

func TestCallsAtOnceAreOneTripDeep(t *testing.T) {
	c := newCounted(newMemory(), one)
	c.quiet = 50 * time.Millisecond
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _, _ = c.Get(context.Background(), table.Key{Part: "p", Sort: "s"}) })
	}
	wg.Wait()
	if got := c.tally(); got.Depth != 1 || got.Reads != 20 {
		t.Errorf("depth %d of %d trips", got.Depth, got.Reads)
	}
}
