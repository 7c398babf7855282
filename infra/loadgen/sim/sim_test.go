package sim_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/sim"
	"chatreports/shared/event"
	"chatreports/shared/iana"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func threeDays() sim.Config {
	return sim.Config{Seed: 1, Start: monday, End: monday.AddDate(0, 0, 3)}
}

func digest(cfg sim.Config) ([sha256.Size]byte, int) {
	h, n := sha256.New(), 0
	var line []byte
	for e := range sim.New(cfg).Events() {
		line = append(sim.AppendJSON(line[:0], &e), '\n')
		h.Write(line)
		n++
	}
	return [sha256.Size]byte(h.Sum(nil)), n
}

func TestSameConfigurationYieldsTheSameBytes(t *testing.T) {
	cfg := threeDays()
	a, n := digest(cfg)
	if b, _ := digest(cfg); a != b {
		t.Error("two runs of one configuration differ")
	}
	cfg.Seed = 2
	if b, _ := digest(cfg); a == b {
		t.Error("another seed makes the same events")
	}
	if n < 50_000 {
		t.Errorf("%d events in three days", n)
	}
}

func TestEndOnlyCuts(t *testing.T) {
	short, long := threeDays(), threeDays()
	short.End = monday.Add(31 * time.Hour)
	var a, b []string
	for e := range sim.New(short).Events() {
		a = append(a, string(sim.AppendJSON(nil, &e)))
	}
	for e := range sim.New(long).Events() {
		if len(b) == len(a) {
			if e.At < short.End.UnixMilli() {
				t.Error("the shorter run left out an event before its end")
			}
			break
		}
		b = append(b, string(sim.AppendJSON(nil, &e)))
	}
	if !slices.Equal(a, b) {
		t.Error("a later end changed earlier events")
	}
}

func TestEventsAreInTimeOrderWithUniqueIDs(t *testing.T) {
	cfg := threeDays()
	last, ids := monday.UnixMilli(), map[string]bool{}
	for e := range sim.New(cfg).Events() {
		if e.At < last || e.At >= cfg.End.UnixMilli() {
			t.Fatalf("%s %s at %s after %s", e.Type, e.ID, e.Time(), time.UnixMilli(last).UTC())
		}
		if ids[e.ID] {
			t.Fatalf("id %s twice", e.ID)
		}
		last, ids[e.ID] = e.At, true
	}
}

func TestEveryEventParsesBackToItself(t *testing.T) {
	cfg := threeDays()
	cfg.Scale = 0.4
	for e := range sim.New(cfg).Events() {
		raw := sim.AppendJSON(nil, &e)
		got, _, refusal := event.Parse(raw, cfg.End)
		if refusal != nil {
			t.Fatalf("%v\n%s", refusal, raw)
		}
		if !reflect.DeepEqual(got, e) {
			t.Fatalf("parsed\n%+v\ninstead of\n%+v\n%s", got, e, raw)
		}
		if bytes.ContainsAny(raw, "\n\r") {
			t.Fatalf("not one line: %s", raw)
		}
	}
}

// mix counts what a run holds.
type mix struct {
	events, ofChats, chats int
	types                  map[string]int
	outcome                map[string]int // first end of each request
	waits                  []int64        // milliseconds, requests an agent took, bots left out
	overMidnight           int
	privately              int
}

func measure(cfg sim.Config) mix {
	m := mix{types: map[string]int{}, outcome: map[string]int{}}
	requested, ended, bot := map[string]int64{}, map[string]bool{}, map[string]bool{}
	for e := range sim.New(cfg).Events() {
		m.events++
		m.types[e.Type]++
		if kind, _ := e.Entity(); kind == "chat" {
			m.ofChats++
		}
		switch e.Type {
		case "chat.requested":
			m.chats++
			requested[e.Subject] = e.At
		case "bot.interaction":
			bot[e.Subject] = true
		case "message.sent":
			if e.Data.Private {
				m.privately++
			}
		case "chat.closed":
			if e.Time().YearDay() != time.UnixMilli(requested[e.Subject]).UTC().YearDay() {
				m.overMidnight++
			}
		case "chat.accepted":
			if !ended[e.Subject] && !bot[e.Subject] {
				m.waits = append(m.waits, e.At-requested[e.Subject])
			}
		}
		switch e.Type {
		case "chat.accepted", "chat.abandoned", "chat.missed", "chat.switched_to_message":
			if !ended[e.Subject] {
				m.outcome[e.Type]++
			}
			ended[e.Subject] = true
		}
	}
	slices.Sort(m.waits)
	return m
}

func TestTheMixIsBelievable(t *testing.T) {
	m := measure(threeDays())
	for _, typ := range event.TypeNames() {
		if m.types[typ] == 0 && typ != event.Retracted { // nobody corrects anything
			t.Errorf("no %s in three days", typ)
		}
	}
	between := func(what string, v, low, high float64) {
		t.Helper()
		t.Logf("%s: %.3f", what, v)
		if v < low || v > high {
			t.Errorf("%s: %.3f, not within %v and %v", what, v, low, high)
		}
	}
	chats := float64(m.chats)
	between("events per chat, all events", float64(m.events)/chats, 13, 17)
	between("events per chat, the chats' own", float64(m.ofChats)/chats, 13, 17)
	between("chats a workday", chats/3, 1800, 2250)
	between("share accepted by an agent", float64(m.outcome["chat.accepted"])/chats, 0.7, 0.95)
	between("share abandoned", float64(m.outcome["chat.abandoned"])/chats, 0.01, 0.1)
	between("median wait, seconds", float64(m.waits[len(m.waits)/2])/1000, 3, 15)
	between("95th percentile of waits, seconds", float64(m.waits[len(m.waits)*95/100])/1000, 20, 300)
	between("messages per chat", float64(m.types["message.sent"])/chats, 5, 9)
	between("closed on another day", float64(m.overMidnight), 3, 500)
	between("private notes", float64(m.privately), 10, 1000)
	t.Log(m.types)
}

func TestScaleMultipliesChatsAndKeepsWaits(t *testing.T) {
	cfg := threeDays()
	cfg.End = monday.AddDate(0, 0, 1)
	one := measure(cfg)
	cfg.Scale = 10
	ten := measure(cfg)
	if r := float64(ten.chats) / float64(one.chats); r < 8.5 || r > 11.5 {
		t.Errorf("scale 10 makes %.1f times as many chats", r)
	}
	if r := float64(ten.events) / float64(ten.chats); r < 13 || r > 17 {
		t.Errorf("%.1f events a chat at scale 10", r)
	}
	p95 := float64(ten.waits[len(ten.waits)*95/100]) / 1000
	t.Logf("scale 10: %d chats, %d events, 95%% wait less than %.1f s, %v", ten.chats, ten.events, p95, ten.outcome)
	if p95 > 300 {
		t.Errorf("95%% wait up to %.0f s at scale 10", p95)
	}
}

// A chat is well formed if its parts come in an order that a real source would send.
func TestChatsAreWellFormed(t *testing.T) {
	open := map[string]bool{}
	for e := range sim.New(threeDays()).Events() {
		if !strings.HasPrefix(e.Type, "chat.") && e.Type != "message.sent" && e.Type != "survey.submitted" && e.Type != "bot.interaction" {
			continue
		}
		is, known := open[e.Subject]
		switch e.Type {
		case "chat.requested":
			if known {
				t.Fatalf("%s requested twice", e.Subject)
			}
			open[e.Subject] = true
			continue
		case "chat.reopened":
			if is || !known {
				t.Fatalf("%s reopened while open", e.Subject)
			}
			open[e.Subject] = true
		case "chat.closed":
			open[e.Subject] = false
		case "chat.accepted", "chat.transferred", "chat.left", "message.sent", "chat.queued", "chat.assigned", "bot.interaction":
			if !is {
				t.Fatalf("%s in %s, which is not open", e.Type, e.Subject)
			}
		case "chat.abandoned", "chat.missed", "chat.switched_to_message":
			if !is {
				t.Fatalf("%s of %s, which is not open", e.Type, e.Subject)
			}
			open[e.Subject] = false
		}
		if !known {
			t.Fatalf("%s of %s before its request", e.Type, e.Subject)
		}
	}
}

func TestDaysFollowTheZone(t *testing.T) {
	zone, err := iana.Zone("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	cfg := sim.Config{Seed: 3, Start: monday, End: monday.AddDate(0, 0, 7), Zone: zone}
	var byHour [24]int
	for e := range sim.New(cfg).Events() {
		if e.Type == "chat.requested" {
			byHour[e.Time().In(zone).Hour()]++
		}
	}
	if day, night := byHour[10]+byHour[11], byHour[2]+byHour[3]; day < 10*night {
		t.Errorf("%d requests from 10 to 12, %d from 2 to 4 in the zone", day, night)
	}
}

func TestACentreThatNeverClosesHasSomebodyOnlineAndSomebodyWaitingAtAnyMoment(t *testing.T) {
	for _, agents := range []int{1, 3, 5, 10, 40} {
		cfg := sim.Config{Seed: 1, Start: monday, End: monday.AddDate(0, 0, 21), Scale: 0.06, Agents: agents, RoundTheClock: true}
		online, waiting := map[string]bool{}, map[string]bool{}
		settled := monday.Add(time.Hour).UnixMilli()
		last := settled
		alone, idle := int64(0), int64(0) // milliseconds without anybody
		for e := range sim.New(cfg).Events() {
			if e.At > settled {
				if len(online) == 0 {
					alone += e.At - last
				}
				if len(waiting) == 0 {
					idle += e.At - last
				}
				last = e.At
			}
			switch e.Type {
			case "agent.status_changed":
				delete(online, e.Subject)
				if e.Data.Status == "online" {
					online[e.Subject] = true
				}
			case "chat.queued":
				waiting[e.Subject] = true
			case "chat.accepted", "chat.abandoned", "chat.missed", "chat.switched_to_message", "chat.closed":
				delete(waiting, e.Subject)
			}
		}
		if alone > 0 || idle > 0 {
			t.Errorf("of %d agents nobody is online for %v, nobody waits for %v", agents, time.Duration(alone)*time.Millisecond, time.Duration(idle)*time.Millisecond)
		}
	}
}

// What measurements were made with stays what it was.
func TestTheWorkloadOfMeasurementsStays(t *testing.T) {
	for want, cfg := range map[string]sim.Config{
		"36381 1db5996a18de6830": {Seed: 1, Start: monday, End: monday.AddDate(0, 0, 1)},
		"3006 681e9a53269ec8e9":  {Seed: 4, Start: monday, End: monday.AddDate(0, 0, 2), Scale: 0.03, Agents: 10, RoundTheClock: true},
	} {
		sum, n := digest(cfg)
		if got := fmt.Sprintf("%d %x", n, sum[:8]); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	bench(b, func(event.Event) {})
}

func BenchmarkEventsAsJSON(b *testing.B) {
	var line []byte
	bench(b, func(e event.Event) {
		line = sim.AppendJSON(line[:0], &e)
		b.SetBytes(int64(len(line)))
	})
}

func bench(b *testing.B, each func(event.Event)) {
	b.ReportAllocs()
	n := 0
	for e := range sim.New(sim.Config{Seed: 1, Start: monday, Scale: 10}).Events() {
		each(e)
		if n++; n >= b.N {
			break
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
