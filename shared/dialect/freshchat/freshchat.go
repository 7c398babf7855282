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

// chatReport declares a report whose rows are told of chats, interaction by interaction.
type chatReport struct {
	name    string
	columns []column[*row]
	// rows finds the rows of an interaction, and gives what finds those of its steps, if any.
	rows func(c *chat, i *interaction) (each func(s *conversation.Step))
	// types are those of the steps it looks at, beside assignments; nil: all, and responses.
	types []string
}

var none = []string{}

// report is the declaration as others take it.
func (d *chatReport) report() extract.Report {
	return extract.Report{Name: d.name, Columns: declared(d.columns), Types: d.types, Chats: d.tell}
}

func (d *chatReport) tell(w *extract.Window, names extract.Names, told *conversation.Conversation, emit func(extract.Row)) {
	c := &chat{Conversation: told, window: w, names: names}
	filled, order := make([]string, 0, len(d.columns)), make([]string, 3)
	c.emit = func(r *row) {
		order[0], order[1], order[2] = c.ID, r.step.ID, r.step.Source
		filled = cells(filled[:0], d.columns, r)
		emit(extract.Row{At: r.at, Order: order, Cells: filled})
	}
	looks := false
	each := make([]func(*conversation.Step), len(told.Interactions))
	for i := range each {
		each[i] = d.rows(c, &interaction{Interaction: &told.Interactions[i], id: c.ID})
		looks = looks || each[i] != nil
	}
	if !looks {
		return
	}
	for i, step := range told.Steps() {
		if find := each[i.Number-1]; find != nil {
			find(step)
		}
	}
}
