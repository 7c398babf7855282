// Package erase removes what is stored of somebody, for good. In: the stores of a system,
// and a tenant that leaves, or a visitor who is to be forgotten. Out: nothing of them in any
// of the stores, and how much there was. Whatever ends at whatever moment, doing it again
// does the rest. It knows no report and no HTTP.
package erase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chatreports/shared/link"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Stores are all that a system keeps.
type Stores struct {
	// Journal and State are as their engines hold them: not divided, since parts of values
	// that no record names any more are to go, too.
	Journal, State table.Table
	Objects        object.Store
	// Failures is where fold sets aside what it cannot fold, of all tenants.
	Failures object.Store
}

// Counts is how much there was, by what it is.
type Counts map[string]int

// What is counted: records of the tables, and objects; of what was set aside, records.
const (
	Keys     = "keys"
	Webhooks = "webhooks"
	Links    = "links"
	Events   = "journal records"
	Records  = "state records"
	Jobs     = "job records"
	Payloads = "payloads"
	Files    = "files"
	SetAside = "records set aside"
)

// Tenant is the erasure of a whole tenant.
type Tenant struct {
	Stores
	ID string
	// Wait is how long what is in flight may take: a key may be known for tenant.CacheFor
	// after it was revoked, and what came in with it is folded a little later.
	Wait time.Duration
	// DryRun counts, and changes nothing.
	DryRun bool
	// Progress is told from time to time; it may be nil.
	Progress func(Counts)

	counts  Counts
	damaged []string // what was set aside and cannot be read
}

// looks bounds how often a tenant is looked for again of which there is always more.
const looks = 10

// ErrMore says that something of the tenant is written all the time.
var ErrMore = errors.New("erase: there is something new of the tenant at each look: events that are not folded yet, or a process that still has a key; try again later")

// Run revokes all keys and webhooks, so that nobody sends, then deletes everything, and looks
// again until a look finds nothing: what was in flight is written after the first. The
// tenant's settings go last. It returns how much there was, whatever the error.
func (e *Tenant) Run(ctx context.Context) (Counts, error) {
	e.counts = Counts{}
	if e.ID == "" || slices.Contains(tenant.ReservedIDs(), e.ID) {
		return e.counts, fmt.Errorf("erase: there is no tenant of the id %q", e.ID)
	}
	err := e.run(ctx)
	if err != nil {
		err = fmt.Errorf("erasing tenant %q: %w", e.ID, err)
	}
	return e.counts, err
}

func (e *Tenant) run(ctx context.Context) error {
	if err := e.close(ctx); err != nil {
		return err
	}
	for n := 1; ; n++ {
		before := e.counts.sum()
		if err := e.look(ctx); err != nil {
			return err
		}
		switch {
		case e.DryRun:
			return e.unread()
		case n > 1 && e.counts.sum() == before:
			return errors.Join(tenant.Forget(ctx, e.State, e.ID), e.unread())
		case n == looks:
			return ErrMore
		}
		select {
		case <-time.After(e.Wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unread is the error if something could not be looked into.
func (e *Tenant) unread() error {
	if len(e.damaged) == 0 {
		return nil
	}
	return fmt.Errorf("what was set aside in %s cannot be read, and may hold records of the tenant: delete it; everything else is done", strings.Join(e.damaged, ", "))
}

func (c Counts) sum() (n int) {
	for _, of := range c {
		n += of
	}
	return n
}

// add counts, and tells.
func (e *Tenant) add(what string, n int) {
	if n == 0 {
		return
	}
	e.counts[what] += n
	if e.Progress != nil {
		e.Progress(e.counts)
	}
}

// close lets nobody in any more.
func (e *Tenant) close(ctx context.Context) error {
	keys, webhooks, err := tenant.Held(ctx, e.State, e.ID)
	if err != nil {
		return err
	}
	e.add(Keys, keys)
	e.add(Webhooks, webhooks)
	if e.DryRun {
		return nil
	}
	return tenant.Revoke(ctx, e.State, e.ID)
}

// look deletes everything but the tenant's settings, in an order in which what was not
// reached can still be found: public links by the records that say where they are, which
// are among the tenant's own.
func (e *Tenant) look(ctx context.Context) error {
	links, err := link.New(e.State).Stored(ctx, e.ID)
	if err == nil {
		err = e.delete(ctx, e.State, Links, links...)
	}
	for _, part := range listings {
		if err == nil {
			err = e.unlist(ctx, part, Records)
		}
	}
	if err == nil {
		err = e.records(ctx, e.Journal, Events)
	}
	if err == nil {
		err = e.records(ctx, e.State, Records)
	}
	if err == nil {
		err = e.objects(ctx)
	}
	if err == nil {
		err = e.setAside(ctx, func(part string) bool { return strings.HasPrefix(part, table.Join(e.ID)+"/") })
	}
	return err
}
