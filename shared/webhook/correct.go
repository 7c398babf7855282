package webhook

import (
	"math"
	"strconv"
	"strings"

	"chatreports/shared/event"
	"chatreports/shared/journal"
)

// An event that is stored cannot be changed, and one that was taken back cannot be told again
// under its id. So what is right is told under the id and a number after it, and then what was
// stored is taken back. What dies in between is made up for by doing it again: two of an id
// count then, and the one that is not right is taken back. The other way round nothing would
// count, as if somebody had taken the event back for good.

// corrected stands between an event's id and the number of its correction. It sorts before
// letters and digits: events of one millisecond stay in their order.
const corrected = "/corrected/"

// root begins the ids of an event's corrections.
func root(id string) string {
	if len(id)+len(corrected)+len("999999") > event.MaxIDBytes {
		id = Digest(id)
	}
	return id + corrected
}

// correction is what is right, as the n-th further use of its id.
func correction(e *event.Event, n int) event.Event {
	right := *e
	right.ID = root(e.ID) + strconv.Itoa(n)
	return right
}

// takeBack takes events back.
func takeBack(wrong []event.Event) (out []event.Event) {
	for i := range wrong {
		w := &wrong[i]
		out = append(out, event.Event{
			ID: Digest(w.ID + "\x00" + event.Retracted), Source: w.Source, Type: event.Retracted, Subject: w.Subject, At: w.At,
			Data: event.Data{Type: w.Type, ID: w.ID, ChatID: w.Data.ChatID},
		})
	}
	return out
}

// use is an event that is stored.
type use struct {
	event.Event
	counts bool
}

// stands is what is stored of an entity, by source and id.
type stands map[[2]string][]use

func standing(h *journal.History) stands {
	out := stands{}
	add := func(events []event.Event, counts bool) {
		for i := range events {
			e := &events[i]
			id, number, _ := strings.Cut(e.ID, corrected)
			key := [2]string{e.Source, id}
			if number == "" {
				key[1] = e.ID
			}
			out[key] = append(out[key], use{*e, counts})
		}
	}
	add(h.Events, true)
	add(h.Retractions, true)
	add(h.LeftOut, false)
	return out
}

// of are the uses of an event's id, and its corrections.
func (s stands) of(e *event.Event) []use {
	uses := s[[2]string{e.Source, e.ID}]
	if id := strings.TrimSuffix(root(e.ID), corrected); id != e.ID {
		uses = append(uses, s[[2]string{e.Source, id}]...)
	}
	return uses
}

// span is the time of an entity's events that are read: all of a chat's, since a mapping may
// tell another time now; of what lives for years, that of what was told.
type span struct{ from, to int64 }

func newSpan(kind string) *span {
	if kind == "chat" {
		return &span{math.MinInt64, math.MaxInt64}
	}
	return &span{math.MaxInt64, math.MinInt64}
}

func (s *span) include(at int64) { s.from, s.to = min(s.from, at), max(s.to, at+1) }
