package extract

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/report"
)

// directory is what names are looked up in. A row function cannot fail, so what cannot be
// read is empty there, and noted: the rows end with the error.
type directory struct {
	*Source
	mu     sync.Mutex
	kinds  map[string]map[string]report.Named
	failed error
}

func newDirectory(s *Source) *directory {
	return &directory{Source: s, kinds: map[string]map[string]report.Named{}}
}

// names are those of the directory, kept as they are looked up. Whoever looks up much has
// some of its own, so that nobody waits for others.
type names struct {
	*directory
	most int
	mu   sync.Mutex
	kept map[string]map[string]string // by kind and id
	n    int
}

// mostNames is how many names are kept at once: there may be any number of visitors.
const mostNames = 50_000

func (d *directory) keeping(most int) *names {
	return &names{directory: d, most: most, kept: map[string]map[string]string{}}
}

// Name is the name of an entity.
func (n *names) Name(kind, id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	name, ok := n.kept[kind][id]
	if ok {
		return name
	}
	name = n.directory.Name(kind, id)
	if n.n++; n.n > n.most {
		clear(n.kept)
		n.n = 0
	}
	if n.kept[kind] == nil {
		n.kept[kind] = map[string]string{}
	}
	n.kept[kind][id] = name
	return name
}

// err is the first error there was.
func (d *directory) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

func (d *directory) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && d.failed == nil {
		d.failed = err
	}
}

var nothing fact.Entry

// Entry is what the .updated events of an entity say.
func (d *directory) Entry(kind, id string) *fact.Entry {
	if e := d.listing.Entries(kind)[id]; e != nil {
		return e
	}
	return &nothing
}

// Groups are the departments of an agent.
func (d *directory) Groups(agent string) []string { return d.Entry("agent", agent).DepartmentIDs }

// announced is the name that .updated events give.
func (d *directory) announced(kind, id string) string {
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
func (d *directory) Name(kind, id string) string {
	if id == "" {
		return ""
	}
	if name := d.announced(kind, id); name != "" {
		return name
	}
	name, err := d.given(kind, id)
	if err != nil {
		d.fail(err)
		return ""
	}
	return name
}

// given is the newest name that events give an entity.
func (d *directory) given(kind, id string) (name string, err error) {
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
func (d *directory) kind(kind string) (map[string]report.Named, error) {
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
func (d *directory) settle(kind, id string, midnight int64) (newest string, err error) {
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
		h, err := d.journal.Read(d.ctx, d.entity(n[0], n[1]), segment.From, segment.To)
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

// Newest is the newest event of a visitor at or before a time that matches.
func (d *directory) Newest(visitor string, at int64, matches func(*event.Event) bool) *event.Event {
	e := d.entity("visitor", visitor)
	for hour, err := range facts.Hours(d.ctx, d.ground.State, e, at) {
		var h journal.History
		if err == nil {
			h, err = d.journal.Read(d.ctx, e, hour.From, hour.To)
		}
		if err != nil {
			d.fail(err)
			return nil
		}
		for i := range slices.Backward(h.Events) {
			if found := &h.Events[i]; found.At <= at && matches(found) {
				return found
			}
		}
	}
	return nil
}
