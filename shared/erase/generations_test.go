package erase_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/counter"
	"chatreports/shared/erase"
	"chatreports/shared/event"
	"chatreports/shared/generation"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/verify"
)

func (c *centre) builder() *generation.Builder {
	return &generation.Builder{Journal: c.Journal, State: table.Divide(c.State), Tenant: "acme", Now: c.clock}
}

// build builds a generation, and merges it so that there is something of the visitor in its
// blocks.
func (c *centre) build(t *testing.T) uint32 {
	t.Helper()
	n, err := c.builder().Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := counter.Merge(t.Context(), counter.Space(table.Divide(c.State), "acme", n), "acme"); err != nil {
		t.Fatal(err)
	}
	return n
}

// begin begins to build a generation, and dies as soon as something of the visitor is in it.
func (c *centre) begin(t *testing.T) {
	t.Helper()
	for k := 1; ; k++ {
		plan := tabletest.CrashAt(k, tabletest.After)
		b := c.builder()
		b.State = table.Divide(tabletest.NewFaulty(c.State, plan))
		if _, err := b.Build(t.Context()); err == nil {
			t.Fatal("the generation is whole")
		}
		where, _ := c.found(t)
		if slices.ContainsFunc(where, func(at string) bool { return regexp.MustCompile(`acme/g\d+/fact/`).MatchString(at) }) {
			return
		}
	}
}

// serve verifies a generation and makes it serve.
func (c *centre) serve(t *testing.T, n uint32) {
	t.Helper()
	r, err := c.builder().Verify(t.Context(), n, verify.Options{Tries: 5, Wait: time.Millisecond})
	if err != nil || len(r.Differences) > 0 || r.Facts < 20 || r.Blocks < 20 {
		t.Fatalf("generation %d: %d facts, %d blocks, %v, differences: %v", n, r.Facts, r.Blocks, err, r.Differences)
	}
	if err := c.builder().Swap(t.Context(), n, false); err != nil {
		t.Fatal(err)
	}
}

// nowhere wants that the visitor is named nowhere but in logs.
func (c *centre) nowhere(t *testing.T, when string) {
	t.Helper()
	if where, _ := c.found(t); len(where) > 0 {
		t.Errorf("%s, the visitor is in\n%s", when, strings.Join(where, "\n"))
	}
}

// A visitor is erased in each generation there is, whichever serves; one that is made to serve
// afterwards brings nothing back, and one that was being built has nothing of the visitor when
// it is whole.
func TestAVisitorIsErasedInEveryGeneration(t *testing.T) {
	for name, before := range map[string]func(t *testing.T, c *centre){
		"one is built beside":       func(t *testing.T, c *centre) { c.build(t) },
		"another one serves":        func(t *testing.T, c *centre) { c.serve(t, c.build(t)) },
		"there are three":           func(t *testing.T, c *centre) { c.serve(t, c.build(t)); c.build(t) },
		"one is being built":        func(t *testing.T, c *centre) { c.begin(t) },
		"one has not caught up yet": func(t *testing.T, c *centre) { c.build(t); c.take(t, again(c.now)...) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCentre(t)
			before(t, c)
			want := c.answers(t)
			if _, err := c.erase(t.Context(), c.Stores); err != nil {
				t.Fatal(err)
			}
			c.nowhere(t, "after the erasing")
			if name == "one is being built" {
				c.build(t)
				c.nowhere(t, "when it is whole")
			}
			all, err := c.builder().List(t.Context())
			if err != nil || len(all.All) < 2 {
				t.Fatalf("there are %+v, %v", all, err)
			}
			swaps := 0
			for _, g := range append(all.All, all.All[0]) { // and back again
				if now, err := c.builder().List(t.Context()); err != nil || now.Serving == g.Number {
					continue
				}
				if c.swap(t, g.Number) {
					swaps++
				}
				c.nowhere(t, "after a swap")
				for q, answer := range c.answers(t) {
					if answer != want[q] {
						t.Errorf("generation %d: %s: %s\nwant %s", g.Number, q, answer, want[q])
					}
				}
			}
			if swaps < 2 {
				t.Errorf("%d swaps", swaps)
			}
		})
	}
}

// swap makes a generation serve, unless it was built beside another than the one that serves.
func (c *centre) swap(t *testing.T, n uint32) bool {
	t.Helper()
	err := c.builder().Swap(t.Context(), n, true)
	if err != nil && strings.Contains(err.Error(), "another generation serves than this one was built beside") {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	c.serves(t, n)
	return true
}

// serves wants that a generation serves, and is exact.
func (c *centre) serves(t *testing.T, n uint32) {
	t.Helper()
	r, err := verify.Run(t.Context(), c.Journal, counter.Space(table.Divide(c.State), "acme", n), verify.Options{Tenant: "acme", Tries: 1, Wait: time.Millisecond, Now: c.clock})
	if err != nil || len(r.Differences) > 0 || r.Facts < 20 {
		t.Fatalf("generation %d: %d facts, %v, differences: %v", n, r.Facts, err, r.Differences)
	}
}

// again is more of the visitor.
func again(at time.Time) []event.Event {
	return []event.Event{
		{ID: "w1", Source: "test", Type: "page.viewed", Subject: zoe, At: at.Add(-time.Minute).UnixMilli(), Data: event.Data{PageURL: "https://www.example.com/d"}},
		{ID: "w2", Source: "test", Type: "chat.requested", Subject: "again", At: at.Add(-time.Minute).UnixMilli(), Data: event.Data{VisitorID: zoe, VisitorName: "Zoe Secret", InitiatedBy: "visitor", Source: "visitor"}},
	}
}

// Of a tenant who leaves nothing is left of any generation.
func TestATenantIsErasedWithEveryGeneration(t *testing.T) {
	c := newCentre(t)
	c.serve(t, c.build(t))
	c.begin(t)
	if _, err := (&erase.Tenant{Stores: c.Stores, ID: "acme"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for where := range all(t, c.Stores) {
		if names.MatchString(where) {
			t.Errorf("%s is left", where)
		}
	}
}
