package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/infra/storage"
	"chatreports/shared/function"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/payload"
	"chatreports/shared/tenant"
)

// What webhooks delivered is deleted when its time is over, by the rules of the template: there
// is one for each time that a tenant can choose, and the local system keeps to them.
func TestPayloadsAreDeletedWhenTheirTimeIsOver(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	bucket := stack.Bucket{}
	for _, f := range description.Functions {
		if f.Code == "functions/webhook" {
			bucket, _ = description.Bucket(f.Buckets[function.ObjectBucket])
		}
	}
	data := t.TempDir()
	files, err := directory.Open(storage.Files(data), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	jobs := newJobs(files, &description)
	const day = 24 * time.Hour
	now := time.Now()
	left := 0
	for _, days := range tenant.PayloadDays() {
		rules := 0
		for _, rule := range bucket.Expire {
			if rule.Prefix == payload.Class(days) && rule.After == time.Duration(days)*day {
				rules++
			}
		}
		if rules != 1 {
			t.Errorf("the template has %d rules for payloads that are kept for %d days", rules, days)
		}
		for _, age := range []time.Duration{time.Duration(days)*day - time.Hour, time.Duration(days)*day + time.Hour} {
			p := payload.Payload{Tenant: "acme", Webhook: "w", Provider: tenant.Drift, Arrived: now.Add(-age), Body: []byte("{}")}
			if err := payload.Keep(t.Context(), jobs.files, days, &p); err != nil {
				t.Fatal(err)
			}
			for info, err := range jobs.files.List(t.Context(), payload.Class(days)) {
				if err != nil {
					t.Fatal(err)
				}
				if now.Sub(info.Modified) < time.Hour { // the one just written
					if err := os.Chtimes(filepath.Join(storage.Files(data), "objects", info.Key), now, now.Add(-age)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		left++
	}
	if err := object.Put(t.Context(), jobs.files, "schedules/acme/x", func(w io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := jobs.expire(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	found := 0
	for info, err := range jobs.files.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		found++
		t.Log(info.Key, now.Sub(info.Modified).Round(time.Hour))
	}
	if want := left + 1; found != want {
		t.Errorf("%d files are left, want %d", found, want)
	}
}
