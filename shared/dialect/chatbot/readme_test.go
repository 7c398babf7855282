package chatbot_test

import (
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"chatreports/shared/dialect/chatbot"
)

func page(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Every line of the page's table is asked, and every report is in it.
func TestPageNamesEveryReportWithALineThatWorks(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	s := newSystem(t, now, nil, rand.New(rand.NewPCG(1, 1)))
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\|[^|]*\\|[^|]*\\| `([^`]+[?][^`]+)`").FindAllStringSubmatch(page(t), -1) {
		name, query, _ := strings.Cut(m[1], "?")
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		asked[chatbot.Prefix+name] = true
		if status, body := answer(t, chatbot.New(s.State), chatbot.Prefix+name, q, now); status != 200 {
			t.Errorf("%s: %d %s", m[1], status, body)
		}
	}
	for _, path := range chatbot.Paths() {
		if !asked[path] {
			t.Errorf("the page has no line for %s", path)
		}
	}
}

// Every parameter is told, and what is told of its values is what is taken.
func TestPageNamesEveryParameter(t *testing.T) {
	_, rest, _ := strings.Cut(page(t), "## Parameters")
	told, _, _ := strings.Cut(rest, "\n## ")
	for _, path := range chatbot.Paths() {
		for _, p := range chatbot.Parameters(path) {
			if p.About == "" {
				t.Errorf("%s of %s is not told", p.Name, path)
			}
			if !regexp.MustCompile("`" + regexp.QuoteMeta(p.Name) + "[`=]").MatchString(told) {
				t.Errorf("the page does not name %s of %s", p.Name, path)
			}
			for _, v := range p.Values {
				if !strings.Contains(told, v) {
					t.Errorf("the page does not name the value %s of %s", v, p.Name)
				}
			}
		}
	}
	for _, s := range []string{"messenger", "livechat", "livechat3", "slack", "widget", "app", "custom"} {
		if !strings.Contains(told, "`"+s+"`") {
			t.Errorf("the page does not name the source %s", s)
		}
	}
}
