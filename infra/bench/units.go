package main

import (
	"strconv"

	"chatreports/shared/table"
)

// DynamoDB's published rules of capacity, for items with the attributes pk, sk, v,
// n and x of table/dynamo: a write unit is a KB of the larger of the item before
// and after, two units in a transaction, and a write whose condition fails costs
// the same; a consistent read unit is 4 KB of an item got, or of the sum of the
// items of a page queried. Each is rounded up, and nothing is less than one.

const (
	writeUnitBytes = 1 << 10
	readUnitBytes  = 4 << 10
	pageBytes      = 1 << 20 // a query answers at most this much at once
	batchGetKeys   = 100
)

// itemBytes is an item's size: the names of its attributes and their values. A
// number takes a byte for every two decimal digits and one more.
func itemBytes(i *table.Item) int {
	n := 2 + len(i.Part) + 2 + len(i.Sort) + 1 + len(i.Value) + 1 + numberBytes(i.Version)
	if i.Expires != 0 {
		n += 1 + numberBytes(uint64(i.Expires))
	}
	return n
}

func numberBytes(v uint64) int {
	for v > 0 && v%100 == 0 { // trailing zeros are not kept
		v /= 100
	}
	return (len(strconv.FormatUint(v, 10))+1)/2 + 1
}

func roundUp(bytes, unit int) int { return max(1, (bytes+unit-1)/unit) }

// writeUnits is what one operation costs. old is the record before it, of version
// 0 if there was none.
func writeUnits(op *table.Op, old *table.Item, transaction bool) int {
	size := 0
	if old.Version != 0 {
		size = itemBytes(old)
	}
	if op.Verb == table.Put {
		size = max(size, itemBytes(&op.Item))
	}
	n := roundUp(size, writeUnitBytes)
	if transaction {
		n *= 2
	}
	return n
}
