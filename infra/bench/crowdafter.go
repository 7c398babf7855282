package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"chatreports/infra/oracle"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/scenario"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/verify"
)

// ask compares reports with those of the slow reference, which takes as much memory as it
// needs.
func (c *crowded) ask(ctx context.Context, what *crowd, n int) error {
	debug.SetMemoryLimit(math.MaxInt64)
	for _, who := range []*tenant.Tenant{&acme, &small} {
		questions, events := []string{"chatVolume?" + thisMonth + "day"}, c.ofSmall
		if who == &acme {
			questions, events = what.ask, what.accepted(n)
		}
		truth := oracle.New(oracle.Tenant{ID: who.ID, Edition: who.Edition, AutoAllocation: who.AutoAllocation, Chatbot: who.Chatbot}, events)
		for _, text := range questions {
			path, raw, _ := strings.Cut(text, "?")
			query, err := url.ParseQuery(raw)
			if err != nil {
				return err
			}
			q := question{path, query}
			began := time.Now()
			got, err := c.answer(ctx, who, q)
			took := time.Since(began)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			_, want := truth.Comm100(comm100.Prefix+path, query, c.clock())
			diff := differ(got, want)
			if err != nil {
				diff = err.Error()
			}
			c.set(func(r *crowding) {
				if r.Slowest = max(r.Slowest, took); diff != "" {
					r.Wrong = append(r.Wrong, clip(who.ID+": "+text+": "+diff))
				}
			})
		}
	}
	return nil
}

// answer is what a report says, as JSON gives it; its reads are not counted.
func (c *crowded) answer(ctx context.Context, who *tenant.Tenant, q question) (v any, err error) {
	request := dialect.Request{Tenant: who, Path: comm100.Prefix + q.Path, Query: q.Query, Now: c.clock()}
	a, err := comm100.New(c.db.Table("journal"), table.Divide(c.db.Table("state"))).Answer(ctx, &request)
	if err != nil {
		return nil, err
	}
	raw, err := a.Bytes()
	if err != nil {
		return nil, err
	}
	return v, json.Unmarshal(raw, &v)
}

// differ says where an answer is not the reference's.
func differ(got, want any) string {
	var w any
	raw, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(raw, &w)
	}
	if err != nil {
		return "the reference: " + err.Error()
	}
	return scenario.Differ(got, w)
}

func clip(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// verify recomputes everything of both tenants.
func (c *crowded) verify(ctx context.Context) error {
	for _, who := range []string{acme.ID, small.ID} {
		report, err := verify.Run(ctx, c.db.Table("journal"), table.Divide(c.db.Table("state")), verify.Options{Tenant: who, Now: c.clock, Wait: time.Millisecond, Tries: 1})
		if err != nil {
			return err
		}
		if n := len(report.Differences); n > 0 {
			c.set(func(r *crowding) {
				r.Wrong = append(r.Wrong, clip(fmt.Sprintf("verify finds %d differences in %s, first %v", n, who, report.Differences[0])))
			})
		}
	}
	return nil
}
