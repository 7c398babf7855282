package oracle

var availability = sheet{
	properties: same(seconds("online", "", "online")),
	raw: func(q *query, sc scope, from, to int64) raw {
		var anyOnline []span
		r := raw{}
		for _, id := range q.team(sc) {
			anyOnline = append(anyOnline, q.time(online, id, sc)...)
			r["logged"] += within(q.time("logged-in", id, sc), from, to)
		}
		r["online"] = within(union(anyOnline), from, to)
		return r
	},
	extra: func(q *query, sc scope, r raw, row map[string]any) {
		if sc.agent == nil && sc.none != "agent" {
			return
		}
		status := func(name string, ms int64) map[string]any {
			return map[string]any{"timeStr": nil, "status": name, "time": value(ms, msPerSecond)}
		}
		row["statusDistribution"] = []any{
			status("Logged-in", r["logged"]),
			status("Online", r["online"]),
			status("Total Away", r["logged"]-r["online"]),
		}
	},
	figures: func(q *query, r raw) bool {
		return (q.of() == "agent" || q.filter == "agent") && r["logged"] != 0
	},
}

// agentStatus is the log of every agent: the status in force at timeFrom, then
// every change.
func agentStatus(q *query) any {
	rows := []any{}
	for _, id := range q.ids("agent") {
		if q.filter == "agent" && id != q.filterValue ||
			q.filter == "department" && !q.memberIn(id, q.filterValue, q.from, q.to) {
			continue
		}
		a := q.agents[id]
		if a == nil {
			a = &agent{}
		}
		entry := func(at int64, status string) map[string]any {
			return map[string]any{"time": wallText(at, q.zone), "status": displayed(status)}
		}
		first := a.statusAt(q.from)
		log := []any{entry(q.from, first)}
		for _, c := range a.changes {
			if q.from < c.at && c.at < q.to {
				log = append(log, entry(c.at, c.status))
			}
		}
		if !q.known["agent"][id] && first == offline && len(log) == 1 {
			continue
		}
		rows = append(rows, map[string]any{"agentId": agentID(id), "changeLogs": log})
	}
	return rows
}
