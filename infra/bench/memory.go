package main

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"chatreports/shared/table"
)

// memory is a table in memory: what the chain costs in processor time is measured
// over it, so that no engine's own work is in the figures.
type memory struct {
	mu    sync.RWMutex
	parts map[string][]table.Item // each by sort key
}

func newMemory() *memory { return &memory{parts: map[string][]table.Item{}} }

func bySort(i table.Item, sort string) int { return strings.Compare(i.Sort, sort) }

func (m *memory) find(k table.Key) (at int, ok bool) {
	return slices.BinarySearchFunc(m.parts[k.Part], k.Sort, bySort)
}

// Get implements table.Table.
func (m *memory) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]table.Item, len(keys))
	for i, k := range keys {
		if err := table.CheckKey(k); err != nil {
			return nil, err
		}
		out[i] = m.stored(k)
	}
	return out, nil
}

// stored is the record of a key, with Version 0 if there is none.
func (m *memory) stored(k table.Key) table.Item {
	if at, ok := m.find(k); ok {
		return clone(m.parts[k.Part][at])
	}
	return table.Item{Key: k}
}

func clone(i table.Item) table.Item {
	i.Value = bytes.Clone(i.Value)
	return i
}

// Query implements table.Table: what is yielded is of the moment of the call.
func (m *memory) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		if err := table.CheckRange(r); err != nil {
			yield(table.Item{}, err)
			return
		}
		for _, item := range m.slice(r) {
			if err := ctx.Err(); err != nil {
				yield(table.Item{}, err)
				return
			}
			if !yield(clone(item), nil) {
				return
			}
		}
	}
}

func (m *memory) slice(r table.Range) []table.Item {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if r.Empty() {
		return nil
	}
	all := m.parts[r.Part]
	from, _ := slices.BinarySearchFunc(all, r.From, bySort)
	to := len(all)
	if r.To != "" {
		to, _ = slices.BinarySearchFunc(all, r.To, bySort)
	}
	out := slices.Clone(all[from:to])
	if r.Reverse {
		slices.Reverse(out)
	}
	if r.Limit > 0 && len(out) > r.Limit {
		out = out[:r.Limit]
	}
	return out
}

// Write implements table.Table.
func (m *memory) Write(ctx context.Context, ops ...table.Op) error {
	if err := table.CheckWrite(ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var failed []int
	for i := range ops {
		if old := m.stored(ops[i].Item.Key); !ops[i].If.Holds(&old) {
			failed = append(failed, i)
		}
	}
	if failed != nil {
		return &table.ConflictError{Failed: failed}
	}
	for i := range ops {
		m.apply(&ops[i])
	}
	return nil
}

// PutEach implements table.Table.
func (m *memory) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	if err := table.CheckEach(ops); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	stood := make([]*table.Item, len(ops))
	for i := range ops {
		if old := m.stored(ops[i].Item.Key); ops[i].If.Holds(&old) {
			m.apply(&ops[i])
		} else {
			stood[i] = &old
		}
	}
	return stood, nil
}

func (m *memory) apply(op *table.Op) {
	at, ok := m.find(op.Item.Key)
	part := m.parts[op.Item.Part]
	switch {
	case op.Verb == table.Put && ok:
		part[at] = clone(op.Item)
	case op.Verb == table.Put:
		m.parts[op.Item.Part] = slices.Insert(part, at, clone(op.Item))
	case op.Verb == table.Delete && ok:
		if part = slices.Delete(part, at, at+1); len(part) == 0 {
			delete(m.parts, op.Item.Part)
		} else {
			m.parts[op.Item.Part] = part
		}
	}
}

// Scan implements table.Table.
func (m *memory) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		m.mu.RLock()
		var all []table.Item
		for part, items := range m.parts {
			if strings.HasPrefix(part, prefix) {
				all = append(all, items...)
			}
		}
		m.mu.RUnlock()
		for _, item := range all {
			if err := ctx.Err(); err != nil {
				yield(table.Item{}, err)
				return
			}
			if !yield(clone(item), nil) {
				return
			}
		}
	}
}
