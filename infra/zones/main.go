// Command zones makes the zone data in this repository from IANA's database, as the Python Software Foundation
// packages it:
//
//	pip download --no-deps --only-binary :all: tzdata==2026.6
//	go run ./infra/zones tzdata-2026.6-py2.py3-none-any.whl
//
// It writes two files from two forms of the same data, both in the public domain: shared/iana/zones.zip, the compiled
// zones, which the product reads, and infra/oracle/zic/tzdata.zi, the rules they were compiled from, which the
// reference computes from by itself. A test there compares the two, zone by zone. For a newer release change the version
// and the checksum here and the version in shared/iana.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"chatreports/shared/iana"
)

// checksum is of the wheel tzdata 2026.6, which is IANA's 2026f.
const checksum = "0a10eec6e13ef16b627fabed9a5f2ba61a62b1c67f327305f4e7e412a70b4aec"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./infra/zones tzdata-….whl")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != checksum {
		return fmt.Errorf("%s has the checksum %s; it should be %s", name, sum, checksum)
	}
	wheel, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	rules, err := fs.ReadFile(wheel, "tzdata/zoneinfo/tzdata.zi")
	if err != nil {
		return err
	}
	if first, _, _ := strings.Cut(string(rules), "\n"); first != "# version "+iana.Version {
		return fmt.Errorf("%s begins with %q; shared/iana says %s", name, first, iana.Version)
	}
	compiled, err := pack(wheel)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile("shared/iana/zones.zip", compiled, 0o644),   //nolint:gosec // files of the repository
		os.WriteFile("infra/oracle/zic/tzdata.zi", rules, 0o644)) //nolint:gosec // files of the repository
}

// pack puts the zones that the wheel lists into an archive, without times, so that the same wheel makes the same.
func pack(wheel fs.FS) ([]byte, error) {
	names, err := fs.ReadFile(wheel, "tzdata/zones")
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	archive := zip.NewWriter(&buf)
	for zone := range strings.FieldsSeq(string(names)) {
		if zone == "Factory" { // of a machine whose zone nobody has set
			continue
		}
		data, err := fs.ReadFile(wheel, "tzdata/zoneinfo/"+zone)
		if err != nil {
			return nil, err
		}
		w, err := archive.Create(zone)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
	}
	err = archive.Close()
	return buf.Bytes(), err
}
