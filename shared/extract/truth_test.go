package extract_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/conversation"
	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// truth is what follows from the journal, gone through from end to end.
type truth struct {
	chats    map[string][]event.Event // those requested
	agents   map[string][]event.Event
	visitors map[string][]event.Event
	// given is the newest name by kind and id, known whom events name.
	given map[[2]string]given
	known map[[2]string]bool
	// announced are the .updated events of an entity, merged.
	announced map[[2]string]*event.Data
	acts      map[string]int64
}

type given struct {
	at   int64
	name string
}

func truthOf(t *testing.T, table1 table.Table) *truth {
	t.Helper()
	tr := &truth{
		chats: map[string][]event.Event{}, agents: map[string][]event.Event{}, visitors: map[string][]event.Event{},
		given: map[[2]string]given{}, known: map[[2]string]bool{}, announced: map[[2]string]*event.Data{}, acts: map[string]int64{},
	}
	entities := map[journal.Entity]map[int64]bool{} // with the beginnings of their segments
	for item, err := range table1.Scan(t.Context(), acme+"/") {
		if err != nil {
			t.Fatal(err)
		}
		if journal.IsNote(item) {
			continue
		}
		rec, err := journal.Decode(item)
		if err != nil {
			t.Fatal(err)
		}
		if entities[rec.Entity] == nil {
			entities[rec.Entity] = map[int64]bool{}
		}
		entities[rec.Entity][beginning(rec.Entity.Kind, rec.Event.At)] = true
	}
	j := journal.New(table1)
	for e, beginnings := range entities {
		for _, from := range slices.Sorted(maps.Keys(beginnings)) {
			tr.segment(t.Context(), t, j, e, from)
		}
	}
	return tr
}

func length(kind string) time.Duration {
	return map[string]time.Duration{"agent": 24 * time.Hour, "visitor": time.Hour}[kind]
}

func beginning(kind string, at int64) int64 {
	if l := length(kind); l > 0 {
		return time.UnixMilli(at).UTC().Truncate(l).UnixMilli()
	}
	return math.MinInt64
}

func (tr *truth) segment(ctx context.Context, t *testing.T, j *journal.Journal, e journal.Entity, from int64) {
	t.Helper()
	to := int64(math.MaxInt64)
	if l := length(e.Kind); l > 0 {
		to = from + l.Milliseconds()
	}
	h, err := j.Read(ctx, e, from, to)
	if err != nil {
		t.Fatal(err)
	}
	names := map[[2]string]given{}
	for i := range h.Events {
		tr.hear(e.Kind, &h.Events[i], names)
	}
	for k, n := range names {
		if old, ok := tr.given[k]; !ok || cmp.Or(cmp.Compare(n.at, old.at), cmp.Compare(n.name, old.name)) > 0 {
			tr.given[k] = n
		}
	}
	switch e.Kind {
	case "chat":
		if slices.ContainsFunc(h.Events, func(e event.Event) bool { return e.Type == "chat.requested" }) {
			tr.chats[e.ID] = h.Events
		}
	case "agent":
		tr.agents[e.ID] = append(tr.agents[e.ID], h.Events...)
	case "visitor":
		tr.visitors[e.ID] = append(tr.visitors[e.ID], h.Events...)
	}
}

// hear takes what one event says.
func (tr *truth) hear(kind string, e *event.Event, names map[[2]string]given) {
	d := &e.Data
	say := func(kind, id, name string) {
		if id == "" {
			return
		}
		tr.known[[2]string{kind, id}] = true
		if name != "" {
			names[[2]string{kind, id}] = given{e.At, name}
		}
	}
	switch kind {
	case "chat", "agent", "visitor":
		say("agent", d.AgentID, d.AgentName)
		say("agent", d.FromAgentID, "")
		say("agent", d.ToAgentID, "")
		say("department", d.DepartmentID, d.DepartmentName)
		say("department", d.GroupID, d.GroupName)
		say("channel", d.ChannelID, d.ChannelName)
		say("user", d.VisitorID, d.VisitorName)
		say("entrypoint", d.EntrypointID, d.EntrypointName)
		say("invitation", d.InvitationID, d.InvitationName)
		say("host", d.HostID, "")
		say("category", d.CategoryID, d.CategoryName)
		say("subcategory", d.SubCategoryID, d.SubCategoryName)
		if d.RouteTo != nil && d.RouteTo.Type == "agent" {
			say("agent", d.RouteTo.ID, "")
		}
		if kind == "agent" {
			say("agent", e.Subject, "")
		}
		for _, a := range []*event.Actor{d.Actor, d.By} {
			if a != nil && a.Type != "auto" {
				say(a.Type, a.ID, a.Name)
			}
		}
	}
	if strings.HasSuffix(e.Type, ".updated") {
		k := [2]string{kind, e.Subject}
		tr.known[k] = true
		if tr.announced[k] == nil {
			tr.announced[k] = &event.Data{}
		}
		o := tr.announced[k]
		o.Name, o.Hostname = cmp.Or(d.Name, o.Name), cmp.Or(d.Hostname, o.Hostname)
		o.FirstName, o.LastName, o.Username = cmp.Or(d.FirstName, o.FirstName), cmp.Or(d.LastName, o.LastName), cmp.Or(d.Username, o.Username)
		o.DepartmentIDs = cmp.Or(d.DepartmentIDs, o.DepartmentIDs)
	}
	switch {
	case e.Type == "page.viewed":
		tr.acts[fmt.Sprint(e.At, e.Type, d.Campaign())]++
	case strings.HasPrefix(e.Type, "entrypoint."):
		tr.acts[fmt.Sprint(e.At, e.Type, d.Campaign(), d.EntrypointID)]++
	case strings.HasPrefix(e.Type, "invitation.") && kind == "visitor" && d.Kind == "auto":
		tr.acts[fmt.Sprint(e.At, e.Type, d.Campaign(), d.InvitationID)]++
	}
}

func word(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// name is what an entity is called.
func (tr *truth) name(kind, id string) string {
	if o := tr.announced[[2]string{kind, id}]; o != nil {
		if name := cmp.Or(strings.TrimSpace(word(o.FirstName)+" "+word(o.LastName)), word(o.Username), word(o.Hostname), word(o.Name)); name != "" {
			return name
		}
	}
	return tr.given[[2]string{kind, id}].name
}

func (tr *truth) groups(agent string) []string {
	var out []string
	if o := tr.announced[[2]string{"agent", agent}]; o != nil && o.DepartmentIDs != nil {
		for _, d := range *o.DepartmentIDs {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// touched are the chats to which anything happened on a UTC day of [from, to), or that an
// agent was in at its beginning.
func (tr *truth) touched(from, to int64) (out []string) {
	first, last := beginning("agent", from), beginning("agent", to-1)
	for id, events := range tr.chats {
		on := slices.ContainsFunc(events, func(e event.Event) bool { day := beginning("agent", e.At); return first <= day && day <= last })
		for _, s := range (&conversation.Teller{Groups: tr.groups}).Tell(event.InSequence(events), nil).Stays {
			on = on || s.From <= from && from < s.To
		}
		if on {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
