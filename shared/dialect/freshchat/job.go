package freshchat

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"chatreports/shared/dialect"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/rate"
	"chatreports/shared/table"
)

// path is where reports are asked for; a job lies below it.
const path = "/reports/raw"

// limit is how many reports a tenant may ask for.
var limit = rate.Limit{Name: Kind, Calls: 600, Per: time.Minute}

const (
	// linkGood is how long a link is good for.
	linkGood = time.Hour
	// notYet is how long a job is not called completed: a real client gives up on one that is
	// at its first look. It is a second, and what the POST's answer is on its way.
	notYet = 1250 * time.Millisecond
	// longestID bounds what is looked up.
	longestID = 100
)

// API takes jobs and tells how far they are.
type API struct {
	state   table.Table
	objects object.Store
	queue   job.Queue
	clock   func() time.Time
	untold  func(error)
}

// New returns the API. The clock is that of jobs: it never stands still, as that of a request
// may. untold hears of a job that the queue does not take: it is swept up some time later.
func New(state table.Table, objects object.Store, queue job.Queue, clock func() time.Time, untold func(error)) *API {
	return &API{state, objects, queue, clock, untold}
}

// Shape is how refusals are told.
func (a *API) Shape() dialect.Shape { return shape }

// Nothing is what is answered at a path that is none of those of raw reports.
func Nothing(at string) (dialect.Shape, *dialect.Refusal) {
	return shape, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at '%s': a raw report is asked for by POST %s, and its job looked at by GET %s/{id}.", dialect.Clip(at), documented, documented)
}

// Path is where jobs are asked for.
func (a *API) Path() string { return path }

// Limit is how many a tenant may ask for.
func (a *API) Limit() rate.Limit { return limit }

// link is a link to something.
type link struct {
	Rel  string `json:"rel"`
	Href string `json:"href"` // last: clients cut it out of the text
}

// asked is the answer to a POST.
type asked struct {
	ID   string `json:"id"`
	Link link   `json:"link"`
}

// told is a job. What the vendor's has not stands behind the links.
type told struct {
	ID       string   `json:"id"`
	Interval string   `json:"interval"`
	Status   string   `json:"status"`
	Links    []linked `json:"links"`
	Message  string   `json:"message,omitempty"`
	Progress progress `json:"progress"`
	File     *made    `json:"file,omitempty"`
}

type linked struct {
	Link   link   `json:"link"`
	From   string `json:"from"`
	To     string `json:"to"`
	Status string `json:"status"`
}

// progress is how far a job is: slices are days, or of reports of agents the whole.
type progress struct {
	Rows       int64 `json:"rows"`
	SlicesDone int   `json:"slices_done"`
	Slices     int   `json:"slices"`
}

type made struct {
	Bytes        int64  `json:"bytes"`
	SHA256       string `json:"sha256"`
	CountedUntil string `json:"counted_until,omitempty"`
}

// States of jobs and links, in the vendor's words.
const (
	pending   = "PENDING"
	completed = "COMPLETED"
	failed    = "FAILED"
)

// Ask takes a job.
func (a *API) Ask(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	wanted, refused := read(r)
	if refused != nil {
		return nil, refused
	}
	n := job.Name{Tenant: r.Tenant.ID, ID: uuid.NewString()}
	if err := job.Ask(ctx, a.state, n.Tenant, n.ID, wanted, a.clock()); err != nil {
		return nil, err
	}
	if err := a.queue.Send(ctx, n); err != nil {
		a.untold(err)
	}
	return answer(asked{n.ID, link{"extracts", path + "/" + n.ID}}), nil
}

// Look tells how far a job is; base is what addresses here begin with.
func (a *API) Look(ctx context.Context, r *dialect.Request, id, base string) (*dialect.Answer, error) {
	if _, refused := (dialect.Parameters{}).Read(r.Query); refused != nil {
		return nil, refused
	}
	var j *job.Job
	var err error
	now := a.clock()
	if len(id) <= longestID {
		j, err = job.Find(ctx, a.state, r.Tenant.ID, id, now)
	}
	if err != nil {
		return nil, err
	}
	if j == nil || j.Kind != Kind {
		return nil, dialect.Refuse(http.StatusNotFound, "job_not_found", "There is no job %q, or not any more: jobs are kept for %d days.", dialect.Clip(id), int(job.Keep/(24*time.Hour)))
	}
	t := told{ID: id, Interval: interval(&j.Wanted), Status: pending, Links: []linked{}, Progress: progress{j.Rows, j.Done, j.Of}}
	switch {
	case j.State == job.Failed:
		t.Status, t.Message = failed, j.Reason
	case j.State == job.Completed && now.Sub(j.Asked) >= notYet:
		to, err := a.objects.Link(ctx, j.Object, j.Title()+j.Ending, linkGood)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(to, "/") {
			to = base + to
		}
		t.Status, t.File = completed, &made{j.Bytes, hex.EncodeToString(j.SHA256), instant(j.CountedUntil)}
		t.Links = append(t.Links, linked{link{"extraction", to}, instant(time.UnixMilli(j.From)), instant(time.UnixMilli(j.To)), completed})
	}
	out := answer(t)
	if t.Status == completed {
		out.CountedUntil = j.CountedUntil
	}
	return out, nil
}

// instant is a time as links have it: with decimals only where there are any.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// answer is compact JSON, in which < > and & stay as they are.
func answer(v any) *dialect.Answer {
	return &dialect.Answer{ContentType: shape.ContentType, Write: func(w io.Writer) error {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return err
		}
		_, err := w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
		return err
	}}
}
