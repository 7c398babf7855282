package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A flood of one kind of line is a line a second, which says how many it stands for; other
// lines, and whatever is wrong, come through it.
func TestTheLogIsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := newLog(&out)
		for i := range 2500 { // two seconds and a half
			log.With("tenant", "demo").Info("webhook", "i", i)
			if i%1000 == 500 {
				log.Warn("webhook", "wrong", i)
				log.Info("another")
			}
			time.Sleep(time.Millisecond)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var told []string
		for _, line := range lines {
			_, what, _ := strings.Cut(line, " level=")
			told = append(told, what)
		}
		want := []string{
			"INFO msg=webhook tenant=demo i=0", "WARN msg=webhook wrong=500", "INFO msg=another", "INFO msg=webhook tenant=demo i=1000 and=999",
			"WARN msg=webhook wrong=1500", "INFO msg=another", "INFO msg=webhook tenant=demo i=2000 and=999",
		}
		if strings.Join(told, "\n") != strings.Join(want, "\n") {
			t.Errorf("it says\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
	})
	var out bytes.Buffer
	log := newLog(&out)
	for _, link := range []string{"a", "a", "b"} {
		log.Info("a public link is used", "tenant", "demo", "link", link)
	}
	if n := strings.Count(out.String(), "link=a\n"); n != 2 || !strings.Contains(out.String(), "link=b\n") {
		t.Errorf("of a link that is used twice and one that is used once it says\n%s", out.String())
	}
	if _, ok := newLog(&bytes.Buffer{}).Handler().WithGroup("g").(*calm); !ok {
		t.Error("a group of its is not calm")
	}
	if !newLog(&bytes.Buffer{}).Enabled(t.Context(), slog.LevelInfo) {
		t.Error("it says nothing")
	}
}
