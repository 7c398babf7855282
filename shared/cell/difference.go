package cell

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	gostrings "strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"chatreports/shared/measure"
)

// Difference is a contribution of one fact, or the taking back of one (N < 0).
// Fact is the key of the fact: table.Join(kind, id, segment).
type Difference struct {
	Fact string
	measure.Contribution
}

// ErrDamaged says that a stored value is none that was ever written.
var ErrDamaged = errors.New("cell: stored value is damaged")

// compressFrom is the size from which a value is compressed: up to about a write
// unit that saves nothing but some read units, and it costs more time than the rest.
const compressFrom = 1000

// compressWindow is how far back like bytes are looked for: twice that much memory is held for
// good once anything was compressed, and few values are longer.
const compressWindow = 1 << 20

var (
	encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(compressWindow), zstd.WithEncoderConcurrency(1))
	decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(256<<20))
)

// pack puts a mark before a value and compresses it if that pays.
func pack(raw []byte) []byte {
	if len(raw) >= compressFrom {
		if c := encoder.EncodeAll(raw, []byte{1}); len(c) < len(raw) {
			return c
		}
	}
	return append([]byte{0}, raw...)
}

func unpack(v []byte) ([]byte, error) {
	switch {
	case len(v) == 0:
		return nil, ErrDamaged
	case v[0] == 0:
		return v[1:], nil
	}
	return decoder.DecodeAll(v[1:], nil)
}

// unpacked holds memory for what is unpacked and looked at no longer than a call lasts: a
// reader of a year looks at thousands of blocks, one after another.
var unpacked = sync.Pool{New: func() any { return new([]byte) }}

// unpackInto unpacks into memory that is there, or takes more.
func unpackInto(memory *[]byte, v []byte) ([]byte, error) {
	if len(v) == 0 || v[0] == 0 {
		return unpack(v)
	}
	out, err := decoder.DecodeAll(v[1:], (*memory)[:0])
	*memory = out
	return out, err
}

// strings assigns numbers to strings as they come.
type strings struct {
	list  []string
	index map[string]uint64
}

func (t *strings) numberOf(b []byte) uint64 {
	if n, ok := t.index[string(b)]; ok { // without a copy
		return n
	}
	return t.number(string(b))
}

func (t *strings) number(s string) uint64 {
	if n, ok := t.index[s]; ok {
		return n
	}
	if t.index == nil {
		t.index = map[string]uint64{}
	}
	n := uint64(len(t.list))
	t.index[s] = n
	t.list = append(t.list, s)
	return n
}

// isPair marks a dimension's value that is two texts with a '/' between.
const isPair = 0x80

// EncodeDifferences writes differences: the strings used, the lists of dimension
// values used, then by measure the length of its rows, and these. Most readers want
// the rows of a few measures.
func EncodeDifferences(diffs []Difference) []byte {
	var texts, lists strings
	var dims, one, rows []byte
	body := binary.AppendUvarint(make([]byte, 0, 16*len(diffs)), uint64(len(diffs)))
	order := byMeasure(diffs)
	for len(order) > 0 {
		id := diffs[order[0]].Measure
		var last int64
		rows = rows[:0]
		for len(order) > 0 && diffs[order[0]].Measure == id {
			d := &diffs[order[0]]
			order = order[1:]
			one = appendDims(one[:0], d.Dims, &texts)
			known := len(lists.list)
			n := lists.numberOf(one)
			if int(n) == known {
				dims = append(dims, one...)
			}
			rows = binary.AppendUvarint(rows, texts.number(d.Fact))
			rows = binary.AppendVarint(rows, d.At-last)
			last = d.At
			switch d.Until {
			case 0:
				rows = append(rows, 0)
			case measure.Forever:
				rows = append(rows, 1)
			default:
				rows = binary.AppendUvarint(rows, uint64(d.Until-d.At)+2)
			}
			rows = binary.AppendVarint(rows, d.Value)
			rows = binary.AppendUvarint(rows, texts.number(d.Key))
			rows = binary.AppendUvarint(rows, n)
			rows = binary.AppendVarint(rows, d.N)
		}
		body = binary.AppendUvarint(body, uint64(id))
		body = binary.AppendUvarint(body, uint64(len(rows)))
		body = append(body, rows...)
	}
	out := binary.AppendUvarint(make([]byte, 0, len(body)+len(dims)+32*len(texts.list)), uint64(len(texts.list)))
	for _, s := range texts.list {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	out = binary.AppendUvarint(out, uint64(len(lists.list)))
	out = append(out, dims...)
	return pack(append(out, body...))
}

// byMeasure is the order of differences by measure, else as they are.
func byMeasure(diffs []Difference) []int {
	order := make([]int, len(diffs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(diffs[a].Measure) - int(diffs[b].Measure) })
	return order
}

func appendDims(b []byte, dims measure.Dims, texts *strings) []byte {
	b = binary.AppendUvarint(b, uint64(len(dims)))
	for _, v := range dims {
		first, second, pair := gostrings.Cut(v.ID, "/")
		if !pair {
			b = append(b, byte(v.Dim))
			b = binary.AppendUvarint(b, texts.number(v.ID))
			continue
		}
		b = append(b, byte(v.Dim)|isPair)
		b = binary.AppendUvarint(b, texts.number(first))
		b = binary.AppendUvarint(b, texts.number(second))
	}
	return b
}

// reader reads varints and remembers whether anything was wrong.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things that take at least a byte each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) text(list []string) string {
	n := r.uvarint()
	if n >= uint64(len(list)) {
		r.bad = true
		return ""
	}
	return list[n]
}

// DecodeDifferences reads the differences of some measures.
func DecodeDifferences(v []byte, want *Measures) ([]Difference, error) {
	raw, err := unpack(v)
	if err != nil {
		return nil, err
	}
	r := &reader{b: raw}
	texts, all := make([]string, r.count()), string(raw)
	for i := range texts {
		n := len(r.take(r.count()))
		end := len(all) - len(r.b)
		texts[i] = all[end-n : end]
	}
	lists := make([]dimList, r.count())
	for i := range lists {
		lists[i].raw = r.b
		for range r.count() {
			if b := r.take(1); b != nil && b[0]&isPair != 0 {
				r.uvarint()
			}
			r.uvarint()
		}
	}
	count := r.count()
	var out []Difference
	if want == nil {
		out = make([]Difference, 0, count)
	}
	for before := -1; len(r.b) > 0 && !r.bad; {
		id := r.uvarint()
		rows := &reader{b: r.take(r.count())}
		if r.bad || id > math.MaxUint16 || int(id) <= before {
			return nil, ErrDamaged
		}
		before = int(id)
		if want.Has(measure.ID(id)) {
			if out = rows.differences(out, measure.ID(id), texts, lists); rows.bad {
				return nil, ErrDamaged
			}
		}
	}
	if r.bad || want == nil && len(out) != count {
		return nil, ErrDamaged
	}
	return out, nil
}

// differences reads the rows of one measure.
func (r *reader) differences(out []Difference, id measure.ID, texts []string, lists []dimList) []Difference {
	var last int64
	for len(r.b) > 0 {
		d := Difference{Fact: r.text(texts)}
		d.Measure = id
		d.At = last + r.varint()
		last = d.At
		switch u := r.uvarint(); u {
		case 0:
		case 1:
			d.Until = measure.Forever
		default:
			d.Until = d.At + int64(u-2)
		}
		d.Value = r.varint()
		d.Key = r.text(texts)
		n := r.uvarint()
		d.N = r.varint()
		if n >= uint64(len(lists)) {
			r.bad = true
		}
		if r.bad {
			return out
		}
		if d.Dims = lists[n].read(texts); d.Dims == nil {
			r.bad = true
			return out
		}
		out = append(out, d)
	}
	return out
}

// dimList is a list of dimension values, read when it is first used.
type dimList struct {
	raw  []byte
	dims measure.Dims
}

// read is nil if the list is damaged.
func (l *dimList) read(texts []string) measure.Dims {
	if l.dims != nil {
		return l.dims
	}
	r := &reader{b: l.raw}
	dims := make(measure.Dims, r.count())
	for i := range dims {
		b := r.take(1)
		if b == nil {
			return nil
		}
		dims[i] = measure.Value{Dim: measure.Dim(b[0] &^ isPair), ID: r.text(texts)}
		if b[0]&isPair != 0 {
			dims[i].ID += "/" + r.text(texts)
		}
	}
	if r.bad {
		return nil
	}
	l.dims = dims
	return dims
}

// Net adds up equal contributions of the same fact and leaves out zeros.
func Net(diffs []Difference) []Difference {
	type key struct {
		fact  string
		of    measure.ID
		at    int64
		until int64
		value int64
		key   string
	}
	known := make(map[key]int32, len(diffs)) // the last with the key, by its place from 1
	before := make([]int32, 0, len(diffs))   // the one before it
	out := make([]Difference, 0, len(diffs))
next:
	for i := range diffs {
		d := &diffs[i]
		k := key{d.Fact, d.Measure, d.At, d.Until, d.Value, d.Key}
		last := known[k]
		for n := last; n > 0; n = before[n-1] {
			if o := &out[n-1]; slices.Equal(o.Dims, d.Dims) {
				o.N += d.N
				continue next
			}
		}
		out, before = append(out, *d), append(before, last)
		known[k] = int32(len(out))
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return d.N == 0 })
}

// Measures is a set of measures.
type Measures [256]bool

// Has says whether a measure is in the set; nil has all.
func (m *Measures) Has(id measure.ID) bool {
	return m == nil || int(id) < len(m) && m[id]
}
