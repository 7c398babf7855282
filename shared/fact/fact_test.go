package fact

import (
	"testing"

	"chatreports/shared/event"
)

func TestWhatComesBeforeTheRequestKnowsIt(t *testing.T) {
	accepted := event.Event{ID: "1", Type: "chat.accepted", Subject: "c", At: 1000, Data: event.Data{AgentID: "7"}}
	requested := event.Event{ID: "2", Type: "chat.requested", Subject: "c", At: 1010, Data: event.Data{DepartmentID: "x"}}
	f := New("chat")
	f.Fold(accepted)
	if f.Follows([]event.Event{requested}) {
		t.Fatal("folded on, though the acceptance depends on the request")
	}
	f = New("chat")
	f.Fold(accepted, requested)
	if got := f.Chat.InDepartments(); len(got) != 1 || got[0] != "x" {
		t.Errorf("in departments %v, want x", got)
	}
}
