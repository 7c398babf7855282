package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"chatreports/shared/event"
)

// popular is one interaction of a story, or what has no id, by type and parent.
type popular struct{ story, id, kind, parent string }

// popularity is every interaction and how often it came.
func (q *botQuery) popularity() any {
	counts, names := map[popular]int64{}, map[popular]string{}
	announced, last := map[popular]string{}, map[popular]event.Interaction{}
	key := func(story, id, kind, parent string) popular {
		if id != "" {
			return popular{story: story, id: id}
		}
		return popular{story, "", kind, parent}
	}
	kinds, parents, named := map[popular]string{}, map[popular]string{}, map[popular]int64{}
	total := int64(0)
	in := func(story string) bool { return len(q.stories) == 0 || slices.Contains(q.stories, story) }
	newestList := map[string][]event.Interaction{}
	for _, e := range q.events {
		d := &e.Data
		if e.Type == "story.updated" && d.Interactions != nil {
			newestList[e.Subject] = d.Interactions
		}
		if e.Type != "bot.interaction" || !in(d.StoryID) {
			continue
		}
		k := key(d.StoryID, d.InteractionID, d.InteractionType, d.ParentID)
		if n := d.InteractionName; n != "" && (e.At > named[k] || n > names[k]) { // they come in order
			names[k], named[k] = n, e.At
		}
		if at := e.At; q.from.UnixMilli() <= at && at < q.to.UnixMilli() {
			counts[k]++
			total++
			kinds[k], parents[k] = lesser(kinds[k], d.InteractionType), lesser(parents[k], d.ParentID)
		}
	}
	for story, list := range newestList {
		for _, i := range list {
			if in(story) {
				k := key(story, i.ID, i.Type, i.ParentID)
				counts[k] += 0
				announced[k] = i.Name
				last[k] = i
			}
		}
	}
	for k, i := range last {
		kinds[k], parents[k] = cmp.Or(i.Type, kinds[k]), cmp.Or(i.ParentID, parents[k])
	}
	list := slices.SortedFunc(maps.Keys(counts), func(a, b popular) int {
		without := func(p popular) int {
			if p.id == "" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(without(a), without(b)), cmp.Compare(a.id, b.id),
			cmp.Compare(kinds[a], kinds[b]), cmp.Compare(parents[a], parents[b]), cmp.Compare(a.story, b.story))
	})
	standard := map[string]string{"fallback": "Fallback Interaction", "contextFallback": "Fallback Interaction", "welcome": "Welcome Interaction"}
	nameOf := func(k popular) string { return cmp.Or(announced[k], names[k], standard[kinds[k]]) }
	rows := []any{}
	for _, k := range list {
		row := map[string]any{"value": counts[k], "usage": percent(counts[k], total)}
		for name, v := range map[string]string{"id": k.id, "type": kinds[k], "parentId": parents[k], "name": nameOf(k)} {
			if v != "" {
				row[name] = fmt.Sprint(v)
			}
		}
		if q.names && parents[k] != "" {
			row["parentName"] = nameOf(popular{story: k.story, id: parents[k]})
		}
		rows = append(rows, row)
	}
	return rows
}

// lesser is the first of two in byte order; an empty one is none.
func lesser(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}
