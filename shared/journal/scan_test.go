package journal

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"chatreports/infra/oracle"
	"chatreports/shared/event"
	"chatreports/shared/stored"
)

// filled sets every member of a structure, and of those within it, to something.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			filled(field)
		}
	case reflect.String:
		v.SetString("a text, é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint('1')
	default:
		v.SetInt(-70_000)
	}
}

// scanned reads a value with a scanner and by reflection, and says whether both read it.
func scanned(t *testing.T, raw []byte, d *Decoder) (ok bool) {
	t.Helper()
	var e event.Event
	s := scanner{left: raw, decoder: d}
	nanos, ok := s.event(&e)
	if !ok {
		return false
	}
	var v value
	if err := stored.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%x: %+v was read, which cannot be: %v", raw, e, err)
	}
	want := event.Event{Type: v.Type, Data: v.Data, Source: v.Source, Subject: v.Subject}
	if !reflect.DeepEqual(e, want) || nanos != v.Stored {
		t.Fatalf("%x:\nread %+v at %d,\nwant %+v at %d", raw, e, nanos, want, v.Stored)
	}
	if typ, known := typeOf(raw); !known || typ != e.Type {
		t.Fatalf("%x is of type %q, not %q", raw, e.Type, typ)
	}
	return true
}

func marshalled(t *testing.T, v *value) []byte {
	t.Helper()
	raw, err := stored.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Every member there is in Data is read without reflection: alone, and all together. A member
// that is added and forgotten here would be read by reflection, and be slow.
func TestEveryMemberIsScanned(t *testing.T) {
	d := NewDecoder()
	all := value{Type: "message.sent", Stored: 1_700_000_000_123_456_789, Source: "a source", Subject: "a subject"}
	filled(reflect.ValueOf(&all.Data).Elem())
	if !scanned(t, marshalled(t, &all), d) || !scanned(t, marshalled(t, &all), nil) {
		t.Error("all members together are not scanned")
	}
	data := reflect.TypeFor[event.Data]()
	for i := range data.NumField() {
		one := value{Type: "message.sent"}
		filled(reflect.ValueOf(&one.Data).Elem().Field(i))
		if !scanned(t, marshalled(t, &one), d) {
			t.Errorf("%s is not scanned", data.Field(i).Name)
		}
	}
}

// Whatever a scanner reads is what reflection reads, also of damaged values and such as nobody
// wrote; it reads nearly all that is written.
func TestScannedIsUnmarshalled(t *testing.T) {
	d := NewDecoder()
	r := rand.New(rand.NewPCG(1, 2))
	read, damaged := 0, 0
	events := oracle.AnyEvents(7, 3000)
	for i := range events {
		e := &events[i]
		raw := marshalled(t, &value{Type: e.Type, Data: e.Data, Stored: r.Int64()})
		if scanned(t, raw, d) {
			read++
		}
		for range 6 {
			if scanned(t, mutated(raw, r), d) {
				damaged++
			}
		}
	}
	if read < len(events)*95/100 {
		t.Errorf("%d of %d events were scanned", read, len(events))
	}
	t.Logf("%d of %d events, and %d that were damaged", read, len(events), damaged)
}

// mutated changes some bytes.
func mutated(raw []byte, r *rand.Rand) []byte {
	out := bytes.Clone(raw)
	for range 1 + r.IntN(3) {
		switch at := r.IntN(len(out)); r.IntN(4) {
		case 0:
			out[at] = byte(r.Uint32())
		case 1:
			out[at] ^= 1 << r.IntN(8)
		case 2: // what is there is there twice
			n := min(len(out)-at, 1+r.IntN(24))
			out = append(append(bytes.Clone(out[:at+n]), out[at:at+n]...), out[at+n:]...)
		default:
			out = append(out[:at], out[min(len(out), at+1+r.IntN(4)):]...)
		}
		if len(out) == 0 {
			return []byte{0}
		}
	}
	return out
}

func FuzzScan(f *testing.F) {
	for i, e := range oracle.AnyEvents(9, 40) {
		raw, err := stored.Marshal(value{Type: e.Type, Data: e.Data, Stored: int64(i)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{0xa0}) // nothing
	f.Fuzz(func(t *testing.T, raw []byte) { scanned(t, raw, NewDecoder()) })
}

// BenchmarkDecode reads the events of a few chats again and again.
func BenchmarkDecode(b *testing.B) {
	var raws [][]byte
	for _, e := range oracle.AnyEvents(7, 300) {
		raw, err := stored.Marshal(value{Type: e.Type, Data: e.Data, Stored: 1})
		if err != nil {
			b.Fatal(err)
		}
		raws = append(raws, raw)
	}
	b.Run("scanned", func(b *testing.B) {
		d := NewDecoder()
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := scanner{left: raws[i%len(raws)], decoder: d}
			d.event = event.Event{}
			s.event(&d.event)
		}
	})
	b.Run("by reflection", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var v value
			_ = stored.Unmarshal(raws[i%len(raws)], &v)
		}
	})
}
