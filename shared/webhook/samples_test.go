package webhook_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/shared/webhook"
	"chatreports/shared/webhook/vendors"
)

var update = flag.Bool("update", false, "write what the samples tell; read every line of the change")

var providers = vendors.All()

// arrived is when the samples came.
var arrived = time.Date(2026, 3, 3, 0, 1, 5, 700e6, time.UTC)

const samples = "../../events/webhooks"

// bodies are the samples of a provider by name.
func bodies(t testing.TB, provider string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(samples, provider, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no samples of %s: %v", provider, err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(f), ".json")] = raw
	}
	return out
}

// Each sample tells the events that stand beside it, whenever and however often it comes.
func TestWhatSamplesTell(t *testing.T) {
	for _, p := range providers {
		for name, body := range bodies(t, p.Name()) {
			t.Run(p.Name()+"/"+name, func(t *testing.T) {
				told, err := p.Events(&webhook.Delivery{Method: "POST", Body: body, Arrived: arrived, Clock: arrived})
				if err != nil {
					t.Fatal(err)
				}
				var b strings.Builder
				if told.Unknown {
					b.WriteString("unknown: " + told.Action + "\n")
				}
				for i := range told.Events {
					e := &told.Events[i]
					data, err := json.Marshal(e.Data)
					if err != nil {
						t.Fatal(err)
					}
					fmt.Fprintf(&b, "%s %s %s\n    id %s of %s\n    %s\n", e.Time().Format("2006-01-02T15:04:05.000Z"), e.Type, e.Subject, e.ID, e.Source, data)
				}
				for i := range told.Refused {
					b.WriteString("refused: " + told.Refused[i].Code + " " + told.Refused[i].Field + "\n")
				}
				file := filepath.Join(samples, p.Name(), name+".events")
				if *update {
					if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil || string(want) != b.String() {
					t.Errorf("%s\nwant %s%v", b.String(), want, err)
				}
			})
		}
	}
}
