package function

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/job"
)

// slow answers with so many bytes as lines does, and then with nothing as long as its caller waits.
type slow struct{ lines }

func (s slow) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	a, err := s.lines.Answer(ctx, r)
	write := a.Write
	a.Write = func(w io.Writer) error {
		if err := write(w); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return a, err
}

func (slow) Job(r *dialect.Request) (job.Wanted, *dialect.Refusal) {
	return job.Wanted{Kind: "lines", Report: "agents", Format: "csv", Ending: ".csv", Query: r.Query.Encode()}, nil
}

// toldOf is the names of the jobs that a queue was told of.
type toldOf []job.Name

func (t *toldOf) Send(_ context.Context, n job.Name) error {
	*t = append(*t, n)
	return nil
}

// newSlow is a function of slow exports, whose callers wait for a moment only.
func newSlow(t *testing.T) (*exporting, *toldOf, *job.Worker) {
	t.Helper()
	queue := &toldOf{}
	e := newExportingWith(t, slow{}, func(d *Deps) { d.Queue, d.Patience = queue, 20*time.Millisecond })
	return e, queue, &job.Worker{State: e.state, Objects: e.objects, Now: func() time.Time { return standing }}
}

// address is what a redirect to an address here says.
func (e *exporting) address(r had) (path, query string) {
	e.t.Helper()
	to, err := url.Parse(r.header.Get("Location"))
	if err != nil || r.status != http.StatusSeeOther || r.header.Get("Content-Disposition") != "" || r.header.Get("Content-Encoding") != "" {
		e.t.Fatalf("%d %v %s, %v", r.status, r.header, r.body, err)
	}
	return to.Path, to.RawQuery
}

// An export that takes long is led on until there is a file, and then to that, with a key and
// by a public link; however much of it had come by then, nothing of that is left.
func TestAnExportThatTakesLongIsHadInTheEnd(t *testing.T) {
	for _, c := range []struct{ path, query, accept string }{
		{"/v1/exports/agents", "bytes=1000", ""},
		{"/v1/exports/agents", "bytes=1000", "gzip"},
		{"/v1/exports/agents", "bytes=7000000", ""}, // it was too long already
		{"/public/1000", "", ""},
	} {
		e, queue, worker := newSlow(t)
		path, query := e.address(e.ask(http.MethodGet, c.path, c.query, c.accept))
		if path != c.path || !strings.HasPrefix(query, "job=") || len(*queue) != 1 || e.files() != nil {
			t.Fatalf("%s leads to %s?%s, told of %v, there is %v", c.path, path, query, *queue, e.files())
		}
		for range 2 { // nobody makes it yet
			p, q := e.address(e.ask(http.MethodGet, path, query, c.accept))
			if p != path || q == query || q[:len(q)-1] != query[:len(query)-1] { // some take the same address for a loop
				t.Fatalf("%s leads on to %s?%s", query, p, q)
			}
			query = q
		}
		worker.Make = func(_ context.Context, j *job.Job, w io.Writer, _ func(job.Progress)) (job.Made, error) {
			asked, err := url.ParseQuery(j.Query)
			if err != nil || asked.Get("bytes") == "" {
				t.Errorf("the job is for %q, %v", j.Query, err)
			}
			_, err = w.Write(content(2000))
			return job.Made{Rows: 3, CountedUntil: standing}, err
		}
		if err := worker.Run(t.Context(), (*queue)[0]); err != nil {
			t.Fatal(err)
		}
		response := e.ask(http.MethodGet, path, query, c.accept)
		e.address(response)
		file := e.follow(response.header.Get("Location"), c.accept)
		if got := unpacked(t, file); file.status != http.StatusOK || !bytes.Equal(got, content(2000)) || file.header.Get("Content-Disposition") != "attachment; filename=agents.csv" || response.header.Get("Counted-Until") != "2026-03-02T10:00:00.000Z" {
			t.Errorf("%s: %d %v, %d bytes; counted until %q", c.path, file.status, file.header, len(got), response.header.Get("Counted-Until"))
		}
	}
}

// A job that fails, and one that there is not, are told of; nobody is led on.
func TestWhatIsNotMadeIsNotWaitedFor(t *testing.T) {
	e, queue, worker := newSlow(t)
	path, query := e.address(e.ask(http.MethodGet, "/v1/exports/agents", "bytes=10", ""))
	worker.Make = func(context.Context, *job.Job, io.Writer, func(job.Progress)) (job.Made, error) {
		return job.Made{}, &job.ImpossibleError{Reason: "It is impossible."}
	}
	if err, impossible := worker.Run(t.Context(), (*queue)[0]), (*job.ImpossibleError)(nil); !errors.As(err, &impossible) {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, query string
		status      int
		want        string
	}{
		{path, query, 503, `"code":"export_failed"`},
		{path, query, 503, "It is impossible."},
		{"/v1/exports/hosts", query, 404, `"code":"unknown_job"`}, // it is of another report
		{path, "job=nothing", 404, `"code":"unknown_job"`},
	} {
		if got := e.ask(http.MethodGet, c.path, c.query, ""); got.status != c.status || !strings.Contains(string(got.body), c.want) || got.header.Get("Location") != "" {
			t.Errorf("%s?%s: %d %s, want %d %s", c.path, c.query, got.status, got.body, c.status, c.want)
		}
	}
}

// A public link leads to what was made for its settings: not to what somebody asked with others,
// by another link or with a key, whoever knows the job's id.
func TestAPublicLinkLeadsToNoOtherJob(t *testing.T) {
	for asked, want := range map[string]int{"2000": http.StatusNotFound, "1000": http.StatusSeeOther} {
		e, _, _ := newSlow(t)
		_, query := e.address(e.ask(http.MethodGet, "/public/"+asked, "", ""))
		_, byKey := e.address(e.ask(http.MethodGet, "/v1/exports/agents", "bytes="+asked, ""))
		for _, job := range []string{query, byKey} {
			if got := e.ask(http.MethodGet, "/public/1000", job, ""); got.status != want || (got.header.Get("Location") != "") != (want == http.StatusSeeOther) {
				t.Errorf("a link to 1000 bytes leads to the job of %s: %d %s", asked, got.status, got.body)
			}
		}
	}
}
