package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"chatreports/shared/job"
	"chatreports/shared/object/directory"
	"chatreports/shared/table/embedded"
)

// A job is told of when it begins, from time to time, and when it is over; each line says
// which it is, and nothing is said twice.
func TestTheConsoleTellsHowFarJobsAre(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var passed atomic.Int64 // since noon
	clock := func() time.Time {
		return time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC).Add(time.Duration(passed.Load()))
	}
	files, err := directory.Open(t.TempDir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	state := db.Table("state")
	var out bytes.Buffer
	c := newConsole(state, &out, clock)
	told := func(what, want string) {
		t.Helper()
		for range 2 {
			if err := c.look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := out.String(); got != want {
			t.Errorf("%s it says %q, want %q", what, got, want)
		}
		out.Reset()
	}
	ask := func(id string) job.Name {
		t.Helper()
		from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		w := job.Wanted{Kind: "k", Report: "Message-Sent", Format: "csv", Ending: ".csv", From: from.UnixMilli(), To: from.AddDate(0, 0, 1).UnixMilli()}
		if err := job.Ask(t.Context(), state, "acme", id, w, clock()); err != nil {
			t.Fatal(err)
		}
		return job.Name{Tenant: "acme", ID: id}
	}
	said := make(chan job.Progress) // what the work says, which then waits
	worker := &job.Worker{State: state, Objects: files, Now: clock, Lease: 50 * time.Millisecond, Make: func(_ context.Context, _ *job.Job, w io.Writer, progress func(job.Progress)) (job.Made, error) {
		for p := range said {
			progress(p)
		}
		_, err := io.WriteString(w, "content")
		return job.Made{Rows: 500}, err
	}}
	const name = "job 1ac520cf of acme, Message-Sent 2026-03-01 to 2026-03-02: "
	n := ask("1ac520cf-b1a4-4741-8b01-e383563ae402")
	told("while it waits", "")
	over := make(chan error, 1)
	go func() { over <- worker.Run(t.Context(), n) }()
	said <- job.Progress{Of: 2}
	told("when it is begun", name+"begun\n")
	said <- job.Progress{Rows: 200, Done: 1, Of: 2}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) { // until it is stored
		j, err := job.Find(t.Context(), state, n.Tenant, n.ID, clock())
		if err != nil || time.Now().After(deadline) {
			t.Fatal("nothing says how far it is", err)
		}
		if j.Rows == 200 {
			break
		}
	}
	told("soon after", "")
	passed.Add(int64(tellOfAJob))
	told("some time after", name+"200 rows in 1 of 2 parts\n")
	said <- job.Progress{Rows: 500, Done: 2, Of: 2}
	close(said)
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	told("at its end", name+"made, 500 rows in 2 of 2 parts, 7 bytes, 5s after it was asked for\n")

	n = ask("second")
	told("of another that waits", "")
	worker.Make = func(context.Context, *job.Job, io.Writer, func(job.Progress)) (job.Made, error) {
		return job.Made{}, &job.ImpossibleError{Reason: "There is no such report."}
	}
	if _, impossible := errors.AsType[*job.ImpossibleError](worker.Run(t.Context(), n)); !impossible {
		t.Error("it is made")
	}
	told("of one that fails", "job second of acme, Message-Sent 2026-03-01 to 2026-03-02: failed: There is no such report.\n")
}
