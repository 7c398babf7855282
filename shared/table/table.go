// Package table is the one port through which everything is stored: ordered
// records under a partition and a sort key, and atomic conditional writes of up
// to 100 of them. What comes in and goes out is bytes; the port knows nothing of
// events, facts or reports, and has no clock.
//
// Two engines stand behind it: table/dynamo (DynamoDB) and table/embedded (one
// file on disk). The contract tests in table/tabletest run against both.
//
// There is no "add to a number" here and there are no secondary orders, on
// purpose: counters are kept as a log of differences merged into blocks (see
// shared/counter), so nothing is ever incremented in place, and a listing is a
// record like any other, written in the same transaction as what it lists.
package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// MaxOps is how many operations one Write may hold: DynamoDB's limit.
const MaxOps = 100

// MaxItemBytes is how large one record may be, keys included: DynamoDB's limit.
const MaxItemBytes = 400 << 10

// Key names a record. Records of one Part are ordered by Sort, bytewise. Both
// are non-empty UTF-8; Part holds at most 2,048 bytes and no control characters,
// Sort at most 1,024 bytes. Build them with Join, which is reversible.
type Key struct{ Part, Sort string }

// Item is a record. Version is chosen by the writer and is what conditions
// compare; a record that was never written has version 0, so writers use 1 and up.
type Item struct {
	Key
	Value   []byte
	Version uint64
	// Expires is the Unix second after which the engine may drop the record;
	// 0 means never. A reader may still see an expired record.
	Expires int64

	parts parts // of a record that was read from a divided table: see Divide
}

// Cond is what must hold of the stored record for an operation to take effect.
type Cond struct {
	kind    condKind
	version uint64
	parts   parts // of the record that was read: see Unchanged
}

type condKind uint8

const (
	condAlways condKind = iota
	condAbsent
	condVersion
)

var (
	// Always holds.
	Always = Cond{}
	// Absent holds if there is no such record.
	Absent = Cond{kind: condAbsent}
)

// VersionIs holds if the record exists with exactly this version. VersionIs(0)
// is Absent. Of a record that was read, Unchanged says the same and more.
func VersionIs(v uint64) Cond {
	if v == 0 {
		return Absent
	}
	return Cond{kind: condVersion, version: v}
}

// IsAlways is for engines, as are the next two.
func (c Cond) IsAlways() bool { return c.kind == condAlways }

// IsAbsent tells whether the condition is Absent.
func (c Cond) IsAbsent() bool { return c.kind == condAbsent }

// IsVersion gives the version that the condition asks for, if it does.
func (c Cond) IsVersion() (uint64, bool) { return c.version, c.kind == condVersion }

// Holds says whether the condition holds of a record; of none, if its Version is 0.
func (c Cond) Holds(i *Item) bool {
	return c.kind == condAlways || c.version == i.Version
}

// Verb is what an operation does.
type Verb uint8

const (
	// Put stores Item whole, replacing what was there.
	Put Verb = iota
	// Delete removes the record of Item.Key; removing what is absent is no error.
	Delete
	// Check does nothing, but its condition must hold.
	Check
)

// Op is one operation of a Write.
type Op struct {
	Verb Verb
	Item Item
	If   Cond
}

// Left says whether a record is what the operation leaves where it takes effect; of
// none, if its Version is 0. It is for engines: see Table.PutEach.
func (o *Op) Left(i *Item) bool {
	switch o.Verb {
	case Put:
		return i.Version == o.Item.Version && i.Expires == o.Item.Expires && bytes.Equal(i.Value, o.Item.Value)
	case Delete:
		return i.Version == 0
	default:
		return false
	}
}

// Range selects records of one partition with From <= Sort < To, in order. An
// empty From or To is open on that side. Limit 0 means all.
type Range struct {
	Part     string
	From, To string
	Reverse  bool
	Limit    int
}

// Prefix is the range of all records in part whose sort key begins with prefix,
// provided that no sort key holds the noncharacter U+10FFFF: Join escapes it.
func Prefix(part, prefix string) Range {
	return Range{Part: part, From: prefix, To: prefix + "\U0010FFFF"}
}

// ConflictError is returned by Write when conditions did not hold; nothing was
// written. Failed lists the indexes of the operations whose condition failed.
// It is empty when the engine saw another transaction on the same records at
// the same moment: the same Write may then be tried again as it is.
type ConflictError struct{ Failed []int }

func (e *ConflictError) Error() string {
	if len(e.Failed) == 0 {
		return "table: another transaction touched the same records"
	}
	return fmt.Sprintf("table: the condition of operations %v did not hold", e.Failed)
}

// ErrThrottled means that nothing was written (of a PutEach: not all) and that the
// caller should come again later. Engines retry throttling themselves before they
// return it.
var ErrThrottled = errors.New("table: throttled")

// Table is a set of records. All methods may be called concurrently.
type Table interface {
	// Get returns the records of keys in the order asked for, with Version 0
	// where there is none. It sees every write acknowledged before the call.
	// Keys may repeat; any number may be given.
	Get(ctx context.Context, keys ...Key) ([]Item, error)

	// Query yields the records of a range in order. It sees every write that was
	// acknowledged before the call; of writes made while it runs it may see some.
	// On failure it yields a zero Item with the error and ends; that ctx has ended is
	// one, at whatever record.
	Query(ctx context.Context, r Range) iter.Seq2[Item, error]

	// Write applies at most MaxOps operations on distinct keys, together of at most
	// MaxWriteBytes: all of them, or none with a ConflictError. When any other error is returned the outcome is
	// unknown: all or nothing, never a part.
	Write(ctx context.Context, ops ...Op) error

	// PutEach applies each operation on its own, any number of them, at the cost
	// of single writes. stood[i] is nil where ops[i] took effect; where its condition
	// did not hold, it is the record that stood there, with Version 0 if there was none.
	// When the error is nil, every other operation is durable. On an error some may
	// have been applied: since each is conditional, the caller sends all again.
	// Of operations on the same key any order may come out.
	//
	// An engine that lost an answer asks again, and tells what it finds: if that is what
	// the operation leaves (Op.Left), it took effect; any other record stood in its way,
	// though it may have come in place of what the operation had left. So who needs to
	// know which of several puts of a key it was makes each another record.
	PutEach(ctx context.Context, ops ...Op) (stood []*Item, err error)

	// Scan yields every record whose Part begins with prefix, in no particular
	// order: for verification and export, not for reports.
	Scan(ctx context.Context, prefix string) iter.Seq2[Item, error]
}

// Change is one record written to a table whose engine keeps a change feed.
// Sequence orders the changes of one shard and names a change for good.
type Change struct {
	Shard    string
	Sequence string
	// At is about when it was written; zero: the engine does not say.
	At   time.Time
	Item Item
}

// Feed is the change feed of a table: every put, at least once, in order within
// one shard, until it is acknowledged. An unacknowledged change is delivered
// again after a restart. Deletes are not in it, and a put of exactly what was
// there already may be left out.
type Feed interface {
	// Shards lists the shards that may hold changes.
	Shards(ctx context.Context) ([]string, error)
	// Next returns at most limit changes of a shard after those acknowledged.
	Next(ctx context.Context, shard string, limit int) ([]Change, error)
	// Acknowledge says that all changes of a shard up to and including sequence
	// were dealt with.
	Acknowledge(ctx context.Context, shard, sequence string) error
}
