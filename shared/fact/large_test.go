package fact

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"chatreports/shared/event"
	"chatreports/shared/stored"
)

// messages are so many messages of a chat, from the given one on.
func messages(from, n int) []event.Event {
	out := make([]event.Event, n)
	for i := range out {
		k := from + i
		who := &event.Actor{Type: "user", ID: "visitor"}
		if k%2 == 1 {
			who = &event.Actor{Type: "agent", ID: fmt.Sprint("agent-", k/50%7)}
		}
		out[i] = event.Event{
			ID: fmt.Sprintf("9f0c-%08x-message", k*2654435761), Source: "https://chat.example.com", Type: "message.sent", Subject: "c",
			At: 1_772_442_060_000 + int64(k)*7321 + int64(k*k%4001), Data: event.Data{MessageID: fmt.Sprint(k), Actor: who, Length: 9},
		}
	}
	return out
}

func chatOf(n int) *Fact {
	f := New("chat")
	f.Fold(event.Event{ID: "r", Source: "s", Type: "chat.requested", Subject: "c", At: 1_772_442_000_000, Data: event.Data{VisitorID: "v", DepartmentID: "d"}})
	f.Fold(messages(0, n)...)
	return f
}

func visitsOf(n int) *Fact {
	f := New("visitor")
	for i := range n {
		f.Fold(event.Event{
			ID: fmt.Sprintf("9f0c-%08x-visit", i*2654435761), Source: "https://chat.example.com", Type: "visit.started", Subject: "v",
			At:   1_772_442_000_000 + int64(i)*701 + int64(i*i%499),
			Data: event.Data{SessionID: fmt.Sprintf("session-%08x", i*2246822519), HostID: "www", CampaignID: new("main-site")},
		})
	}
	return f
}

func TestLargeFactsAreCompressedAndSmallOnesAreNot(t *testing.T) {
	for name, want := range map[string]struct {
		fact *Fact
		most int // of the bytes it would have else, in percent
	}{
		"a chat of 10 messages":    {chatOf(10), 100},
		"a chat of 5000 messages":  {chatOf(5000), 80},
		"an hour of 5 visits":      {visitsOf(5), 100},
		"an hour of 5000 visits":   {visitsOf(5000), 45},
		"a chat of 50000 messages": {chatOf(50000), 80},
	} {
		bare, err := stored.Marshal(want.fact)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := want.fact.Encode()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes of %d", name, len(raw), len(bare))
		if small := len(bare) < 4096; small != bytes.Equal(raw, bare) || small != (raw[0] >= 0xa0 && raw[0] <= 0xbf) || !small && raw[0] != 1 {
			t.Errorf("%s begins with %#x: %d bytes of %d", name, raw[0], len(raw), len(bare))
		}
		if len(raw)*100 > len(bare)*want.most {
			t.Errorf("%s: %d bytes of %d", name, len(raw), len(bare))
		}
		for _, form := range [][]byte{raw, bare} {
			back, err := Decode(form)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !reflect.DeepEqual(back, want.fact) {
				t.Errorf("%s is read as another", name)
			}
		}
	}
}

func TestADamagedLargeFactIsAnError(t *testing.T) {
	raw, err := chatOf(5000).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{raw[:1], raw[:len(raw)/2], {1, 2, 3}} {
		if _, err := Decode(damaged); err == nil {
			t.Errorf("%d bytes are read", len(damaged))
		}
	}
}

func TestWhatFollowsAFactIsNewAndLater(t *testing.T) {
	f := chatOf(20)
	more := messages(20, 30)
	if !f.Follows(more) {
		t.Error("30 further messages do not follow")
	}
	known := messages(3, 1)[0]
	known.At = more[29].At + 1
	sameID := more[4]
	sameID.At, sameID.Source = more[29].At+1, "another"
	for name, wrong := range map[string][]event.Event{
		"one earlier than the last": append(messages(19, 1), more...),
		"one that was folded":       append(messages(20, 30), known),
		"the same id twice":         append(messages(20, 30), sameID),
	} {
		if f.Follows(wrong) {
			t.Errorf("%s follows", name)
		}
	}
}

// BenchmarkFollows: 1,000 messages of a chat that has 50,000 already.
func BenchmarkFollows(b *testing.B) {
	f, more := chatOf(50_000), messages(50_000, 1000)
	for b.Loop() {
		if !f.Follows(more) {
			b.Fatal("they do not follow")
		}
	}
}
