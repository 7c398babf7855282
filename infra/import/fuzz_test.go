package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"chatreports/shared/event"
)

func FuzzFreshchat(f *testing.F) { fuzz(f, "freshchat") }
func FuzzComm100(f *testing.F)   { fuzz(f, "comm100") }

// fuzz: whatever is in a file, its reading ends, tells the same each time and its lines in
// order, and makes no event that the door would not take.
func fuzz(f *testing.F, name string) {
	files, err := filepath.Glob(filepath.Join(samples, name, "*.*"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if filepath.Ext(file) != ".events" {
			f.Add(raw)
		}
	}
	read := func(raw []byte) (out []row, err error) {
		err = formats[name](bytes.NewReader(raw), now, func(r row) error {
			out = append(out, r)
			return nil
		})
		return out, err
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := read(raw)
		if again, errAgain := read(raw); (err == nil) != (errAgain == nil) || !reflect.DeepEqual(rows, again) {
			t.Fatalf("%+v, %v\nand then\n%+v, %v", rows, err, again, errAgain)
		}
		last := 1
		for _, r := range rows {
			if r.line < last || r.line > bytes.Count(raw, []byte("\n"))+1 {
				t.Fatalf("line %d after line %d", r.line, last)
			}
			last = r.line
			for i := range r.events {
				text, err := r.events[i].Marshal()
				if err != nil {
					t.Fatal(err)
				}
				if _, _, refused := event.Parse(text, now); refused != nil && refused.Code != event.CodeTooLarge {
					t.Fatalf("%s\nis refused: %v", text, refused)
				}
			}
			if len(r.events) == 0 && r.raw != nil {
				t.Fatalf("%+v", r)
			}
		}
	})
}
