package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// lines reads CSV with the reader of an import.
func lines(t *testing.T, in io.Reader) [][]string {
	t.Helper()
	r := csv.NewReader(&asWritten{in: bufio.NewReader(in)})
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		t.Error(err)
	}
	return rows
}

// Cells are as they were written, line breaks within them too, whichever they are and however
// lines end.
func TestCellsAreAsTheyWereWritten(t *testing.T) {
	rows := [][]string{
		{"a", "b", "c"},
		{"one\r\ntwo", "one\ntwo", "one\rtwo"},
		{"\r\n", "\n", "\r"},
		{`say "a` + "\r\n" + `b", so`, `""`, "\"\r\n\""},
		{" blanks ", "", ",\r\n,"},
		{"\r\n\r\n", "x\r", "\x00"},
	}
	for _, end := range []string{"\r\n", "\n"} {
		var b strings.Builder
		for _, row := range rows {
			var cells []string
			for _, cell := range row {
				cells = append(cells, `"`+strings.ReplaceAll(cell, `"`, `""`)+`"`)
			}
			b.WriteString(strings.Join(cells, ",") + end)
		}
		for _, in := range []io.Reader{strings.NewReader(b.String()), iotest.OneByteReader(strings.NewReader(b.String())), strings.NewReader(strings.TrimSuffix(b.String(), end))} {
			if got := lines(t, in); !slices.EqualFunc(got, rows, slices.Equal) {
				t.Errorf("%q is read as %q", b.String(), got)
			}
		}
	}
}

// A name and a comment are what somebody wrote, blanks and line breaks too; of what has a form
// blanks around it are left out.
func TestWhatSomebodyWroteIsNotTouched(t *testing.T) {
	text := "csat_id,conversation_id,created_at,value,issue_resolved,csat_response,csat_submitter_user_id,csat_submitter_user_name\r\n" +
		" q , c1, 2026-03-01 09:00:00.5 , 4 , true ,\" first\r\nsecond \", v1 ,\" Vera  V. \"\r\n"
	var got []string
	if err := rawReport(strings.NewReader(text), now, func(r row) error {
		for i := range r.events {
			d := &r.events[i].Data
			got = append(got, r.wrong, r.events[i].Type, r.events[i].Subject, d.CSATID, d.Comment, d.By.ID, d.By.Name)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "chat.rated", "c1", "q", " first\r\nsecond ", "v1", " Vera  V. "}; !slices.Equal(got, want) {
		t.Errorf("the row tells %q, want %q", got, want)
	}
}

// What is quoted by halves is read as encoding/csv reads it, but for carriage returns.
func FuzzCellsAreThoseOfCSV(f *testing.F) {
	for _, s := range []string{"a,\"b\r\nc\"\r\nd,e\r\n", "a \"b\r\nc,\"\"\r\n", "\"a\"b\"\r\n,\"c\r", "\"\"\"\r\n\"\"\",\r\n", ", \"a\r\n", "\"a\"\rb\",c\n", "\"a\r\r\nb\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		plain := csv.NewReader(bytes.NewReader(text))
		plain.FieldsPerRecord, plain.LazyQuotes = -1, true
		want, err := plain.ReadAll()
		if err != nil {
			return
		}
		got := lines(t, bytes.NewReader(text))
		for _, row := range slices.Concat(got, want) {
			for i := range row {
				row[i] = strings.ReplaceAll(row[i], "\r", "")
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	})
}
