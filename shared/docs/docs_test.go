package docs_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chatreports/infra"
	"chatreports/shared"
	"chatreports/shared/docs"
)

var pages = docs.New(map[string]fs.FS{"shared": shared.Documents, "infra": infra.Documents})

func get(t *testing.T, target string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	r.Host = "reports.example.com"
	pages.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

// hrefs are the links of a page; ids its anchors.
func hrefs(t *testing.T, page string) (links []string, ids map[string]bool) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids = map[string]bool{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id":
				ids[a.Val] = true
			case n.Data == "a" && a.Key == "href":
				links = append(links, a.Val)
			}
		}
	}
	return links, ids
}

// TestEveryLinkLeadsSomewhere goes to every page from the first on, and looks at every link
// that stays here: the page and the heading that it names are there.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	type links struct {
		links []string
		ids   map[string]bool
	}
	read, todo := map[string]links{}, []string{"/docs"}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		if _, ok := read[at]; ok {
			continue
		}
		status, page := get(t, at)
		if status != http.StatusOK {
			t.Errorf("%s answers %d", at, status)
		}
		all, ids := hrefs(t, page)
		read[at] = links{all, ids}
		for _, link := range all {
			if u, err := url.Parse(link); err == nil && u.Host == "" && docs.Serves(u.Path) {
				todo = append(todo, u.Path)
			}
		}
	}
	if len(read) < 30 {
		t.Errorf("there are only %d pages", len(read))
	}
	for at, page := range read {
		for _, link := range page.links {
			u, err := url.Parse(link)
			switch {
			case err != nil:
				t.Errorf("%s: %q: %v", at, link, err)
			case u.Host != "", u.Path == "/", u.Path == "/openapi.json":
			case u.Path == "" && !page.ids[u.Fragment]:
				t.Errorf("%s has no heading %s", at, link)
			case u.Path != "" && !docs.Serves(u.Path):
				t.Errorf("%s: %s leads nowhere", at, link)
			case u.Path != "" && u.Fragment != "" && !read[u.Path].ids[u.Fragment]:
				t.Errorf("%s: %s has no such heading", at, link)
			}
		}
	}
}

// TestEveryDocumentIsAPage compares the pages with the documents that there are.
func TestEveryDocumentIsAPage(t *testing.T) {
	titles := map[string]bool{}
	_, index := get(t, "/docs")
	links, _ := hrefs(t, index)
	for _, link := range links {
		if docs.Serves(link) {
			_, page := get(t, link)
			_, title, _ := strings.Cut(page, "<h1")
			title, _, _ = strings.Cut(title, "</h1>")
			_, title, _ = strings.Cut(title, ">")
			titles[html.UnescapeString(regexp.MustCompile("<[^>]*>").ReplaceAllString(title, ""))] = true
		}
	}
	for pattern, documents := range map[string]fs.FS{"shared/*.md": shared.Documents, "shared/*/*.md": shared.Documents, "shared/dialect/*/*.md": shared.Documents, "infra/*/*.md": infra.Documents} {
		names, err := filepath.Glob(path.Join("../..", pattern))
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, within, _ := strings.Cut(strings.TrimPrefix(name, "../../"), "/")
			kept, err := fs.ReadFile(documents, within)
			if err != nil || string(kept) != string(raw) {
				t.Errorf("%s is not among the documents: %v", name, err)
			}
			title, _, _ := strings.Cut(strings.TrimPrefix(string(raw), "# "), "\n")
			if title = strings.ReplaceAll(title, "`", ""); !titles[title] && !strings.Contains(name, "scenario") && !strings.Contains(name, "oracle") {
				t.Errorf("%s, %q, is no page", name, title)
			}
		}
	}
}

func TestLinesCanBePasted(t *testing.T) {
	_, page := get(t, "/docs/quick-start")
	if strings.Contains(page, "http://127.0.0.1") || !strings.Contains(page, "http://reports.example.com/v1/webhooks/demo-drift") {
		t.Error("the lines do not ask this system")
	}
}

func TestSearching(t *testing.T) {
	for query, want := range map[string]string{
		"retracted":               `href="/docs/events#corrections"`,
		"public links":            `href="/docs/conversation24#public-links"`,
		"differences mended":      `href="/docs/verify`,
		"alarm storage":           `href="/docs/runbook#`,
		"dollars write units":     `href="/docs/`,
		"CSV spreadsheetSafe":     `href="/docs/comm100#csv"`,
		"five minutes ahead":      `href="/docs/`,
		"maxQueueSize":            `href="/docs/measures#maxqueuesize"`,
		"download spreadsheet":    `href="/docs/questions`,
		"90th percentile waiting": `href="/docs/questions`,
		"numbers differ":          `href="/docs/questions#why-two-numbers-differ"`,
		"<b>quokka</b> & friends": "Nothing has all of these words",
	} {
		status, page := get(t, "/docs/search?q="+url.QueryEscape(query))
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%q finds nothing with %s: %d", query, want, status)
		}
		if strings.Contains(page, "<b>quokka") {
			t.Error("what was asked for is HTML on the page")
		}
	}
	if status, page := get(t, "/docs/search"); status != http.StatusOK || strings.Contains(page, "Nothing has") {
		t.Errorf("a search for nothing: %d", status)
	}
	if status, _ := get(t, "/docs/nowhere"); status != http.StatusNotFound {
		t.Errorf("a page that there is not: %d", status)
	}
}
