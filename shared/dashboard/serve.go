package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
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
	a.view = v
	f := a.frame(p.Name)
	f.Page, f.View, f.Menu = p, &a.view, menu(p, "?"+a.view.address())
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
	answer, body, err := a.body(a.of(report), pathOf(report), q)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", answer.ContentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", strings.ReplaceAll(strings.TrimPrefix(report, "/"), "/", "-")+".csv"))
	_, err = w.Write(body)
	return err
}

// rowsPage is the rows that a figure is made of.
type rowsPage struct {
	Report  string          `json:"report"`
	Measure string          `json:"measure"`
	Unit    string          `json:"unit"`
	Total   json.RawMessage `json:"total"`
	Sums    []struct {
		Measure    string  `json:"measure"`
		Definition string  `json:"definition"`
		Count      int64   `json:"count"`
		Seconds    float64 `json:"seconds"`
	} `json:"sums"`
	Rows []struct {
		Kind    string  `json:"kind"`
		ID      string  `json:"id"`
		Time    string  `json:"time"`
		Until   string  `json:"until"`
		Measure string  `json:"measure"`
		Count   int64   `json:"count"`
		Seconds float64 `json:"seconds"`
		Key     any     `json:"key"`
	} `json:"rows"`
	Next string `json:"next"`

	Text, Label, More, Back, Curl string
}

// rows shows what a figure is made of.
func (a *asker) rows(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	out := &rowsPage{}
	if err := a.get(a.Explain, "/v1/rows", q, out); err != nil {
		return err
	}
	out.Label, out.Text = out.Measure, strings.Trim(string(out.Total), `"`)
	if told, ok := words[out.Measure]; ok {
		out.Label = told.Label
		var value float64
		if json.Unmarshal(out.Total, &value) == nil {
			out.Text = write(value, told.Unit)
		}
	}
	out.Curl = "/v1/rows?" + q.Encode()
	if out.Next != "" {
		q.Set("cursor", out.Next)
		out.More = Prefix + "rows?" + q.Encode()
	}
	f := a.frame(out.Label)
	f.Rows = out
	a.show(w, http.StatusOK, "rows", f)
	return nil
}

// chatPage is one chat, whole.
type chatPage struct {
	ID     string          `json:"id"`
	Known  json.RawMessage `json:"known"`
	Events []struct {
		Type   string          `json:"type"`
		Time   string          `json:"time"`
		Source string          `json:"source"`
		ID     string          `json:"id"`
		Data   json.RawMessage `json:"data"`
	} `json:"events"`
	Counts []struct {
		Measure string              `json:"measure"`
		At      string              `json:"at"`
		Until   string              `json:"until"`
		N       int64               `json:"n"`
		Millis  int64               `json:"millis"`
		For     map[string][]string `json:"for"`
	} `json:"counts"`

	Facts []property
	Curl  string
}

// property is one thing that is known.
type property struct{ Name, Value string }

// plain is JSON as people read it: lists and objects without their brackets.
func plain(raw json.RawMessage) string {
	var list []json.RawMessage
	var members map[string]json.RawMessage
	var parts []string
	switch {
	case json.Unmarshal(raw, &list) == nil && list != nil:
		for _, v := range list {
			parts = append(parts, plain(v))
		}
		return cmp.Or(strings.Join(parts, "; "), "–")
	case json.Unmarshal(raw, &members) == nil && members != nil:
		for _, name := range slices.Sorted(maps.Keys(members)) {
			parts = append(parts, name+": "+plain(members[name]))
		}
		return strings.Join(parts, ", ")
	}
	return textOf(raw)
}

// chat shows one chat.
func (a *asker) chat(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("id")
	out := &chatPage{}
	at := "/v1/chats/" + id
	if err := a.get(a.Lookup, at, url.Values{}, out); err != nil {
		return err
	}
	out.Curl = "/v1/chats/" + url.PathEscape(id)
	var facts map[string]json.RawMessage
	if json.Unmarshal(out.Known, &facts) == nil {
		for name, value := range facts {
			out.Facts = append(out.Facts, property{name, plain(value)})
		}
		slices.SortFunc(out.Facts, func(x, y property) int { return strings.Compare(x.Name, y.Name) })
	}
	f := a.frame("Chat " + id)
	f.Chat = out
	a.show(w, http.StatusOK, "chat", f)
	return nil
}
