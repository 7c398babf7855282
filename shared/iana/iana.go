// Package iana has the time zones of IANA's database, as of Version. In: a name such
// as Europe/Berlin. Out: the zone. The data is in zones.zip, in the program, so that
// a zone means the same on every machine; Go's own copy and the machine's files are
// never asked. infra/zones makes it, and says from what.
package iana

import (
	"archive/zip"
	"bytes"
	_ "embed" // zones.zip
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Version is the release of IANA's database.
const Version = "2026f"

// Compiled zones (TZif, RFC 9636), a file for each name, aliases included. The data is
// in the public domain.
//
//go:embed zones.zip
var zipped []byte

var files = sync.OnceValue(func() map[string]*zip.File {
	archive, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		panic(err)
	}
	found := map[string]*zip.File{}
	for _, f := range archive.File {
		found[f.Name] = f
	}
	return found
})

// Names lists the zones, aliases included, in order.
func Names() []string { return slices.Sorted(maps.Keys(files())) }

// Zone returns the zone of that name, spelled as IANA does.
func Zone(name string) (*time.Location, error) {
	f, ok := files()[name]
	if !ok {
		return nil, fmt.Errorf("IANA's database %s has no zone %q", Version, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(name, data)
}
