// Package docs serves the documentation at /docs: the documents that lie beside the code,
// as pages with a search. In: a request of a browser. Out: HTML that needs no script. It
// knows of no tenant and no figure.
package docs

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
)

// page is one page.
type page struct {
	// Slug is the end of its path, Name what the menu calls it, About half a sentence.
	Slug, Name, About string
	file              string // among shared.Documents
}

// group is a part of the menu.
type group struct {
	Name  string
	Pages []page
}

// groups is the table of pages.
var groups = []group{
	{"Begin", []page{
		{"quick-start", "Quick start", "from a webhook to a number in five minutes", "shared/docs/QUICKSTART.md"},
		{"questions", "Questions", "what analysts ask, and why two numbers differ", "shared/docs/QUESTIONS.md"},
		{"moving", "Moving from a vendor", "what to change, what differs, how to compare", "shared/docs/MOVING.md"},
		{"dashboard", "The dashboard", "pages for people", "shared/dashboard/README.md"},
	}},
	{"Send", []page{
		{"events", "Events", "what can be told, and how", "shared/event/README.md"},
		{"webhooks", "Webhooks", "the vendors' own payloads", "shared/webhook/README.md"},
		{"import", "The past, from files", "events, and what vendors export", "infra/import/README.md"},
		{"corrections", "Corrections", "late, twice, wrong", "shared/docs/CORRECTIONS.md"},
	}},
	{"Ask", []page{
		{"comm100", "Comm100", "27 reports", "shared/dialect/comm100/README.md"},
		{"freshchat", "Freshchat", "12 raw reports", "shared/dialect/freshchat/README.md"},
		{"conversation24", "Conversation24", "8 exports, and public links", "shared/dialect/conversation24/README.md"},
		{"drift", "Drift", "queries of conversations", "shared/dialect/drift/README.md"},
		{"chatbot", "ChatBot", "6 reports of bots", "shared/dialect/chatbot/README.md"},
		{"custom-metrics", "Custom metrics", "formulas of your own", "shared/custommetric/README.md"},
	}},
	{"Understand", []page{
		{"measures", "Measures", "what is counted, when, for whom", "shared/measure/README.md"},
		{"rows", "Rows behind a figure", "which chats were counted", "shared/explain/README.md"},
		{"lookup", "Names, and one chat", "what is known", "shared/lookup/README.md"},
	}},
	{"Files and schedules", []page{
		{"exports", "Exports", "every way to have figures and rows as files", "shared/docs/EXPORTS.md"},
		{"schedules", "Schedules", "reports delivered again and again", "shared/schedule/README.md"},
	}},
	{"Run", []page{
		{"limits", "Limits", "how much, how often, how long", "shared/docs/LIMITS.md"},
		{"tenants", "Tenants and keys", "one file", "shared/tenant/README.md"},
		{"verify", "Verifying, and mending", "whether every number follows from the events", "infra/verify/README.md"},
		{"rebuild", "Building anew", "beside what serves, for another version", "infra/rebuild/README.md"},
		{"erase", "Erasing", "a tenant, a visitor; what is kept for how long", "infra/erase/README.md"},
	}},
	{"On AWS", []page{
		{"apply", "Applying the tenants file", "what changes, and what is revoked", "infra/tenants/README.md"},
		{"runbook", "Runbook", "what each alarm means, and what to type", "infra/runbook/README.md"},
		{"release", "Releasing a version", "and going back", "infra/runbook/RELEASE.md"},
		{"restore", "Restoring tables", "from a backup", "infra/runbook/RESTORE.md"},
		{"quotas", "Quotas", "of an AWS account", "infra/runbook/QUOTAS.md"},
		{"emulators", "Without an account", "SAM and emulators", "infra/runbook/EMULATORS.md"},
		{"cost", "What it costs", "events, reports, storage, in money", "infra/bench/COST.md"},
		{"bench", "What was measured", "units, milliseconds, bytes", "infra/bench/README.md"},
	}},
	{"Inside", []page{
		{"design", "Design", "a datum from the door to a report", "shared/DESIGN.md"},
		{"formats", "What is stored", "byte by byte", "shared/FORMATS.md"},
	}},
}

//go:embed templates
var files embed.FS

// templates are read when the first page is shown: a function that starts need not wait for it.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "templates/*.html"))
})

// home is where the first page is, prefix what the paths of all others begin with.
const (
	home   = "/docs"
	prefix = home + "/"
)

// At is the address of a page by the end of its path, or of a part of one.
func At(slug string) string { return prefix + slug }

// Serves says whether a path is one of the documentation.
func Serves(p string) bool { return p == home || strings.HasPrefix(p, prefix) }

// Docs are the pages, made of the documents when one is first looked at.
type Docs struct{ book func() *library }

// New returns the pages of documents, which lie in the repository in the folders that are named.
func New(folders map[string]fs.FS) *Docs {
	return &Docs{sync.OnceValue(func() *library { return read(folders) })}
}

// shown is what a template shows.
type shown struct {
	Title  string
	Groups []group
	Here   *document
	// Query is what was searched for, Found what has it.
	Query string
	Found []section
	// Missing: there is no such page.
	Missing bool
}

const policy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request.
func (d *Docs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := shown{Title: "Documentation", Groups: groups}
	status := http.StatusOK
	switch slug := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, home), "/"); slug {
	case "":
	case "search":
		out.Title, out.Query = "Search", strings.TrimSpace(r.URL.Query().Get("q"))
		out.Found = d.book().search(out.Query)
	default:
		if out.Here = d.book().pages[slug]; out.Here == nil {
			out.Title, out.Missing, status = "There is no such page", true, http.StatusNotFound
			break
		}
		out.Title = out.Here.Name
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	var text strings.Builder
	if err := templates().ExecuteTemplate(&text, "docs", &out); err != nil {
		panic("docs: " + err.Error())
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.ReplaceAll(text.String(), example, base(r)))) //nolint:gosec // the host is escaped
}

// example is where the documents say that the system is; base is where it is for whoever
// reads them, so that lines can be pasted as they are.
const example = "http://127.0.0.1:8080"

func base(r *http.Request) string {
	scheme := "http"
	if said := r.Header.Get("X-Forwarded-Proto"); said == "https" {
		scheme = said
	}
	return scheme + "://" + template.HTMLEscapeString(r.Host)
}
