package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/ingest"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

const accepted = `{"specversion":"1.0","id":"acc","source":"s","type":"chat.accepted","subject":"c","time":"2026-03-01T11:00:00Z","data":{"agentId":"7"}}`

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	quiet = slog.New(slog.DiscardHandler)
)

const (
	structured = "application/cloudevents+json"
	batch      = "application/cloudevents-batch+json"
	ndjson     = "application/x-ndjson"
	plain      = "application/json"
)

func newHandler(t testing.TB) *ingest.Handler {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &ingest.Handler{
		Journal: journal.New(db.Table("journal")), Log: quiet,
		Now: func() time.Time { return now }, Stored: time.Now,
	}
}

func post(h http.Handler, contentType, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/v1/events", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	ctx := web.WithIdentity(r.Context(), web.Identity{Tenant: tenant.Tenant{ID: "acme"}, Outcome: web.OK})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(ctx))
	return w
}

func abandoned(id string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"s","type":"chat.abandoned","subject":"c1","time":"2026-03-01T11:00:00Z"}`, id)
}

func unknown(id string) string { return strings.ReplaceAll(abandoned(id), "abandoned", "forgotten") }

func list(events ...string) string { return "[" + strings.Join(events, ",") + "]" }

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// summary writes an answer as accepted/duplicates and index:id:code:field of what
// was refused, or as a problem's code.
func summary(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
		var p struct {
			Status       int
			Code, Detail string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.Detail == "" {
			t.Errorf("problem is %s", w.Body)
		}
		return fmt.Sprint(w.Code, " ", p.Code)
	}
	var a struct {
		Accepted, Duplicates *int
		Refused              []ingest.Refused
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || a.Accepted == nil || a.Duplicates == nil || a.Refused == nil {
		t.Fatalf("answer is %s, want accepted, duplicates and refused", w.Body)
	}
	out := fmt.Sprint(w.Code, " ", *a.Accepted, "/", *a.Duplicates)
	for _, r := range a.Refused {
		out += fmt.Sprintf(" %d:%s:%s:%s", r.Index, r.ID, r.Code, r.Field)
		if r.Message == "" {
			out += ":no message"
		}
	}
	return out
}

func TestRequests(t *testing.T) {
	many := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = abandoned(fmt.Sprint("m", i))
		}
		return out
	}
	large := strings.Repeat("x", event.MaxBytes)
	full := strings.Repeat(" ", ingest.MaxBytes-len(abandoned("a"))) + abandoned("a")
	for name, c := range map[string]struct {
		contentType, body string
		headers           []string
		want              string
	}{
		"one event":                              {structured, abandoned("a"), nil, "202 1/0"},
		"one event, content type with a charset": {structured + "; charset=UTF-8", abandoned("a"), nil, "202 1/0"},
		"one event as plain JSON":                {plain, " \n" + abandoned("a"), nil, "202 1/0"},
		"an array as plain JSON":                 {plain, "\n" + list(abandoned("a"), abandoned("b")), nil, "202 2/0"},
		"a batch":                                {batch, list(abandoned("a"), abandoned("b")), nil, "202 2/0"},
		"an empty batch":                         {batch, "[]", nil, "202 0/0"},
		"lines":                                  {ndjson, abandoned("a") + "\n" + abandoned("b"), nil, "202 2/0"},
		"lines with empty ones and CRLF":         {ndjson, "\n" + abandoned("a") + "\r\n\r\n" + unknown("b") + "\r\n", nil, "202 1/0 1:b:unknown_type:type"},
		"gzip":                                   {plain, gzipped(abandoned("a")), []string{"Content-Encoding", "gzip"}, "202 1/0"},
		"a byte order mark before it":            {plain, "\ufeff" + abandoned("a"), nil, "202 1/0"},
		"a byte order mark before lines":         {ndjson, "\ufeff" + abandoned("a") + "\n" + abandoned("b"), nil, "202 2/0"},
		"the same event twice in a request":      {batch, list(abandoned("a"), abandoned("b"), abandoned("a")), nil, "202 2/1"},

		"one event refused":               {structured, unknown("a"), nil, "400 0/0 0:a:unknown_type:type"},
		"some refused":                    {batch, list(abandoned("a"), unknown("b"), abandoned("c"), abandoned("a")), nil, "202 2/1 1:b:unknown_type:type"},
		"all refused":                     {batch, list(unknown("a"), unknown("b")), nil, "400 0/0 0:a:unknown_type:type 1:b:unknown_type:type"},
		"elements that are no events":     {batch, list("1", abandoned("a"), `"x"`, "null", "[]"), nil, "202 1/0 0::invalid_json: 2::invalid_json: 3::invalid_json: 4::invalid_json:"},
		"a line that is no JSON":          {ndjson, abandoned("a") + "\n{\n" + abandoned("b"), nil, "202 2/0 1::invalid_json:"},
		"a line with two events":          {ndjson, abandoned("a") + abandoned("b"), nil, "400 0/0 0::invalid_json:"},
		"an event too large among others": {batch, list(abandoned("a"), abandoned(large)), nil, "202 1/0 1::too_large:"},
		"an event of tomorrow":            {structured, strings.Replace(abandoned("a"), "03-01", "03-02", 1), nil, "400 0/0 0:a:time_in_future:time"},

		"no content type":                  {"", abandoned("a"), nil, "415 unsupported_content_type"},
		"another content type":             {"text/plain", abandoned("a"), nil, "415 unsupported_content_type"},
		"another charset":                  {plain + "; charset=latin1", abandoned("a"), nil, "415 unsupported_content_type"},
		"a content type that is none":      {"json;;", abandoned("a"), nil, "415 unsupported_content_type"},
		"another encoding":                 {plain, abandoned("a"), []string{"Content-Encoding", "br"}, "415 unsupported_content_encoding"},
		"no body":                          {structured, "", nil, "400 empty_body"},
		"nothing but spaces":               {ndjson, " \n\n", nil, "400 empty_body"},
		"half an event":                    {structured, abandoned("a")[:40], nil, "400 malformed_body"},
		"half a batch":                     {batch, "[" + abandoned("a"), nil, "400 malformed_body"},
		"two events in a row":              {structured, abandoned("a") + abandoned("b"), nil, "400 malformed_body"},
		"an event where a batch is said":   {batch, abandoned("a"), nil, "400 malformed_body"},
		"a batch where an event is said":   {structured, list(abandoned("a")), nil, "400 malformed_body"},
		"a number":                         {plain, "1", nil, "400 malformed_body"},
		"gzip that is none":                {plain, abandoned("a"), []string{"Content-Encoding", "gzip"}, "400 malformed_gzip"},
		"gzip that ends early":             {plain, gzipped(abandoned("a"))[:40], []string{"Content-Encoding", "gzip"}, "400 malformed_gzip"},
		"gzip with something after it":     {plain, gzipped(abandoned("a")) + "x", []string{"Content-Encoding", "gzip"}, "400 malformed_gzip"},
		"gzip that is not said":            {plain, gzipped(abandoned("a")), nil, "400 malformed_body"},
		"as many events as are taken":      {batch, list(many(500)...), nil, "202 500/0"},
		"more events than are taken":       {batch, list(many(501)...), nil, "413 too_many_events"},
		"more lines than are taken":        {ndjson, strings.Join(many(501), "\n"), nil, "413 too_many_events"},
		"as many bytes as are taken":       {plain, full, nil, "202 1/0"},
		"more bytes than are taken":        {plain, " " + full, nil, "413 too_large"},
		"as many bytes as are taken, gzip": {plain, gzipped(full), []string{"Content-Encoding", "gzip"}, "202 1/0"},
		"more bytes than are taken, gzip":  {plain, gzipped(" " + full), []string{"Content-Encoding", "gzip"}, "413 too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(t, post(newHandler(t), c.contentType, c.body, c.headers...)); got != c.want {
				t.Errorf("answer is %s, want %s", got, c.want)
			}
		})
	}
}

func TestUnknownMembersAreTakenAndToldOf(t *testing.T) {
	wrong := strings.Replace(accepted, `"agentId"`, `"departmentID":"d","agentId"`, 1)
	for body, want := range map[string]string{
		list(accepted): `{"accepted":1,"duplicates":0,"refused":[]}`,
		list(unknown("x"), wrong): `{"accepted":1,"duplicates":0,"refused":[REFUSED],"warnings":[{"index":1,"id":"acc","code":"unknown_member","field":"data.departmentID",` +
			`"message":"'data.departmentID' is not known by chat.accepted, and counts for nothing; 'data.departmentId' was probably meant"}]}`,
	} {
		got := strings.TrimSpace(post(newHandler(t), batch, body).Body.String())
		if i, j := strings.Index(got, `[{`), strings.Index(got, `}],"warnings"`); j > 0 {
			got = got[:i] + "[REFUSED]" + got[j+2:]
		}
		if got != want {
			t.Errorf("%s\nis answered\n%s\nand not\n%s", body, got, want)
		}
	}
}

func TestWhatIsWrongWithABodySaysWhatIsRight(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, body, want string
		headers                 []string
	}{
		"gzip that is not said":          {plain, gzipped(abandoned("a")), "say so with 'Content-Encoding: gzip'", nil},
		"gzip that ends early":           {plain, gzipped(abandoned("a"))[:40], "cut off or damaged: send it whole", []string{"Content-Encoding", "gzip"}},
		"an event where a batch is said": {batch, abandoned("a"), "send one event as application/cloudevents+json", nil},
		"a batch where an event is said": {structured, list(abandoned("a")), "send several as application/cloudevents-batch+json", nil},
		"no JSON":                        {plain, "hello", "The body is not JSON: invalid character 'h' looking for beginning of value at byte 1.", nil},
		"no JSON where a batch is said":  {batch, "hello", "The body is not JSON: invalid character 'h' looking for beginning of value at byte 1.", nil},
		"text that may be several":       {plain, `"hello"`, "An event is a JSON object; several are an array of them.", nil},
		"text in place of an event":      {structured, `"hello"`, "An event is a JSON object; send several as application/cloudevents-batch+json, in an array.", nil},
	} {
		if body := post(newHandler(t), c.contentType, c.body, c.headers...).Body.String(); !strings.Contains(body, c.want) {
			t.Errorf("%s: %s, want %s", name, body, c.want)
		}
	}
}

func TestBinaryMode(t *testing.T) {
	attributes := func(more ...string) []string {
		return append([]string{
			"ce-specversion", "1.0", "ce-id", "a", "ce-source", "s", "ce-type", "chat.left", "ce-subject", "c1", "ce-time", "2026-03-01T11:00:00Z",
		}, more...)
	}
	const data = `{"agentId":"7"}`
	for name, c := range map[string]struct {
		contentType, body string
		headers           []string
		want              string
	}{
		"attributes in headers":          {plain, data, attributes(), "202 1/0"},
		"extension attributes":           {plain, data, attributes("ce-traceparent", "x"), "202 1/0"},
		"an attribute is missing":        {plain, data, attributes("ce-type", ""), "400 0/0 0:a:missing_field:type"},
		"no version":                     {plain, data, []string{"ce-id", "a"}, "400 0/0 0:a:missing_field:specversion"},
		"no data where data is required": {plain, "", attributes(), "400 0/0 0:a:missing_field:data.agentId"},
		"data is no object":              {plain, "[1]", attributes(), "400 0/0 0:a:wrong_type:data"},
		"data is no JSON":                {plain, "{", attributes(), "400 malformed_body"},
		"a value is no UTF-8":            {plain, data, attributes("ce-subject", "%ff"), "400 0/0 0::invalid_value:subject"},
		"data of a header is no data":    {plain, "", attributes("ce-data", data), "400 0/0 0:a:missing_field:data.agentId"},
		"the content type of one event":  {structured, abandoned("x"), attributes(), "202 1/0"},
		"the content type of no JSON":    {"text/xml", data, attributes(), "415 unsupported_content_type"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := summary(t, post(newHandler(t), c.contentType, c.body, c.headers...)); got != c.want {
				t.Errorf("answer is %s, want %s", got, c.want)
			}
		})
	}
}

func TestHeadersAreDecodedAsCloudEventsSays(t *testing.T) {
	kept := &keeper{}
	h := &ingest.Handler{Journal: kept, Log: quiet, Now: func() time.Time { return now }, Stored: time.Now}
	for sent, want := range map[string]string{
		"plain":            "plain",
		"Euro%20%E2%82%AC": "Euro €",
		"100%":             "100%",
		"%zz%4":            "%zz%4",
		"a, b,c":           "a, b,c",
		`"quoted \"%41\""`: `quoted "A"`,
		"%2541":            "%41", // once only
	} {
		post(h, plain, "", "ce-specversion", "1.0", "ce-id", "a", "ce-source", "s", "ce-type", "chat.missed", "ce-time", "2026-03-01T11:00:00Z", "ce-subject", sent)
		if got := kept.events[len(kept.events)-1].Subject; got != want {
			t.Errorf("%s becomes %q, want %q", sent, got, want)
		}
	}
}

// keeper takes everything, or fails.
type keeper struct {
	events []event.Event
	stored []time.Time
	err    error
}

func (k *keeper) Append(_ context.Context, _ string, events []event.Event, stored time.Time) ([]journal.Outcome, error) {
	k.events = append(k.events, events...)
	k.stored = append(k.stored, stored)
	return make([]journal.Outcome, len(events)), k.err
}

func TestKnownEventsAreDuplicates(t *testing.T) {
	h := newHandler(t)
	for _, want := range []string{"202 2/0", "202 0/2"} {
		if got := summary(t, post(h, batch, list(abandoned("a"), abandoned("b")))); got != want {
			t.Errorf("answer is %s, want %s", got, want)
		}
	}
	if got := summary(t, post(h, batch, list(abandoned("b"), unknown("x")))); got != "202 0/1 1:x:unknown_type:type" {
		t.Errorf("a known event beside a refused one: %s", got)
	}
}

func TestTenantsDoNotShareEvents(t *testing.T) {
	kept := map[string]int{}
	h := &ingest.Handler{Journal: appendFunc(func(tenant string, n int) { kept[tenant] += n }), Log: quiet, Now: func() time.Time { return now }, Stored: time.Now}
	post(h, structured, strings.Replace(abandoned("a"), `"id"`, `"tenant":"other","id"`, 1))
	if kept["acme"] != 1 || len(kept) != 1 {
		t.Errorf("kept %v, want it with the credential's tenant", kept)
	}
}

type appendFunc func(tenant string, n int)

func (f appendFunc) Append(_ context.Context, tenant string, events []event.Event, _ time.Time) ([]journal.Outcome, error) {
	f(tenant, len(events))
	return make([]journal.Outcome, len(events)), nil
}

func TestWhenNothingIsStoredItSaysWhenToTryAgain(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"throttled": {fmt.Errorf("appending: %w", table.ErrThrottled), "429 throttled"},
		"broken":    {errors.New("disk is gone"), "503 unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &ingest.Handler{Journal: &keeper{err: c.err}, Log: quiet, Now: func() time.Time { return now }, Stored: time.Now}
			w := post(h, structured, abandoned("a"))
			if got := summary(t, w); got != c.want {
				t.Errorf("answer is %s, want %s", got, c.want)
			}
			if w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if strings.Contains(w.Body.String(), "disk") {
				t.Errorf("the inner error shows: %s", w.Body)
			}
		})
	}
}

func TestNothingIsAskedOfTheJournalWhenEverythingIsRefused(t *testing.T) {
	kept := &keeper{err: errors.New("asked")}
	h := &ingest.Handler{Journal: kept, Log: quiet, Now: func() time.Time { return now }, Stored: time.Now}
	if got := summary(t, post(h, structured, unknown("a"))); got != "400 0/0 0:a:unknown_type:type" {
		t.Errorf("answer is %s", got)
	}
}
