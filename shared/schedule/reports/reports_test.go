package reports_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/url"
	"testing"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/event"
	"chatreports/shared/fold"
	"chatreports/shared/journal"
	"chatreports/shared/schedule"
	"chatreports/shared/schedule/reports"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

var (
	acme = &tenant.Tenant{ID: "acme", Zone: "Europe/Berlin", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true}
	now  = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	// friday is a day in Berlin.
	friday = time.Date(2026, 11, 26, 23, 0, 0, 0, time.UTC)
)

// system stores and folds events.
type system struct {
	t              *testing.T
	journal, state table.Table
}

func newSystem(t *testing.T) *system {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &system{t, db.Table("journal"), table.Divide(db.Table("state"))}
}

func (s *system) take(typ, subject string, at time.Time, data string) {
	s.t.Helper()
	text := fmt.Sprintf(`{"specversion": "1.0", "type": %q, "source": "/test", "id": "%s-%s-%d", "subject": %q, "time": %q, "data": %s}`,
		typ, typ, subject, at.UnixMilli(), subject, at.UTC().Format(time.RFC3339Nano), data)
	e, _, refused := event.Parse([]byte(text), now)
	if refused != nil {
		s.t.Fatal(text, refused)
	}
	outcomes, err := journal.New(s.journal).Append(s.t.Context(), "acme", []event.Event{e}, now)
	if err != nil {
		s.t.Fatal(outcomes, err)
	}
	var items []table.Item
	for item, err := range s.journal.Scan(s.t.Context(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		items = append(items, item)
	}
	if _, err := fold.New(s.journal, s.state, func() time.Time { return now }).Apply(s.t.Context(), items); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) make(name string, parameters map[string]string) (rows int64, body string) {
	s.t.Helper()
	r := reports.All(s.state, s.journal)[name]
	declared := &tenant.Schedule{ID: "s", Report: name, Rate: "1 day", Parameters: parameters}
	if err := r.Check(acme, declared); err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	rows, err := r.Write(s.t.Context(), &out, &schedule.Asked{
		Tenant: acme, Parameters: parameters, Format: r.Formats[0], From: friday.UnixMilli(), To: friday.Add(24 * time.Hour).UnixMilli(), Now: now,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rows, out.String()
}

// What is delivered of Comm100 is what its report answers for the period, as CSV.
func TestComm100IsDeliveredAsItIsAnswered(t *testing.T) {
	s := newSystem(t)
	for i, page := range []string{"https://a.example/", `https://b.example/?q="x,y"`, "https://c.example/\nnext", "https://a.example/"} {
		chat := fmt.Sprintf("c%d", i)
		s.take("chat.requested", chat, friday.Add(time.Duration(i)*time.Hour), fmt.Sprintf(`{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v", "pageUrl": %q}`, page))
		s.take("chat.accepted", chat, friday.Add(time.Duration(i)*time.Hour+time.Minute), `{"agentId": "7"}`)
	}
	for name, c := range map[string]struct {
		parameters map[string]string
		query      url.Values
		rows       int64
	}{
		"comm100/chatVolume":             {map[string]string{"group": "hour"}, url.Values{"group": {"hour"}, "timeFrom": {"2026-11-27T00:00:00"}, "timeTo": {"2026-11-28T00:00:00"}, "timezone": {"Europe/Berlin"}}, 24},
		"comm100/chatSource/requestPage": {nil, url.Values{"timeFrom": {"2026-11-27T00:00:00"}, "timeTo": {"2026-11-28T00:00:00"}, "timezone": {"Europe/Berlin"}}, 3},
		"comm100/realtime/rightNow":      {nil, url.Values{}, 1},
	} {
		if reports.All(nil, nil)[name] == nil {
			t.Errorf("there is no %s", name)
			continue
		}
		rows, body := s.make(name, c.parameters)
		c.query.Set("format", "csv")
		a, err := comm100.New(s.state).Answer(t.Context(), &dialect.Request{Tenant: acme, Path: comm100.Prefix + name[len("comm100/"):], Query: c.query, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		want, err := a.Bytes()
		if err != nil || body != string(want) {
			t.Errorf("%s is delivered as\n%s, and answered as\n%s, %v", name, body, want, err)
		}
		lines, err := csv.NewReader(bytes.NewReader(want)).ReadAll()
		if err != nil || rows != int64(len(lines)-1) || rows != c.rows {
			t.Errorf("%s is said to have %d rows; it has %d, want %d, %v", name, rows, len(lines)-1, c.rows, err)
		}
	}
}

// Every report that a schedule can name can be made.
func TestEveryReportCanBeMade(t *testing.T) {
	s := newSystem(t)
	s.take("chat.requested", "c1", friday.Add(time.Hour), `{"initiatedBy": "visitor", "source": "visitor", "visitorId": "v"}`)
	for _, r := range comm100.Reports() {
		parameters := map[string]string{}
		if len(r.Groups) > 0 {
			parameters["group"] = r.Groups[0]
		}
		if _, body := s.make("comm100/"+r.Path, parameters); body == "" {
			t.Errorf("%s is empty", r.Path)
		}
	}
}
