package oracle_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/dialect/file/filetest"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

var (
	sweepSeeds = flag.Int("sweep.seeds", 3, "how many random seeds the sweeps take")
	sweepFirst = flag.Uint64("sweep.first", 0, "the first seed; 0: a random one")
)

// sweep runs a comparison over events that make no sense, delivered at random to the
// whole system, for some seeds, until one fails.
func sweep(t *testing.T, compare func(t *testing.T, s *swept)) {
	t.Helper()
	first := *sweepFirst
	if first == 0 {
		first = rand.Uint64N(1_000_000) + 1
	}
	for seed := first; seed < first+uint64(*sweepSeeds) && !t.Failed(); seed++ {
		compare(t, newSwept(t, seed))
		if t.Failed() {
			t.Logf("-run %s -sweep.first=%d -sweep.seeds=1", t.Name(), seed)
		}
	}
}

// swept is a system in which everything has arrived, and the reference for it.
type swept struct {
	*rand.Rand
	*trial.System
	*oracle.Oracle
	who tenant.Tenant
	now time.Time
}

func newSwept(t *testing.T, seed uint64) *swept {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	now := oracle.AfterAny
	if r.IntN(3) == 0 {
		now = now.Add(time.Duration(r.IntN(3*86400)) * -time.Second)
	}
	var past []event.Event
	for _, e := range oracle.AnyEvents(seed, 100+r.IntN(500)) {
		if e.At <= now.Add(event.MaxAhead).UnixMilli() {
			past = append(past, e)
		}
	}
	if r.IntN(2) == 0 {
		crowd(past)
	}
	if r.IntN(4) == 0 {
		longAgo(r, past)
	}
	who := tenant.Entry{
		Tenant: tenant.Tenant{
			ID: "t", Name: "Acme, Ltd", Zone: pick(r, "UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"),
			Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true,
			Links: tenant.Links{Conversation: "https://x.example/?chat={chatId}", Transcript: "https://x.example/{chatId}"},
		},
		Keys: []tenant.Key{{ID: "all", Secret: "all", Scopes: tenant.Scopes()}},
	}
	slow := oracle.Tenant{
		ID: "t", Name: "Acme, Ltd", Zone: who.Tenant.Zone, Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true,
		ConversationLink: who.Tenant.Links.Conversation, TranscriptLink: who.Tenant.Links.Transcript,
	}
	if r.IntN(3) > 0 {
		who.Tenant.BusinessHours, slow.BusinessHours = tenant.Week{}, map[string][][2]int{}
		for _, day := range tenant.Days() {
			begin := r.IntN(12 * 60)
			pause := begin + r.IntN(3*60)
			end := pause + 1 + r.IntN(8*60)
			who.Tenant.BusinessHours[day] = []tenant.Span{{From: begin, To: pause + 1}, {From: pause + 30, To: end + 30}}
			slow.BusinessHours[day] = [][2]int{{begin, pause + 1}, {pause + 30, end + 30}}
		}
		who.Tenant.Holidays = []string{pick(r, "2024-10-27", "2024-10-28")}
		slow.Holidays = who.Tenant.Holidays
	}
	system, err := trial.Open(t.TempDir(), now, who)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	delivered := oracle.Delivered(past, r)
	for rest := delivered; len(rest) > 0; {
		n := min(len(rest), 1+r.IntN(120))
		if err := system.Send(rest[:n]); err != nil {
			t.Fatal(err)
		}
		if rest = rest[n:]; r.IntN(4) == 0 {
			if err := system.Merge(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return &swept{r, system, oracle.New(slow, delivered), who.Tenant, now}
}

// crowd makes few chats of many, in which more happens, and more is said.
func crowd(events []event.Event) {
	chat := regexp.MustCompile(`^c\d+`)
	for i := range events {
		e := &events[i]
		switch e.Type {
		case "survey.submitted", "chat.wrapped_up", "chat.queued", "chat.scored", "chat.tagged":
			e.Type, e.Data = "message.sent", event.Data{MessageID: e.ID, Actor: &event.Actor{Type: []string{"user", "agent"}[i%2], ID: "1"}}
		}
		for _, id := range []*string{&e.Subject, &e.Data.ChatID} {
			if n := chat.FindString(*id); n != "" && e.Type != "channel.updated" {
				*id = "c" + string('0'+(n[len(n)-1]-'0')%3)
			}
		}
	}
}

// longAgo moves what happened to one chat, one agent and one visitor into times when clocks
// were set by the sun, or before there were any.
func longAgo(r *rand.Rand, events []event.Event) {
	by := int64(pick(r, 48_943, 738_885)) * 86_400_000 // whole days: what is looked at together stays so
	for i := range events {
		if e := &events[i]; e.Subject == "c0" || e.Subject == "10" || e.Subject == "u" {
			e.At -= by
		}
	}
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// ask sends a request with the key that may do all.
func (s *swept) ask(t *testing.T, method, target, body string) (int, http.Header, []byte) {
	t.Helper()
	response, err := s.Request(method, target, http.Header{"Authorization": {"Bearer all"}, "Content-Type": {"application/json"}}, body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, raw
}

// read is a file as CSV with the columns of a sheet: CSV is what it is; of JSON lines and
// Parquet a number is written as the sheet has it, if it is the same.
func read(t *testing.T, format string, raw []byte, like [][]string) string {
	t.Helper()
	var rows [][]any
	switch format {
	case "jsonl":
		rows = readLines(t, raw, like[0])
	case "parquet":
		f, err := filetest.Parquet(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.Columns, like[0]) {
			t.Fatalf("the columns are %v, want %v", f.Columns, like[0])
		}
		rows = f.Rows
	default:
		return string(raw)
	}
	out := [][]string{like[0]}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			switch v := v.(type) {
			case nil:
			case time.Time:
				cells[i] = v.Format("2006-01-02T15:04:05.000Z")
			case float64:
				cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
				if len(out) < len(like) {
					if same, err := strconv.ParseFloat(like[len(out)][i], 64); err == nil && same == v {
						cells[i] = like[len(out)][i]
					}
				}
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		out = append(out, cells)
	}
	return oracle.CSV(out)
}

// readLines are the values of JSON lines, in the order of the columns.
func readLines(t *testing.T, raw []byte, columns []string) (rows [][]any) {
	t.Helper()
	for line := range bytes.Lines(raw) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		values := make([]any, len(columns))
		for i, column := range columns {
			values[i] = row[column]
			delete(row, column)
		}
		if len(row) > 0 {
			t.Fatalf("columns too many: %v", row)
		}
		rows = append(rows, values)
	}
	return rows
}

// firstDifference is where two texts part.
func firstDifference(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	around := func(s string) string { return s[max(0, i-300):min(len(s), i+200)] }
	return "got  …" + around(got) + "…\nwant …" + around(want) + "…"
}

// anyTime is when an event was, or just after or before; not long ago, since a window is no
// century.
func (s *swept) anyTime() string {
	at := s.Accepted[s.IntN(len(s.Accepted))].Time()
	if at.Year() < 2000 {
		return s.anyTime()
	}
	return at.Add(time.Duration(s.IntN(3)-1) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}
