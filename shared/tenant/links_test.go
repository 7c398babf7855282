package tenant

import "testing"

func TestLinksHoldTheIDAsItIs(t *testing.T) {
	for _, c := range []struct{ template, id, want string }{
		{"https://x.example/{chatId}", "c1", "https://x.example/c1"},
		{"https://x.example/?id={chatId}&also={chatId}", "a b&c/d?", "https://x.example/?id=a%20b%26c%2Fd%3F&also=a%20b%26c%2Fd%3F"},
		{"https://x.example/all", "c1", "https://x.example/all"},
		{"", "c1", ""},
	} {
		l := Links{Conversation: c.template, Transcript: c.template}
		if got := l.ConversationURL(c.id); got != c.want || l.TranscriptURL(c.id) != got {
			t.Errorf("%s with %s: %s, want %s", c.template, c.id, got, c.want)
		}
	}
}
