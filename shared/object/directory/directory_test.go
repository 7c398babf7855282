package directory_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/object/objecttest"
)

func open(t *testing.T, dir string) *directory.Store {
	t.Helper()
	s, err := directory.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, s *directory.Store) string {
	t.Helper()
	server := httptest.NewServer(s.Handler(func(w http.ResponseWriter, status int, why string) { http.Error(w, why, status) }))
	t.Cleanup(server.Close)
	return server.URL
}

func TestContract(t *testing.T) {
	objecttest.Run(t, func(t *testing.T) objecttest.Opened {
		s := open(t, t.TempDir())
		return objecttest.Opened{Store: s, Server: serve(t, s)}
	})
}

func get(t *testing.T, method, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// Links outlive the process, and are of one directory only.
func TestLinksAreSignedByTheDirectorysKey(t *testing.T) {
	dir, links := t.TempDir(), map[string]string{}
	for _, d := range []string{dir, t.TempDir()} {
		s := open(t, d)
		if err := object.Put(t.Context(), s, "a/b.csv", func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
			t.Fatal(err)
		}
		links[d], _ = s.Link(t.Context(), "a/b.csv", "b.csv", time.Hour)
	}
	again := serve(t, open(t, dir))
	for d, link := range links {
		want := map[bool]int{true: 200, false: 403}[d == dir]
		if got := get(t, "GET", again+link); got != want {
			t.Errorf("%s answers %d, want %d", link, got, want)
		}
	}
	if got := get(t, "POST", again+links[dir]); got != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "links.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := directory.Open(dir, time.Now); err == nil {
		t.Error("a damaged key is taken")
	}
}

func TestUploadsLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 4 {
		u, err := s.Create(t.Context(), fmt.Sprintf("t/%d/x", i%2))
		if err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			if err := u.Commit(); err != nil {
				t.Fatal(err)
			}
		case 1:
			u.Abort()
		case 3: // of a process that was killed
			if err := s.Abandon(t.Context(), "t/"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := files(t, dir); n != 2 {
		t.Errorf("there are %d files, want the object and the key", n)
	}
	if err := s.Delete(t.Context(), "t/0/x"); err != nil || files(t, dir) != 1 {
		t.Errorf("after it was deleted there are %d files, %v", files(t, dir), err)
	}
}

func files(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
