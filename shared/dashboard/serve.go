package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/dialect"
)

// frame is what every page has around what it shows.
type frame struct {
	Tenant  string
	Demo    bool
	Page    *page
	Title   string
	View    *view
	Menu    []place
	Choices []choice
	Zones   []string
	Levels  []int
	// Counted is up to when events are counted; the zero time says nothing.
	Counted  time.Time
	Location *time.Location
	Standing []standingFigure
	Lists    []*listing
	Panels   []*shown
	Rows     *rowsPage
	Chat     *chatPage
	Empty    bool
}

// choice is a filter that can be chosen.
type choice struct {
	Name, Label, Chosen string
	Known               []known
}

// Called is the name of what is chosen.
func (c *choice) Called() string {
	for _, e := range c.Known {
		if e.ID == c.Chosen {
			return e.Name
		}
	}
	return ""
}

// serve answers whoever may look.
func (a *asker) serve(w http.ResponseWriter, r *http.Request) error {
	switch r.URL.Path {
	case Prefix + "rows":
		return a.rows(w, r)
	case Prefix + "chat":
		return a.chat(w, r)
	case Prefix + "live":
		return a.present(w, r)
	case Prefix + "table":
		return a.table(w, r)
	}
	p := find(r.URL.Path)
	if p == nil {
		return dialect.Refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	v, refused := read(r.URL.Query(), a.tenant, a.now)
	if refused != nil {
		return refused
	}
	if refused := v.sorting(p); refused != nil {
		return refused
	}
	a.view = v
	f := a.frame(p.Name)
	f.Page, f.View, f.Menu = p, &a.view, menu(p, "?"+a.view.address("sort", ""))
	f.Location = v.zone.Location
	if err := a.fill(f); err != nil {
		return err
	}
	a.show(w, http.StatusOK, "page", f)
	return nil
}

func (a *asker) frame(title string) *frame {
	name := a.tenant.Name
	if name == "" {
		name = a.tenant.ID
	}
	return &frame{Tenant: name, Demo: a.demo, Title: title, Location: time.UTC, Menu: menu(nil, "")}
}

// place is one of the menu.
type place struct {
	Name, Href string
	Here       bool
}

// menu leads to every page, with the same view.
func menu(here *page, query string) (out []place) {
	for i := range pages {
		out = append(out, place{pages[i].Name, pages[i].Path + query, &pages[i] == here})
	}
	return out
}

// fill asks for everything that a page shows, at once.
func (a *asker) fill(f *frame) error {
	f.Panels = make([]*shown, len(f.Page.panels))
	counted := make([]time.Time, len(f.Page.panels))
	f.Choices = make([]choice, len(filters))
	f.Levels = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(levels), a.view.Within))))
	f.Zones = slices.Compact([]string{a.tenant.Zone, "UTC", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"})
	all, ctx := errgroup.WithContext(a)
	at := *a
	at.Context = ctx
	for i := range f.Page.panels {
		all.Go(func() (err error) {
			f.Panels[i], counted[i], err = at.panel(&f.Page.panels[i])
			return err
		})
	}
	for i, filter := range filters {
		all.Go(func() error {
			entities, err := a.known[groups[filter.Name].kind]()
			f.Choices[i] = choice{filter.Name, filter.Label, a.view.Filters[filter.Name], entities}
			return err
		})
	}
	all.Go(func() error { return at.live(f) })
	if err := all.Wait(); err != nil {
		return err
	}
	if f.Page.Ranged() {
		f.Counted = slices.MaxFunc(counted, time.Time.Compare)
		f.Empty = f.Counted.IsZero()
	}
	return nil
}

// table answers one table of a page as CSV: the report's own.
func (a *asker) table(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	report := q.Get("report")
	q.Del("report")
	q.Set("format", "csv")
	return a.file(w, a.of(report), pathOf(report), q, strings.ReplaceAll(strings.TrimPrefix(report, "/"), "/", "-"))
}

// file answers a question as a file of CSV.
func (a *asker) file(w http.ResponseWriter, api dialect.API, path string, q url.Values, name string) error {
	answer, body, err := a.body(api, path, q)
	if err != nil {
		return err
	}
	return save(w, answer.ContentType, body, name)
}

// save answers with a file that a browser saves.
func save(w http.ResponseWriter, contentType string, body []byte, name string) error {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".csv"))
	_, err := w.Write(body)
	return err
}
