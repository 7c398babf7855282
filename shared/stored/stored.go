// Package stored is the form in which structures are stored for years: CBOR that
// takes new members. In: a structure. Out: bytes, or the structure again, whether an
// older or a newer version of the code wrote it. It knows nothing of what is in it.
//
// A structure is a map (members with numbers, `cbor:"7,keyasint,omitempty"`) or,
// where there are many of them, an array (`_ struct{} cbor:",toarray"`). Both grow in
// one way only: a map by a member under a number never used before, an array by a
// member at its end. What an older version wrote lacks the new member, which is then
// zero; what a newer one wrote has members that are skipped. shared/FORMATS.md draws
// everything that is stored.
package stored

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// compressed is the first byte of what MarshalCompact has compressed. In CBOR it would be the
// number 1, and no structure.
const compressed = 0x01

// compressFrom is the size, in bytes, from which it compresses: what is smaller fits, with
// its key, into one write unit as it is.
const compressFrom = 900

// compressWindow is how far back like bytes are looked for: twice that much memory is held for
// good once anything was compressed, and few structures are longer.
const compressWindow = 1 << 20

var (
	encoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(compressWindow), zstd.WithEncoderConcurrency(1))
	decoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(256<<20))
)

// Marshal writes a structure as CBOR.
func Marshal(v any) ([]byte, error) { return cbor.Marshal(v) }

// MarshalCompact writes a structure as CBOR, compressed if it is large and that pays.
func MarshalCompact(v any) ([]byte, error) {
	raw, err := cbor.Marshal(v)
	if err != nil || len(raw) < compressFrom {
		return raw, err
	}
	if c := encoder.EncodeAll(raw, []byte{compressed}); len(c) < len(raw) {
		return c, nil
	}
	return raw, nil
}

// Unmarshal reads a structure, which v points to, from what either has written.
func Unmarshal(raw []byte, v any) error {
	if len(raw) > 0 && raw[0] == compressed {
		var err error
		if raw, err = decoder.DecodeAll(raw[1:], nil); err != nil {
			return err
		}
	}
	err := cbor.Unmarshal(raw, v)
	if _, misfit := errors.AsType[*cbor.UnmarshalTypeError](err); misfit {
		return fit(raw, reflect.ValueOf(v).Elem())
	}
	return err
}

// fit reads what the library does not: structures in which an array has more or fewer
// elements than the structure has members. It is slow, and goes down only to where
// that is so.
func fit(raw []byte, v reflect.Value) error {
	v.SetZero()
	err := cbor.Unmarshal(raw, v.Addr().Interface())
	if _, misfit := errors.AsType[*cbor.UnmarshalTypeError](err); !misfit {
		return err
	}
	v.SetZero()
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fit(raw, v.Elem())
	case reflect.Slice:
		var elements []cbor.RawMessage
		if cbor.Unmarshal(raw, &elements) != nil {
			return err
		}
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
		for i := range elements {
			if err := fit(elements[i], v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		if isArray(v.Type()) {
			return fitArray(raw, v, err)
		}
		return fitMap(raw, v, err)
	}
	return err
}

// fitArray reads an array into a structure, member by member. otherwise is the error
// if it is none.
func fitArray(raw []byte, v reflect.Value, otherwise error) error {
	var elements []cbor.RawMessage
	if cbor.Unmarshal(raw, &elements) != nil {
		return otherwise
	}
	for field := range v.Type().Fields() {
		if len(elements) == 0 {
			break
		}
		if !stores(field) {
			continue
		}
		if err := fit(elements[0], v.FieldByIndex(field.Index)); err != nil {
			return fmt.Errorf("%s: %w", field.Name, err)
		}
		elements = elements[1:]
	}
	return nil
}

// fitMap reads a map into a structure.
func fitMap(raw []byte, v reflect.Value, otherwise error) error {
	var members map[any]cbor.RawMessage
	if cbor.Unmarshal(raw, &members) != nil {
		return otherwise
	}
	for field := range v.Type().Fields() {
		member, ok := members[keyOf(field)]
		if !ok || !stores(field) {
			continue
		}
		if err := fit(member, v.FieldByIndex(field.Index)); err != nil {
			return fmt.Errorf("%s: %w", field.Name, err)
		}
	}
	return nil
}

func isArray(t reflect.Type) bool {
	field, ok := t.FieldByName("_")
	return ok && strings.Contains(field.Tag.Get("cbor"), "toarray")
}

// stores says whether a field is a member of the stored structure.
func stores(f reflect.StructField) bool { return f.IsExported() && tagOf(f) != "-" }

// keyOf is the key of a member in a map, as the library decodes it.
func keyOf(f reflect.StructField) any {
	name, options, _ := strings.Cut(tagOf(f), ",")
	if strings.Contains(options, "keyasint") {
		if n, err := strconv.ParseUint(name, 10, 64); err == nil {
			return n
		}
	}
	if name == "" {
		return f.Name
	}
	return name
}

// tagOf is the field's tag: cbor's, or as the library has it, else JSON's.
func tagOf(f reflect.StructField) string {
	if tag, ok := f.Tag.Lookup("cbor"); ok {
		return tag
	}
	return f.Tag.Get("json")
}
