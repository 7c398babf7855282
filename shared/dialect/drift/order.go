package drift

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/document"
	"chatreports/shared/nearest"
)

// order is how conversations follow one another: by a property, and where that ties by
// createdAt and id. Without a property it is the original's.
type order struct {
	name string // as it was asked for
	by   *property
	down bool
}

// readOrder reads the name of a property, with a - before it for the largest first.
func readOrder(text string) (order, *dialect.Refusal) {
	if text == "" || text == "createdAt" {
		return order{}, nil
	}
	name, down := strings.CutPrefix(text, "-")
	p := find(name)
	if p == nil || !p.isMetric() {
		return order{}, wrongQuery("sort", "%s%q is none of %s, with a - before it for the largest first", nearest.Hint(name, names(true)), dialect.Clip(text), strings.Join(names(true), ", "))
	}
	return order{text, p, down}, nil
}

// key is what a conversation is sorted by: a number, or of an id that is none its text.
type key struct {
	There  bool
	Number int64
	Text   string
}

func (o *order) key(d *document.Document) (k key) {
	switch {
	case o.by == nil:
	case o.by.kind != id:
		k.Number, k.There = o.by.whole(d)
	default:
		s := o.by.text(d)
		k.There = s != ""
		if k.Text = s; isNumber(s) {
			k.Text = ""
			k.Number, _ = strconv.ParseInt(s, 10, 64)
		}
	}
	return k
}

// position is where a conversation stands in an answer.
type position struct {
	key
	CreatedAt int64
	ID        string
}

func (o *order) position(d *document.Document) position {
	return position{o.key(d), d.CreatedAt, d.ID}
}

// compare compares positions of one order: numbers come before texts, and what a
// conversation does not have comes last whichever way round.
func (o *order) compare(a, b *position) int {
	byKey := cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Number, b.Number))
	switch {
	case a.There != b.There:
		byKey = 1
		if a.There {
			byKey = -1
		}
	case o.down:
		byKey = -byKey
	}
	return cmp.Or(byKey, cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

func (o *order) sort(f found) {
	slices.SortFunc(f, func(a, b row) int { return o.compare(&a.position, &b.position) })
}

// place is a position as a cursor tells it, with the order that it is one of.
type place struct {
	CreatedAt int64
	ID        string
	Sort      string `json:",omitempty"`
	Key       *key   `json:",omitempty"`
}

// cursor is the position of the last conversation of a page, for the next.
func (o *order) cursor(p *position) string {
	c := place{CreatedAt: p.CreatedAt, ID: p.ID, Sort: o.name}
	if o.by != nil {
		c.Key = &p.key
	}
	raw, err := json.Marshal(c)
	if err != nil {
		panic("drift: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readCursor reads what cursor wrote.
func (o *order) readCursor(text string) (*position, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var c place
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, err
	}
	if c.ID == "" || c.Sort != o.name || (c.Key == nil) != (o.by == nil) {
		return nil, errors.New("drift: a cursor without a chat, or of another order")
	}
	p := &position{CreatedAt: c.CreatedAt, ID: c.ID}
	if c.Key != nil {
		p.key = *c.Key
	}
	return p, nil
}
