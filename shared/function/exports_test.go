package function

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/link"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// lines answers with so many bytes of lines as the parameter 'bytes' says, and fails after
// as many as 'fails' says. Its links lead to that, too.
type lines struct {
	Linking
	expires time.Time
}

var errLines = errors.New("no more lines")

func (lines) Shape() dialect.Shape { return dialect.Ours }

func (lines) Answer(_ context.Context, r *dialect.Request) (*dialect.Answer, error) {
	n, _ := strconv.Atoi(r.Query.Get("bytes"))
	fails, err := strconv.Atoi(r.Query.Get("fails"))
	if err != nil {
		fails = n + 1
	}
	return &dialect.Answer{
		ContentType: "text/csv; charset=utf-8", FileName: "agents.csv", CountedUntil: time.UnixMilli(1_772_000_000_000),
		Write: func(w io.Writer) error {
			for rest := content(n); len(rest) > 0; {
				some := min(len(rest), 10_000)
				if _, err := w.Write(rest[:some]); err != nil {
					return err
				}
				if rest = rest[some:]; n-len(rest) >= fails {
					return errLines
				}
			}
			return nil
		},
	}, nil
}

func (l lines) Open(_ context.Context, token string, now time.Time) (*dialect.Request, link.Link, error) {
	return &dialect.Request{
		Tenant: &tenant.Tenant{ID: "acme"}, Path: "/v1/exports/agents", Query: url.Values{"bytes": {token}}, Now: now,
	}, link.Link{Tenant: "acme", Expires: l.expires}, nil
}

func (lines) Note(context.Context, link.Link, time.Time) error { return nil }

// content is lines that gzip makes about half as long.
func content(n int) []byte { return written()[:n] }

var written = sync.OnceValue(func() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for len(b) < longest {
		b = append(hex.AppendEncode(b, binary.BigEndian.AppendUint64(nil, r.Uint64())), ",online,0,\r\n"...)
	}
	return b
})

// longest is longer than can be sent compressed.
const longest = 20_000_000

// exporting is a function of exports, and the server of its files.
type exporting struct {
	t       *testing.T
	h       lambda.Handler
	objects *directory.Store
	state   table.Table
	server  *httptest.Server
}

// standing is the present of these tests.
var standing = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func newExporting(t *testing.T, api Linking, wrap func(object.Store) object.Store) *exporting {
	t.Helper()
	return newExportingWith(t, api, func(d *Deps) {
		if wrap != nil {
			d.Objects = wrap(d.Objects)
		}
	})
}

func newExportingWith(t *testing.T, api Linking, change func(*Deps)) *exporting {
	t.Helper()
	now := func() time.Time { return standing }
	objects, err := directory.Open(t.TempDir(), now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(objects.Handler(func(w http.ResponseWriter, status int, why string) { http.Error(w, why, status) }))
	t.Cleanup(server.Close)
	d := Deps{State: known(t, "acme"), Now: now, Clock: now, Log: slog.New(slog.DiscardHandler), Objects: objects, Reports: admission.New(ReportLimits)}
	change(&d)
	return &exporting{t, Exports(d, api), objects, d.State, server}
}

// had is an answer as a caller has it.
type had struct {
	status int
	header http.Header
	body   []byte
}

// ask calls the function as API Gateway does.
func (e *exporting) ask(method, path, query, accept string) had {
	e.t.Helper()
	r := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, RawQueryString: query,
		Headers: map[string]string{"authorization": "Bearer acme", "accept-encoding": accept, "host": strings.TrimPrefix(e.server.URL, "http://"), "x-forwarded-proto": "http"},
	}
	r.RequestContext.HTTP.Method, r.RequestContext.DomainName = method, r.Headers["host"]
	payload, err := json.Marshal(r)
	if err != nil {
		e.t.Fatal(err)
	}
	raw, err := e.h.Invoke(e.t.Context(), payload)
	if err != nil {
		e.t.Fatal(err)
	}
	if len(raw) > web.MaxResponse {
		e.t.Errorf("%s %s?%s: Lambda does not pass on %d bytes", method, path, query, len(raw))
	}
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &response); err != nil {
		e.t.Fatal(err)
	}
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			e.t.Fatal(err)
		}
	}
	out := had{response.StatusCode, http.Header{}, body}
	for name, value := range response.Headers {
		out.header.Set(name, value)
	}
	return out
}

// files are the keys of what is kept.
func (e *exporting) files() (keys []string) {
	e.t.Helper()
	for info, err := range e.objects.List(e.t.Context(), "") {
		if err != nil {
			e.t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

// follow fetches what a redirect leads to.
func (e *exporting) follow(to, accept string) had {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, to, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", accept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return had{response.StatusCode, response.Header, body}
}

// An export that Lambda passes on is sent; one that is longer lies in a file, whole, and the
// answer leads there, whoever asks.
func TestAnExportOfAnyLengthIsHad(t *testing.T) {
	for _, c := range []struct {
		name, path, accept string
		bytes              int
		led                bool
	}{
		{"short", "/v1/exports/agents", "", 1000, false},
		{"as long as it may be", "/v1/exports/agents", "", 5_600_000, false},
		{"longer", "/v1/exports/agents", "", 6_300_000, true},
		{"much longer", "/v1/exports/agents", "", longest, true},
		{"compressed, and so no longer", "/v1/exports/agents", "gzip", 6_300_000, false},
		{"compressed, and still longer", "/v1/exports/agents", "gzip", longest, true},
		{"by a public link", "/public/6300000", "", 6_300_000, true},
		{"by a public link, compressed", "/public/20000000", "gzip", longest, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newExporting(t, lines{}, nil)
			query := ""
			if strings.HasPrefix(c.path, "/v1") {
				query = "bytes=" + strconv.Itoa(c.bytes)
			}
			response := e.ask(http.MethodGet, c.path, query, c.accept)
			if counted := response.header.Get("Counted-Until"); counted != "2026-02-25T06:13:20.000Z" {
				t.Errorf("counted until %q", counted)
			}
			if c.led {
				if response.status != http.StatusSeeOther || response.header.Get("Content-Encoding") != "" || response.header.Get("Content-Disposition") != "" || len(e.files()) != 1 {
					t.Fatalf("%d %v, and there is %v", response.status, response.header, e.files())
				}
				response = e.follow(response.header.Get("Location"), c.accept)
			} else if found := e.files(); found != nil {
				t.Errorf("there is %v", found)
			}
			if got := response.header.Get("Content-Disposition"); response.status != 200 || got != "attachment; filename=agents.csv" || response.header.Get("Content-Type") != "text/csv; charset=utf-8" {
				t.Errorf("%d %v", response.status, response.header)
			}
			if got := unpacked(t, response); !bytes.Equal(got, content(c.bytes)) {
				t.Errorf("%d bytes, want %d", len(got), c.bytes)
			}
		})
	}
}

// unpacked is a body as it was before it travelled.
func unpacked(t *testing.T, r had) []byte {
	t.Helper()
	if r.header.Get("Content-Encoding") != "gzip" {
		return r.body
	}
	z, err := gzip.NewReader(bytes.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// HEAD says what GET would begin with, and keeps nothing.
func TestAHeadOfALongExportKeepsNothing(t *testing.T) {
	e := newExporting(t, lines{}, nil)
	response := e.ask(http.MethodHead, "/v1/exports/agents", "bytes=10000000", "")
	if response.status != 200 || len(response.body) > 0 || e.files() != nil {
		t.Errorf("%d, %d bytes, %v", response.status, len(response.body), e.files())
	}
}

// What fails half way, before or after it was too long, is refused, and nothing is left of it.
func TestALongExportIsWholeOrRefused(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		wrap  func(object.Store) object.Store
	}{
		"the rows end before it is long":   {"bytes=10000000&fails=3000000", nil},
		"the rows end when it is long":     {"bytes=10000000&fails=9000000", nil},
		"no file can be begun":             {"bytes=10000000", func(s object.Store) object.Store { return failing{Store: s, create: true} }},
		"the file cannot be written":       {"bytes=10000000", func(s object.Store) object.Store { return failing{Store: s, write: true} }},
		"the file does not come to be":     {"bytes=10000000", func(s object.Store) object.Store { return failing{Store: s, commit: true} }},
		"the rows end, and are compressed": {"bytes=20000000&fails=19000000", nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := newExporting(t, lines{}, c.wrap)
			accept := map[bool]string{true: "gzip"}[strings.Contains(name, "compressed")]
			response := e.ask(http.MethodGet, "/v1/exports/agents", c.query, accept)
			var refused struct{ Code string }
			if err := json.Unmarshal(response.body, &refused); err != nil || response.status != 503 || refused.Code != "unavailable" || response.header.Get("Location") != "" {
				t.Errorf("%d %+v %v, %v", response.status, refused, response.header, err)
			}
			if e.files() != nil {
				t.Errorf("there is %v", e.files())
			}
		})
	}
}

// failing is a store that fails at one of its steps.
type failing struct {
	object.Store
	create, write, commit bool
}

var errStore = errors.New("the store fails")

func (f failing) Create(ctx context.Context, key string) (object.Upload, error) {
	if f.create {
		return nil, errStore
	}
	u, err := f.Store.Create(ctx, key)
	return failingUpload{u, f}, err
}

type failingUpload struct {
	object.Upload
	failing failing
}

func (f failingUpload) Write(p []byte) (int, error) {
	if f.failing.write {
		return 0, errStore
	}
	return f.Upload.Write(p)
}

func (f failingUpload) Commit() error {
	if f.failing.commit {
		return errStore
	}
	return f.Upload.Commit()
}

// A public link that expires sooner than a file's link would leads to one that does so, too.
func TestAFileIsHadNoLongerThanItsPublicLink(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{0: time.Hour, 3 * time.Hour: time.Hour, 90 * time.Second: 90 * time.Second} {
		api := lines{}
		if left > 0 {
			api.expires = standing.Add(left)
		}
		response := newExporting(t, api, nil).ask(http.MethodGet, "/public/7000000", "", "")
		to, err := url.Parse(response.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if got := to.Query().Get("expires"); got != fmt.Sprint(standing.Add(want).Unix()) {
			t.Errorf("with %s left, the file's link is good until %s, want %s more", left, got, want)
		}
	}
}
