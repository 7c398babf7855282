package nearest_test

import (
	"strings"
	"testing"

	"chatreports/shared/nearest"
)

func TestTheNearestNameIsOneSlipAway(t *testing.T) {
	for _, c := range []struct{ name, known, want string }{
		{"agentID", "agentId agentName", "agentId"},
		{"agent_name", "agentId agentName", "agentName"},
		{"department", "departmentId departmentName", "departmentId"},
		{"scor", "score comment", "score"},
		{"True", "true false", "true"},
		{"yes", "true false", ""},
		{"fromat", "from to format", "format"}, // from is as many letters away
		{"-chat", "chats -chats", "-chats"},
		{"score6", "score5 score4 rating", ""},
		{"lastMonth", "last7days last3Months", ""},
		{"last3Month", "last7days last3Months", "last3Months"},
		{"cat", "bat hat", ""}, // it could be either
		{"chat.closd", "chat.closed chat.queued", "chat.closed"},
		{"Chat.Closed", "chat.closed chat.queued", "chat.closed"},
		{"caht.closed", "chat.closed chat.queued", "chat.closed"},
		{"chat.ended", "chat.rated chat.queued chat.closed", ""},
		{"chat.", "chat.left", ""},
		{"realtime/agent", "realtime/queue realtime/rightNow", ""},
		{"realtime/queues", "realtime/queue realtime/rightNow", "realtime/queue"},
		{"", "to", ""},
		{"zürich", "Zurich", "Zurich"},
		{"x", "", ""},
		{strings.Repeat("x", 81), strings.Repeat("x", 80), ""},
		{strings.Repeat("x", 80), strings.Repeat("x", 81), ""},
	} {
		if got := nearest.Name(c.name, strings.Fields(c.known)); got != c.want {
			t.Errorf("%q among %s: %q, want %q", c.name, c.known, got, c.want)
		}
	}
}

func TestAHintBeginsASentence(t *testing.T) {
	known := []string{"day", "week"}
	if got := nearest.Hint("Week", known); got != "week was probably meant; " {
		t.Error(got)
	}
	if got := nearest.Hint("decade", known); got != "" {
		t.Error(got)
	}
}
