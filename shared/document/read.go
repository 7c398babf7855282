package document

import (
	"errors"
	"math"
	"math/bits"

	"chatreports/shared/fact"
)

// Reader reads stored documents one after another, and of each as little as is asked for:
// a query looks at many, wants few, and names some of their fields. What it has read is in
// its Document, whose texts are parts of what is stored; the other fields are as of a
// document that does not have them.
type Reader struct {
	Document
	// Wanted are the fields to be read; the others are passed over.
	Wanted Fields

	in     string
	at     int
	left   Fields // what the document has of the fields after those read or passed over
	broken bool
}

var (
	errVersion = errors.New("document: it is of a version that is not known")
	errShort   = errors.New("document: its bytes end too early")
	errStatus  = errors.New("document: it has a status that is not known")
)

// Open begins a document: it reads the id, the time of the request and that of the newest
// event.
func (r *Reader) Open(stored string) error {
	r.in, r.at, r.broken = stored, 0, false
	if r.byte() != version {
		return errVersion
	}
	r.Document = Document{ID: r.text(), CreatedAt: r.varint()}
	r.UpdatedAt = r.CreatedAt + r.varint()
	r.left = Fields(r.uvarint())
	if r.broken {
		return errShort
	}
	return nil
}

// Read reads on, up to the last of some fields.
func (r *Reader) Read(upTo Fields) error {
	through := Fields(1)<<bits.Len64(uint64(upTo)) - 1
	for todo := r.left & through & AllFields; todo != 0; todo &= todo - 1 {
		i := bits.TrailingZeros64(uint64(todo))
		if r.Wanted>>i&1 != 0 {
			r.take(fields[i](&r.Document))
		} else {
			r.pass(kinds[i])
		}
	}
	r.left &^= through
	switch {
	case r.broken:
		return errShort
	case r.Status < Pending || r.Status > Closed || r.BotStatus < NoResponse || r.BotStatus > BotAssisted:
		return errStatus
	}
	return nil
}

// Decode reads a whole document.
func (d *Document) Decode(stored string) error {
	r := Reader{Wanted: AllFields}
	err := r.Open(stored)
	if err == nil {
		err = r.Read(AllFields)
	}
	*d = r.Document
	return err
}

// take reads a value to where it is kept.
func (r *Reader) take(value any) {
	switch v := value.(type) {
	case *bool:
		*v = true
	case *string:
		*v = r.text()
	case *int64:
		*v = r.varint()
	case *fact.Moment:
		*v = fact.MomentOf(r.CreatedAt + r.varint())
	case *[]string:
		*v = make([]string, r.count())
		for i := range *v {
			(*v)[i] = r.text()
		}
	}
}

// kind is how the value of a field is stored.
type kind uint8

const (
	isNothing kind = iota // that it is there says it all
	isText
	isNumber
	isList
)

// kinds are those of the fields.
var kinds = func() (out [len(fields)]kind) {
	for i, at := range fields {
		switch at(new(Document)).(type) {
		case *string:
			out[i] = isText
		case *int64, *fact.Moment:
			out[i] = isNumber
		case *[]string:
			out[i] = isList
		}
	}
	return out
}()

// pass passes over a value.
func (r *Reader) pass(k kind) {
	switch k {
	case isText:
		r.text()
	case isNumber:
		r.uvarint()
	case isList:
		for range r.count() {
			r.text()
		}
	}
}

func (r *Reader) byte() byte {
	if r.at >= len(r.in) {
		r.broken = true
		return 0
	}
	b := r.in[r.at]
	r.at++
	return b
}

func (r *Reader) uvarint() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.broken = true
	return 0
}

func (r *Reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// count is the number of things that take a byte each at least.
func (r *Reader) count() int {
	n := r.uvarint()
	if n > math.MaxInt32 || int(n) > len(r.in)-r.at {
		r.broken, r.at = true, len(r.in)
		return 0
	}
	return int(n)
}

func (r *Reader) text() string {
	n := r.count()
	s := r.in[r.at : r.at+n]
	r.at += n
	return s
}
