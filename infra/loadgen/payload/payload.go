// Package payload says in vendors' words what events tell: the reverse of shared/webhook,
// for demonstrations and tests. In: events in order of time. Out: payloads as the vendor
// posts them, and signed as the vendor signs. It knows no network and no clock.
package payload

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/event"
	"chatreports/shared/nearest"
	"chatreports/shared/tenant"
)

// members are those of a JSON object.
type members map[string]any

// speaker says what an event tells: any number of payloads. It remembers of earlier events
// what later payloads repeat.
type speaker interface {
	say(e *event.Event) []members
}

// Speaker speaks as a vendor.
type Speaker struct{ speaker }

// As is who speaks as a vendor of tenant.Providers.
func As(vendor string) (*Speaker, error) {
	speakers := map[string]speaker{
		tenant.Freshchat: &freshchat{chats: map[string]*conversation{}, groups: map[string][]string{}},
		tenant.Drift:     &drift{pages: map[string]string{}},
		tenant.ChatBot:   chatbot{},
		tenant.LiveChat:  &livechat{},
		tenant.Comm100:   &comm100{chats: map[string]*ended{}},
		tenant.Standard:  standard{},
	}
	s, ok := speakers[vendor]
	if !ok {
		return nil, fmt.Errorf("there is no vendor %q; %sthere are %s", vendor, nearest.Hint(vendor, tenant.Providers()), strings.Join(tenant.Providers(), ", "))
	}
	return &Speaker{s}, nil
}

// Say is the bodies of what an event tells, none where the vendor has no words for it.
func (s *Speaker) Say(e *event.Event) ([][]byte, error) {
	var out [][]byte
	for _, m := range s.say(e) {
		body, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

// Example is one payload, of a visitor who begins a chat at a moment, in Unix milliseconds.
func Example(vendor string, at int64) ([]byte, error) {
	s, err := As(vendor)
	if err != nil {
		return nil, err
	}
	chat, visitor := strconv.FormatInt(at, 10), event.Actor{Type: "user", ID: "visitor-1"}
	for _, e := range []event.Event{
		{Type: "chat.requested", Data: event.Data{VisitorID: visitor.ID, InitiatedBy: "visitor", Source: "visitor", ChannelID: "channel-1", PageURL: "https://www.example.com/"}},
		{Type: "message.sent", Data: event.Data{MessageID: "message-" + chat, Actor: &visitor, Length: 15}},
		{Type: "bot.interaction", Data: event.Data{StoryID: "story-1", InteractionID: "block-1", InteractionName: "Opening hours", Source: "custom"}},
	} {
		e.ID, e.Source, e.Subject, e.At = e.Type+"/"+chat, "example", chat, at
		if said, err := s.Say(&e); err != nil || len(said) > 0 {
			return said[0], err
		}
	}
	return nil, fmt.Errorf("%s has no words for a chat that begins", vendor)
}

// words is a text of so many characters.
func words(n int64) string {
	const text = "Is it in stock, and when could it be here? "
	return strings.Repeat(text, int(n)/len(text)+1)[:n]
}

// number is an id where a vendor's are numbers: what is one already stays.
func number(id string) int64 {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 && n < 1<<53 {
		return n
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return int64(h.Sum64()>>11) + 1
}

// rfc3339 is a time as text, to the millisecond.
func rfc3339(e *event.Event) string { return e.Time().Format("2006-01-02T15:04:05.000Z") }

// ends are the events by which a chat is over.
func ends(typ string) bool {
	return slices.Contains([]string{"chat.closed", "chat.abandoned", "chat.missed", "chat.switched_to_message"}, typ)
}
