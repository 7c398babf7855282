package table

import (
	"context"
	"iter"
	"strings"
)

// Under is a table whose partitions lie in t under a name: what is called P there is NAME/P
// here. Of the partitions of an owner, OWNER/P, the owner stays in front: OWNER/NAME/P. So
// everything that knows where an owner's records lie can have them in several places, and a
// scan for all of the owner still finds all of them.
func Under(t Table, owner, name string) Table {
	return &under{inner: t, owner: owner + "/", within: owner + "/" + name + "/"}
}

type under struct {
	inner         Table
	owner, within string
}

func (u *under) part(p string) string {
	return u.within + strings.TrimPrefix(p, u.owner)
}

func (u *under) key(k Key) Key {
	if k.Part != "" { // an empty one stays wrong
		k.Part = u.part(k.Part)
	}
	return k
}

// Get implements Table.
func (u *under) Get(ctx context.Context, keys ...Key) ([]Item, error) {
	inner := make([]Key, len(keys))
	for i, k := range keys {
		inner[i] = u.key(k)
	}
	items, err := u.inner.Get(ctx, inner...)
	for i := range items {
		items[i].Key = keys[i]
	}
	return items, err
}

// Query implements Table.
func (u *under) Query(ctx context.Context, r Range) iter.Seq2[Item, error] {
	part := r.Part
	r.Part = u.key(Key{Part: part}).Part
	return each(u.inner.Query(ctx, r), func(item *Item) { item.Part = part })
}

// Scan implements Table: of the owner's partitions.
func (u *under) Scan(ctx context.Context, prefix string) iter.Seq2[Item, error] {
	return each(u.inner.Scan(ctx, u.part(prefix)), func(item *Item) {
		item.Part = u.owner + strings.TrimPrefix(item.Part, u.within)
	})
}

func each(items iter.Seq2[Item, error], change func(*Item)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for item, err := range items {
			if err == nil {
				change(&item)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

func (u *under) ops(ops []Op) []Op {
	out := make([]Op, len(ops))
	for i := range ops {
		out[i] = ops[i]
		out[i].Item.Key = u.key(ops[i].Item.Key)
	}
	return out
}

// Write implements Table.
func (u *under) Write(ctx context.Context, ops ...Op) error {
	return u.inner.Write(ctx, u.ops(ops)...)
}

// PutEach implements Table.
func (u *under) PutEach(ctx context.Context, ops ...Op) ([]*Item, error) {
	stood, err := u.inner.PutEach(ctx, u.ops(ops)...)
	for i := range stood {
		if stood[i] != nil {
			stood[i].Key = ops[i].Item.Key
		}
	}
	return stood, err
}
