package conversation24

import (
	"context"
	"iter"

	"chatreports/shared/extract"
)

// reports is the table of exports.
var reports = []report{
	{name: agentActivity.Name, columns: agentActivity.Columns, rows: run(&agentActivity)},
	{name: "agent-performance", columns: performanceColumns, rows: performanceRows},
	{name: "agents", columns: agentColumns, timeless: true, rows: agentRows},
	{name: conversations.Name, columns: conversations.Columns, rows: run(&conversations)},
	{name: "automatic-invites", columns: inviteColumns, rows: inviteRows},
	{name: "hosts", columns: hostColumns, timeless: true, rows: hostRows},
	{name: "traffic", columns: trafficColumns, rows: trafficRows},
	{name: "slots", columns: slotColumns, rows: slotRows},
}

type rows = iter.Seq2[[]string, error]

// run is a report that is told from one kind of entity.
func run(r *extract.Report) func(context.Context, *extract.Ground, *extract.Source, *request) rows {
	return func(_ context.Context, _ *extract.Ground, s *extract.Source, _ *request) rows {
		return s.Run(r, nil).Rows
	}
}
