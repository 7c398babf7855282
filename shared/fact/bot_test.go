package fact

import (
	"slices"
	"testing"

	"chatreports/shared/event"
)

func ofBot(at int64, typ, story string) event.Event {
	e := event.Event{At: at, ID: typ + story, Source: "s", Type: typ, Subject: "c"}
	if typ == "message.sent" {
		e.Data.Actor, e.Data.MessageID = &event.Actor{Type: "user", ID: "v"}, story
	} else {
		e.Data.StoryID, e.Data.Source = story, "widget"
	}
	return e
}

// Times of messages are noted of chats with an interaction of a bot only, then of all their
// messages: where the first interaction comes after some, the chat is folded again.
func TestMessagesOfABotsChatHaveTimes(t *testing.T) {
	said := []event.Event{ofBot(1_000, "message.sent", "1"), ofBot(5_000, "message.sent", "2")}
	first := []event.Event{ofBot(9_000, "bot.interaction", "s")}
	more := []event.Event{ofBot(99_000, "message.sent", "3")}

	f := New("chat")
	f.Fold(said...)
	if len(f.Chat.MessageTimes) > 0 {
		t.Errorf("without a bot: %v", f.Chat.MessageTimes)
	}
	if f.Follows(first) {
		t.Error("the first interaction is folded on, without the times of what was said before")
	}
	if !f.Follows(more) {
		t.Error("a chat without a bot is folded again for a message")
	}
	f = New("chat")
	f.Fold(append(said, first...)...)
	if !f.Follows(more) {
		t.Error("a bot's chat is folded again for a message")
	}
	f.Fold(more...)
	if got := slices.Collect(f.Chat.Sent()); !slices.Equal(got, []int64{1_000, 5_000, 99_000}) {
		t.Errorf("sent at %v", got)
	}
	if f = New("chat"); !f.Follows(first) {
		t.Error("a chat cannot begin with an interaction")
	}
}

// What is private, or told again, is no message.
func TestMessagesThatDoNotCountHaveNoTime(t *testing.T) {
	private, again := ofBot(2_000, "message.sent", "p"), ofBot(4_000, "message.sent", "1")
	private.Data.Private, again.ID = true, "again"
	f := New("chat")
	f.Fold(ofBot(-3_000, "bot.interaction", "s"), ofBot(-1_000, "message.sent", "1"), private, again, ofBot(7_000, "message.sent", "2"))
	if got := slices.Collect(f.Chat.Sent()); !slices.Equal(got, []int64{-1_000, 7_000}) {
		t.Errorf("sent at %v", got)
	}
}

func TestAnEarlierGenerationKnewNoStories(t *testing.T) {
	f := New("chat")
	f.Fold(ofBot(1_000, "bot.interaction", "s"), ofBot(2_000, "message.sent", "1"))
	f.AsOf(1)
	if c := f.Chat; len(c.MessageTimes) > 0 || len(c.BotNames) > 0 || c.Bot[0] != (BotAnswer{At: 1_000}) {
		t.Errorf("%+v", c)
	}
}
