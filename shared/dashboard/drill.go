package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"chatreports/shared/table"
)

// rowOf is one of them.
type rowOf struct {
	Kind    string
	ID      string
	Time    string
	Until   string
	Measure string
	Count   int64
	Seconds float64
	Key     any
	Chat    *struct {
		VisitorID   string
		VisitorName string
		Outcome     string
		Agents      []known
		Departments []known
	}
	AgentID   string
	AgentName string
	Name      string
}

// rowsPage is the rows that a figure is made of.
type rowsPage struct {
	Report  string
	Measure string
	Unit    string
	Total   json.RawMessage
	Sums    []struct {
		Measure    string
		Definition string
		Count      int64
		Seconds    float64
	}
	Rows []rowOf
	Next string

	Text, Label, More, CSV string
	Curl                   curl
	// Of is whose figure it is, where it is an entity's; When which days, hours it is of. Zone is
	// that of the question, and of times.
	Of, When, Zone string
	// Chats: rows are of chats, of which more is known. Lasting: some have an end. Long: some
	// have a length. Several: they are of several measures.
	Chats, Lasting, Long, Several bool
}

// ofWhom names the entity whose figure a question for rows means.
func (a *asker) ofWhom(q url.Values) (string, error) {
	group, id := cmp.Or(q.Get("by"), q.Get("group")), q.Get("entity")
	switch {
	case id == ofNone && q.Has("entity"):
		return "what is of no " + group, nil
	case id == ofNone:
		return "", nil
	}
	names, err := a.names(group)
	if name := names[id]; name != "" {
		return fmt.Sprintf("%s %s, id %s", group, name, id), err
	}
	return group + " " + id, err
}

// entitle tells the figure in words: a number, or those of one property, such as percentiles.
func (p *rowsPage) entitle() {
	figure := func(property string, raw json.RawMessage) string {
		var value float64
		if told, ok := words[property]; ok && json.Unmarshal(raw, &value) == nil {
			return write(value, told.Unit)
		}
		return strings.Trim(string(raw), `"`)
	}
	p.Label, p.Text = cmp.Or(words[p.Measure].Label, p.Measure), figure(p.Measure, p.Total)
	var several map[string]json.RawMessage
	if json.Unmarshal(p.Total, &several) != nil || len(several) == 0 {
		return
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(several)) {
		property := p.Measure + "." + name
		all = append(all, cmp.Or(words[property].Label, name)+": "+figure(property, several[name]))
	}
	p.Label, p.Text = strings.Join(all, "; "), ""
}

// rows shows what a figure is made of.
func (a *asker) rows(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if q.Get("format") == "csv" {
		return a.allRows(w, q)
	}
	out := &rowsPage{}
	err := a.get(a.Explain, "/v1/rows", q, out)
	if err != nil {
		return err
	}
	out.entitle()
	out.Curl = a.curl("/v1/rows?" + q.Encode())
	file := maps.Clone(q)
	file.Set("format", "csv")
	for _, page := range []string{"limit", "cursor"} {
		file.Del(page)
	}
	out.CSV = Prefix + "rows?" + file.Encode()
	for i := range out.Rows {
		r := &out.Rows[i]
		out.Chats, out.Lasting, out.Long = out.Chats || r.Chat != nil, out.Lasting || r.Until != "", out.Long || r.Seconds != 0
		out.Several = out.Several || r.Measure != out.Rows[0].Measure
	}
	for _, s := range out.Sums {
		out.Long = out.Long || s.Seconds != 0
	}
	if out.Of, err = a.ofWhom(q); err != nil {
		return err
	}
	out.When, out.Zone = when(q), cmp.Or(q.Get("timezone"), "UTC")
	if out.Next != "" {
		q.Set("cursor", out.Next)
		out.More = Prefix + "rows?" + q.Encode()
	}
	f := a.frame(out.Label)
	f.Rows = out
	if f.Location, err = location(out.Zone); err != nil {
		return err
	}
	a.show(w, http.StatusOK, "rows", f)
	return nil
}

// chatPage is one chat, whole.
type chatPage struct {
	ID    string
	Known *knownChat
	// Events count, LeftOut do not; Told are both, in words.
	Events, LeftOut []sent
	Told            []happening
	Counts          []struct {
		Measure string
		At      string
		Until   string
		N       int64
		Millis  int64
		For     map[string][]string
		// Whom is the same, named.
		Whom []whom
	}

	Facts []property
	Curl  curl
	// Zone is that of times.
	Zone string
}

// whom is for whom something counts.
type whom struct{ Kind, ID, Name string }

// inDimension names an entity of a dimension, or both of a pair; what has no name is called by
// its id.
func (a *asker) inDimension(dimension, id string) (string, error) {
	kinds, parts := []string{dimension}, []string{id}
	switch dimension {
	case "agentDepartment", "departmentAgent":
		kinds = []string{byAgent, byDepartment}
		parts = table.Split(id)
	case "queue":
		if parts = table.Split(id); len(parts) == 2 {
			kinds = []string{"", parts[0]}
		}
	}
	for i := range min(len(kinds), len(parts)) {
		names, err := a.names(kinds[i])
		if err != nil {
			return "", err
		}
		parts[i] = cmp.Or(names[parts[i]], parts[i])
	}
	return strings.Join(parts, " / "), nil
}

// inWords is the name of a member as words.
func inWords(member string) string {
	var b strings.Builder
	for _, r := range member {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// both is an entity as a line of text tells of it: by its name, if it has one, with its id.
func both(name, id string) string {
	if name == "" || name == id {
		return id
	}
	return name + " (" + id + ")"
}

// chat shows one chat.
func (a *asker) chat(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("id")
	out := &chatPage{Zone: cmp.Or(r.URL.Query().Get("zone"), a.tenant.Zone)}
	at := "/v1/chats/" + id
	if err := a.get(a.Lookup, at, url.Values{}, out); err != nil {
		return err
	}
	out.Curl = a.curl("/v1/chats/" + url.PathEscape(id))
	in, err := location(out.Zone)
	if err != nil {
		return err
	}
	if out.Told, err = a.timeline(out.Known, out.Events, out.LeftOut); err != nil {
		return err
	}
	if out.Known != nil {
		names, err := a.names(byCampaign)
		if err != nil {
			return err
		}
		out.Facts = out.Known.properties(names[out.Known.CampaignID], in)
	}
	for i := range out.Counts {
		c := &out.Counts[i]
		for _, dimension := range slices.Sorted(maps.Keys(c.For)) {
			for _, id := range c.For[dimension] {
				name, err := a.inDimension(dimension, id)
				if err != nil {
					return err
				}
				c.Whom = append(c.Whom, whom{inWords(dimension), id, name})
			}
		}
	}
	f := a.frame("Chat " + id)
	f.Chat, f.Location = out, in
	a.show(w, http.StatusOK, "chat", f)
	return nil
}
