package table

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// MaxDividedBytes is how large the value of a record of a divided table may be.
const MaxDividedBytes = 64 << 20

// partBytes is how much of a value goes into one part.
const partBytes = 384 << 10

// head begins the value of a record that is stored in parts: what follows is the number
// of bytes and the name of the parts. An ordinary value that began so would be divided
// too, so that the two cannot be mistaken.
var head = []byte("\x00in parts\x00\xd1\x7e\x41\x92\xc3\x0b")

// nameBytes is the length of the random name of a value's parts.
const nameBytes = 16

// partKind is the second element of the partitions that parts lie in: tenant/part/name.
const partKind = "part"

// Divide makes records of t larger than MaxItemBytes possible: what does not fit into
// one record is kept in parts, each a record of its own, that are written before it and
// that it names. So what grows with the number of a tenant's events costs more as it
// grows, and never becomes impossible to write.
//
// Parts are never changed. Whoever replaces a record that it has read, on condition that
// it is Unchanged, deletes the parts of the one replaced; a reader that comes too late for
// them reads the record again. A writer that dies between parts and record, or that
// replaces a record without having read it, leaves parts that nobody names: they take
// room, and nothing else.
func Divide(t Table) Table { return &divided{inner: t, from: MaxItemBytes, part: partBytes} }

type divided struct {
	inner Table
	from  int // records larger than this are divided
	part  int // bytes of a part
}

// Usage is what the engine consumed, if it tells.
func (d *divided) Usage() Usage {
	if t, ok := d.inner.(interface{ Usage() Usage }); ok {
		return t.Usage()
	}
	return Usage{}
}

// Unchanged holds if the record is still the one that was read: it has that version, or
// there is still none.
func Unchanged(read Item) Cond {
	c := VersionIs(read.Version)
	c.parts = read.parts
	return c
}

// parts names the parts that a value is stored in; the zero value: it is whole.
type parts struct {
	tenant, name string
	size         int // bytes of the value
	n            int // of parts
}

func (p *parts) keys() []Key {
	out := make([]Key, p.n)
	for i := range out {
		out[i] = Key{Part: p.tenant + "/" + partKind + "/" + p.name, Sort: fmt.Sprintf("%04d", i)}
	}
	return out
}

func (p *parts) head() []byte {
	name, _ := hex.DecodeString(p.name)
	out := binary.AppendUvarint(bytes.Clone(head), uint64(p.n))
	return append(binary.AppendUvarint(out, uint64(p.size)), name...)
}

// partsOf reads a head. ok is false for an ordinary value.
func partsOf(i *Item) (p parts, ok bool, err error) {
	rest, ok := bytes.CutPrefix(i.Value, head)
	if !ok {
		return p, false, nil
	}
	count, a := binary.Uvarint(rest)
	if a > 0 {
		rest = rest[a:]
	}
	size, b := binary.Uvarint(rest)
	if a <= 0 || b <= 0 || len(rest)-b != nameBytes || size > MaxDividedBytes || count > size {
		return p, true, invalid("record %q %q names its parts in a way that cannot be read", i.Part, i.Sort)
	}
	return parts{tenant: tenantOf(i.Part), name: hex.EncodeToString(rest[b:]), size: int(size), n: int(count)}, true, nil
}

// tenantOf is the first element of a partition's key.
func tenantOf(part string) string {
	first, _, _ := strings.Cut(part, "/")
	return first
}

func isPart(part string) bool {
	_, rest, _ := strings.Cut(part, "/")
	kind, _, _ := strings.Cut(rest, "/")
	return kind == partKind
}

// Get implements Table.
func (d *divided) Get(ctx context.Context, keys ...Key) ([]Item, error) {
	items, err := d.inner.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var whole []*Item
	for i := range items {
		if bytes.HasPrefix(items[i].Value, head) {
			whole = append(whole, &items[i])
		}
	}
	return items, d.join(ctx, whole)
}

// joinTries is how often a record may be replaced while its parts are read.
const joinTries = 10

// join puts the parts of values together. Where they are gone, the record was replaced
// or deleted: then it is read again.
func (d *divided) join(ctx context.Context, items []*Item) error {
	for try := 0; len(items) > 0; try++ {
		if try == joinTries {
			return fmt.Errorf("table: record %q %q keeps changing while its parts are read", items[0].Part, items[0].Sort)
		}
		of := make([]parts, len(items))
		var keys []Key
		for i, item := range items {
			p, _, err := partsOf(item)
			if err != nil {
				return err
			}
			of[i] = p
			keys = append(keys, p.keys()...)
		}
		read, err := d.inner.Get(ctx, keys...)
		if err != nil {
			return err
		}
		var gone []*Item
		for i, item := range items {
			own := read[:of[i].n]
			read = read[of[i].n:]
			value := make([]byte, 0, of[i].size)
			for _, p := range own {
				value = append(value, p.Value...)
			}
			if len(value) != of[i].size {
				gone = append(gone, item)
				continue
			}
			item.Value, item.parts = value, of[i]
		}
		if items, err = d.again(ctx, gone); err != nil {
			return err
		}
	}
	return nil
}

// again reads records anew and gives those that are still in parts.
func (d *divided) again(ctx context.Context, items []*Item) ([]*Item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	keys := make([]Key, len(items))
	for i, item := range items {
		keys[i] = item.Key
	}
	read, err := d.inner.Get(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var out []*Item
	for i, item := range items {
		if *item = read[i]; bytes.HasPrefix(item.Value, head) {
			out = append(out, item)
		}
	}
	return out, nil
}

// Query implements Table.
func (d *divided) Query(ctx context.Context, r Range) iter.Seq2[Item, error] {
	return d.joined(ctx, d.inner.Query(ctx, r))
}

// Scan implements Table: parts are no records of their own.
func (d *divided) Scan(ctx context.Context, prefix string) iter.Seq2[Item, error] {
	return d.joined(ctx, d.inner.Scan(ctx, prefix))
}

func (d *divided) joined(ctx context.Context, items iter.Seq2[Item, error]) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for item, err := range items {
			if err == nil && isPart(item.Part) {
				continue
			}
			if err == nil && bytes.HasPrefix(item.Value, head) {
				if err = d.join(ctx, []*Item{&item}); err == nil && item.Version == 0 {
					continue // deleted meanwhile
				}
			}
			if err != nil {
				yield(Item{}, err)
				return
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Write implements Table.
func (d *divided) Write(ctx context.Context, ops ...Op) error {
	heads, made, err := d.divide(ctx, ops, d.together(ops))
	if err != nil {
		return err
	}
	switch err := d.inner.Write(ctx, heads...); {
	case err == nil:
		d.remove(ctx, replaced(ops))
		return nil
	case nothingWritten(err):
		d.remove(ctx, made)
		return err
	default: // nobody knows whether the record names its parts
		return err
	}
}

// together is from which size on records must be divided so that a Write of all is
// not too large.
func (d *divided) together(ops []Op) int {
	sizes, total := make([]int, 0, len(ops)), 0
	for i := range ops {
		if ops[i].Verb == Put {
			sizes = append(sizes, min(ops[i].Item.Size(), d.from))
			total += sizes[len(sizes)-1]
		}
	}
	slices.Sort(sizes)
	from := d.from
	for n := len(sizes) - 1; n >= 0 && total > MaxWriteBytes; n-- {
		total -= sizes[n]
		from = sizes[n] - 1
	}
	return from
}

func nothingWritten(err error) bool {
	var conflict *ConflictError
	return errors.As(err, &conflict) || errors.Is(err, ErrThrottled) || errors.Is(err, ErrTooLarge)
}

// PutEach implements Table.
func (d *divided) PutEach(ctx context.Context, ops ...Op) ([]*Item, error) {
	heads, made, err := d.divide(ctx, ops, d.from)
	if err != nil {
		return nil, err
	}
	stood, err := d.inner.PutEach(ctx, heads...)
	if err != nil {
		return nil, err
	}
	var gone []parts
	var whole []*Item
	old := replaced(ops)
	for i := range ops {
		if stood[i] == nil {
			gone = append(gone, old[i])
			continue
		}
		gone = append(gone, made[i])
		if bytes.HasPrefix(stood[i].Value, head) {
			whole = append(whole, stood[i])
		}
	}
	d.remove(ctx, gone)
	return stood, d.join(ctx, whole)
}

// replaced are the parts of the records that operations replace, an element each.
func replaced(ops []Op) []parts {
	out := make([]parts, len(ops))
	for i := range ops {
		if ops[i].Verb != Check {
			out[i] = ops[i].If.parts
		}
	}
	return out
}

// divide writes the parts of records larger than from and gives the operations with
// heads in their place, and the parts made, an element each.
func (d *divided) divide(ctx context.Context, ops []Op, from int) (heads []Op, made []parts, err error) {
	made = make([]parts, len(ops))
	heads = ops
	var puts []Op
	for i := range ops {
		item := &ops[i].Item
		if ops[i].Verb != Put || item.Size() <= from && !bytes.HasPrefix(item.Value, head) {
			continue
		}
		if len(item.Value) > MaxDividedBytes {
			return nil, nil, fmt.Errorf("%w: record %q %q has %d bytes, %d are allowed", ErrTooLarge, item.Part, item.Sort, item.Size(), MaxDividedBytes)
		}
		if len(puts) == 0 {
			heads = append([]Op(nil), ops...)
		}
		name := make([]byte, nameBytes)
		_, _ = rand.Read(name) // never fails
		p := parts{tenant: tenantOf(item.Part), name: hex.EncodeToString(name), size: len(item.Value), n: (len(item.Value) + d.part - 1) / d.part}
		for n, k := range p.keys() {
			value := item.Value[n*d.part : min((n+1)*d.part, len(item.Value))]
			puts = append(puts, Op{Item: Item{Key: k, Value: value, Version: 1, Expires: item.Expires}})
		}
		made[i], heads[i].Item.Value = p, p.head()
	}
	if len(puts) > 0 {
		if _, err := d.inner.PutEach(ctx, puts...); err != nil {
			d.remove(ctx, made)
			return nil, nil, err
		}
	}
	return heads, made, nil
}

// remove deletes parts that no record names any more. What cannot be deleted only takes room.
func (d *divided) remove(ctx context.Context, gone []parts) {
	var ops []Op
	for i := range gone {
		for _, k := range gone[i].keys() {
			ops = append(ops, Op{Verb: Delete, Item: Item{Key: k}})
		}
	}
	if len(ops) > 0 {
		_, _ = d.inner.PutEach(ctx, ops...)
	}
}
