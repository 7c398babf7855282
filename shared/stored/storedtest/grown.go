package storedtest

import (
	"reflect"
	"slices"
)

// Grown is a structure's type as a later version may have it: every structure in it
// that is stored as an array has one more member at its end.
func Grown(t reflect.Type) reflect.Type { return grown(t, nil) }

func grown(t reflect.Type, within []reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(grown(t.Elem(), within))
	case reflect.Slice:
		return reflect.SliceOf(grown(t.Elem(), within))
	case reflect.Struct:
		if slices.Contains(within, t) { // a structure within itself stays as it is
			return t
		}
		within = append(within, t)
		var fields []reflect.StructField
		array := false
		for f := range t.Fields() {
			array = array || f.Name == "_"
			f.Type = grown(f.Type, within)
			fields = append(fields, f)
		}
		if array {
			fields = append(fields, reflect.StructField{Name: "AddedLater", Type: reflect.TypeFor[*string]()})
		}
		return reflect.StructOf(fields)
	}
	return t
}

// Fill sets every member that Grown has added, and says how many there were.
func Fill(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			n += Fill(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += Fill(v.Index(i))
		}
	case reflect.Struct:
		for f, field := range v.Fields() {
			if f.Name == "AddedLater" {
				field.Set(reflect.ValueOf(new("later")))
				n++
				continue
			}
			n += Fill(field)
		}
	}
	return n
}
