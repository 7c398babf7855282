package events_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"chatreports/events"
	"chatreports/shared/event"
)

// now is later than every event of the files.
var now = time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := events.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse(t *testing.T, raw []byte) event.Event {
	t.Helper()
	e, _, refusal := event.Parse(raw, now)
	if refusal != nil {
		t.Fatalf("%v\n%s", refusal, raw)
	}
	return e
}

func batch(t *testing.T) map[string]event.Event {
	t.Helper()
	var raws []json.RawMessage
	if err := json.Unmarshal(read(t, "samples/batch.json"), &raws); err != nil {
		t.Fatal(err)
	}
	byID := map[string]event.Event{}
	last := int64(0)
	for _, raw := range raws {
		e := parse(t, raw)
		if _, ok := byID[e.ID]; ok {
			t.Errorf("%s is twice in the batch", e.ID)
		}
		if e.At < last {
			t.Errorf("%s is out of order", e.ID)
		}
		byID[e.ID], last = e, e.At
	}
	return byID
}

func TestThereIsASampleOfEveryTypeAndTheBatchHoldsIt(t *testing.T) {
	inBatch := batch(t)
	for _, typ := range event.TypeNames() {
		e := parse(t, read(t, "samples/"+typ+".json"))
		if e.Type != typ {
			t.Errorf("the sample of %s is of type %s", typ, e.Type)
		}
		if other, ok := inBatch[e.ID]; !ok || !reflect.DeepEqual(e, other) {
			t.Errorf("the batch has not the same %s", e.ID)
		}
	}
	files, err := events.Files.ReadDir("samples")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(files), len(event.TypeNames())+1; got != want {
		t.Errorf("%d files of samples; a batch and one of each type are %d", got, want)
	}
}

// What one sample names, another announces.
func TestTheBatchIsConsistent(t *testing.T) {
	announced := map[string]bool{"system": true, "bot-1": true}
	requested := map[string]bool{}
	for _, e := range batch(t) {
		if strings.HasSuffix(e.Type, ".updated") {
			announced[e.Subject] = true
		}
		if e.Type == "chat.requested" {
			requested[e.Subject] = true
			announced[e.Data.VisitorID] = true
		}
	}
	for _, e := range batch(t) {
		kind, id := e.Entity()
		if kind == "chat" && !requested[id] || kind == "agent" && !announced[id] {
			t.Errorf("%s of %s %s, which is unknown", e.Type, kind, id)
		}
		d := &e.Data
		for _, ref := range []string{
			d.AgentID, d.FromAgentID, d.ToAgentID, d.DepartmentID, d.GroupID, d.FromDepartmentID, d.ToDepartmentID,
			d.Campaign(), d.HostID, d.ChannelID, d.InvitationID, d.EntrypointID, d.CannedMessageID, d.StoryID,
		} {
			if ref != "" && !announced[ref] {
				t.Errorf("%s %s names %s, which is unknown", e.Type, e.ID, ref)
			}
		}
		for _, who := range []*event.Actor{d.Actor, d.By} {
			if who != nil && !announced[who.ID] {
				t.Errorf("%s %s is by %s, who is unknown", e.Type, e.ID, who.ID)
			}
		}
	}
}

func TestRealChatsParseAndAreWhole(t *testing.T) {
	counts, requested, ended := map[string]int{}, map[string]bool{}, map[string]bool{}
	last := int64(0)
	for raw := range bytes.Lines(read(t, "ubuntu-irc/events.ndjson")) {
		e := parse(t, bytes.TrimSpace(raw))
		counts[e.Type]++
		if e.At < last {
			t.Errorf("%s is out of order", e.ID)
		}
		last = e.At
		switch e.Type {
		case "chat.requested":
			requested[e.Subject] = true
		case "chat.closed", "chat.missed":
			ended[e.Subject] = true
		}
		if !requested[e.Subject] {
			t.Errorf("%s comes before the request of %s", e.ID, e.Subject)
		}
	}
	// The same figures are in the README.
	want := map[string]int{"chat.requested": 195, "chat.accepted": 176, "message.sent": 1960, "chat.closed": 176, "chat.missed": 19}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("%v, not %v", counts, want)
	}
	if !reflect.DeepEqual(requested, ended) {
		t.Error("not every chat that was requested ends")
	}
}
