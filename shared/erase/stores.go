package erase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/function"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/payload"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// listings are the parts in which all tenants stand beside one another: sort keys begin
// with the tenant. Tenants themselves are not among them: their settings go last.
var listings = []string{"logs", "jobs"}

// some is how many records are deleted at once.
const some = 100

// unlist deletes a tenant's entries in a listing.
func (e *Tenant) unlist(ctx context.Context, part, what string) error {
	id := table.Join(e.ID)
	var keys []table.Key
	for item, err := range e.State.Query(ctx, table.Prefix(part, id)) {
		if err != nil {
			return fmt.Errorf("listing %q: %w", part, err)
		}
		if item.Sort == id || strings.HasPrefix(item.Sort, id+"/") {
			keys = append(keys, item.Key)
		}
	}
	return e.delete(ctx, e.State, what, keys...)
}

// records deletes everything that a table has under the tenant.
func (e *Tenant) records(ctx context.Context, t table.Table, what string) error {
	var keys []table.Key
	for item, err := range t.Scan(ctx, table.Join(e.ID)+"/") {
		if err != nil {
			return fmt.Errorf("looking for %s: %w", what, err)
		}
		if keys = append(keys, item.Key); len(keys) == some {
			if err := e.delete(ctx, t, what, keys...); err != nil {
				return err
			}
			keys = keys[:0]
		}
	}
	return e.delete(ctx, t, what, keys...)
}

// delete deletes records and counts them.
func (e *Tenant) delete(ctx context.Context, t table.Table, what string, keys ...table.Key) error {
	if !e.DryRun && len(keys) > 0 {
		ops := make([]table.Op, len(keys))
		for i, k := range keys {
			ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: k}}
		}
		if _, err := t.PutEach(ctx, ops...); err != nil {
			return fmt.Errorf("deleting %s: %w", what, err)
		}
	}
	e.add(what, len(keys))
	return nil
}

// folders are where a tenant's objects are, and what they are.
func (e *Tenant) folders() [][2]string {
	out := [][2]string{{job.Objects, Files}, {schedule.Objects, Files}, {function.Exported, Files}}
	for _, days := range tenant.PayloadDays() {
		out = append(out, [2]string{payload.Class(days), Payloads})
	}
	return out
}

// atOnce is how many objects are deleted beside one another.
const atOnce = 16

// objects deletes a tenant's objects, and ends the uploads to more.
func (e *Tenant) objects(ctx context.Context) error {
	for _, f := range e.folders() {
		if err := e.folder(ctx, f[0]+e.ID+"/", f[1]); err != nil {
			return err
		}
	}
	return nil
}

func (e *Tenant) folder(ctx context.Context, prefix, what string) error {
	if !e.DryRun {
		if err := e.Objects.Abandon(ctx, prefix); err != nil {
			return fmt.Errorf("ending uploads of %s: %w", what, err)
		}
	}
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for info, err := range e.Objects.List(ctx, prefix) {
		if err != nil {
			_ = g.Wait()
			return fmt.Errorf("listing %s: %w", what, err)
		}
		if !e.DryRun {
			g.Go(func() error { return e.Objects.Delete(within, info.Key) })
		}
		e.add(what, 1)
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("deleting %s: %w", what, err)
	}
	return nil
}

// setAside takes records, by their parts, out of what fold has set aside: an object that
// holds others too is written anew. It notes what cannot be read.
func (e *Tenant) setAside(ctx context.Context, out func(part string) bool) error {
	e.damaged = nil
	for info, err := range e.Failures.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("listing what was set aside: %w", err)
		}
		raw, err := read(ctx, e.Failures, info.Key)
		if errors.Is(err, object.ErrNone) {
			continue // replayed meanwhile
		}
		if err != nil {
			return fmt.Errorf("reading what was set aside: %w", err)
		}
		rest, n, err := function.WithoutSetAside(raw, out)
		if err != nil {
			e.damaged = append(e.damaged, info.Key)
			continue
		}
		switch {
		case n == 0 || e.DryRun:
		case rest == nil:
			err = e.Failures.Delete(ctx, info.Key)
		default:
			err = object.Put(ctx, e.Failures, info.Key, func(w io.Writer) error { _, err := w.Write(rest); return err })
		}
		if err != nil {
			return fmt.Errorf("taking records out of what was set aside: %w", err)
		}
		e.add(SetAside, n)
	}
	return nil
}

func read(ctx context.Context, s object.Store, key string) ([]byte, error) {
	in, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	return io.ReadAll(in)
}
