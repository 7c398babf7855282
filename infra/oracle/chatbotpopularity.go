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
	announced := map[popular]string{}
	key := func(story, id, kind, parent string) popular {
		if id != "" {
			return popular{story: story, id: id}
		}
		return popular{story, "", kind, parent}
	}
	kinds, parents := map[popular]string{}, map[popular]string{}
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
		names[k] = cmp.Or(d.InteractionName, names[k])
		kinds[k], parents[k] = cmp.Or(d.InteractionType, kinds[k]), cmp.Or(d.ParentID, parents[k])
		if at := e.At; q.from.UnixMilli() <= at && at < q.to.UnixMilli() {
			counts[k]++
			total++
		}
	}
	for story, list := range newestList {
		for _, i := range list {
			if in(story) {
				k := key(story, i.ID, i.Type, i.ParentID)
				counts[k] += 0
				announced[k] = i.Name
				kinds[k], parents[k] = i.Type, i.ParentID
			}
		}
	}
	list := slices.SortedFunc(maps.Keys(counts), func(a, b popular) int {
		without := func(p popular) int {
			if p.id == "" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(without(a), without(b)), cmp.Compare(a.id, b.id),
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.parent, b.parent), cmp.Compare(a.story, b.story))
	})
	rows := []any{}
	for _, k := range list {
		row := map[string]any{"value": counts[k], "usage": percent(counts[k], total)}
		standard := map[string]string{"fallback": "Fallback Interaction", "contextFallback": "Fallback Interaction", "welcome": "Welcome Interaction"}[kinds[k]]
		for name, v := range map[string]string{"id": k.id, "type": kinds[k], "parentId": parents[k], "name": cmp.Or(announced[k], names[k], standard)} {
			if v != "" {
				row[name] = fmt.Sprint(v)
			}
		}
		rows = append(rows, row)
	}
	return rows
}
