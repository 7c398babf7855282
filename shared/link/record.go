package link

import (
	"fmt"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// encode gives the link's item, without a version.
func (l *Link) encode(hash string) (table.Item, error) {
	raw, err := stored.Marshal(record{
		Tenant: l.Tenant, ID: l.ID, Report: l.Report, Settings: l.Settings, Key: l.Key,
		Created: stored.Millis(l.Created), Expires: stored.Millis(l.Expires), Used: stored.Millis(l.Used),
	})
	item := table.Item{Key: linkKey(hash), Value: raw}
	if !l.Expires.IsZero() {
		item.Expires = l.Expires.Add(Shown).Unix()
	}
	return item, err
}

// decode reads what encode gave; of an item that is not there the empty link.
func decode(item table.Item) (Link, error) {
	var r record
	if item.Version > 0 {
		if err := stored.Unmarshal(item.Value, &r); err != nil {
			return Link{}, fmt.Errorf("the link at %q cannot be read: %w", item.Part, err)
		}
	}
	return Link{
		ID: r.ID, Tenant: r.Tenant, Report: r.Report, Settings: r.Settings, Key: r.Key,
		Created: stored.Moment(r.Created), Expires: stored.Moment(r.Expires), Used: stored.Moment(r.Used), item: item,
	}, nil
}

func decodePointer(item table.Item) (p pointer, err error) {
	if item.Version > 0 {
		if err = stored.Unmarshal(item.Value, &p); err != nil {
			err = fmt.Errorf("where the link %q %q is cannot be read: %w", item.Part, item.Sort, err)
		}
	}
	return p, err
}
