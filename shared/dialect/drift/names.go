package drift

import (
	"context"
	"encoding/json"

	"chatreports/shared/fact"
	"chatreports/shared/journal"
	"chatreports/shared/naming"
	"chatreports/shared/report"
)

// entity is somebody whose id a metric tells.
type entity struct{ kind, id string }

// called are the names of those whom a page of conversations is of; nil if they are not
// asked for.
type called map[entity]string

// kinds are those that are announced by name, if names are asked for.
func (q *query) kinds() []string {
	if !q.named {
		return nil
	}
	return []string{fact.KindAgent.String()}
}

// name looks up what everybody is called whom metrics of the conversations are of, each once.
func (q *query) name(ctx context.Context, tenant string, j *journal.Journal, s *report.Snapshot, page found) error {
	if !q.named {
		return nil
	}
	listing, err := s.Listing()
	if err != nil {
		return err
	}
	q.called = called{}
	names := naming.New(ctx, tenant, j, listing)
	for i := range page {
		if _, err := q.tell(&page[i]); err != nil {
			return err
		}
		for _, e := range q.of {
			if _, known := q.called[e]; !known && e.kind != "" && e.id != "" {
				q.called[e] = names.Name(e.kind, e.id)
			}
		}
		if err := names.Err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// appendNames appends the names of whom the metrics told last are of, null where one is of
// nobody.
func (q *query) appendNames(b []byte) []byte {
	if !q.named {
		return b
	}
	b = append(b, `,"names":[`...)
	for i, e := range q.of {
		if i > 0 {
			b = append(b, ',')
		}
		if e.kind == "" || e.id == "" {
			b = append(b, "null"...)
			continue
		}
		raw, err := json.Marshal(q.called[e])
		if err != nil {
			panic("drift: " + err.Error())
		}
		b = append(b, raw...)
	}
	return append(b, ']')
}
