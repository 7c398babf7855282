package comm100

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/dialect"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/naming"
	"chatreports/shared/nearest"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// warn says of filter values that they are probably mistyped: there is no figure under them
// in the answer, and nothing announces or names such an entity. Each is told with those that
// may be meant.
func (a *API) warn(ctx context.Context, r *request, rows iter.Seq[dialect.Row], unannounced func() ([]string, error)) ([]string, error) {
	if unannounced == nil || figures(rows) {
		return nil, nil
	}
	listed, err := unannounced()
	if err != nil || len(listed) == 0 {
		return nil, err
	}
	return r.mistyped(ctx, a.journal, a.state, listed)
}

// mistyped is what is said of the values of filters that nobody announced: of those that no event
// names either.
func (r *request) mistyped(ctx context.Context, records, state table.Table, listed []string) ([]string, error) {
	kinds := make([]string, len(listed))
	for i, filter := range listed {
		kinds[i] = entities[filter].kind
	}
	snapshot, err := report.Open(ctx, state, r.tenant.ID, r.now, kinds...)
	if err != nil {
		return nil, err
	}
	listing, err := snapshot.Listing()
	switch {
	case errors.Is(err, report.ErrEarlier): // nobody can say whom events name
		return nil, nil
	case err != nil:
		return nil, err
	}
	names := naming.New(ctx, r.tenant.ID, journal.New(records), listing)
	var out []string
	for i, filter := range listed {
		known, err := names.Known(kinds[i])
		if err != nil {
			return nil, err
		}
		if id := r.filters[filter]; !slices.Contains(known, id) {
			out = append(out, unknown(filter, id, meant(filter, id, kinds[i], known, names)))
		}
	}
	return out, cmp.Or(names.Err(), ctx.Err())
}

// unannounced begins to look which filters have values that nobody announced, and gives them
// once that is known: so an answer without a figure takes no round trip more for one that is.
// nil: there is no such filter.
func (r *request) unannounced(ctx context.Context) func() ([]string, error) {
	var filters, none []string // none: no id is like that
	var keys []table.Key
	for _, filter := range slices.Sorted(maps.Keys(r.filters)) {
		if kind := entities[filter].kind; kind != "" {
			key := facts.EntryKey(journal.Entity{Tenant: r.tenant.ID, Kind: kind, ID: r.filters[filter]})
			if table.CheckKey(key) != nil {
				none = append(none, filter)
				continue
			}
			filters, keys = append(filters, filter), append(keys, key)
		}
	}
	if len(keys)+len(none) == 0 {
		return nil
	}
	var items []table.Item
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		items, err = r.State().Get(ctx, keys...)
		return err
	})
	return func() ([]string, error) {
		if err := g.Wait(); err != nil {
			return nil, err
		}
		for i, item := range items {
			if item.Version != 0 {
				f, err := facts.Decode(item)
				if err != nil {
					return nil, err
				}
				if f.Entry != nil && f.Entry.Known {
					continue
				}
			}
			none = append(none, filters[i])
		}
		slices.Sort(none)
		return none, nil
	}
}

// figures says whether any figure in the rows is not 0.
func figures(rows iter.Seq[dialect.Row]) bool {
	for row := range rows {
		for _, p := range row {
			var some bool
			switch v := p.Value.(type) {
			case dialect.Row:
				some = figures(slices.Values([]dialect.Row{v}))
			case []dialect.Row:
				some = figures(slices.Values(v))
			case float64:
				some = v != 0
			case int64:
				some = v != 0 && naming.Kinds[p.Name] == ""
			}
			if some {
				return true
			}
		}
	}
	return false
}

// mostMeant is how many entities are told that may be meant.
const mostMeant = 3

// meant says which entities may be meant: those whose name it is, else those whose id or name is a
// few letters away. Empty: none.
func meant(filter, asked, kind string, known []string, names *naming.Directory) string {
	if whose := dialect.Whose(asked, filter, "filterValue", known, func(id string) string { return names.Name(kind, id) }); whose != "" {
		return whose
	}
	if ids := spelledLike(asked, kind, known, names); len(ids) > 0 {
		return "nearest: " + strings.Join(ids, ", ")
	}
	return ""
}

// spelledLike lists the entities, the nearest first, whose id or name is a few letters away from
// what was asked for, whatever the case of letters.
func spelledLike(asked, kind string, known []string, names *naming.Directory) []string {
	type near struct {
		id, name string
		away     int
	}
	var all []near
	for _, id := range known {
		n := near{id: id, name: names.Name(kind, id)}
		away, ok := nearest.Away(asked, id)
		if n.name != "" {
			if byName, near := nearest.Away(asked, n.name); byName < away {
				away, ok = byName, near
			}
		}
		if n.away = away; ok {
			all = append(all, n)
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.away, b.away) })
	var out []string
	for _, n := range all[:min(len(all), mostMeant)] {
		out = append(out, dialect.Called(n.id, n.name))
	}
	return out
}

// unknown is the warning about a value.
func unknown(filter, id, meant string) string {
	text := fmt.Sprintf("no %s %s is known, and none has a figure in this answer", filter, dialect.Printable(id))
	if meant == "" {
		return text
	}
	return text + "; " + meant
}
