package cell

import (
	"fmt"

	"chatreports/shared/table"
)

// Bundle is a record that holds some items of the log once more, one after another, as one
// item with the number of the last: their differences, added up. It is read instead of
// them, and is a fraction of their size.
type Bundle struct {
	_           struct{} `cbor:",toarray"`
	First, Last uint64   // the items
	Bytes       int      // how large the record is
	Since       int64    // when the first item was committed, in Unix milliseconds
	// Apart: what the items change of documents is not in it, but held. Earlier versions wrote
	// bundles in which it is.
	Apart bool
}

// Key is where it lies. Two who bundle at once, from different items on, do not write over
// each other.
func (b *Bundle) Key(tenant string) table.Key {
	return table.Key{Part: table.Join(tenant, "bundle"), Sort: fmt.Sprintf("%016x-%016x", b.First, b.Last)}
}

// HeldKey is where it lies if it is of what is held: it has the differences of documents only.
func (b *Bundle) HeldKey(tenant string) table.Key {
	k := b.Key(tenant)
	k.Sort += "/documents"
	return k
}

// BundleOf bundles items, among them bundles, that go on from where from begins: the bundle
// and its record, but for when that expires.
func BundleOf(tenant string, from Bundle, items []LogItem) (Bundle, table.Item) {
	last := items[len(items)-1]
	all := LogItem{Seq: last.Seq, At: last.At}
	for i := range items {
		all.Diffs = append(all.Diffs, items[i].Diffs...)
	}
	all.Diffs = Net(all.Diffs)
	item := all.Item(tenant)
	b := Bundle{First: from.First, Last: last.Seq, Bytes: len(item.Value), Since: from.Since}
	item.Key = b.Key(tenant)
	return b, item
}

// Decode reads its record, and of the differences those of some measures.
func (b *Bundle) Decode(item table.Item, want *Measures) (LogItem, error) {
	if item.Version == 0 {
		return LogItem{}, fmt.Errorf("bundle %q: it is not there: %w", item.Sort, ErrDamaged)
	}
	item.Sort = LogKey("", b.Last).Sort
	return DecodeLog(item, want)
}
