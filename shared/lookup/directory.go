package lookup

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/fact"
	"chatreports/shared/report"
)

// kind is one kind of entity, as it is listed.
type kind struct {
	name string
	// announced: events name these only by .updated.
	announced bool
	more      []property
}

// plural is what several are called: agents, stories.
func (k kind) plural() string {
	if stem, y := strings.CutSuffix(k.name, "y"); y {
		return stem + "ies"
	}
	return k.name + "s"
}

// property is what an entry says beside its id and name.
type property struct {
	name string
	of   func(e *fact.Entry) any
}

var kinds = []kind{
	{name: "agent", more: []property{
		{"username", func(e *fact.Entry) any { return text(e.Username) }},
		{"email", func(e *fact.Entry) any { return text(e.Email) }},
		{"departmentIds", func(e *fact.Entry) any { return strings.Join(e.DepartmentIDs, ",") }},
		{"maxConcurrentChats", func(e *fact.Entry) any { return number(e.MaxConcurrentChats) }},
		{"accountId", func(e *fact.Entry) any { return text(e.AccountID) }},
		{"disabled", func(e *fact.Entry) any { return e.Disabled != nil && *e.Disabled }},
	}},
	{name: "department"},
	{name: "campaign", more: []property{{"accountId", func(e *fact.Entry) any { return text(e.AccountID) }}}},
	{name: "channel"},
	{name: "host", more: []property{
		{"hostname", func(e *fact.Entry) any { return text(e.Hostname) }},
		{"accountId", func(e *fact.Entry) any { return text(e.AccountID) }},
		{"multipleAccId", func(e *fact.Entry) any { return text(e.MultipleAccID) }},
	}},
	{name: "invitation", more: []property{
		{"kind", func(e *fact.Entry) any { return e.Kind }},
		{"campaignId", func(e *fact.Entry) any { return text(e.CampaignID) }},
	}},
	{name: "canned_message", announced: true, more: []property{{"categoryId", func(e *fact.Entry) any { return e.CategoryID }}}},
	{name: "story", announced: true, more: []property{{"interactions", func(e *fact.Entry) any { return len(e.Interactions) }}}},
}

func text(s *string) any {
	if s == nil {
		return ""
	}
	return *s
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// kindNames lists the kinds.
func kindNames() []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].name
	}
	return names
}

// ofDirectory are the parameters of a listing.
var ofDirectory = slices.Concat(dialect.Parameters{
	{Name: "after", About: "only ids after this one, in byte order: the last of the page before"},
	{Name: "limit", Kind: dialect.Number, Least: 1, Most: 10_000, About: "how many at most"},
}, dialect.Formatting)

// mostEntries is how many are listed without a limit.
const mostEntries = 1000

// directory lists the entities of a kind, by id in byte order: those that were announced and
// those that any event names.
func (a *API) directory(ctx context.Context, r *dialect.Request, name string) (*dialect.Answer, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name || k.plural() == name })
	if i < 0 {
		return nil, dialect.Refuse(http.StatusNotFound, "unknown_kind", "There is no directory of %q; there is one of each %s.", dialect.Clip(name), strings.Join(kindNames(), ", "))
	}
	v, refused := ofDirectory.Read(r.Query)
	if refused != nil {
		return nil, refused
	}
	limit := v.Number("limit", mostEntries)
	list, until, err := a.list(ctx, r, &kinds[i])
	if err != nil {
		return nil, err
	}
	first, found := slices.BinarySearchFunc(list, v.Text("after"), func(row dialect.Row, id string) int { return strings.Compare(row[0].Value.(string), id) })
	if found && v.Text("after") != "" {
		first++
	}
	list = list[first:]
	if len(list) > limit {
		list = list[:limit]
	}
	columns := []string{"id", "name", "announced"}
	for _, p := range kinds[i].more {
		columns = append(columns, p.name)
	}
	out := v.Format(r.Accept).Answer(&dialect.Table{Columns: columns, Rows: slices.Values(list)})
	out.CountedUntil = until
	return out, nil
}

// list is every entity of a kind, and up to when events are counted in it.
func (a *API) list(ctx context.Context, r *dialect.Request, k *kind) (rows []dialect.Row, until time.Time, err error) {
	add := func(id, name string, e *fact.Entry) {
		row := dialect.Row{{Name: "id", Value: id}, {Name: "name", Value: name}, {Name: "announced", Value: e.Known}}
		for _, p := range k.more {
			row.Add(p.name, p.of(e))
		}
		rows = append(rows, row)
	}
	if k.announced {
		s, err := report.Open(ctx, a.state, r.Tenant.ID, r.Now, k.name)
		if err != nil {
			return nil, until, err
		}
		entries := s.Entries(k.name)
		for _, id := range slices.Sorted(maps.Keys(entries)) {
			name, _ := text(entries[id].Name).(string)
			add(id, name, entries[id])
		}
		return rows, s.CountedUntil(), nil
	}
	s, err := a.source(ctx, r)
	if err != nil {
		return nil, until, err
	}
	ids, err := s.Known(k.name)
	if err != nil {
		return nil, until, err
	}
	for _, id := range ids {
		add(id, s.Names().Name(k.name, id), s.Names().Entry(k.name, id))
	}
	return rows, s.CountedUntil(), s.Err()
}
