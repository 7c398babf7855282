package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// requestedAt is when a chat is requested; its message comes a second later.
func requestedAt(i int) time.Time {
	return time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(time.Duration(i) * 173 * time.Second % (25 * time.Hour))
}

// sentIn is how many messages are sent in a window.
func sentIn(chats int, from, to time.Time) (n int) {
	for i := range chats {
		if at := requestedAt(i).Add(time.Second); !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// messages are chats with a message each, in batches, as one of them is sent.
func messages(chats int) []string {
	var batches []string
	var events []string
	for i := range chats {
		at := requestedAt(i)
		id := fmt.Sprintf("c%05d", i)
		events = append(
			events,
			fmt.Sprintf(`{"specversion":"1.0","id":"%[1]s-1","source":"t","type":"chat.requested","subject":%[1]q,"time":%[2]q,"data":{"visitorId":"v","initiatedBy":"visitor","source":"visitor"}}`, id, at.Format(time.RFC3339)),
			fmt.Sprintf(`{"specversion":"1.0","id":"%[1]s-2","source":"t","type":"message.sent","subject":%[1]q,"time":%[2]q,"data":{"messageId":"%[1]s-m","actor":{"type":"user","id":"v","name":"Ünal, \"U\""},"length":5}}`, id, at.Add(time.Second).Format(time.RFC3339)),
		)
		if len(events) == 400 || i == chats-1 {
			batches = append(batches, "["+strings.Join(events, ",")+"]")
			events = nil
		}
	}
	return batches
}

// extracting is a system with chats in it, all of them counted.
func extracting(t *testing.T, chats int) *process {
	t.Helper()
	p := start(t, "--data", t.TempDir(), "--demo=false", "--now", extractNow, "--tenants", tenantsAt(t, tenantsFile))
	p.send(chats)
	return p
}

// send sends the chats.
func (p *process) send(chats int) {
	p.t.Helper()
	for _, batch := range messages(chats) {
		if answer := p.must("POST", "/v1/events", "all-key", batch, 202); !strings.Contains(answer, `"duplicates":0,"refused":[]`) {
			p.t.Fatalf("answer is %s", answer)
		}
	}
}

// post asks for a report and gives the answer.
func (p *process) post(key, start, end, event, format string) string {
	p.t.Helper()
	return p.must("POST", rawPath, key, fmt.Sprintf(`{"start":%q,"end":%q,"event":%q,"format":%q}`, start, end, event, format), 202)
}

// file fetches a link as anybody would.
func (p *process) file(link string) (int, []byte) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, raw
}

// rows unpacks a ZIP as scripts do: its first entry.
func (p *process) rows(link string) [][]string {
	p.t.Helper()
	status, raw := p.file(link)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if status != 200 || err != nil || len(z.File) != 1 || !strings.HasSuffix(z.File[0].Name, ".csv") {
		p.t.Fatalf("the file is %d %.100q, %v", status, raw, err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

// between cuts out what stands between two texts, as one script does.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	out, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		t.Fatalf("%q and %q are not in %s", before, after, text)
	}
	return out
}

// status is that of a job, with its links.
func (p *process) status(key, id string) (status string, links []string) {
	p.t.Helper()
	var job struct {
		Status string
		Links  []struct {
			Link   struct{ Href string }
			Status string
		}
	}
	answer := p.must("GET", rawPath+"/"+id, key, "", 200)
	if err := json.Unmarshal([]byte(answer), &job); err != nil {
		p.t.Fatalf("%s: %v", answer, err)
	}
	for _, l := range job.Links {
		if l.Status == "COMPLETED" {
			links = append(links, l.Link.Href)
		}
	}
	return job.Status, links
}

// completed waits for a job.
func (p *process) completed(key, id string) (link string) {
	p.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if status, links := p.status(key, id); status == "COMPLETED" && len(links) == 1 {
			return links[0]
		} else if status != "PENDING" {
			p.t.Fatalf("the job is %s %v\n%s", status, links, p.errors)
		}
	}
	p.t.Fatalf("the job %s is not completed after a minute\n%s", id, p.errors)
	return ""
}
