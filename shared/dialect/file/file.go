// Package file writes a sheet as a file: CSV, a ZIP of it, JSON lines or Parquet. In: a
// sheet, whose rows are read once. Out: bytes as they come, whatever their number. It is
// beside the dialects and not in shared/dialect because of what it brings along: a function
// that only answers reports has no Parquet in it.
package file

import (
	"archive/zip"
	"io"
	"time"

	"github.com/klauspost/compress/flate"

	"chatreports/shared/dialect"
)

// Format is a kind of file.
type Format struct {
	// Name is what callers ask for.
	Name string
	// Extension ends the file's name.
	Extension string

	write func(w io.Writer, s *dialect.Sheet, o Options) error
}

// Options are what a file is to be beyond its format.
type Options struct {
	// Name is the file's without the extension: of the one within a ZIP.
	Name string
	// At is when it was made.
	At time.Time
	// Safe: in CSV, an apostrophe stands before every cell that begins with = + - @, a tab
	// or a return.
	Safe bool
}

// Formats. Their names are stored with jobs: none is ever used for another one.
var (
	ZIP     = Format{"zip", ".zip", writeZIP}
	CSV     = Format{"csv", ".csv", func(w io.Writer, s *dialect.Sheet, o Options) error { return s.WriteCSV(w, o.Safe) }}
	JSONL   = Format{"jsonl", ".jsonl", func(w io.Writer, s *dialect.Sheet, _ Options) error { return s.WriteJSONLines(w) }}
	Parquet = Format{"parquet", ".parquet", func(w io.Writer, s *dialect.Sheet, _ Options) error { return writeParquet(w, s) }}
)

// Find is the format of a name.
func Find(name string) (Format, bool) {
	for _, f := range []Format{ZIP, CSV, JSONL, Parquet} {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Write writes the sheet.
func (f Format) Write(w io.Writer, s *dialect.Sheet, o Options) error { return f.write(w, s, o) }

// compression is for speed: the next better one makes the file a tenth smaller, in twice
// the time.
const compression = 1

// writeZIP writes a ZIP of one CSV.
func writeZIP(w io.Writer, s *dialect.Sheet, o Options) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, compression) })
	entry, err := z.CreateHeader(&zip.FileHeader{Name: o.Name + CSV.Extension, Method: zip.Deflate, Modified: o.At.UTC()})
	if err != nil {
		return err
	}
	if err := s.WriteCSV(entry, o.Safe); err != nil {
		return err
	}
	return z.Close()
}
