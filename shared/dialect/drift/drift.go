// Package drift answers Drift's conversation reporting API: open-ended queries of
// conversations, by any of their properties. In: a query. Out: the conversations that
// match, with the metrics asked for, or a refusal in Drift's words. It knows no storage
// but the snapshot it reads documents from, and no HTTP but the numbers of its statuses.
package drift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/journal"
	"chatreports/shared/rate"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Path is where queries are answered.
const Path = "/reports/conversations"

// Longest is how long a query may take; then it is stopped.
const Longest = 10 * time.Second

// calls is how often a tenant may ask.
var calls = rate.Limit{Name: "drift", Calls: 60, Per: time.Minute}

// API answers queries from the state's table. Names may need the journal.
type API struct {
	journal, state table.Table
	clock          func() time.Time
}

// New returns the API over the tables. The clock bounds how often a tenant asks, and how long an
// answer takes; it is never one that stands still.
func New(records, state table.Table, clock func() time.Time) *API { return &API{records, state, clock} }

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return shape }

var shape = dialect.Shape{ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	message := r.Sentence()
	if r.Status == http.StatusBadRequest && !strings.HasPrefix(message, check) { // a parameter's, say
		message = check + message
	}
	return map[string]any{"error": map[string]string{"type": r.Code, "message": message}}
}}

// Nothing is what is answered at a path that is not that of queries.
func Nothing(path string) (dialect.Shape, *dialect.Refusal) {
	return shape, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at '%s': conversations are queried by POST %s.", dialect.Clip(path), Path)
}

// check are the words that Drift's clients look for, in whatever is said of a wrong query.
const check = "check query formatting: "

// wrongQuery refuses a query. where is the member that is wrong.
func wrongQuery(where, format string, args ...any) *dialect.Refusal {
	r := dialect.Refuse(http.StatusBadRequest, "invalid_query", check+"%s: %s.", where, fmt.Sprintf(format, args...))
	r.Field = where
	return r
}

// Answer answers one query.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	now := a.clock()
	allowed, err := calls.Take(ctx, a.state, r.Tenant.ID, now)
	if err != nil {
		return nil, err
	}
	if !allowed.OK {
		refused := dialect.Refuse(http.StatusTooManyRequests, "rate_limited", "More than %d queries within a minute: wait as the header Retry-After says.", calls.Calls)
		refused.RetryAfter = min(max(allowed.Again.Sub(now), time.Second), time.Minute)
		return nil, refused
	}
	limited, cancel := context.WithTimeout(ctx, Longest)
	defer cancel()
	out, err := Ask(limited, a.journal, a.state, r)
	if err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, tooSlow()
	}
	if err != nil {
		return nil, err
	}
	write := out.Write
	out.Write = func(w io.Writer) error { return write(&untilLate{w, a.clock, now.Add(Longest)}) }
	return out, nil
}

func tooSlow() *dialect.Refusal {
	return dialect.Refuse(http.StatusRequestTimeout, "too_slow",
		"The query took more than %s and was stopped: add a filter on createdAt or updatedAt that takes a shorter time, or ask with limit.", Longest)
}

// untilLate takes what is written until it is too late.
type untilLate struct {
	io.Writer
	clock func() time.Time
	late  time.Time
}

func (u *untilLate) Write(p []byte) (int, error) {
	if !u.clock().Before(u.late) {
		return 0, tooSlow()
	}
	return u.Writer.Write(p)
}

// Ask answers one query, however many were asked and however long it takes.
func Ask(ctx context.Context, records, state table.Table, r *dialect.Request) (*dialect.Answer, error) {
	values, refused := parameters.Read(r.Query)
	if refused != nil {
		return nil, refused
	}
	q, refused := read(r.Body)
	if refused != nil {
		return nil, refused
	}
	q.named = values.Flag(dialect.Naming.Name)
	s, err := report.Open(ctx, state, r.Tenant.ID, r.Now, q.kinds()...)
	if err != nil {
		return nil, err
	}
	found, err := q.find(ctx, s)
	if err != nil {
		return nil, err
	}
	page, next := q.page(found)
	if err := q.name(ctx, r.Tenant.ID, journal.New(records), s, page); err != nil {
		return nil, err
	}
	out := q.answer(page, next, values.Format(r.Accept))
	out.CountedUntil, out.Warnings = s.CountedUntil(), q.warnings()
	return out, nil
}

// parameters are those beside the query.
var parameters = append(dialect.Parameters{dialect.Naming}, dialect.Formatting...)

const (
	// mostRead are the bytes of some five million conversations, as they are stored.
	mostRead = 256 << 20
	// mostFound bounds an answer.
	mostFound = 500_000
	// pageSlack is how many more than a page are kept before they are sorted again.
	pageSlack = 5_000
)

// find reads the conversations that match.
func (q *query) find(ctx context.Context, s *report.Snapshot) (out found, err error) {
	bounds := q.bounds()
	since := 0 // conditions looked at since it was asked whether somebody waits
	each := func(stored string) error {
		if since += 1 + len(q.matching); since >= 1024 {
			if since = 0; ctx.Err() != nil {
				return ctx.Err()
			}
		}
		here, matches, err := q.look(stored)
		if err != nil || !matches {
			return err
		}
		if len(out) == mostFound {
			return dialect.Refuse(http.StatusBadRequest, "too_much",
				check+"more than %d conversations match: add a filter on createdAt or updatedAt that takes a shorter time, or ask with limit.", mostFound)
		}
		if out = append(out, row{here, stored}); q.limit > 0 && len(out) > q.limit+pageSlack {
			q.order.sort(out)
			out = out[:q.limit+1] // one more than the page tells that there is a next
		}
		return nil
	}
	if chats, some := q.chats(); some {
		err = s.DocumentsOf(chats, each)
	} else {
		err = s.Documents(&bounds, q.most, each)
	}
	if errors.Is(err, report.ErrTooMuchToRead) {
		err = dialect.Refuse(http.StatusBadRequest, "too_much",
			check+"the conversations that would be looked at are more than a query may read: add a filter on createdAt, updatedAt or firstCloseAt that takes a shorter time.")
	}
	q.order.sort(out)
	return out, err
}
