package extract

import (
	"slices"
	"sync"

	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/naming"
)

// directory is what rows say of entities.
type directory struct {
	*naming.Directory
	source *Source
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

// Newest is the newest event of a visitor at or before a time that matches.
func (d *directory) Newest(visitor string, at int64, matches func(*event.Event) bool) *event.Event {
	e := d.source.entity("visitor", visitor)
	for hour, err := range facts.Hours(d.source.ctx, d.source.state, e, at) {
		var h journal.History
		if err == nil {
			h, err = d.source.journal.Read(d.source.ctx, e, hour.From, hour.To)
		}
		if err != nil {
			d.Fail(err)
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
