package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"chatreports/shared/dialect"
	"chatreports/shared/web"
)

// What Lambda passes on is answered, whatever is in it; what is longer is refused, and
// says what would be shorter.
func TestAnAnswerIsNoLongerThanLambdaPassesOn(t *testing.T) {
	random := make([]byte, 7<<20)
	r := rand.NewChaCha8([32]byte{})
	for i := range random {
		random[i] = 'a' + byte(r.Uint64()%26)
	}
	var rows bytes.Buffer
	for rows.Len() < 12<<20 {
		fmt.Fprintf(&rows, "campaign,%d,2026-03-01T%02d:%02d:00.000Z,%d,%d\r\n", r.Uint64()%1000, r.Uint64()%24, r.Uint64()%60, r.Uint64()%10000, r.Uint64()%100)
	}
	for _, c := range []struct {
		name, accept string
		body         []byte
		status       int
	}{
		{"short", "", []byte("x"), 200},
		{"just short enough", "", random[:web.MaxResponse-100<<10], 200},
		{"too long", "", random[:web.MaxResponse], 413},
		{"lines that JSON writes longer", "", bytes.Repeat([]byte("a,\"b\"\r\n"), 500_000), 200},
		{"too many of them", "", bytes.Repeat([]byte("a,\"b\"\r\n"), 600_000), 413},
		{"what JSON writes much longer", "", bytes.Repeat([]byte("<>\u2028"), 400_000), 413},
		{"compressed", "gzip", bytes.Repeat([]byte("a,b\r\n"), 4<<20), 200},
		{"rows, compressed", "gzip", rows.Bytes(), 200},
		{"rows", "", rows.Bytes(), 413},
		{"too long, compressed", "gzip", random, 413},
		{"gzip refused", "gzip;q=0", random, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := web.Guard(dialect.Ours, quiet, web.Bounded(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/csv; charset=utf-8")
				for rest := c.body; len(rest) > 0; {
					n := min(len(rest), 16<<10)
					if _, err := w.Write(rest[:n]); err != nil {
						t.Error(err)
					}
					rest = rest[n:]
				}
			}), nil))
			e := get("/x")
			e.Headers["accept-encoding"] = c.accept
			response := invoke(t, h, e)
			if response.StatusCode != c.status {
				t.Fatalf("%d %.200s", response.StatusCode, response.Body)
			}
			if raw, err := json.Marshal(response); err != nil || len(raw) > web.MaxResponse {
				t.Errorf("%d bytes, %v", len(raw), err)
			}
			if c.status == 413 {
				if !strings.Contains(response.Body, `"code":"answer_too_large"`) || strings.Contains(response.Body, "Accept-Encoding") != (c.accept == "") {
					t.Errorf("%s", response.Body)
				}
				return
			}
			if got := plain(t, &response); !bytes.Equal(got, c.body) {
				t.Errorf("%d bytes, want %d", len(got), len(c.body))
			}
		})
	}
}

// plain is a body as it was before it travelled.
func plain(t *testing.T, r *events.APIGatewayV2HTTPResponse) []byte {
	t.Helper()
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			t.Fatal(err)
		}
	}
	if r.Headers["Content-Encoding"] != "gzip" {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
