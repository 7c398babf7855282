package comm100

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"chatreports/shared/cell"
	"chatreports/shared/dialect"
	"chatreports/shared/facts"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// realtimeReports are about this moment and this day.
var realtimeReports = []definition{
	{
		paths: []string{"realtime/rightNow", "realtime/rightnow", "rightnow"}, family: "realtime", zoneless: true, kinds: []string{"agent"}, also: toldRightNow,
		answer: rightNow, single: true, table: namesOfColumns(toldRightNow), instead: ofOneMoment,
	},
	{paths: []string{"realtime/today"}, family: "realtime", columns: ofToday, answer: today, single: true, table: namesOfColumns(ofToday)},
	{paths: []string{"realtime/today/customMetrics"}, family: "realtime", enterprise: true, answer: customMetrics, ids: []string{kindOfMetrics}, table: []string{"id", "value"}, instead: "its values are computed from figures of realtime/today, which are"},
	{
		paths: []string{"realtime/agents"}, family: "realtime", filters: byDepartment, kinds: []string{"agent"}, also: toldAgents, answer: realtimeAgents,
		table: []string{"agentId", "currentStatus", "ongoingChats", "todayChats", "todayLinearChatTime", "statusDistribution.status", "statusDistribution.time"}, instead: ofOneMoment,
	},
	{
		paths: []string{"realtime/queue"}, family: "realtime", enterprise: true, ids: []string{"department", "agent"}, kinds: []string{"department"}, also: toldQueue, answer: realtimeQueue,
		table: []string{
			"routeTo.type", "routeTo.id", "ongoingChats", "avgWaitTimeInLast30Mins", "avgWaitTimeInLast60Mins", "abandonedChatsInLast30Mins",
			"switchedToMessagesInLast30Mins", "queue.visitorId", "queue.waitTime",
		},
		instead: ofOneMoment,
	},
}

const ofOneMoment = "what it tells is of one moment, and gone at the next; the figures of realtime/today are made of rows"

const minute = int64(60 * 1000)

// moment is what goes on now, and what happened shortly before.
type moment struct {
	now  int64
	list []cell.Difference
}

// moment reads what happened in the minutes before now, and what goes on.
func (r *request) moment(minutes int64, ids ...measure.ID) (*moment, error) {
	now := r.now.UnixMilli()
	list, err := r.Window(now-minutes*minute, now, ids...)
	return &moment{now, list}, err
}

// going yields the levels of a measure in force now.
func (m *moment) going(id measure.ID, f func(d *cell.Difference)) {
	for i := range m.list {
		if d := &m.list[i]; d.Measure == id && d.At <= m.now && d.Until > m.now {
			f(d)
		}
	}
}

// ofAgents counts the ongoing chats that an agent is in.
func (m *moment) ofAgents() map[string]int64 {
	chats := map[string]int64{}
	for _, id := range inChat {
		m.going(id, func(d *cell.Difference) { chats[d.Dims.Of(measure.Agent)[0]]++ })
	}
	return chats
}

var inChat = []measure.ID{measure.InChat, measure.Joined}

// rightNow counts who is there at this moment.
func rightNow(r *request) (iter.Seq[dialect.Row], error) {
	m, err := r.moment(30, measure.InChat, measure.Joined, measure.Ongoing, measure.OngoingWithBot, measure.Waiting, measure.LoggedInStep, measure.Online, measure.Seen)
	if err != nil {
		return nil, err
	}
	chats := m.ofAgents()
	visitors := map[string]bool{}
	number := func(id measure.ID) (n int64) {
		m.going(id, func(d *cell.Difference) {
			n++
			if d.Key != "" {
				visitors[d.Key] = true
			}
		})
		return n
	}
	withAgents, withBot, waiting := number(measure.Ongoing), number(measure.OngoingWithBot), number(measure.Waiting)
	loggedIn := number(measure.LoggedInStep)
	for i := range m.list {
		if d := &m.list[i]; d.Measure == measure.Seen {
			visitors[table.Split(d.Fact)[1]] = true
		}
	}
	var ofOnline, maxima int64
	m.going(measure.Online, func(d *cell.Difference) {
		id := d.Dims.Of(measure.Agent)[0]
		if entry := r.Entries("agent")[id]; entry != nil && entry.MaxConcurrentChats != nil {
			maxima += *entry.MaxConcurrentChats
			ofOnline += chats[id]
		}
	})
	only := func(has bool, value any) any {
		if has {
			return value
		}
		return nil
	}
	return one(dialect.Row{
		{Name: "agentsInChat", Value: len(chats)},
		{Name: "ongoingChats", Value: withAgents + withBot},
		{Name: "visitorsOnSite", Value: len(visitors)},
		{Name: "loggedInAgents", Value: loggedIn},
		{Name: "currentQueueLength", Value: only(r.tenant.AutoAllocation, waiting)},
		{Name: "chatUtilization", Value: only(r.tenant.AutoAllocation, quotient(float64(ofOnline), float64(maxima)))},
		{Name: "ongoingChatsWithAgents", Value: only(r.tenant.Chatbot, withAgents)},
		{Name: "ongoingChatsWithChatbot", Value: only(r.tenant.Chatbot, withBot)},
	}), nil
}

// one is the rows of an answer that is one row.
func one(row dialect.Row) iter.Seq[dialect.Row] { return slices.Values([]dialect.Row{row}) }

// today is the calendar day that now lies in, in the zone asked for.
func (r *request) today() report.Bucket {
	y, m, d := r.now.In(r.zone.Location).Date()
	return report.Bucket{From: r.zone.Instant(y, m, d, 0, 0, 0).UnixMilli(), To: r.zone.Instant(y, m, d+1, 0, 0, 0).UnixMilli()}
}

// realtimeAgents tells of every agent what it does and did today.
func realtimeAgents(r *request) (iter.Seq[dialect.Row], error) {
	var m *moment
	var result *report.Result
	var logs map[string]facts.StatusLog
	day, now := r.today(), r.now.UnixMilli()
	err := r.together(func() (err error) {
		m, err = r.moment(0, inChat...)
		return err
	}, func() (err error) {
		result, err = r.run([]report.Bucket{day}, measure.Agent, nil, wants(measure.Chats, measure.LinearChatTime, measure.LoggedIn))
		return err
	}, func() (err error) {
		logs, err = r.StatusLogs(slices.Collect(maps.Keys(r.Entries("agent"))), day.From, now+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	ongoing := m.ofAgents()
	ids := map[string]bool{}
	for id := range r.Entries("agent") {
		ids[id] = true
	}
	for id := range result.Totals {
		if result.At(id, 0, 0).N != 0 || result.At(id, 0, 2).Millis != 0 {
			ids[id] = true
		}
	}
	for id := range ongoing {
		ids[id] = true
	}
	if department := r.filters["department"]; department != "" {
		for id := range ids {
			ids[id] = r.memberNow(id, department)
		}
	}
	list := sortIDs(ids)
	if err := r.moreLogs(logs, list, day.From, now+1); err != nil {
		return nil, err
	}
	return func(yield func(dialect.Row) bool) {
		for _, id := range list {
			current, distribution := spent(logs[id], day.From, now)
			if !yield(dialect.Row{
				{Name: "agentId", Value: number(id)},
				{Name: "currentStatus", Value: displayed(current)},
				{Name: "ongoingChats", Value: ongoing[id]},
				{Name: "todayChats", Value: result.At(id, 0, 0).N},
				{Name: "todayLinearChatTime", Value: float64(result.At(id, 0, 1).Millis) / 1000},
				{Name: "statusDistribution", Value: distribution},
			}) {
				return
			}
		}
	}, nil
}

// memberNow says whether an agent is a member of a department now.
func (r *request) memberNow(agent, department string) bool {
	member := false
	if entry := r.Entries("agent")[agent]; entry != nil {
		for _, m := range entry.Moves {
			if m.At <= r.now.UnixMilli() {
				member = slices.Contains(m.Departments, department)
			}
		}
	}
	return member
}

// customMetrics computes the tenant's own expressions over today's figures.
func customMetrics(r *request) (iter.Seq[dialect.Row], error) {
	s, err := r.sheetOfToday()
	if err != nil {
		return nil, err
	}
	figures := map[string]float64{}
	for i, c := range s.columns {
		_, name, _ := strings.Cut(c.name, ".")
		figures[name] = c.value(s.totals("", 0, i))
	}
	metrics := slices.Clone(r.tenant.CustomMetrics)
	slices.SortFunc(metrics, func(a, b customMetric) int { return compareIDs(a.ID, b.ID) })
	out := make([]dialect.Row, len(metrics))
	for i, m := range metrics {
		program, err := compile(m.Expression)
		if err != nil {
			return nil, err
		}
		out[i] = dialect.Row{{Name: "id", Value: m.ID}, {Name: "value", Value: program.Run(figures)}}
	}
	return slices.Values(out), nil
}

// realtimeQueue tells of every queue who waits and for how long others did.
func realtimeQueue(r *request) (iter.Seq[dialect.Row], error) {
	m, err := r.moment(60, measure.Waiting, measure.QueueEnded, measure.QueueEndedAbandoned, measure.QueueEndedSwitched,
		measure.InChat, measure.Joined, measure.Ongoing, measure.OngoingWithBot)
	if err != nil {
		return nil, err
	}
	queues := map[string]*queueRow{measure.Pair("site", ""): {}}
	for id := range r.Entries("department") {
		queues[measure.Pair("department", id)] = &queueRow{}
	}
	of := func(d *cell.Difference) *queueRow {
		name := d.Dims.Of(measure.Queue)[0]
		if queues[name] == nil {
			queues[name] = &queueRow{}
		}
		return queues[name]
	}
	m.going(measure.Waiting, func(d *cell.Difference) { q := of(d); q.waiting = append(q.waiting, d) })
	for i := range m.list {
		d := &m.list[i]
		lately := d.At >= m.now-30*minute
		switch d.Measure {
		case measure.QueueEnded:
			q := of(d)
			q.last60.add(d)
			if lately {
				q.last30.add(d)
			}
		case measure.QueueEndedAbandoned:
			if lately {
				of(d).abandoned += d.N
			}
		case measure.QueueEndedSwitched:
			if lately {
				of(d).switched += d.N
			}
		}
	}
	count := func(d *cell.Difference, kind string, dim measure.Dim) {
		for _, id := range d.Dims.Of(dim) {
			if q := queues[measure.Pair(kind, id)]; q != nil {
				q.ongoing++
			}
		}
	}
	for _, id := range []measure.ID{measure.Ongoing, measure.OngoingWithBot} {
		m.going(id, func(d *cell.Difference) {
			count(d, "site", measure.Site)
			count(d, "department", measure.Department)
		})
	}
	for _, id := range inChat {
		m.going(id, func(d *cell.Difference) { count(d, "agent", measure.Agent) })
	}
	names := slices.SortedFunc(maps.Keys(queues), compareQueues)
	return func(yield func(dialect.Row) bool) {
		for _, name := range names {
			if !yield(queues[name].row(name, m.now)) {
				return
			}
		}
	}, nil
}

var queueTypes = []string{"site", "department", "agent"}

func compareQueues(a, b string) int {
	ka, ia := measure.Unpair(a)
	kb, ib := measure.Unpair(b)
	if n := slices.Index(queueTypes, ka) - slices.Index(queueTypes, kb); n != 0 {
		return n
	}
	return compareIDs(ia, ib)
}

// queueRow collects what is told of one queue.
type queueRow struct {
	ongoing, abandoned, switched int64
	last30, last60               samples
	waiting                      []*cell.Difference
}

type samples struct{ n, millis int64 }

func (s *samples) add(d *cell.Difference) {
	s.n += d.N
	s.millis += d.N * d.Value
}

func (s samples) mean() any { return quotient(float64(s.millis), float64(s.n)*1000) }

func (q *queueRow) row(name string, now int64) dialect.Row {
	kind, id := measure.Unpair(name)
	routeTo := dialect.Row{{Name: "type", Value: slices.Index(queueTypes, kind)}}
	switch kind {
	case "department":
		routeTo.Add("id", id)
	case "agent":
		routeTo.Add("id", number(id))
	}
	slices.SortFunc(q.waiting, func(a, b *cell.Difference) int {
		if a.Value != b.Value {
			return int(a.Value - b.Value)
		}
		return compareFacts(a.Fact, b.Fact)
	})
	waiting := make([]dialect.Row, len(q.waiting))
	for i, d := range q.waiting {
		waiting[i] = dialect.Row{{Name: "visitorId", Value: d.Key}, {Name: "waitTime", Value: float64(now-d.Value) / 1000}}
	}
	return dialect.Row{
		{Name: "routeTo", Value: routeTo},
		{Name: "ongoingChats", Value: q.ongoing},
		{Name: "avgWaitTimeInLast30Mins", Value: q.last30.mean()},
		{Name: "avgWaitTimeInLast60Mins", Value: q.last60.mean()},
		{Name: "abandonedChatsInLast30Mins", Value: q.abandoned},
		{Name: "switchedToMessagesInLast30Mins", Value: q.switched},
		{Name: "queue", Value: waiting},
	}
}

func compareFacts(a, b string) int {
	x, y := table.Split(a)[1], table.Split(b)[1]
	if x < y {
		return -1
	} else if x > y {
		return 1
	}
	return 0
}
