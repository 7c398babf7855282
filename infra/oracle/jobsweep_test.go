package oracle_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"chatreports/infra/oracle"
)

// TestJobsAgree asks for every raw report over HTTP, over odd windows, and compares the file
// behind the job's link: CSV byte by byte, of JSON lines and Parquet every cell.
func TestJobsAgree(t *testing.T) {
	sweep(t, func(t *testing.T, s *swept) {
		for _, report := range oracle.FreshchatReports() {
			from := pick(s.Rand, stamp("2024-10-01T00:00:00Z"), stamp("2024-10-26T10:20:30Z"), stamp("2024-10-27T00:00:00Z"), stamp(s.anyTime()))
			to := pick(s.Rand, stamp("2024-11-01T00:00:00Z"), stamp("2024-10-28T17:00:00.001Z"), stamp("2024-10-27T23:00:00Z"), stamp(s.anyTime()))
			if !from.Before(to) {
				from, to = to, from.Add(time.Millisecond)
			}
			format := pick(s.Rand, "csv", "csv.plain", "jsonl", "parquet")
			sheet := s.Freshchat(report, from, to, s.now)
			got, want := read(t, format, s.extracted(t, report, from, to, format), sheet), oracle.CSV(sheet)
			if got != want {
				t.Errorf("%s as %s %v %v, now %v: %s", report, format, from.UTC(), to.UTC(), s.now, firstDifference(got, want))
			}
		}
	})
}

// extracted is the rows that a job delivers.
func (s *swept) extracted(t *testing.T, report string, from, to time.Time, format string) []byte {
	t.Helper()
	const form = "2006-01-02T15:04:05.000Z07:00"
	body := fmt.Sprintf(`{"start":%q,"end":%q,"event":%q,"format":%q}`, from.UTC().Format(form), to.In(time.FixedZone("", 3600)).Format(form), report, format)
	status, _, raw := s.ask(t, "POST", "/v2/reports/raw", body)
	var job struct {
		ID     string
		Status string
		Links  []struct{ Link struct{ Href string } }
	}
	if err := json.Unmarshal(raw, &job); err != nil || status != 202 {
		t.Fatalf("%s: %d %s", body, status, raw)
	}
	_, _, raw = s.ask(t, "GET", "/v2/reports/raw/"+job.ID, "")
	if err := json.Unmarshal(raw, &job); err != nil || job.Status != "COMPLETED" || len(job.Links) != 1 || job.Links[0].Link.Href == "" {
		t.Fatalf("%s: %s", body, raw)
	}
	file := s.file(t, job.ID)
	if format != "csv" {
		return file
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(archive.File) != 1 {
		t.Fatalf("%s: %v in %d bytes", body, err, len(file))
	}
	f, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// file is the one object of a job.
func (s *swept) file(t *testing.T, job string) (raw []byte) {
	t.Helper()
	n := 0
	for info, err := range s.Files.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(info.Key, job) {
			continue
		}
		n++
		f, err := s.Files.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if raw, err = io.ReadAll(f); err != nil {
			t.Fatal(err)
		}
	}
	if n != 1 {
		t.Fatalf("job %s has %d objects", job, n)
	}
	return raw
}
