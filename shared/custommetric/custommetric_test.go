package custommetric

import (
	"strings"
	"testing"
)

func TestExpressionsOverTodaysFigures(t *testing.T) {
	figures := map[string]float64{"chats": 30, "chatRequests": 40, "missedChats": 0, "avgScore": 4.5}
	for expression, want := range map[string]float64{
		"chats / chatRequests":                0.75,
		"chatOverview.chats/chatRequests*100": 75,
		"chats / missedChats":                 0,
		"chats / missedChats + 5":             5,
		"-(chats - chatRequests) / 4":         2.5,
		"1 / 3 * 3":                           1,
		"5":                                   5,
		"answers + 1":                         1,
		"2 * (avgScore + 0.5) - chats / 10 ":  7,
		"agentPerformance.avgScore * 1e2":     450,
		"10 / 4":                              2.5,
	} {
		p, err := Compile(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got := p.Run(figures); got != want {
			t.Errorf("%s = %v, want %v", expression, got, want)
		}
	}
}

func TestWrongExpressionsSayWhereAndWhatExists(t *testing.T) {
	for expression, say := range map[string]string{
		"chats +":                  "at character 8: the expression ends too early; a number, a figure, '-' or '(' should follow; an expression has + - * /",
		"chats / ":                 "at character 8: the expression ends too early; a number",
		" ":                        "at character 1: the expression ends too early; a number",
		"(chats + 1":               "at character 11: the expression ends too early; one of + - * / or ')' should follow",
		"chats * chatOverview.":    "at character 22: the expression ends too early; a figure of that block should follow",
		"chats answers":            `at character 7: "answers" is not expected here; an expression has`,
		"chats )":                  `at character 7: ")" is not expected here`,
		"1e":                       "invalid float literal; an expression has",
		"chats / visitors":         `"visitors"`,
		"chats > 3":                `">"`,
		"len(chats)":               "no arithmetic",
		"chatOverview.answers":     "no such figure",
		"chats ** 99999":           `"**"`,
		"chatOverview + 1":         `at character 1: "chatOverview" is a block of figures; name one of it, such as chatOverview.chatRequests`,
		"'a' + 'b'":                "at character 1: a text is no number",
		"chats / 'a'":              "at character 9: a text is no number",
		"'a'":                      "at character 1: a text is no number",
		"":                         "at character 1: the expression ends too early",
		strings.Repeat("1+", 1000): "at most",
		"[1,2,3]":                  "no arithmetic",
		"let x = 1; x":             "character",
		"chats // all of them":     "at character 7: a comment is not taken",
		"chats /* all */ * 2":      "at character 7: a comment",
		"chats # all":              "at character 7: a comment",
	} {
		_, err := Compile(expression)
		if err == nil {
			t.Errorf("%q was taken", expression)
		} else if !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, which does not say %q", expression, err, say)
		}
	}
}
