package comm100

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/calendar"
	"chatreports/shared/cell"
	"chatreports/shared/directory"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// API answers the reports from the state's table.
type API struct{ state table.Table }

// New returns the API over the state's table.
func New(state table.Table) *API { return &API{state} }

// request is one question on its way to an answer.
type request struct {
	parameters
	ctx    context.Context
	state  table.Table
	tenant *tenant.Tenant
	def    *definition
	now    time.Time
	merged cell.Merged
	// directory holds the known entities, by kind, of the kinds asked for.
	directory map[string]map[string]*fact.Entry
}

// Answer answers one request. The error is of storage; a refusal is an *Error in
// the body.
func (a *API) Answer(ctx context.Context, t *tenant.Tenant, path string, query url.Values, now time.Time) (status int, body any, err error) {
	def := find(path)
	if def == nil {
		e := Refuse(http.StatusNotFound, "There is no report at '%s'.", path)
		return e.Status, e, nil
	}
	if e := def.allowed(t); e != nil {
		return e.Status, e, nil
	}
	p, e := def.read(query)
	if e != nil {
		return e.Status, e, nil
	}
	r := &request{parameters: p, ctx: ctx, state: a.state, tenant: t, def: def, now: now}
	if err := r.open(); err != nil {
		return 0, nil, err
	}
	answer := def.answer
	if answer == nil {
		answer = rows
	}
	body, err = answer(r)
	return http.StatusOK, body, err
}

// open reads, in one round, how far the tenant's log is merged and the entities
// that the answer must list.
func (r *request) open() error {
	g, ctx := errgroup.WithContext(r.ctx)
	g.Go(func() (err error) {
		r.merged, err = cell.ReadMerged(ctx, r.state, r.tenant.ID)
		return err
	})
	r.directory = map[string]map[string]*fact.Entry{}
	if kind := entities[r.group].kind; kind != "" {
		g.Go(func() error {
			entries, err := directory.Read(ctx, r.state, r.tenant.ID, kind)
			r.directory[kind] = entries
			return err
		})
	}
	return g.Wait()
}

// where is the filter as values of dimensions.
func (r *request) where() []measure.Value {
	if r.filter == "" {
		return nil
	}
	return []measure.Value{{Dim: entities[r.filter].dim, ID: r.filterValue}}
}

// run asks the planner.
func (r *request) run(buckets []report.Bucket, by measure.Dim, where []measure.Value, want []report.Want) (*report.Result, error) {
	return report.Run(r.ctx, r.state, &report.Query{
		Tenant: r.tenant.ID, Buckets: buckets, By: by, Where: where, Want: want, Now: r.now.UnixMilli(),
	}, r.merged)
}

func (r *request) buckets() []report.Bucket {
	period, ok := periods[r.group]
	if !ok {
		return []report.Bucket{{From: r.from.UnixMilli(), To: r.to.UnixMilli()}}
	}
	return r.zone.Buckets(period, r.from, r.to, r.weekStart)
}

// row is one item of an answer.
type row map[string]any

// rows is the ordinary way: the columns, by time, by slot or by entity.
func rows(r *request) (any, error) {
	columns := r.def.columns
	if c, ok := r.def.byGroup[r.group]; ok {
		columns = c
	}
	var want []report.Want
	at := make([]int, len(columns)) // first want of a column
	for i, c := range columns {
		at[i] = len(want)
		want = append(want, c.want...)
	}
	buckets := r.buckets()
	by := entities[r.group].dim
	result, err := r.run(buckets, by, r.where(), want)
	if err != nil {
		return nil, err
	}
	sizes, err := r.queueSizes(columns, buckets, result)
	if err != nil {
		return nil, err
	}
	value := func(entity string, bucket, i int) float64 {
		c := &columns[i]
		if c.value == nil {
			return sizes(entity, bucket)
		}
		totals := make([]*report.Total, len(c.want))
		for j := range c.want {
			totals[j] = result.At(entity, bucket, at[i]+j)
		}
		return c.value(totals)
	}
	switch {
	case by != measure.None:
		return r.entityRows(result, columns, value), nil
	case r.group == groupWeekHour || r.group == groupHalfHour:
		return r.slotRows(result, columns, at, buckets, value), nil
	}
	out := make([]row, 0, len(buckets))
	for b, bucket := range buckets {
		item := row{"time": r.period(bucket)}
		for i, c := range columns {
			item[c.name] = value("", b, i)
		}
		out = append(out, item)
	}
	return out, nil
}

// period is a bucket as the wall clock of its two ends.
func (r *request) period(b report.Bucket) row {
	return row{"from": r.zone.Wall(b.From).Format(calendar.WallLayout), "to": r.zone.Wall(b.To).Format(calendar.WallLayout)}
}

// entityRows gives every known entity and every one with a figure, by id.
func (r *request) entityRows(result *report.Result, columns []column, value func(string, int, int) float64) []row {
	e := entities[r.group]
	ids := map[string]bool{}
	for id, entry := range r.directory[e.kind] {
		ids[id] = entry.Known
	}
	for id := range result.Rows {
		if ids[id] {
			continue
		}
		for i := range columns {
			if value(id, 0, i) != 0 {
				ids[id] = true
				break
			}
		}
	}
	out := []row{}
	for _, id := range sortIDs(ids) {
		if r.filter == r.group && id != r.filterValue {
			continue
		}
		item := row{e.property: e.id(id)}
		for i, c := range columns {
			item[c.name] = value(id, 0, i)
		}
		out = append(out, item)
	}
	return out
}

// slotRows gives the 168 or 48 slots of a distribution: the mean of a slot's
// occurrences in the range.
func (r *request) slotRows(result *report.Result, columns []column, at []int, buckets []report.Bucket, value func(string, int, int) float64) []row {
	slots, name := 168, weekSlot
	if r.group == groupHalfHour {
		slots, name = 48, daySlot
	}
	occurrences := make([][]int, slots)
	for b := range buckets {
		wall := r.zone.Wall(buckets[b].From)
		slot := int(wall.Weekday())*24 + wall.Hour()
		if slots == 48 {
			slot = wall.Hour()*2 + wall.Minute()/30
		}
		occurrences[slot] = append(occurrences[slot], b)
	}
	out := make([]row, slots)
	for slot, times := range occurrences {
		item := row{"time": row{"from": name(slot), "to": name((slot + 1) % slots)}}
		for i, c := range columns {
			label := c.inDistribution
			if label == "" {
				label = c.name
			}
			if c.pooled {
				totals := make([]*report.Total, len(c.want))
				for j := range c.want {
					totals[j] = &report.Total{}
					for _, b := range times {
						totals[j].Add(result.At("", b, at[i]+j))
					}
				}
				item[label] = c.value(totals)
				continue
			}
			sum := 0.0
			for _, b := range times {
				sum += value("", b, i)
			}
			if !c.whole {
				sum = ratio(sum, float64(len(times)))
			}
			item[label] = sum
		}
		out[slot] = item
	}
	return out
}

func weekSlot(n int) string {
	return time.Weekday(n / 24).String()[:3] + ". " + clock(n%24, 0)
}

func daySlot(n int) string { return clock(n/2, n%2*30) }

func clock(hour, minute int) string {
	return strconv.Itoa(100 + hour)[1:] + ":" + strconv.Itoa(100 + minute)[1:]
}

// id is an entity's id as JSON has it.
func (e entity) id(id string) any {
	if e.number {
		return number(id)
	}
	return id
}

// number is an id as a JSON number, if it is a canonical decimal of at most 15 digits.
func number(id string) any {
	if n, ok := decimal(id); ok {
		return n
	}
	return id
}

func decimal(id string) (int64, bool) {
	if len(id) == 0 || len(id) > 15 || id != "0" && id[0] == '0' {
		return 0, false
	}
	for _, c := range []byte(id) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil
}

// sortIDs orders ids: decimal integers first by value, then the rest by code point.
func sortIDs(ids map[string]bool) []string {
	out := make([]string, 0, len(ids))
	for id, listed := range ids {
		if listed {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, compareIDs)
	return out
}

func compareIDs(a, b string) int {
	x, xok := decimal(a)
	y, yok := decimal(b)
	switch {
	case xok && yok && x != y:
		if x < y {
			return -1
		}
		return 1
	case xok != yok:
		if xok {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}
