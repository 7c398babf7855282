package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/table"
)

// question is one report asked for.
type question struct {
	Path  string
	Query url.Values
}

// ask makes a question about [from, to) on the wall clock of a zone.
func ask(path, group, zone string, from, to time.Time, filter ...string) question {
	q := url.Values{"timeFrom": {wall(from)}, "timeTo": {wall(to)}}
	if group != "" {
		q.Set("group", group)
	}
	if zone != "" {
		q.Set("timezone", zone)
	}
	if len(filter) == 2 {
		q.Set("filterName", filter[0])
		q.Set("filterValue", filter[1])
	}
	return question{path, q}
}

func wall(t time.Time) string { return t.Format("2006-01-02T15:04:05") }

func (q question) String() string {
	var s strings.Builder
	s.WriteString(q.Path)
	for _, name := range []string{"group", "timezone", "filterName", "source", "offset"} {
		if v := q.Query.Get(name); v != "" {
			s.WriteString(" " + v)
		}
	}
	return s.String()
}

// answer is what the handler does: from parameters to the body's bytes.
func answer(ctx context.Context, state table.Table, q question, now time.Time) ([]byte, error) {
	var api dialect.API = comm100.New(nil, state)
	path := comm100.Prefix + q.Path
	if strings.HasPrefix(q.Path, chatbot.Prefix) {
		api, path = chatbot.New(state), q.Path
	}
	a, err := api.Answer(ctx, &dialect.Request{Tenant: &acme, Path: path, Query: q.Query, Now: now})
	if err != nil {
		return nil, fmt.Errorf("%v: %w", q, err)
	}
	return a.Bytes()
}

// reading is what an answer costs.
type reading struct {
	Question string
	Units    int            // read units
	Kinds    map[string]int // the same by kind of record
	Depth    int            // round trips one after another
	Trips    int            // round trips in all
	CPU      time.Duration
	Allocs   float64
}

// quiet is how long nothing must begin before calls are answered: see counted.
const quiet = 2 * time.Millisecond

// read asks once and counts. Depth is the least of a few, since a machine that is
// busy can make calls look as if one had waited for another.
func read(ctx context.Context, t table.Table, q question, now time.Time) (reading, error) {
	r := reading{Question: q.String()}
	for range 3 {
		c := newCounted(t, stateKind)
		c.quiet = quiet
		if _, err := answer(ctx, c, q, now); err != nil {
			return r, err
		}
		got := c.tally()
		if r.Depth == 0 || got.Depth < r.Depth {
			r.Depth = got.Depth
		}
		r.Units, r.Kinds, r.Trips = sum(got.ReadUnits), got.ReadUnits, got.Reads
		if r.Depth <= 2 {
			break
		}
	}
	return r, nil
}

// time measures the processor time of an answer.
func (r *reading) time(ctx context.Context, t table.Table, q question, now time.Time, atLeast time.Duration) error {
	c, err := measured(atLeast, func() error {
		_, err := answer(ctx, t, q, now)
		return err
	})
	r.CPU, r.Allocs = c.CPU, c.Allocs
	return err
}

// series are readings of one question at several moments.
type series []reading

func (s series) mean(f func(*reading) float64) (mean float64) {
	for i := range s {
		mean += f(&s[i]) / float64(len(s))
	}
	return mean
}

func (s series) worst(f func(*reading) float64) float64 {
	worst := s.max(f)
	return f(&worst)
}

// max is the reading with the most of something.
func (s series) max(f func(*reading) float64) (most reading) {
	for i := range s {
		if f(&s[i]) > f(&most) {
			most = s[i]
		}
	}
	return most
}

func unitsOf(r *reading) float64  { return float64(r.Units) }
func depthOf(r *reading) float64  { return float64(r.Depth) }
func allocsOf(r *reading) float64 { return r.Allocs }
func millisOf(r *reading) float64 { return float64(r.CPU) / float64(time.Millisecond) }

// watched are the questions asked at every moment of a stretch, the first being
// the one that the targets name.
func watched() []question {
	to := lastDay.AddDate(0, 0, 1)
	return []question{
		ask("chatVolume", "day", "UTC", month, to),
		ask("chatVolume", "day", "Asia/Kathmandu", month, to),
		ask("chatVolume", "day", "Europe/Berlin", month, to, "department", department(0)),
		ask("chatVolume", "department", "Asia/Kathmandu", month, to),
		ask("waitTime", "day", "America/St_Johns", month, to),
		ask("queue", "day", "Australia/Lord_Howe", month, to),
		ask("leaderboard", "agent", "Europe/Berlin", month, to),
	}
}

// everything is every report over the month, in every group or only in one by time,
// with and without each filter.
func everything(zone string, every bool) (out []question) {
	to := lastDay.AddDate(0, 0, 1)
	for _, r := range comm100.Reports() {
		groups := r.Groups
		if i := slices.Index(groups, "day"); i >= 0 && !every {
			groups = groups[i : i+1]
		}
		if len(groups) == 0 {
			groups = []string{""}
		}
		if r.Realtime {
			groups = nil
		}
		for _, group := range groups {
			out = append(out, ask(r.Path, group, zone, month, to))
			for _, f := range r.Filters {
				if v := filterValue(f); v != "" && every {
					out = append(out, ask(r.Path, group, zone, month, to, f, v))
				}
			}
		}
	}
	return append(out, ofBots(every)...)
}

// ofBots are ChatBot's reports over the month, all in UTC.
func ofBots(every bool) (out []question) {
	to := lastDay.AddDate(0, 0, 1)
	for _, path := range chatbot.Paths() {
		q := question{path, url.Values{"from": {month.Format(time.DateOnly)}, "to": {to.Format(time.DateOnly)}}}
		out = append(out, q)
		more := func(name, value string) {
			if every && slices.Contains(chatbot.Parameters(path).Names(), name) {
				with := maps.Clone(q.Query)
				with.Set(name, value)
				out = append(out, question{path, with})
			}
		}
		more("group", "storyId")
		more("group", "source")
		more("source", "livechat")
		more("offset", "345")
	}
	return out
}

// department is the id of one of the simulation's departments.
func department(i int) string { return sim.New(sim.Config{Seed: 1}).DepartmentIDs()[i] }

// filterValue is a value to filter by.
func filterValue(filter string) string {
	switch filter {
	case "department":
		return department(0)
	case "campaign":
		return sim.New(sim.Config{Seed: 1}).CampaignIDs()[0]
	case "visitorSegment":
		return "segment-vip"
	case "agent":
		return "1"
	case "conversion":
		return "purchase"
	}
	return ""
}
