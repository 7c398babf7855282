// Package naming tells what entities are called. In: which facts give which names, as of one
// moment (report.Listing), and the journal. Out: the newest name of an id: what its .updated
// events say, else the newest that any event gave for it, else nothing.
package naming

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/report"
)

// Directory is what names are looked up in. Who asks cannot fail, so what cannot be read is
// empty there, and noted: Err says so. It may be used by many at once, for one request.
type Directory struct {
	ctx     context.Context
	tenant  string
	journal *journal.Journal
	listing *report.Listing

	mu     sync.Mutex
	kinds  map[string]map[string]report.Named
	failed error
}

// New is the directory of a tenant. The listing's snapshot was opened with the kinds of what
// is announced.
func New(ctx context.Context, tenant string, j *journal.Journal, l *report.Listing) *Directory {
	return &Directory{ctx: ctx, tenant: tenant, journal: j, listing: l, kinds: map[string]map[string]report.Named{}}
}

// Err is the first error there was.
func (d *Directory) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// Fail notes an error, if it is one.
func (d *Directory) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && d.failed == nil {
		d.failed = err
	}
}

// Known lists, by id, the entities of a kind that were announced or that any event names: of
// agents and hosts also by their id alone.
func (d *Directory) Known(kind string) ([]string, error) {
	named, err := d.kind(kind)
	if err != nil {
		return nil, err
	}
	all := slices.AppendSeq(slices.Collect(maps.Keys(named)), maps.Keys(d.listing.Entries(kind)))
	slices.Sort(all)
	return slices.Compact(all), nil
}

var nothing fact.Entry

// Entry is what the .updated events of an entity say.
func (d *Directory) Entry(kind, id string) *fact.Entry {
	if e := d.listing.Entries(kind)[id]; e != nil {
		return e
	}
	return &nothing
}

// Groups are the departments of an agent.
func (d *Directory) Groups(agent string) []string { return d.Entry("agent", agent).DepartmentIDs }

// announced is the name that .updated events give.
func (d *Directory) announced(kind, id string) string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	e := d.Entry(kind, id)
	switch kind {
	case "agent":
		return cmp.Or(strings.TrimSpace(text(e.FirstName)+" "+text(e.LastName)), text(e.Username))
	case "host":
		return text(e.Hostname)
	}
	return text(e.Name)
}

// Name is the name of an entity.
func (d *Directory) Name(kind, id string) string {
	if id == "" {
		return ""
	}
	if name := d.announced(kind, id); name != "" {
		return name
	}
	name, err := d.given(kind, id)
	if err != nil {
		d.Fail(err)
		return ""
	}
	return name
}

// given is the newest name that events give an entity.
func (d *Directory) given(kind, id string) (name string, err error) {
	var named report.Named
	if kind == fact.KindUser.String() {
		named, err = d.listing.User(id)
	} else {
		var all map[string]report.Named
		all, err = d.kind(kind)
		named = all[id]
	}
	if err != nil {
		return "", err
	}
	names := slices.DeleteFunc(slices.Clone(named.Names), func(s string) bool { return s == "" })
	switch len(names) {
	case 0:
		return "", nil
	case 1:
		return names[0], nil
	}
	return d.settle(kind, id, named.Midnight)
}

// kind are the names of a kind, read once.
func (d *Directory) kind(kind string) (map[string]report.Named, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if all, ok := d.kinds[kind]; ok {
		return all, nil
	}
	all, err := d.listing.Kind(kind)
	if err != nil {
		return nil, err
	}
	d.kinds[kind] = all
	return all, nil
}

// settle looks up in the journal which of several names of one day is the newest. Of names
// given in the same millisecond by events of different entities it is the last in byte
// order.
func (d *Directory) settle(kind, id string, midnight int64) (newest string, err error) {
	namers, err := d.listing.Namers(kind, id, midnight)
	if err != nil {
		return "", err
	}
	var newestAt int64
	for _, n := range namers {
		segment, ok := facts.SegmentOf(n[0], n[2])
		if !ok {
			continue
		}
		h, err := d.journal.Read(d.ctx, journal.Entity{Tenant: d.tenant, Kind: n[0], ID: n[1]}, segment.From, segment.To)
		if err != nil {
			return "", err
		}
		name, at, ok := fact.LastNamed(h.Events, kind, id)
		if ok && (newest == "" || at > newestAt || at == newestAt && name > newest) {
			newest, newestAt = name, at
		}
	}
	return newest, nil
}
