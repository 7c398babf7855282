// Package freshchat has the raw reports of Freshchat: how one is asked for and what is told
// of its job; which rows a chat or an agent gives, and what stands in their cells. In: a
// request; later a chat told again, or what an agent did, and names. Out: a job; rows. Each
// report is a table of its columns and a function that finds its rows. What makes the file
// is shared/render; this knows no file format but by name, no engine, and of HTTP but the
// numbers of its statuses.
package freshchat

import (
	"chatreports/shared/conversation"
	"chatreports/shared/extract"
)

// Reports are the vendor's twelve, in the order of its document.
func Reports() []extract.Report {
	return []extract.Report{
		conversationCreated.report(),
		messageSent.report(),
		conversationResolved.report(),
		resolutionLabel.report(),
		csatScore.report(),
		firstResponseTime.report(),
		responseTime.report(),
		resolutionTime.report(),
		agentAssigned.report(),
		groupAssigned.report(),
		agentActivity.report(),
		intelliassignActivity.report(),
	}
}

// chatReport declares a report whose rows are told of chats.
type chatReport struct {
	name    string
	columns []column[*row]
	// rows finds them, interaction by interaction.
	rows func(c *chat, i *interaction)
}

// report is the declaration as others take it.
func (d *chatReport) report() extract.Report {
	out := extract.Report{Name: d.name, Columns: declared(d.columns)}
	out.Chats = func(w *extract.Window, names extract.Names, told *conversation.Conversation, emit func(extract.Row)) {
		c := &chat{Conversation: told, window: w, names: names}
		c.emit = func(r *row) {
			emit(extract.Row{At: r.at, Order: []string{c.ID, r.step.ID, r.step.Source}, Cells: cells(d.columns, r)})
		}
		for i := range told.Interactions {
			d.rows(c, &interaction{Interaction: &told.Interactions[i], id: c.ID})
		}
	}
	return out
}
