package main

import (
	"strings"
	"testing"

	"chatreports/shared/table"
)

func sized(n int) table.Item {
	i := table.Item{Key: table.Key{Part: "p", Sort: "s"}, Version: 1}
	i.Value = []byte(strings.Repeat("x", n-itemBytes(&i)))
	return i
}

func TestAnItemIsAsLargeAsItsNamesAndValues(t *testing.T) {
	i := table.Item{Key: table.Key{Part: "part", Sort: "so"}, Value: []byte("abc"), Version: 1}
	if got, want := itemBytes(&i), (2+4)+(2+2)+(1+3)+(1+2); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	i.Expires = 1_700_000_001
	if got, want := itemBytes(&i), 17+(1+6); got != want {
		t.Errorf("with an expiry %d bytes, want %d", got, want)
	}
	for v, want := range map[uint64]int{1: 2, 9: 2, 99: 2, 101: 3, 12345: 4, 100: 2, 1_000_000: 2} {
		if got := numberBytes(v); got != want {
			t.Errorf("%d takes %d bytes, want %d", v, got, want)
		}
	}
}

func TestAWriteCostsAUnitForEveryKB(t *testing.T) {
	none := table.Item{}
	old, small, large := sized(3000), sized(1024), sized(1025)
	for _, c := range []struct {
		name        string
		op          table.Op
		old         table.Item
		transaction bool
		want        int
	}{
		{"a KB", table.Op{Item: small}, none, false, 1},
		{"a byte more", table.Op{Item: large}, none, false, 2},
		{"in a transaction twice", table.Op{Item: large}, none, true, 4},
		{"what is replaced counts if it is larger", table.Op{Item: small}, old, false, 3},
		{"a delete costs what is deleted", table.Op{Verb: table.Delete, Item: small}, old, false, 3},
		{"a delete of nothing costs one", table.Op{Verb: table.Delete, Item: small}, none, false, 1},
		{"a check costs what is checked", table.Op{Verb: table.Check, Item: small}, old, true, 6},
	} {
		if got := writeUnits(&c.op, &c.old, c.transaction); got != c.want {
			t.Errorf("%s: %d units, want %d", c.name, got, c.want)
		}
	}
}

func TestRecordsAreToldApart(t *testing.T) {
	for part, want := range map[string]string{
		"acme/fact/chat/1": kindFacts, "acme/dir/agent": kindFacts, "acme/chain/7": kindFacts, "acme/log": kindLog, "acme/merge": kindMerge, "acme/open": kindOpen,
		"acme/detail/2026-03-30": kindDetail, "acme/block/n/agent/2026-03": "blocks n", "acme/block/nv/site/2026-03": "blocks n", "acme/block/s/queue/2026-03": "blocks s", "logs": kindOther,
	} {
		if got := stateKind(table.Key{Part: part, Sort: "-"}); got != want {
			t.Errorf("%s is of kind %s, want %s", part, got, want)
		}
	}
}
