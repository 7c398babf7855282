package schedule

import (
	"context"
	"net/http"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// Path is where a tenant's schedules are listed.
const Path = "/v1/schedules"

// API lists schedules.
type API struct{ state table.Table }

// NewAPI returns the API over the state's table.
func NewAPI(state table.Table) *API { return &API{state} }

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return dialect.Ours }

// listed is one schedule as users see it: what is declared of it, and how far it is.
type listed struct {
	tenant.Schedule
	// NextRun is missing where it does not run any more.
	NextRun string `json:"nextRun,omitempty"`
	LastRun string `json:"lastRun,omitempty"`
	// DeliveredUntil is where the first period begins that is not delivered.
	DeliveredUntil string `json:"deliveredUntil,omitempty"`
	CountedUntil   string `json:"countedUntil,omitempty"`
	// Failure is why the last run failed.
	Failure string `json:"failure,omitempty"`
	Prefix  string `json:"prefix"`
	// Manifest is the one that was written last.
	Manifest string `json:"manifest,omitempty"`
}

// Answer lists what a tenant has declared, in the order of its file.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	if r.Path != Path {
		return nil, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", r.Path)
	}
	if _, refused := (dialect.Parameters{}).Read(r.Query); refused != nil {
		return nil, refused
	}
	records, err := readRecords(ctx, a.state, r.Tenant.ID)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.ParseZone(r.Tenant.Zone)
	if err != nil {
		return nil, err
	}
	out := make([]listed, len(r.Tenant.Schedules))
	for i := range r.Tenant.Schedules {
		if out[i], err = listing(r, zone, &r.Tenant.Schedules[i], records); err != nil {
			return nil, err
		}
	}
	return dialect.JSON(map[string]any{"schedules": out}), nil
}

func listing(q *dialect.Request, zone calendar.Zone, s *tenant.Schedule, records map[string]*record) (listed, error) {
	l := listed{Schedule: *s, Prefix: Prefix(q.Tenant.ID, s.ID)}
	timing, err := TimingOf(s, zone)
	if err != nil {
		return l, err
	}
	r := records[s.ID]
	if r != nil && r.Day != "" {
		l.Manifest = l.Prefix + r.Day + "/" + manifestName
	}
	if r == nil || r.Declared != digestOf(q.Tenant.Zone, s) || r.Ran == 0 { // it runs at the next look
		l.NextRun = written(q.Now.Truncate(time.Minute).Add(time.Minute).UnixMilli())
	} else if next, err := timing.Next(time.UnixMilli(r.Ran)); err == nil {
		l.NextRun = written(next.UnixMilli())
	}
	if r == nil {
		return l, nil
	}
	for _, m := range []struct {
		to *string
		ms int64
	}{{&l.LastRun, r.Ran}, {&l.DeliveredUntil, r.Next}, {&l.CountedUntil, r.Counted}} {
		if m.ms > 0 {
			*m.to = written(m.ms)
		}
	}
	l.Failure = r.Failure
	return l, nil
}
