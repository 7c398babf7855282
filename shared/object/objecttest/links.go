package objecttest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// fetch fetches a link as anybody would.
func fetch(t *testing.T, s Opened, link string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, absolute(s, link), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header
}

func absolute(s Opened, link string) string {
	if strings.HasPrefix(link, "/") {
		return s.Server + link
	}
	return link
}

func linkTo(t *testing.T, s Opened, key, name string, good time.Duration) string {
	t.Helper()
	to, err := s.Link(t.Context(), key, name, good)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(to, "\"<>{} \\") {
		t.Errorf("the link %s has characters that JSON or HTML would change", to)
	}
	return to
}

func link(t *testing.T, s Opened) {
	put(t, s, "x/one.zip", []byte("content"))
	const name = "2026-03-01 to 2026-03-02 ü.zip"
	to := linkTo(t, s, "x/one.zip", name, time.Hour)
	for range 2 {
		status, body, header := fetch(t, s, to)
		if status != http.StatusOK || body != "content" || header.Get("Content-Type") != "application/zip" {
			t.Fatalf("the link gives %d %q %v", status, body, header)
		}
		if d := header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || !strings.Contains(d, "2026-03-01") {
			t.Errorf("the file is called %q", d)
		}
	}
	if status, _, _ := fetch(t, s, linkTo(t, s, "x/none.zip", name, time.Hour)); status != http.StatusNotFound {
		t.Errorf("a link to nothing gives %d", status)
	}
}

func compressed(t *testing.T, s Opened) {
	for _, n := range []int{100, large} { // in one part, and in several
		want := noise(n)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		write(t, z, want)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		put(t, s, "x/one.csv.gz", b.Bytes())
		status, body, header := fetch(t, s, linkTo(t, s, "x/one.csv.gz", "one.csv", time.Hour))
		if status != http.StatusOK || body != string(want) || header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%d bytes are %d %v, and %d bytes", n, status, header, len(body))
		}
	}
}

func altered(t *testing.T, s Opened) {
	put(t, s, "x/one.csv", []byte("1"))
	put(t, s, "x/two.csv", []byte("2"))
	to, err := url.Parse(absolute(s, linkTo(t, s, "x/one.csv", "n", time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, change func(*url.URL, url.Values)) {
		u, q := *to, to.Query()
		change(&u, q)
		u.RawQuery = q.Encode()
		if status, body, _ := fetch(t, s, u.String()); status != http.StatusForbidden {
			t.Errorf("%s: %d %q", what, status, body)
		}
	}
	try("another file", func(u *url.URL, _ url.Values) { u.Path = strings.Replace(u.Path, "one", "two", 1) })
	for name, values := range to.Query() {
		value := values[0]
		last := value[len(value)-1]
		change := map[bool]byte{true: '1', false: '0'}[last == '0']
		if name == "X-Amz-Algorithm" || name == "X-Amz-Credential" || name == "X-Amz-Date" || name == "X-Amz-SignedHeaders" {
			continue // of these some changes are mistakes in form
		}
		try(name+" changed", func(_ *url.URL, q url.Values) { q.Set(name, value[:len(value)-1]+string(change)) })
	}
	try("without its query", func(_ *url.URL, q url.Values) { clear(q) })
}

func expired(t *testing.T, s Opened) {
	put(t, s, "x/one.csv", []byte("1"))
	to := linkTo(t, s, "x/one.csv", "n", 2*time.Second)
	if status, body, _ := fetch(t, s, to); status != http.StatusOK {
		t.Errorf("before: %d %s", status, body)
	}
	time.Sleep(3 * time.Second)
	if status, body, _ := fetch(t, s, to); status != http.StatusForbidden {
		t.Errorf("after: %d %s", status, body)
	}
}
