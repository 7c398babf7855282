package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The clock of these tests stands at the end of the day of which they ask.
const (
	extractNow = "2026-03-02T23:30:00Z"
	rawPath    = "/v2/reports/raw"
)

func TestClientsOfRawReportsGetTheirRows(t *testing.T) {
	t.Parallel()
	const chats = 500
	p := extracting(t, chats)
	march := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	t.Run("cuts strings out, looks once, reads the first link", func(t *testing.T) {
		t.Parallel()
		answer := p.must("POST", rawPath+"/", "all-key", `{"start":"2026-03-01T12:00:00.000Z","end":"2026-03-02T12:00:00.000Z","event":"Message-Sent","format":"csv"}`, 202)
		id := between(t, answer, "w/", `"}`)
		time.Sleep(10 * time.Second)
		answer = p.must("GET", rawPath+"/"+id, "all-key", "", 200)
		if !regexp.MustCompile(`^\{"id":"[^"]+","interval":"2026-03-01 12:00:00\.0_2026-03-02 12:00:00\.0","status":"COMPLETED","links":\[\{"link":\{"rel":"extraction","href":"http://`).MatchString(answer) {
			t.Errorf("the answer is %s", answer)
		}
		link := between(t, answer, `href":"`, `"}`)
		if rows := p.rows(link); len(rows) != sentIn(chats, march(1, 12), march(2, 12))+1 || rows[1][slices.Index(rows[0], "actor_name")] != `Ünal, "U"` {
			t.Errorf("%d rows, the first is %q", len(rows)-1, rows[min(1, len(rows)-1)])
		}
	})
	t.Run("gives dates, wants the link to be completed", func(t *testing.T) {
		t.Parallel()
		var answer struct {
			ID   string
			Link struct{ Rel, Href string }
		}
		if err := json.Unmarshal([]byte(p.post("all-key", "2026-03-02", "2026-03-03", "Message-Sent", "csv")), &answer); err != nil || answer.Link.Href != "/reports/raw/"+answer.ID || answer.Link.Rel != "extracts" {
			t.Fatalf("%+v, %v", answer, err)
		}
		time.Sleep(10 * time.Second)
		status, links := p.status("all-key", answer.ID)
		if status != "COMPLETED" || len(links) != 1 {
			t.Fatalf("it is %s %v", status, links)
		}
		if rows := p.rows(links[0]); len(rows) != sentIn(chats, march(2, 0), march(3, 0))+1 {
			t.Errorf("%d rows", len(rows)-1)
		}
	})
	t.Run("polls twice a second, gives up if it is completed at once", func(t *testing.T) {
		t.Parallel()
		id := between(t, p.post("all-key", "2026-03-01T23:00:00+01:00", "2026-03-03T01:00:00+01:00", "Message-Sent", "csv"), "w/", `"}`)
		asked := time.Now()
		for looks := 0; ; looks++ {
			status, links := p.status("all-key", id)
			if status == "COMPLETED" {
				if looks == 0 || time.Since(asked) < time.Second {
					t.Fatalf("it is completed at look %d, %s after it was asked for", looks, time.Since(asked))
				}
				if rows := p.rows(links[0]); len(rows) != chats+1 {
					t.Errorf("%d rows", len(rows)-1)
				}
				break
			}
			if len(links) > 0 || looks > 100 {
				t.Fatalf("it is %s with %v", status, links)
			}
			time.Sleep(500 * time.Millisecond)
		}
	})
	t.Run("waits, and splits lines itself", func(t *testing.T) {
		t.Parallel()
		id := between(t, p.post("all-key", "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "Conversation-Created", "CSV.plain"), "w/", `"}`)
		link := p.completed("all-key", id)
		again := p.completed("all-key", id)
		_, raw := p.file(link)
		lines := strings.Split(string(raw), "\n")
		if len(lines) != chats+2 || lines[0] != "channel_name,reopened,actor_type,group_name,reopen_cause,created_at,interaction_id,conv_url,interaction_raw_id,group_id,conversation_id,is_conv_offline,channel_id,user_id\r" {
			t.Errorf("%d lines, the first is %q", len(lines), lines[0])
		}
		if _, other := p.file(again); !bytes.Equal(other, raw) {
			t.Error("a second look gives another file")
		}
	})
}

func TestWhatIsWrongWithARequestForARawReport(t *testing.T) {
	t.Parallel()
	p := extracting(t, 1)
	body := func(start, end, event, more string) string {
		return fmt.Sprintf(`{"start":%s,"end":%s,"event":%s%s}`, start, end, event, more)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"all is well":                        {body(`"2026-03-01"`, `"2026-03-02"`, `"CSAT-Score"`, `,"format":null,"should_exclude_pii":true`), 202, `"rel":"extracts"`},
		"a month, by date":                   {body(`"2026-02-10T12:00:00Z"`, `"2026-03-10T18:59:59.999Z"`, `"CSAT-Score"`, `,"format":"Parquet"`), 202, `"id"`},
		"a month, up to its last day":        {body(`"2026-01-31"`, `"2026-02-28T23:00:00Z"`, `"CSAT-Score"`, ``), 202, `"id"`},
		"more than that":                     {body(`"2026-01-31"`, `"2026-03-01"`, `"CSAT-Score"`, ``), 400, `it may be 2026-02-28 at the latest`},
		"15 months":                          {body(`"2024-12-02"`, `"2024-12-03"`, `"CSAT-Score"`, ``), 202, `"id"`},
		"more than 15":                       {body(`"2024-12-01T23:59:59.999Z"`, `"2024-12-03"`, `"CSAT-Score"`, ``), 400, `it may be from 2024-12-02 on`},
		"an end ahead":                       {body(`"2026-03-02"`, `"2026-04-02"`, `"CSAT-Score"`, ``), 202, `"id"`},
		"no time between":                    {body(`"2026-03-02"`, `"2026-03-02T01:00:00+01:00"`, `"CSAT-Score"`, ``), 400, `'end' is invalid: it must be later than 'start'`},
		"less than a millisecond between":    {body(`"2026-03-02T00:00:00.0001Z"`, `"2026-03-02T00:00:00.0009Z"`, `"CSAT-Score"`, ``), 400, `later than 'start'`},
		"no start":                           {`{"end":"2026-03-02","event":"CSAT-Score"}`, 400, `Parameter 'start' is required`},
		"no end":                             {body(`"2026-03-02"`, `""`, `"CSAT-Score"`, ``), 400, `Parameter 'end' is required`},
		"no zone":                            {body(`"2026-03-01T00:00:00"`, `"2026-03-02"`, `"CSAT-Score"`, ``), 400, `'start' is invalid`},
		"small letters":                      {body(`"2026-03-01t00:00:00z"`, `"2026-03-02"`, `"CSAT-Score"`, ``), 202, `"id"`},
		"an hour of one digit":               {body(`"2026-03-01T9:00:00Z"`, `"2026-03-02"`, `"CSAT-Score"`, ``), 400, `'start' is invalid`},
		"a comma":                            {body(`"2026-03-01"`, `"2026-03-02T00:00:00,5Z"`, `"CSAT-Score"`, ``), 400, `'end' is invalid`},
		"an offset of a day":                 {body(`"2026-03-01T00:00:00+24:00"`, `"2026-03-02"`, `"CSAT-Score"`, ``), 400, `'start' is invalid`},
		"a day that is none":                 {body(`"2026-02-30"`, `"2026-03-02"`, `"CSAT-Score"`, ``), 400, `'start' is invalid`},
		"a number":                           {body(`1`, `"2026-03-02"`, `"CSAT-Score"`, ``), 400, `'start' is invalid: it is 1, and should be text`},
		"no event":                           {`{"start":"2026-03-01","end":"2026-03-02"}`, 400, `Parameter 'event' is required: one of Conversation-Created`},
		"an event that there is not":         {body(`"2026-03-01"`, `"2026-03-02"`, `"csat-score"`, ``), 400, `No matching event name: CSAT-Score was probably meant; \"csat-score\" is none of Conversation-Created`},
		"a format that there is not":         {body(`"2026-03-01"`, `"2026-03-02"`, `"CSAT-Score"`, `,"format":"xlsx"`), 400, `none of csv, csv.zip, csv.plain, jsonl, parquet`},
		"no JSON":                            {`start=2026`, 400, `should be a JSON object`},
		"no object":                          {`null`, 400, `should be a JSON object`},
		"a body that is larger than any use": {`{"start":"` + strings.Repeat("x", 70_000) + `"}`, 413, `larger than 65536 bytes`},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer, header, err := p.request("POST", rawPath, "ops-key", c.body)
			if err != nil || status != c.status || !strings.Contains(answer, c.want) || header.Get("Content-Type") != "application/json" {
				t.Errorf("answer is %d %s, %v; want %d with %s", status, answer, err, c.status, c.want)
			}
			if status < 400 {
				return
			}
			if !regexp.MustCompile(fmt.Sprintf(`^\{"code":%d,"status":"[A-Z_]+","message":"`, status)).MatchString(answer) {
				t.Errorf("the refusal is %s", answer)
			}
			if unknown := strings.Contains(answer, "No matching"); unknown != strings.Contains(answer, `"error_code":5}`) {
				t.Errorf("the refusal is %s", answer)
			}
		})
	}
	p.must("POST", rawPath+"?x=1", "ops-key", "{}", 400)
}

func TestWhoMayHaveARawReport(t *testing.T) {
	t.Parallel()
	p := extracting(t, 3)
	const wanted = `{"start":"2026-03-01","end":"2026-03-03","event":"Message-Sent"}`
	id := between(t, p.must("POST", "/reports/raw", "ops-key", wanted, 202), "w/", `"}`)
	for _, path := range []string{rawPath, rawPath + "/", "/reports/raw", "/reports/raw/", rawPath + "/" + id, rawPath + "/" + id + "/", "/reports/raw/" + id, "/reports/raw/" + id + "/"} {
		method, ok := "POST", 202
		if strings.Contains(path, id) {
			method, ok = "GET", 200
		}
		foreign := ok
		if method == "GET" {
			foreign = 404
		}
		for key, want := range map[string]int{"": 401, "nobody": 401, "feed-key": 403, "other-key": foreign, "ops-key": ok} {
			status, answer, header, err := p.request(method, path, key, map[bool]string{true: wanted}[method == "POST"])
			if err != nil || status != want {
				t.Errorf("%s %s with %q: %d %s, %v; want %d", method, path, key, status, answer, err, want)
			}
			limits(t, path+" "+key, header)
			if challenged := header.Get("WWW-Authenticate") != ""; challenged != (status == 401) {
				t.Errorf("%s: WWW-Authenticate is %q", path, header.Get("WWW-Authenticate"))
			}
		}
		other := map[string]string{"POST": "GET", "GET": "POST"}[method]
		if status, answer, header, err := p.request(other, path, "ops-key", ""); err != nil || status != 405 || header.Get("Allow") == "" || !strings.HasPrefix(answer, `{"code":405,"status":"METHOD_NOT_ALLOWED"`) {
			t.Errorf("%s %s: %d %s, %v", other, path, status, answer, err)
		}
	}
	p.must("GET", rawPath+"/none", "ops-key", "", 404)
	p.must("GET", rawPath+"/"+strings.Repeat("x", 3000), "ops-key", "", 404)
	p.must("GET", rawPath+"/a/b", "ops-key", "", 404)
	p.must("GET", "/v2/reports/other", "ops-key", "", 404)

	link := p.completed("ops-key", id)
	if status, _ := p.file(link); status != 200 {
		t.Errorf("the link gives %d", status)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	later, err := strconv.ParseInt(u.Query().Get("expires"), 10, 64)
	if left := time.Until(time.Unix(later, 0)); err != nil || left < 59*time.Minute || left > time.Hour {
		t.Errorf("the link is good for %s, %v", left, err)
	}
}

// limits wants an answer to say what the limits are.
func limits(t *testing.T, what string, header http.Header) (left int) {
	t.Helper()
	left, err := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
	reset, err2 := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if header.Get("X-RateLimit-Limit") != "600" || err != nil || err2 != nil || left < 0 || left > 600 || time.Until(time.Unix(reset, 0)).Abs() > 62*time.Second {
		t.Errorf("%s: the limits are %v", what, header)
	}
	return left
}

func TestRawReportsAskedForTooOften(t *testing.T) {
	t.Parallel()
	p := extracting(t, 1)
	const wrong = `{"event":"none"}`
	for i := range 600 {
		status, answer, header, err := p.request("POST", rawPath, "ops-key", wrong)
		if err != nil || status != 400 {
			t.Fatalf("POST %d: %d %s, %v", i, status, answer, err)
		}
		if left := limits(t, "a POST", header); left != 599-i {
			t.Fatalf("after %d there are %d left", i+1, left)
		}
	}
	status, answer, header, err := p.request("POST", rawPath, "all-key", wrong)
	wait, bad := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || bad != nil || status != 429 || wait < 1 || wait > 60 || limits(t, "the last", header) != 0 || !strings.HasPrefix(answer, `{"code":429,"status":"RATE_LIMITED"`) {
		t.Errorf("answer is %d %s %v, %v", status, answer, header, err)
	}
	if _, _, header, err = p.request("GET", rawPath+"/none", "ops-key", ""); err != nil || limits(t, "a GET", header) != 0 {
		t.Errorf("a GET says %v, %v", header, err)
	}
	p.must("POST", rawPath, "other-key", wrong, 400)
}

// With -short it is killed less often.
func TestKilledDuringExtracts(t *testing.T) {
	t.Parallel()
	const chats, atOnce = 4_000, 3
	kills := 50
	if testing.Short() {
		kills = 5
	}
	data, tenants := t.TempDir(), tenantsAt(t, tenantsFile)
	begin := func() *process {
		return start(t, "--data", data, "--demo=false", "--now", extractNow, "--tenants", tenants)
	}
	p := begin()
	p.send(chats)
	r := rand.New(rand.NewPCG(1, 2))
	var ids []string
	for range kills {
		for range atOnce {
			format := []string{"csv", "jsonl", "parquet", "csv.plain"}[r.IntN(4)]
			status, answer, _, err := p.request("POST", rawPath, "all-key", fmt.Sprintf(`{"start":"2026-03-01","end":"2026-03-03","event":"Message-Sent","format":%q}`, format))
			if err != nil || status != 202 {
				t.Fatalf("answer is %d %s, %v", status, answer, err)
			}
			ids = append(ids, between(t, answer, "w/", `"}`))
		}
		time.Sleep(3*time.Second + time.Duration(r.IntN(1000))*time.Millisecond) // they begin after three seconds
		_ = p.cmd.Process.Signal(syscall.SIGKILL)
		if err := <-p.ended; err == nil {
			t.Fatal("it was killed, and ended well")
		}
		p = begin()
	}
	var want []string
	for deadline := time.Now().Add(5 * time.Minute); len(want) < len(ids); {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d are completed; the next is not\n%s", len(want), len(ids), p.errors)
		}
		id := ids[len(want)]
		status, links := p.status("all-key", id)
		if status == "PENDING" {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if status != "COMPLETED" || len(links) != 1 {
			t.Fatalf("job %s is %s", id, status)
		}
		code, raw := p.file(links[0])
		var job struct{ Progress struct{ Rows int } }
		if err := json.Unmarshal([]byte(p.must("GET", rawPath+"/"+id, "all-key", "", 200)), &job); err != nil || job.Progress.Rows != chats || code != 200 {
			t.Fatalf("job %s has %d rows, the file %d bytes (%d), %v", id, job.Progress.Rows, len(raw), code, err)
		}
		if bytes.HasPrefix(raw, []byte("PK")) {
			if rows := p.rows(links[0]); len(rows) != chats+1 {
				t.Errorf("job %s has %d rows", id, len(rows)-1)
			}
		}
		u, _ := url.Parse(links[0])
		want = append(want, strings.TrimPrefix(u.Path, "/files/"))
	}
	var got []string
	for _, folder := range []string{"objects", "uploads"} {
		err := filepath.WalkDir(filepath.Join(data, "files", folder), func(name string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				name, err = filepath.Rel(filepath.Join(data, "files", folder), name)
				got = append(got, filepath.ToSlash(name))
			}
			if errors.Is(err, os.ErrNotExist) {
				err = nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are %d files, want %d: %v", len(got), len(want), got)
	}
}
