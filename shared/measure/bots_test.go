package measure

import (
	"slices"
	"testing"

	"chatreports/shared/event"
	"chatreports/shared/fact"
)

func TestWhatABotDidCountsWithoutARequest(t *testing.T) {
	interaction := func(at int64, id, story, source, kind string) event.Event {
		e := event.Event{At: at, ID: id, Source: "s", Type: "bot.interaction", Subject: "c"}
		e.Data.StoryID, e.Data.Source, e.Data.InteractionType, e.Data.InteractionName = story, source, kind, "A/B"
		return e
	}
	message := event.Event{At: 500, ID: "m", Source: "s", Type: "message.sent", Subject: "c"}
	message.Data.Actor, message.Data.MessageID = &event.Actor{Type: "user", ID: "v"}, "m"
	f := fact.New("chat")
	f.Fold(message, interaction(1_000, "1", "t/", "widget", "welcome"), interaction(2_000, "2", "s", "app", ""), interaction(3_000, "3", "t/", "widget", "fallback"), interaction(4_000, "4", "u", "app", "welcome"))
	all := []Story{{"s", "app"}, {"t/", "widget"}, {"u", "app"}}
	found := map[ID]int{}
	for _, c := range Of(f) {
		found[c.Measure]++
		want := all
		switch c.Measure {
		case BotPaidChats:
			want = all[:2]
			fallthrough
		case BotChats, BotMessages:
			if got := StoriesOf(c.Key); !slices.Equal(got, want) {
				t.Errorf("measure %d has stories %v, want %v", c.Measure, got, want)
			}
			if at := map[ID]int64{BotChats: 1_000, BotPaidChats: 1_000, BotMessages: 500}[c.Measure]; c.At != at {
				t.Errorf("measure %d counts at %d, want %d", c.Measure, c.At, at)
			}
		case BotInteractions:
			if i := InteractionOf(c.Key); i.Name != "A/B" || c.At == 3_000 && i != (Interaction{Story: "t/", Type: "fallback", Name: "A/B"}) {
				t.Errorf("the key of an interaction is %+v", i)
			}
		}
	}
	for id, n := range map[ID]int{BotChats: 1, BotPaidChats: 1, BotMessages: 1, BotInteractions: 4, Chats: 0} {
		if found[id] != n {
			t.Errorf("measure %d counts %d times, want %d", id, found[id], n)
		}
	}
}
