package chatbot

import (
	"cmp"
	"maps"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
)

// place is what makes an interaction one row: its story and id, or without an id its type
// and parent.
type place struct{ story, id, kind, parent string }

func placeOf(i measure.Interaction) place {
	if i.ID != "" {
		return place{story: i.Story, id: i.ID}
	}
	return place{story: i.Story, kind: i.Type, parent: i.Parent}
}

// interaction is a row of the report.
type interaction struct {
	ParentID   string  `json:"parentId,omitempty"`
	ParentName *string `json:"parentName,omitempty"`
	Type       string  `json:"type,omitempty"`
	Name       string  `json:"name,omitempty"`
	ID         string  `json:"id,omitempty"`
	Usage      float64 `json:"usage"`
	Value      int64   `json:"value"`
	story      string
	used       used
}

// used is the type and the parent that events give an interaction: of several the first in
// byte order.
type used struct{ kind, parent string }

func (u *used) add(i measure.Interaction) {
	for to, text := range map[*string]string{&u.kind: i.Type, &u.parent: i.Parent} {
		if *to == "" || text != "" && text < *to {
			*to = text
		}
	}
}

// Names of interactions that nobody has named.
var defaultNames = map[string]string{
	"fallback": "Fallback Interaction", "contextFallback": "Fallback Interaction", "welcome": "Welcome Interaction",
}

// interactions answers how often each interaction was used.
func interactions(r *request) (*dialect.Answer, error) {
	rows, err := r.interactions()
	if err != nil {
		return nil, err
	}
	if !r.format.CSV() {
		return dialect.JSON(rows), nil
	}
	columns := []string{"name", "id", "type", "parentId", "usage", "value"}
	if r.names {
		columns = slices.Insert(columns, 4, "parentName")
	}
	return r.format.Answer(&dialect.Table{Columns: columns, Rows: func(yield func(dialect.Row) bool) {
		for _, i := range rows {
			row := dialect.Row{
				{Name: "name", Value: i.Name},
				{Name: "id", Value: i.ID},
				{Name: "type", Value: i.Type},
				{Name: "parentId", Value: i.ParentID},
				{Name: "usage", Value: i.Usage},
				{Name: "value", Value: i.Value},
			}
			if i.ParentName != nil {
				row.Add("parentName", *i.ParentName)
			}
			if !yield(row) {
				return
			}
		}
	}}), nil
}

// interactions lists those of the stories that were announced and those that were used.
func (r *request) interactions() ([]*interaction, error) {
	rows := r.announced()
	result, err := r.run(r.whole(), r.def.counts)
	if err != nil {
		return nil, err
	}
	keys, total := result.At("", 0, 0).Keys, int64(0)
	for key, n := range keys {
		i := measure.InteractionOf(key)
		if n <= 0 || !r.keepsStory(i.Story) {
			continue
		}
		p := placeOf(i)
		row := rows[p]
		if row == nil {
			row = &interaction{ID: i.ID, story: i.Story}
			rows[p] = row
		}
		row.used.add(i)
		row.Value += n
		total += n
	}
	for _, row := range rows {
		row.Type, row.ParentID = cmp.Or(row.Type, row.used.kind), cmp.Or(row.ParentID, row.used.parent)
	}
	if err := r.name(rows); err != nil {
		return nil, err
	}
	if r.names {
		if err := r.nameParents(rows); err != nil {
			return nil, err
		}
	}
	out := slices.AppendSeq(make([]*interaction, 0, len(rows)), maps.Values(rows))
	slices.SortFunc(out, compare)
	for _, row := range out {
		row.Usage = percent(row.Value, total)
	}
	return out, nil
}

// announced are the interactions that the newest lists of stories name.
func (r *request) announced() map[place]*interaction {
	rows := map[place]*interaction{}
	for story, entry := range r.Entries("story") {
		if !r.keepsStory(story) {
			continue
		}
		for _, i := range entry.Interactions {
			p := placeOf(measure.Interaction{Story: story, ID: i.ID, Type: i.Type, Parent: i.ParentID})
			rows[p] = &interaction{ParentID: i.ParentID, Type: i.Type, Name: i.Name, ID: i.ID, story: story}
		}
	}
	return rows
}

// compare orders rows: the most used first, then those with an id before those without.
func compare(a, b *interaction) int {
	without := func(i *interaction) int {
		if i.ID == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(b.Value, a.Value), cmp.Compare(without(a), without(b)), cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.ParentID, b.ParentID), cmp.Compare(a.story, b.story),
	)
}
