package comm100

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/facts"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

var agentOrDepartment = []string{"agent", "department"}

// agentReports are about agents' time and work.
var agentReports = []definition{
	{
		paths: []string{"availability"}, family: "agents", groups: calendarAnd(agentOrDepartment...), filters: agentOrDepartment,
		columns: onlineOfAny, byGroup: map[string][]column{"agent": onlineOfAgent}, byFilter: map[string][]column{"agent": onlineOfAgent},
	},
	{
		paths: []string{"agentStatus"}, family: "agents", filters: agentOrDepartment, kinds: []string{"agent"},
		answer: agentStatus, table: []string{"agentId", "changeLogs.time", "changeLogs.status"}, instead: "its answer is a list already, each entry a change of an agent's status",
	},
	{
		paths: []string{"agentPerformance"}, family: "agents", groups: calendarAnd(agentOrDepartment...), filters: agentOrDepartment,
		columns: []column{
			mean("avgChatTime", measure.ChatLength),
			mean("avgWaitTime", measure.Wait),
			seconds("totalChatTime", "", measure.ChatTime),
			lastByAgent,
		},
	},
	{
		paths: []string{"workload"}, family: "agents", enterprise: true, groups: distributionsAnd("department", "agent"), filters: agentOrDepartment,
		columns: []column{
			seconds("linearChatTime", "avgLinearChatTime", measure.LinearChatTime),
			{
				name: "idleTime", inDistribution: "avgIdleTime", want: wants(measure.LoggedIn, measure.LinearChatTime),
				value: func(t []*report.Total) float64 { return float64(t[0].Millis-t[1].Millis) / 1000 },
			},
			ofLoggedIn("agentUtilization", "avgAgentUtilization", measure.LinearChatTime),
			ofLoggedIn("avgConcurrentChats", "avgConcurrentChats", measure.ChatTime),
			seconds("totalChatTime", "avgTotalChatTime", measure.ChatTime),
			count("chats", "avgChats", measure.Chats),
		},
	},
	{
		paths: []string{"efficiency"}, family: "agents", enterprise: true, groups: distributionsAnd("department", "agent"), filters: agentOrDepartment,
		columns: []column{
			mean("avgAgentResponseTime", measure.Response),
			mean("avgWaitTime", measure.Wait),
			mean("avgChatTime", measure.ChatLength),
			perChat("avgAgentsChatMessages", measure.AgentMessages),
			perChat("avgVisitorsChatMessages", measure.VisitorMessages),
			perChat("avgCannedMessages", measure.CannedMessages),
			lastByAgent,
		},
	},
}

// lastByAgent stays a total in distributions.
var lastByAgent = func() column {
	c := count("lastMessageSentByAgent", "", measure.LastByAgent)
	c.whole = true
	return c
}()

func wants(ids ...measure.ID) []report.Want {
	out := make([]report.Want, len(ids))
	for i, id := range ids {
		out[i].Measure = id
	}
	return out
}

// seconds is a length of time.
func seconds(name, inDistribution string, id measure.ID) column {
	return column{
		name: name, inDistribution: inDistribution, want: wants(id),
		value: func(t []*report.Total) float64 { return float64(t[0].Millis) / 1000 },
	}
}

// ofLoggedIn is a length of time divided by the time logged in.
func ofLoggedIn(name, inDistribution string, id measure.ID) column {
	return column{
		name: name, inDistribution: inDistribution, pooled: true, want: wants(id, measure.LoggedIn),
		value: func(t []*report.Total) float64 { return ratio(float64(t[0].Millis), float64(t[1].Millis)) },
		by:    func(t []*report.Total) float64 { return float64(t[1].Millis) },
	}
}

// perChat is a number divided by the chats an agent took part in.
func perChat(name string, id measure.ID) column {
	return column{
		name: name, pooled: true, want: wants(id, measure.ChatsWithAgent),
		value: func(t []*report.Total) float64 { return ratio(float64(t[0].N), float64(t[1].N)) },
		by:    func(t []*report.Total) float64 { return float64(t[1].N) },
	}
}

// onlineOfAny is the time in which anybody of a department or the site was online;
// onlineOfAgent is an agent's own.
var (
	onlineOfAny = []column{{
		name: "online", want: wants(measure.OnlineAny),
		value: func(t []*report.Total) float64 { return float64(t[0].Present()) / 1000 },
	}}
	onlineOfAgent = []column{
		seconds("online", "", measure.Online),
		{
			name: "statusDistribution", want: wants(measure.LoggedIn, measure.Online), parts: []string{"timeStr", "status", "time"},
			value: func(t []*report.Total) float64 { return float64(t[0].Millis) },
			build: func(t []*report.Total) any {
				status := func(name string, ms int64) dialect.Row {
					return dialect.Row{{Name: "timeStr"}, {Name: "status", Value: name}, {Name: "time", Value: float64(ms) / 1000}}
				}
				return []dialect.Row{
					status("Logged-in", t[0].Millis), status("Online", t[1].Millis), status("Total Away", t[0].Millis-t[1].Millis),
				}
			},
		},
	}
)

// agentStatus is the log of every agent: the status in force at timeFrom, then
// every change in the range.
func agentStatus(r *request) (iter.Seq[dialect.Row], error) {
	from, to := r.from.UnixMilli(), r.to.UnixMilli()
	// A status holds on: also in a range that has not come yet.
	all := *r
	if all.to.After(all.now) {
		all.Snapshot = r.At(r.to)
	}
	var result *report.Result
	var logs map[string]facts.StatusLog
	known := slices.Collect(maps.Keys(r.Entries("agent")))
	err := r.together(func() (err error) {
		result, err = all.run(r.buckets(), measure.Agent, nil, wants(measure.LoggedIn))
		return err
	}, func() (err error) {
		logs, err = r.StatusLogs(known, from, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	ids, department := map[string]bool{}, r.filters["department"]
	for _, id := range known {
		ids[id] = department == "" || r.member(id, department)
	}
	for id := range result.Totals {
		if department == "" && result.At(id, 0, 0).Millis != 0 {
			ids[id] = true
		}
	}
	if id := r.filters["agent"]; id != "" {
		ids = map[string]bool{id: ids[id]}
	}
	list := sortIDs(ids)
	if err := r.moreLogs(logs, list, from, to); err != nil {
		return nil, err
	}
	return func(yield func(dialect.Row) bool) {
		for _, id := range list {
			log := []dialect.Row{r.entry(from, logs[id].Before)}
			for _, c := range logs[id].Changes {
				log = append(log, r.entry(c.At, c.Status))
			}
			if !yield(dialect.Row{{Name: "agentId", Value: number(id)}, {Name: "changeLogs", Value: log}}) {
				return
			}
		}
	}, nil
}

// moreLogs adds those of agents that nobody announced.
func (r *request) moreLogs(logs map[string]facts.StatusLog, agents []string, from, to int64) error {
	more, err := r.StatusLogs(slices.DeleteFunc(slices.Clone(agents), func(id string) bool { _, ok := logs[id]; return ok }), from, to)
	maps.Copy(logs, more)
	return err
}

// together does things at once.
func (r *request) together(steps ...func() error) error {
	var g errgroup.Group
	for _, step := range steps {
		g.Go(step)
	}
	return g.Wait()
}

// entry is one entry of a status log.
func (r *request) entry(at int64, status string) dialect.Row {
	return dialect.Row{{Name: "time", Value: r.zone.Wall(at).Format(calendar.WallLayout)}, {Name: "status", Value: displayed(status)}}
}

// displayed is a status as Comm100 writes it: custom ones as they are.
func displayed(status string) string {
	switch cmp.Or(status, "offline") {
	case "online":
		return "Online"
	case "away":
		return "Away"
	case "offline":
		return "Offline"
	}
	return status
}
