package dashboard

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
)

// list asks for one table of the present.
type list func(a *asker) (*listing, error)

// listing is a table of what there is now.
type listing struct {
	Name, Title, Note string
	Wide              bool
	// None is what it says when it has no lines.
	None  string
	Heads []string
	Lines [][]item
	// Path is where a program finds the same, and Curl how.
	Path string
	Curl curl
}

// item is what stands in one place of a listing: a text, or how much of what is done.
type item struct {
	Text, Href string
	// Title is the id of whom a text names.
	Title    string
	Done, Of int
}

// standingFigure is one number of the present.
type standingFigure struct{ Text, Label string }

// present answers with what a page shows of the present, and nothing around it.
func (a *asker) present(w http.ResponseWriter, r *http.Request) error {
	f := a.frame("")
	if f.Page = find(r.URL.Query().Get("page")); f.Page == nil || !f.Page.Live() {
		return dialect.Refuse(http.StatusNotFound, "not_found", "There is no such page, or it shows nothing of the present.")
	}
	if err := a.live(f); err != nil {
		return err
	}
	a.show(w, http.StatusOK, "live", f)
	return nil
}

// live asks how things are now, as far as the page shows it. What a tenant's edition has
// not is left out.
func (a *asker) live(f *frame) error {
	lists := make([]*listing, len(f.Page.lists))
	all, ctx := errgroup.WithContext(a)
	at := *a
	at.Context = ctx
	for i, ask := range f.Page.lists {
		all.Go(func() (err error) {
			lists[i], err = ask(&at)
			if _, refused := errors.AsType[*dialect.Refusal](err); refused {
				return nil
			}
			return err
		})
	}
	if f.Page.Standing {
		all.Go(func() error { return at.stand(f) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	f.Lists = slices.DeleteFunc(lists, func(l *listing) bool { return l == nil })
	for _, l := range f.Lists {
		l.Curl = a.curl(l.Path)
	}
	return nil
}

// stand asks for the numbers of the present.
func (a *asker) stand(f *frame) error {
	var now map[string]float64
	if err := a.get(a.Reports, comm100.Prefix+"realtime/rightNow", url.Values{}, &now); err != nil {
		return err
	}
	for _, s := range standing {
		if value, ok := now[s.Name]; ok {
			label := s.Label
			if value == 1 {
				label = s.One
			}
			f.Standing = append(f.Standing, standingFigure{thousands(value), label})
		}
	}
	return nil
}

// agentNow is an agent as the report of the present tells of it.
type agentNow struct {
	AgentID                  any
	CurrentStatus            string
	OngoingChats, TodayChats float64
}

// rank has those first who are online.
func (n *agentNow) rank() int {
	if n.CurrentStatus == "Online" {
		return 0
	}
	return 1
}

// agentsNow lists the agents that are not offline, those online first.
func agentsNow(a *asker) (*listing, error) {
	const path = comm100.Prefix + "realtime/agents"
	l := &listing{Name: "agents-now", Title: "Who is there", None: "Nobody is signed in.", Heads: []string{"Agent", "Status", "In chats", a.here("Chats today")}}
	query := url.Values{"timezone": {a.tenant.Zone}}
	l.Path = path + "?" + query.Encode()
	var told []agentNow
	if err := a.get(a.Reports, path, query, &told); err != nil {
		return nil, err
	}
	names, err := a.names(byAgent)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(told, func(x, y agentNow) int { return cmp.Compare(x.rank(), y.rank()) })
	for _, agent := range told {
		if agent.CurrentStatus == "Offline" {
			continue
		}
		id := idOf(agent.AgentID)
		l.Lines = append(l.Lines, []item{
			{Text: cmp.Or(names[id], id), Href: Prefix + "agents?agent=" + url.QueryEscape(id)},
			{Text: agent.CurrentStatus},
			{Text: thousands(agent.OngoingChats)},
			{Text: thousands(agent.TodayChats)},
		})
	}
	return l, nil
}

// queues are what the types of the vendor's queues stand for, in its order.
var queues = []string{"", byDepartment, byAgent}

// waitingNow lists who waits, the longest first.
func waitingNow(a *asker) (*listing, error) {
	const path = comm100.Prefix + "realtime/queue"
	l := &listing{Name: "waiting-now", Title: "Who waits", None: "Nobody waits.", Heads: []string{"Visitor", "For", "Waits"}, Path: path + "?names=true"}
	var told []struct {
		RouteTo struct {
			Type int
			ID   any
		}
		Queue []struct {
			VisitorID, VisitorName string
			WaitTime               float64
		}
	}
	if err := a.get(a.Reports, path, url.Values{"names": {"true"}}, &told); err != nil {
		return nil, err
	}
	type waits struct {
		id, visitor, whom string
		seconds           float64
	}
	var all []waits
	for _, q := range told {
		whom := "anybody"
		if kind := queues[q.RouteTo.Type]; kind != "" {
			names, err := a.names(kind)
			if err != nil {
				return nil, err
			}
			id := idOf(q.RouteTo.ID)
			whom = cmp.Or(names[id], id)
		}
		for _, v := range q.Queue {
			all = append(all, waits{v.VisitorID, cmp.Or(v.VisitorName, v.VisitorID), whom, v.WaitTime})
		}
	}
	slices.SortStableFunc(all, func(x, y waits) int { return cmp.Compare(y.seconds, x.seconds) })
	for _, w := range all {
		l.Lines = append(l.Lines, []item{{Text: w.visitor, Title: w.id}, {Text: w.whom}, {Text: length(w.seconds)}})
	}
	return l, nil
}

// idOf is an id as text, which the vendor writes as a number where it is one.
func idOf(id any) string { return textOf(asJSON(id)) }

// moment is a time of a listing, in a zone; the zero time is a dash.
func moment(t time.Time, in *time.Location) item {
	if t.IsZero() {
		return item{Text: "–"}
	}
	return item{Text: clock(t, in)}
}
