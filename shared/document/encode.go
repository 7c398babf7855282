package document

import (
	"encoding/binary"

	"chatreports/shared/fact"
)

// version is the first byte of a document. In the form it stands for there follow the
// id, the time of the request, how much later the newest event was, a number whose bits
// say which of the fields are there, and these, in their order.
const version = 1

// Encode is the stored form of the document.
func (d *Document) Encode() string {
	w := writer{created: d.CreatedAt}
	for i := range fields {
		if w.put(fields[i](d)) {
			w.there |= 1 << i
		}
	}
	out := make([]byte, 0, len(w.out)+len(d.ID)+24)
	out = append(out, version)
	out = appendText(out, d.ID)
	out = binary.AppendVarint(out, d.CreatedAt)
	out = binary.AppendVarint(out, d.UpdatedAt-d.CreatedAt)
	out = binary.AppendUvarint(out, uint64(w.there))
	return string(append(out, w.out...))
}

type writer struct {
	created int64
	out     []byte
	there   Fields
}

// put writes a field, and says whether it is there.
func (w *writer) put(value any) bool {
	switch v := value.(type) {
	case *bool:
		return *v
	case *string:
		if *v == "" {
			return false
		}
		w.out = appendText(w.out, *v)
	case *[]string:
		if len(*v) == 0 {
			return false
		}
		w.out = binary.AppendUvarint(w.out, uint64(len(*v)))
		for _, s := range *v {
			w.out = appendText(w.out, s)
		}
	case *int64:
		if *v == 0 {
			return false
		}
		w.out = binary.AppendVarint(w.out, *v)
	case *fact.Moment:
		if !v.Came() {
			return false
		}
		w.out = binary.AppendVarint(w.out, v.Millis()-w.created)
	}
	return true
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
