package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"chatreports/infra/local/gateway"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

func TestHealthSaysThatTheLastWriteFailed(t *testing.T) {
	dir := t.TempDir()
	put := table.Op{Item: table.Item{Key: table.Key{Part: "p", Sort: "s"}, Version: 1}}
	open := func(options ...embedded.Option) *embedded.DB {
		db, err := embedded.Open(dir, options...)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if err := db.Table("t").Write(t.Context(), put); err != nil || db.LastWrite() != nil {
		t.Fatal(err, db.LastWrite())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(func(o *bbolt.Options) { // a disk that takes nothing any more
		o.OpenFile = func(name string, _ int, mode os.FileMode) (*os.File, error) {
			return os.OpenFile(name, os.O_RDONLY, mode)
		}
	})
	defer db.Close()
	f := &front{progress: newProgress(), lastWrite: db.LastWrite}
	f.gateway.Store(gateway.New(nil, newLog(t.Output())))
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if w := ask("/healthz"); w.Code != 404 { // this gateway's answer: it has no routes
		t.Errorf("before any write it says %d %s", w.Code, w.Body)
	}
	if err := db.Table("t").Write(t.Context(), put); err == nil {
		t.Fatal("the write did not fail")
	}
	if w := ask("/healthz"); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "bad file descriptor") {
		t.Errorf("after a write that failed it says %d %s", w.Code, w.Body)
	}
	if w := ask("/other"); w.Code != 404 {
		t.Errorf("everything else is asked all the same, and says %d %s", w.Code, w.Body)
	}
}

// While it gets ready, a person is shown a page that goes on by itself, and a program a problem.
func TestLoadingIsToldToPeopleAndToPrograms(t *testing.T) {
	f := &front{progress: newProgress()}
	ask := func(accept string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		f.ServeHTTP(w, r)
		return w
	}
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	if page := ask(browser).Body.String(); !strings.Contains(page, "starting. This page") || strings.Contains(page, "<progress") {
		t.Errorf("at first it says %s", page)
	}
	f.progress.begin("the demo", 100, "days")
	f.progress.reach(30)
	w := ask(browser)
	if page := w.Body.String(); w.Code != 503 || w.Header().Get("Refresh") != "1" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") ||
		!strings.Contains(page, "loading the demo, 30 of 100 days") || !strings.Contains(page, `<progress value="30" max="100"`) {
		t.Errorf("a browser is told %d %v %s", w.Code, w.Header(), page)
	}
	if w := ask("*/*"); w.Code != 503 || w.Header().Get("Refresh") != "" || !strings.Contains(w.Body.String(), `"code":"loading"`) {
		t.Errorf("a program is told %d %s", w.Code, w.Body)
	}
}
