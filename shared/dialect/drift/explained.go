package drift

import (
	"slices"

	"chatreports/shared/explain"
	"chatreports/shared/measure"
)

// Explained is the table of reports, for whoever explains their figures: there is one, and
// its answer is rows.
var Explained explain.Reports = explained{}

type explained struct{}

// reportNames are what the one report is called where reports are asked for by name: its
// path alone is one of ChatBot's.
var reportNames = []string{"POST " + Path, "drift"}

// Shown lists what a query can tell of documents.
func (explained) Shown(id measure.ID) []explain.Property {
	out := []explain.Property{}
	for i := range properties {
		if id == measure.Documents {
			out = append(out, explain.Property{Report: reportNames[0], Property: properties[i].name})
		}
	}
	return out
}

// Names lists the reports whose figures are made of rows: none.
func (explained) Names() []string { return nil }

// Find finds none.
func (explained) Find(string) explain.Report { return nil }

// Instead says where to find out more about a conversation.
func (explained) Instead(name string) string {
	if !slices.Contains(reportNames, name) {
		return ""
	}
	return "each row of its answer is a conversation, and GET /v1/chats/{id}, with the conversationId, tells its events and what follows from them"
}
