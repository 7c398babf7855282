package freshchat_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"chatreports/shared/conversation"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/dialect/file/filetest"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/fact"
	"chatreports/shared/scenario"
)

var update = flag.Bool("update", false, "write the rows told where they differ; read every line of the change before keeping it")

// Each file of testdata says a rule, events (as scenarios do, see shared/scenario), and
// the rows of reports, whose cells the remarks explain. A part is named "REPORT [FROM TO]"
// and holds CSV, or "REPORT.jsonl" or "REPORT.parquet": the same rows as JSON lines, and as
// a reader of Parquet has them.
func TestRows(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	told := map[string]bool{}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			given := given(t, archive)
			changed := false
			for i := range archive.Files {
				part := &archive.Files[i]
				if part.Name == "given" {
					continue
				}
				told[part.Name] = true
				before := remarks(string(part.Data))
				if got, want := given.text(t, part.Name), strings.TrimPrefix(string(part.Data), before); got != want {
					t.Errorf("%s:\n%swant\n%s%s", part.Name, got, want, differences(t, got, want))
					part.Data, changed = []byte(before+got), true
				}
			}
			if changed && *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	for _, report := range freshchat.Reports() {
		for _, name := range []string{report.Name, report.Name + ".jsonl", report.Name + ".parquet"} {
			if !told[name] {
				t.Errorf("no file of testdata has a part %s", name)
			}
		}
	}
}

// text is what a part holds. (Lines of CSV end CR LF; txtar has them without the CR.)
func (g *what) text(t *testing.T, part string) string {
	t.Helper()
	name, format, ok := strings.Cut(part, ".")
	if !ok || strings.Contains(name, " ") { // the point is one of the window's
		name, format = part, file.CSV.Name
	}
	rows := g.told(t, name)
	sheet := &dialect.Sheet{Columns: reportOf(t, name).Columns, Rows: func(yield func([]string, error) bool) {
		for _, row := range rows[1:] {
			if !yield(row, nil) {
				return
			}
		}
	}}
	kind, ok := file.Find(format)
	if !ok {
		t.Fatalf("%s: there is no format %s", part, format)
	}
	var b bytes.Buffer
	if err := kind.Write(&b, sheet, file.Options{}); err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	if format != file.Parquet.Name {
		return strings.ReplaceAll(b.String(), "\r\n", "\n")
	}
	f, err := filetest.Parquet(b.Bytes())
	if err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	text, err := f.Text()
	if err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	return text
}

// reportOf is the report of a part's name.
func reportOf(t *testing.T, part string) *extract.Report {
	t.Helper()
	name, _, _ := strings.Cut(part, " ")
	all := freshchat.Reports()
	i := slices.IndexFunc(all, func(r extract.Report) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no report %s", name)
	}
	return &all[i]
}

// what is given in a scenario.
type what struct {
	*scenario.Scenario
	chats, agents map[string][]event.Event
	names         *directory
}

func given(t *testing.T, archive *txtar.Archive) *what {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "given" })
	s, err := scenario.Parse(txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: archive.Files[i : i+1]}))
	if err != nil {
		t.Fatal(err)
	}
	return happened(s)
}

// happened are the events of a scenario, by whose they are.
func happened(s *scenario.Scenario) *what {
	w := &what{Scenario: s, chats: map[string][]event.Event{}, agents: map[string][]event.Event{}, names: &directory{entries: map[string]*fact.Entry{}, said: map[string]string{}}}
	slices.SortStableFunc(s.Events, func(a, b event.Event) int { return event.Compare(&a, &b) })
	for i := range s.Events {
		e := &s.Events[i]
		switch kind, id := e.Entity(); kind {
		case "chat":
			w.chats[id] = append(w.chats[id], *e)
		case "agent":
			w.agents[id] = append(w.agents[id], *e)
		}
		w.names.take(e)
	}
	return w
}

// told is the header and the rows of a report, in order.
func (g *what) told(t *testing.T, name string) [][]string {
	t.Helper()
	words, report := strings.Fields(name), reportOf(t, name)
	w := &extract.Window{Tenant: &g.Tenant, From: math.MinInt64, To: math.MaxInt64, Now: g.Now.UnixMilli()}
	var err error
	if w.Hours, err = dialect.BusinessHours(&g.Tenant); err != nil {
		t.Fatal(err)
	}
	if len(words) == 3 {
		for i, end := range []*int64{&w.From, &w.To} {
			at, err := time.Parse(time.RFC3339, words[i+1])
			if err != nil {
				t.Fatal(err)
			}
			*end = at.UnixMilli()
		}
	}
	var rows []extract.Row
	emit := func(r extract.Row) {
		if len(r.Cells) != len(report.Columns) {
			t.Fatalf("%s: a row of %d cells, %d columns", name, len(r.Cells), len(report.Columns))
		}
		if r.At >= w.From && r.At < w.To {
			rows = append(rows, extract.Row{At: r.At, Order: slices.Clone(r.Order), Cells: slices.Clone(r.Cells)})
		}
	}
	for id, events := range g.chats {
		if report.Chats == nil {
			break
		}
		tell := func(types []string) (own []extract.Row) {
			before := len(rows)
			if c := (&conversation.Teller{Groups: g.names.Groups}).Tell(event.InSequence(events), types); c != nil {
				report.Chats(w, g.names, c, emit)
			}
			own, rows = slices.Clone(rows[before:]), rows[:before]
			return own
		}
		own := tell(report.Types)
		if all := tell(nil); !reflect.DeepEqual(own, all) {
			t.Fatalf("%s: of chat %s %v is told of the types that it names, of all %v", name, id, own, all)
		}
		rows = append(rows, own...)
	}
	for id, events := range g.agents {
		if report.Agents != nil {
			report.Agents(w, g.names, agent(id, events, w), emit)
		}
	}
	slices.SortFunc(rows, func(a, b extract.Row) int { return cmp.Or(cmp.Compare(a.At, b.At), slices.Compare(a.Order, b.Order)) })
	out := [][]string{nil}
	for _, c := range report.Columns {
		out[0] = append(out[0], c.Name)
	}
	for _, r := range rows {
		out = append(out, r.Cells)
	}
	return out
}

// agent is what a window knows of an agent.
func agent(id string, events []event.Event, w *extract.Window) *extract.Agent {
	a := &extract.Agent{ID: id, Before: fact.Beginning()}
	before := fact.NewAgent(id, math.MinInt64, fact.Forever, a.Before)
	var within, later []event.Event
	for _, e := range events {
		switch {
		case e.At < w.From:
			before.Fold(e)
			a.Before = before.Agent.After
		case e.At < w.To:
			within = append(within, e)
		default:
			later = append(later, e)
		}
	}
	all := func(string) bool { return true }
	a.Events, a.Later = event.InSequence(within)(all), event.InSequence(later)(all)
	return a
}

// directory is names as all events together give them.
type directory struct {
	entries map[string]*fact.Entry
	said    map[string]string
}

func (n *directory) take(e *event.Event) {
	d := &e.Data
	say := func(kind, id, name string) {
		if id != "" && name != "" {
			n.said[kind+"/"+id] = name
		}
	}
	say("agent", d.AgentID, d.AgentName)
	say("department", d.GroupID, d.GroupName)
	say("department", d.DepartmentID, d.DepartmentName)
	say("channel", d.ChannelID, d.ChannelName)
	say("user", d.VisitorID, d.VisitorName)
	say("category", d.CategoryID, d.CategoryName)
	say("subcategory", d.SubCategoryID, d.SubCategoryName)
	for _, a := range []*event.Actor{d.Actor, d.By} {
		if a != nil {
			say(a.Type, a.ID, a.Name)
		}
	}
	if kind, ok := strings.CutSuffix(e.Type, ".updated"); ok {
		key := kind + "/" + e.Subject
		f := &fact.Fact{Entry: &fact.Entry{}}
		if n.entries[key] != nil {
			f.Entry = n.entries[key]
		}
		f.Fold(*e)
		n.entries[key] = f.Entry
	}
}

func (n *directory) Name(kind, id string) string {
	e := n.Entry(kind, id)
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return cmp.Or(strings.TrimSpace(text(e.FirstName)+" "+text(e.LastName)), text(e.Username), text(e.Name), n.said[kind+"/"+id])
}

func (n *directory) Entry(kind, id string) *fact.Entry {
	if e := n.entries[kind+"/"+id]; e != nil {
		return e
	}
	return &fact.Entry{}
}

func (n *directory) Groups(agent string) []string { return n.Entry("agent", agent).DepartmentIDs }

func (n *directory) Newest(string, int64, func(*event.Event) bool) *event.Event { return nil }

// remarks are the lines before the CSV.
func remarks(text string) string {
	n := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		n += len(line)
	}
	return text[:n]
}

// differences names the cells that differ, of CSV.
func differences(t *testing.T, gotText, wantText string) string {
	t.Helper()
	got, err := csv.NewReader(strings.NewReader(gotText)).ReadAll()
	want, err2 := csv.NewReader(strings.NewReader(wantText)).ReadAll()
	if err != nil || err2 != nil || len(got) != len(want) || len(got[0]) != len(want[0]) {
		return ""
	}
	text := ""
	for i := range got {
		for j := range got[i] {
			if got[i][j] != want[i][j] {
				text += fmt.Sprintf("row %d, %s: %q, want %q\n", i, got[0][j], got[i][j], want[i][j])
			}
		}
	}
	return text
}
