package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the samples tell; read every line of the change")

const samples = "../../events/imports"

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// said is what a file tells, as text.
func said(t *testing.T, formatName, file string) string {
	t.Helper()
	var b strings.Builder
	err := eachPart(file, func(part string, in io.Reader) error {
		return formats[formatName](in, now, func(r row) error {
			fmt.Fprintf(&b, "line %d\n", r.line)
			if r.wrong != "" {
				fmt.Fprintf(&b, "  not understood: %s\n", r.wrong)
			}
			for i := range r.events {
				e := &r.events[i]
				data, err := json.Marshal(e.Data)
				if err != nil {
					return err
				}
				fmt.Fprintf(&b, "  %s %s %s\n    id %s of %s\n    %s\n", e.Time().Format("2006-01-02T15:04:05.000Z"), e.Type, e.Subject, e.ID, e.Source, data)
			}
			return nil
		})
	})
	if err != nil {
		fmt.Fprintf(&b, "stopped: %v\n", err)
	}
	return b.String()
}

// Each sample tells the events that stand beside it.
func TestWhatSamplesTell(t *testing.T) {
	for _, format := range []string{"freshchat", "comm100"} {
		files, err := filepath.Glob(filepath.Join(samples, format, "*"))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, file := range files {
			if strings.HasSuffix(file, ".events") {
				continue
			}
			n++
			got := said(t, format, file)
			golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".events"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || got != string(want) {
				t.Errorf("%s tells\n%s\nwant\n%s%v", file, got, want, err)
			}
		}
		if n < 3 {
			t.Errorf("only %d samples of %s", n, format)
		}
	}
}
