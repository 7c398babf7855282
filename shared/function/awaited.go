package function

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"chatreports/shared/dialect"
	"chatreports/shared/job"
	"chatreports/shared/web"
)

// An export that takes longer than its caller may wait is made by a job. The caller is led to
// the same address with the job's id, where it waits as long as it may, and is led there again
// until there is a file, to which it is led then: whoever follows redirects has it in the end.

// patience is how long one call waits: some seconds less than a function behind API Gateway has.
const patience = 20 * time.Second

// lookEvery is how often it is looked whether a job is over.
const lookEvery = 250 * time.Millisecond

// jobParameter is the only parameter of an address at which a job is waited for.
const jobParameter = "job"

// longestJob bounds what is looked up.
const longestJob = 100

func (d *Deps) patience() time.Duration { return cmp.Or(d.Patience, patience) }

// jobOf is the job that a query waits for, with which turn it is after a dot; empty: it asks something else.
func jobOf(query url.Values) string {
	if ids := query[jobParameter]; len(query) == 1 && len(ids) == 1 && len(ids[0]) <= longestJob {
		return ids[0]
	}
	return ""
}

// begin has a job make the file of a question, and its caller wait.
func (e *exports) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, question *dialect.Request) {
	wanted, refused := e.api.Job(question)
	if refused != nil {
		panic(refused)
	}
	n := job.Name{Tenant: question.Tenant.ID, ID: uuid.NewString()}
	if err := job.Ask(ctx, e.State, n.Tenant, n.ID, wanted, e.Clock()); err != nil {
		panic(unanswered(ctx, e.Deps, question.Path, err))
	}
	if err := e.Queue.Send(ctx, n); err != nil {
		e.Untold(err)
	}
	e.Log.InfoContext(ctx, "an export takes long, and is made by a job", "tenant", n.Tenant, "path", question.Path, "job", n.ID)
	again(w, r, n.ID, 1)
}

// wait leads to the file of a job, or back here as long as there is none. A job of another report,
// or that is not theirs who ask, is none.
func (e *exports) wait(ctx context.Context, w http.ResponseWriter, r *http.Request, question *dialect.Request, id string, theirs func(*job.Job) bool, good time.Duration) {
	id, turns, _ := strings.Cut(id, ".")
	turn, _ := strconv.Atoi(turns)
	over := time.After(e.patience())
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		j, err := job.Find(ctx, e.State, question.Tenant.ID, id, e.Clock())
		switch {
		case err != nil:
			panic(unanswered(ctx, e.Deps, question.Path, err))
		case j == nil || !strings.HasSuffix(question.Path, "/"+j.Report) || !theirs(j):
			panic(dialect.Refuse(http.StatusNotFound, "unknown_job", "There is no such job, or not any more: ask for the export again."))
		case j.State == job.Failed:
			panic(dialect.Refuse(http.StatusServiceUnavailable, "export_failed", "The export was not made. %s", j.Reason))
		case j.State == job.Completed:
			e.lead(ctx, w, r, j, good)
			return
		}
		select {
		case <-over:
			again(w, r, id, turn+1)
			return
		case <-ctx.Done():
			panic(unanswered(ctx, e.Deps, question.Path, ctx.Err()))
		case <-look.C:
		}
	}
}

// lead leads to the file of a job.
func (e *exports) lead(ctx context.Context, w http.ResponseWriter, r *http.Request, j *job.Job, good time.Duration) {
	to, err := e.Objects.Link(ctx, j.Object, j.Report+j.Ending, good)
	if err != nil {
		panic(unanswered(ctx, e.Deps, r.URL.Path, err))
	}
	if strings.HasPrefix(to, "/") {
		to = base(r) + to
	}
	if !j.CountedUntil.IsZero() {
		w.Header().Set("Counted-Until", j.CountedUntil.UTC().Format(instant))
	}
	web.SeeOther(w, to, "The export lies where the header Location says, for an hour; curl -L fetches it.\n")
}

// again leads to where a job is waited for. Each turn has an address of its own: some clients
// take it for a loop if they are led to the same one a few times.
func again(w http.ResponseWriter, r *http.Request, id string, turn int) {
	to := base(r) + r.URL.EscapedPath() + "?" + url.Values{jobParameter: {id + "." + strconv.Itoa(turn)}}.Encode()
	web.SeeOther(w, to, "The export takes longer than can be waited for at once. The header Location says where to wait on, and then to have it; curl -L does so.\n")
}
