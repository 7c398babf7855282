package dashboard

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"chatreports/shared/job"
	"chatreports/shared/link"
)

// jobs lists the files that are made, or were in the last days.
func jobs(a *asker) (*listing, error) {
	l := &listing{
		Name: "jobs", Wide: true, Title: "Files", None: "Nothing has had to be made in the last seven days.",
		Heads: []string{"Report", "Of (UTC)", a.here("Asked"), "State", "Rows", "Size"},
		Note:  "Freshchat's raw reports, and exports that take long, are made one after another and kept for seven days.",
	}
	in, err := location(a.tenant.Zone)
	if err != nil {
		return nil, err
	}
	all, err := job.List(a, a.State, a.tenant.ID, a.Clock())
	if err != nil {
		return nil, err
	}
	for _, j := range all {
		window, _ := strings.CutPrefix(j.Title(), j.Report+" ")
		line := []item{{Text: j.Report}, {Text: window}, moment(j.Asked, in), stateOf(j), {Text: thousands(float64(j.Rows))}, {Text: "–"}}
		if j.State == job.Completed {
			line[5].Text = size(j.Bytes)
		}
		l.Lines = append(l.Lines, line)
	}
	return l, nil
}

// stateOf is how far a job is.
func stateOf(j *job.Job) item {
	switch {
	case j.State == job.Completed:
		return item{Text: "completed"}
	case j.State == job.Failed:
		return item{Text: "failed: " + j.Reason}
	case j.Of > 0:
		return item{Text: fmt.Sprintf("%d of %d", j.Done, j.Of), Done: j.Done, Of: j.Of}
	case j.Making():
		return item{Text: "being made"}
	}
	return item{Text: "waits"}
}

// size is a number of bytes for people.
func size(bytes int64) string {
	switch b := float64(bytes); {
	case b >= 1e6:
		return fmt.Sprintf("%.1f MB", b/1e6)
	case b >= 1e3:
		return fmt.Sprintf("%.1f kB", b/1e3)
	}
	return fmt.Sprintf("%d B", bytes)
}

// links lists the public links.
func links(a *asker) (*listing, error) {
	l := &listing{
		Name: "links", Wide: true, Title: "Public links", None: "There is no public link.", Path: "/v1/exports/links",
		Heads: []string{"Report", "With", "Made by", a.here("Made"), a.here("Expires"), a.here("Last used")},
	}
	in, err := location(a.tenant.Zone)
	if err != nil {
		return nil, err
	}
	all, err := link.New(a.State).List(a, a.tenant.ID, a.now)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		var with []string
		for _, s := range k.Settings {
			with = append(with, s.Name+"="+s.Value)
		}
		expires := moment(k.Expires, in)
		switch {
		case k.Expires.IsZero():
			expires.Text = "never"
		case k.Expired(a.now):
			expires.Text = "expired"
		}
		l.Lines = append(l.Lines, []item{{Text: k.Report}, {Text: cmp.Or(strings.Join(with, ", "), "–")}, {Text: k.Key}, moment(k.Created, in), expires, moment(k.Used, in)})
	}
	return l, nil
}

// schedules lists the reports that are delivered again and again.
func schedules(a *asker) (*listing, error) {
	const path = "/v1/schedules"
	l := &listing{
		Name: "schedules", Wide: true, Title: "Schedules", None: "The tenant's file declares no schedule.", Path: path,
		Heads: []string{"Schedule", "Report", a.here("Next run"), a.here("Last run"), a.here("Delivered until"), "State", "Newest files"},
	}
	in, err := location(a.tenant.Zone)
	if err != nil {
		return nil, err
	}
	var told struct {
		Schedules []struct{ ID, Report, NextRun, LastRun, DeliveredUntil, Failure, Manifest string }
	}
	if err := a.get(a.Schedules, path, url.Values{}, &told); err != nil {
		return nil, err
	}
	for _, s := range told.Schedules {
		state := "well"
		switch {
		case s.Failure != "":
			state = "failed: " + s.Failure
		case s.LastRun == "":
			state = "has not run"
		}
		l.Lines = append(l.Lines, []item{{Text: s.ID}, {Text: s.Report}, written(s.NextRun, in), written(s.LastRun, in), written(s.DeliveredUntil, in), {Text: state}, {Text: cmp.Or(s.Manifest, "–")}})
	}
	return l, nil
}

// here is the head of a column of times in the tenant's zone.
func (a *asker) here(head string) string { return head + " (" + a.tenant.Zone + ")" }

// written is a time as APIs write it.
func written(text string, in *time.Location) item {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return moment(time.Time{}, in)
	}
	return moment(t, in)
}
