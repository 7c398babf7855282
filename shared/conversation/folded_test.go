package conversation_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"chatreports/infra/oracle"
	"chatreports/shared/conversation"
	"chatreports/shared/event"
	"chatreports/shared/fact"
)

// crowded is events without sense, many of each chat and many at the same time, also
// before the request.
func crowded(seed uint64) []event.Event {
	events := oracle.AnyEvents(seed, 600)
	for i := range events {
		e := &events[i]
		if kind, _ := e.Entity(); kind != "chat" && e.Type != event.Retracted {
			e.Type, e.Subject = "message.sent", fmt.Sprint("c", i%10)
			e.Data = event.Data{MessageID: e.ID, Actor: &event.Actor{Type: []string{"user", "agent", "agent", "bot"}[i/10%4], ID: fmt.Sprint(i % 3)}}
		}
		for _, id := range []*string{&e.Subject, &e.Data.ChatID} {
			if n, ok := strings.CutPrefix(*id, "c"); ok {
				*id = "c" + n[len(n)-1:]
			}
		}
		e.At = e.At % 820_000 / 20_500 * 20_500
		if e.Type == "chat.requested" {
			e.At = int64(seed%3) * 82_000
			e.Data.InitiatedBy = []string{"visitor", "agent", "bot", "system"}[seed%4]
		}
		if e.Type == "chat.reopened" || e.Type == "chat.closed" {
			e.Data.By = &event.Actor{Type: "user", ID: "v"}
		}
	}
	return events
}

// ordered are the events of each chat that count, in order.
func ordered(events []event.Event) map[string][]event.Event {
	back := map[[4]string]bool{}
	for i := range events {
		if e := &events[i]; e.Type == event.Retracted {
			m := e.Meant()
			back[[4]string{m.Subject, m.Type, m.Source, m.ID}] = true
		}
	}
	chats, seen := map[string][]event.Event{}, map[[3]string]bool{}
	for _, e := range events {
		kind, id := e.Entity()
		name := [3]string{id, e.Source, e.ID}
		if kind != "chat" || e.Type == event.Retracted || seen[name] || back[[4]string{e.Subject, e.Type, e.Source, e.ID}] {
			continue
		}
		seen[name] = true
		chats[id] = append(chats[id], e)
	}
	for _, list := range chats {
		slices.SortFunc(list, func(a, b event.Event) int { return event.Compare(&a, &b) })
	}
	return chats
}

// What is told of a chat is what is folded of it: as a whole, and after each event.
func TestToldIsFolded(t *testing.T) {
	told, stays, responses, interactions := 0, 0, 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		for id, events := range ordered(crowded(seed)) {
			whole := fact.New("chat")
			whole.Fold(events...)
			c := tell(events)
			if (c == nil) != (whole.Chat.Request == nil) {
				t.Fatalf("seed %d, %s: told is %v", seed, id, c != nil)
			}
			if c == nil {
				continue
			}
			told++
			stays += len(c.Stays)
			interactions += len(c.Interactions)
			if !bytes.Equal(encoded(t, c.Known), encoded(t, whole.Chat)) {
				t.Fatalf("seed %d, %s: told %+v,\nfolded %+v", seed, id, c.Known, whole.Chat)
			}
			all, _ := steps(c)
			divided(t, c)
			staying(t, c, whole.Chat)
			n := 0
			for _, s := range c.Steps() {
				if s.Response != nil {
					if w := whole.Chat.Responses[n]; w.At != s.At || w.Millis != s.Response.Millis || whole.Chat.Names.Name(w.Agent) != s.Data.Actor.ID {
						t.Errorf("seed %d, %s: response %d is %+v at %d, folded %+v", seed, id, n, s.Response, s.At, w)
					}
					n++
				}
			}
			if n != len(whole.Chat.Responses) {
				t.Errorf("seed %d, %s: %d responses, folded %d", seed, id, n, len(whole.Chat.Responses))
			}
			responses += n
			// The state after a step is that of the events up to it, if they have the request.
			i := r.IntN(len(all))
			if part := tell(slices.DeleteFunc(slices.Clone(events), func(e event.Event) bool { return event.Compare(&e, all[i].Event) > 0 })); part != nil {
				some, _ := steps(part)
				if got, want := state(&some[len(some)-1]), state(&all[i]); got != want {
					t.Errorf("seed %d, %s: after event %d %s, told to the end %s", seed, id, i, got, want)
				}
			}
		}
	}
	if told < 400 || stays < 2000 || responses < 1000 || interactions < 1000 {
		t.Errorf("only %d chats, %d interactions, %d stays, %d responses", told, interactions, stays, responses)
	}
}

func encoded(t *testing.T, c *fact.Chat) []byte {
	raw, err := (&fact.Fact{Chat: c}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func state(s *conversation.Step) string {
	return fmt.Sprint(s.ID, s.Assigns, s.Assignment, s.Open, s.Department, s.Unanswered, s.Response != nil)
}

// divided checks that every step is in the last interaction that began at or before it, or
// in the first.
func divided(t *testing.T, c *conversation.Conversation) {
	want := 0
	closes := map[int]string{}
	requested := false
	for i, s := range c.Steps() {
		requested = requested || s.Event.ID == c.Request.ID && s.Source == c.Request.Source
		if want == 0 || requested && s.Type == "chat.reopened" {
			want++
		}
		if i.Number != want {
			t.Errorf("%s: %s at %d is in interaction %d, want %d", c.ID, s.ID, s.At, i.Number, want)
		}
		if first := closes[want] == ""; first && s.Type == "chat.closed" != i.ClosedBy(s) || !first && i.ClosedBy(s) {
			t.Errorf("%s: interaction %d is not closed by its first close", c.ID, i.Number)
		}
		if s.Type == "chat.closed" && closes[want] == "" {
			closes[want] = s.ID
		}
	}
	if len(c.Interactions) != want {
		t.Errorf("%s: %d interactions, want %d", c.ID, len(c.Interactions), want)
	}
}

// staying checks that at every moment those are in it who are folded to be.
func staying(t *testing.T, c *conversation.Conversation, folded *fact.Chat) {
	in := map[string]int{} // agent and moment
	for _, s := range c.Stays {
		in[fmt.Sprint(s.Agent, " ", s.From)]++
		in[fmt.Sprint(s.Agent, " ", s.To)]--
	}
	for _, s := range folded.Stays {
		in[fmt.Sprint(folded.Names.Name(s.Agent), " ", s.From)]--
		in[fmt.Sprint(folded.Names.Name(s.Agent), " ", s.To)]++
	}
	for at, n := range in {
		if n != 0 {
			t.Errorf("%s: told and folded differ at %s: told %+v, folded %+v", c.ID, at, c.Stays, folded.Stays)
		}
	}
}
