package table

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxWriteBytes is how large the records of one Write may be together:
// DynamoDB's limit for a transaction.
const MaxWriteBytes = 4 << 20

// Limits of a key, in bytes: DynamoDB's.
const (
	MaxPartBytes = 2048
	MaxSortBytes = 1024
)

// itemOverhead is what a record weighs in DynamoDB beside its keys and value: the
// names of its attributes and two numbers of up to 20 digits.
const itemOverhead = 32

// ErrTooLarge is what Write and PutEach return when a record is larger than
// MaxItemBytes, or all of a Write are larger than MaxWriteBytes. Nothing was written.
var ErrTooLarge = errors.New("table: too large")

// InvalidError is of what no storage can do, or of a record that is damaged: to try again is
// no use, as it may be after any other error.
type InvalidError struct{ Problem string }

func (e *InvalidError) Error() string { return "table: " + e.Problem }

func invalid(format string, args ...any) error {
	return &InvalidError{fmt.Sprintf(format, args...)}
}

// Size is how many bytes a record counts against MaxItemBytes and MaxWriteBytes.
func (i *Item) Size() int {
	return len(i.Part) + len(i.Sort) + len(i.Value) + itemOverhead
}

// Has says whether a record with this sort key is in the range.
func (r *Range) Has(sort string) bool {
	return sort >= r.From && (r.To == "" || sort < r.To)
}

// Empty says that no record can be in the range.
func (r *Range) Empty() bool { return r.To != "" && r.From >= r.To }

// CheckPart says what is wrong with a partition key.
func CheckPart(part string) error {
	switch {
	case part == "":
		return invalid("empty partition key")
	case len(part) > MaxPartBytes:
		return invalid("partition key of %d bytes, %d are allowed", len(part), MaxPartBytes)
	case !utf8.ValidString(part) || strings.ContainsFunc(part, control):
		return invalid("partition key %q is not UTF-8 without control characters: build it with Join", part)
	}
	return nil
}

// CheckKey says what is wrong with a key.
func CheckKey(k Key) error {
	if err := CheckPart(k.Part); err != nil {
		return err
	}
	switch {
	case k.Sort == "":
		return invalid("empty sort key under %q", k.Part)
	case len(k.Sort) > MaxSortBytes:
		return invalid("sort key of %d bytes under %q, %d are allowed", len(k.Sort), k.Part, MaxSortBytes)
	case !utf8.ValidString(k.Sort):
		return invalid("sort key %q under %q is not UTF-8: build it with Join", k.Sort, k.Part)
	}
	return nil
}

// CheckRange says what is wrong with a range.
func CheckRange(r Range) error {
	if !utf8.ValidString(r.From) || !utf8.ValidString(r.To) {
		return invalid("range %q to %q under %q is not UTF-8", r.From, r.To, r.Part)
	}
	return CheckPart(r.Part)
}

// CheckWrite says what is wrong with the operations of one Write. Engines call
// it, so that all refuse the same.
func CheckWrite(ops []Op) error {
	if len(ops) > MaxOps {
		return invalid("a write of %d operations, %d are allowed", len(ops), MaxOps)
	}
	seen := make(map[Key]struct{}, len(ops))
	total := 0
	for i := range ops {
		if _, ok := seen[ops[i].Item.Key]; ok {
			return invalid("two operations on %q %q in one write", ops[i].Item.Part, ops[i].Item.Sort)
		}
		seen[ops[i].Item.Key] = struct{}{}
		if ops[i].Verb == Put {
			total += ops[i].Item.Size()
		}
	}
	if err := CheckEach(ops); err != nil {
		return err
	}
	if total > MaxWriteBytes {
		return fmt.Errorf("%w: a write of %d bytes, %d are allowed", ErrTooLarge, total, MaxWriteBytes)
	}
	return nil
}

// CheckEach says what is wrong with the operations of one PutEach.
func CheckEach(ops []Op) error {
	for i := range ops {
		item := &ops[i].Item
		if err := CheckKey(item.Key); err != nil {
			return err
		}
		switch ops[i].Verb {
		case Put:
			if item.Version == 0 {
				return invalid("record %q %q written with version 0, which means absent", item.Part, item.Sort)
			}
			if n := item.Size(); n > MaxItemBytes {
				return fmt.Errorf("%w: record %q %q has %d bytes, %d are allowed", ErrTooLarge, item.Part, item.Sort, n, MaxItemBytes)
			}
		case Delete, Check:
		default:
			return invalid("unknown verb %d", ops[i].Verb)
		}
	}
	return nil
}

// control are the characters that Join escapes; an engine may use them to set
// the parts of a key apart.
func control(r rune) bool { return r < 0x20 || r == 0x7f }
