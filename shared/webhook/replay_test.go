package webhook_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/payload"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// poorer is a mapping that knows less than the one there is: not every action, no departments,
// pages and names, and it gets the time of what is closed wrong. The first delivery of each
// action it does not understand at all.
type poorer struct {
	webhook.Provider
	seen map[string]bool
}

func (p poorer) Events(d *webhook.Delivery) (*webhook.Told, error) {
	t, err := p.Provider.Events(d)
	if err != nil {
		return nil, err
	}
	switch first := !p.seen[t.Action]; {
	case strings.Contains(t.Action, "assign"), strings.Contains(t.Action, "transfer"), strings.Contains(t.Action, "tag"):
		return &webhook.Told{Source: t.Source, Action: t.Action, Unknown: true}, nil
	case first && len(p.seen) > 1:
		p.seen[t.Action] = true
		return nil, fmt.Errorf("%s is not understood", t.Action)
	}
	p.seen[t.Action] = true
	for i := range t.Events {
		e := &t.Events[i]
		e.Data.DepartmentID, e.Data.PageURL, e.Data.VisitorName, e.Data.InteractionName = "", "", "", ""
		if e.Type == "chat.closed" {
			e.At -= 7000
		}
	}
	return t, nil
}

// mapsPoorly gives the system the poorer mappings.
func (s *system) mapsPoorly() {
	s.handler.Providers = nil
	for _, p := range providers {
		s.handler.Providers = append(s.handler.Providers, poorer{p, map[string]bool{}})
	}
}

// everything is what the vendors deliver: all samples, in an order of their names.
func everything(t *testing.T) (list [][2]string) {
	t.Helper()
	for _, p := range providers {
		samples := bodies(t, p.Name())
		for _, name := range slices.Sorted(maps.Keys(samples)) {
			list = append(list, [2]string{p.Name(), string(samples[name])})
		}
	}
	return list
}

// figures are the answers of all dialects that payloads fill.
func (s *system) figures() (list []string) {
	s.t.Helper()
	s.ask(http.MethodGet, "/healthz", "") // which has what came folded
	const day = "timeFrom=2026-03-02T00:00:00&timeTo=2026-03-04T00:00:00"
	for _, q := range []string{
		"GET /api/v3/livechat/reports/chatVolume?group=department&" + day,
		"GET /api/v3/livechat/reports/waitTime?group=day&" + day,
		"GET /api/v3/livechat/reports/efficiency?group=day&" + day,
		"GET /api/v3/livechat/reports/chatTransfer?group=department&" + day,
		"GET /api/v3/livechat/reports/rating?group=agent&" + day,
		"GET /api/v3/livechat/reports/agentPerformance?group=agent&" + day,
		"GET /api/v3/livechat/reports/chatSource/requestPage?" + day,
		"GET /v1/exports/conversations?from=2026-03-02&to=2026-03-04",
		"GET /v1/exports/agent-activity?from=2026-03-02&to=2026-03-04",
		"GET /reports/interactions?from=2026-03-02&to=2026-03-04",
		"GET /v1/directory/agents",
	} {
		method, target, _ := strings.Cut(q, " ")
		list = append(list, q+"\n"+s.ask(method, target, ""))
	}
	return append(list, s.ask(http.MethodPost, "/reports/conversations", `{"filters": [{"property": "createdAt", "operation": "GT", "values": ["2026-03-01"]}], "metrics": ["createdAt", "firstCloseAt", "numAgentMessages", "numEndUserMessages", "inboxId"]}`))
}

// replay replays everything of every webhook.
func (s *system) replay(r webhook.Replay) (total webhook.Replayed) {
	s.t.Helper()
	total.Actions, total.Unknown = map[string]int{}, map[string]bool{}
	for _, id := range tenant.Providers() {
		r.Tenant, r.Webhook = "acme", id
		r.From, r.To = arrived.Truncate(24*time.Hour), arrived.Truncate(24*time.Hour).AddDate(0, 0, 1)
		done, err := s.replayer(s.Files).Run(s.t.Context(), r)
		if err != nil {
			s.t.Fatal(err)
		}
		total.Deliveries += done.Deliveries
		total.New += done.New
		total.Known += done.Known
		total.Conflicting += done.Conflicting
		total.Refused += done.Refused
		total.NotUnderstood = append(total.NotUnderstood, done.NotUnderstood...)
		total.Damaged = append(total.Damaged, done.Damaged...)
		for action, n := range done.Actions {
			total.Actions[id+" "+action] += n
		}
		for action := range done.Unknown {
			total.Unknown[id+" "+action] = true
		}
	}
	return total
}

func (s *system) replayer(objects object.Store) *webhook.Replayer {
	return &webhook.Replayer{Providers: providers, Objects: objects, Journal: journal.New(s.Journal), Clock: func() time.Time { return s.now }}
}

// deliverAll has all vendors deliver everything, a second apart, and each twice in a row.
func (s *system) deliverAll(list [][2]string) {
	s.t.Helper()
	for _, d := range list {
		s.now = s.now.Add(time.Second)
		for range 2 {
			s.call(d[0], sign(d[0], 0, d[1], s.now))
		}
	}
}

func TestWhatWasMappedPoorlyIsAsIfItHadBeenMappedWell(t *testing.T) {
	list := everything(t)
	well := open(t)
	well.deliverAll(list)
	want := well.figures()

	s := open(t)
	s.mapsPoorly()
	s.deliverAll(list)
	if reflect.DeepEqual(s.figures(), want) {
		t.Fatal("the poorer mapping is as good")
	}
	before := s.stored()

	dry := s.replay(webhook.Replay{DryRun: true, Correct: true})
	if !slices.Equal(s.stored(), before) {
		t.Fatal("what stores nothing stored something")
	}
	if dry.Deliveries != len(list) || dry.New == 0 || dry.Conflicting == 0 || dry.Known == 0 || dry.Refused == 0 || len(dry.NotUnderstood)+len(dry.Damaged) > 0 || !dry.Unknown["freshchat conversation_snoozed"] {
		t.Errorf("it says %+v", dry)
	}

	plain := s.replay(webhook.Replay{})
	if plain.New != dry.New || plain.Conflicting != dry.Conflicting || !reflect.DeepEqual(plain.Actions, dry.Actions) {
		t.Errorf("it says %+v, and before %+v", plain, dry)
	}
	if n := len(s.stored()) - len(before); n != plain.New {
		t.Errorf("%d are stored, and it says %d", n, plain.New)
	}

	corrected := s.replay(webhook.Replay{Correct: true})
	if corrected.New != 0 || corrected.Conflicting != dry.Conflicting {
		t.Errorf("it says %+v", corrected)
	}
	for i, got := range s.figures() {
		if got != want[i] {
			t.Errorf("there is\n%s\nwant\n%s", got, want[i])
		}
	}

	after := s.stored()
	for _, again := range []webhook.Replayed{s.replay(webhook.Replay{Correct: true}), s.replay(webhook.Replay{})} {
		if again.New+again.Conflicting != 0 || again.Known != dry.Known+dry.New+dry.Conflicting {
			t.Errorf("once more: %+v", again)
		}
	}
	if got := s.stored(); !slices.Equal(got, after) {
		t.Errorf("once more stored %d", len(got)-len(after))
	}
	// Vendors that send everything once more, to the better mapping, change no figure: an id
	// that was used at another time counts nowhere.
	s.handler.Providers = providers
	s.now = arrived
	s.deliverAll(list)
	if done := s.replay(webhook.Replay{Correct: true}); done.New+done.Conflicting != 0 {
		t.Errorf("after all came once more: %+v", done)
	}
	if got := s.figures(); !slices.Equal(got, want) {
		t.Error("after all came once more, other figures")
	}
}

// Wherever a replay dies, another one makes the rest up.
func TestAReplayThatDiesIsMadeUpFor(t *testing.T) {
	list := everything(t)
	well := open(t)
	well.deliverAll(list)
	want := well.figures()
	s := open(t)
	s.mapsPoorly()
	s.deliverAll(list)
	r := rand.New(rand.NewPCG(1, 2))
	deaths := 0
	for k := 1; deaths < 12; k += 1 + r.IntN(6) {
		plan := tabletest.CrashAt(k, []tabletest.Fault{tabletest.Before, tabletest.After, tabletest.Partly}[r.IntN(3)])
		broken := s.replayer(s.Files)
		broken.Journal = journal.New(tabletest.NewFaulty(s.Journal, plan))
		for _, id := range tenant.Providers() {
			from := arrived.Truncate(24 * time.Hour)
			_, err := broken.Run(t.Context(), webhook.Replay{Tenant: "acme", Webhook: id, From: from, To: from.AddDate(0, 0, 1), Correct: true})
			if err != nil {
				deaths++
				break
			}
		}
		if plan.Calls() < k {
			break
		}
	}
	if deaths == 0 {
		t.Fatal("none died")
	}
	s.replay(webhook.Replay{Correct: true})
	for i, got := range s.figures() {
		if got != want[i] {
			t.Errorf("after %d deaths there is\n%s\nwant\n%s", deaths, got, want[i])
		}
	}
}

// What somebody took back stays taken back, and what cannot be read is named and left out.
func TestWhatAReplayLeavesAlone(t *testing.T) {
	s := open(t)
	body := plainest(t, tenant.Drift)
	s.deliver(tenant.Drift, []byte(body))
	h, err := journal.New(s.Journal).Read(t.Context(), journal.Entity{Tenant: "acme", Kind: "chat", ID: "123"}, 0, arrived.UnixMilli())
	if err != nil || len(h.Events) != 2 {
		t.Fatalf("%+v, %v", h, err)
	}
	e := h.Events[1]
	back := event.Event{ID: "back", Source: e.Source, Type: event.Retracted, Subject: e.Subject, At: e.At, Data: event.Data{Type: e.Type, ID: e.ID}}
	if _, err := journal.New(s.Journal).Append(t.Context(), "acme", []event.Event{back}, arrived); err != nil {
		t.Fatal(err)
	}
	for i, content := range []string{"", "no CBOR"} {
		key := fmt.Sprintf("%sacme/2026-03-03/drift/1%d", payload.Class(7), i)
		if err := object.Put(t.Context(), s.Files, key, writes(content)); err != nil {
			t.Fatal(err)
		}
	}
	odd := payload.Payload{Tenant: "acme", Webhook: "drift", Provider: "gone", Arrived: arrived, Body: []byte("{}")}
	if err := payload.Keep(t.Context(), s.Files, 7, &odd); err != nil {
		t.Fatal(err)
	}
	before := s.stored()
	done := s.replay(webhook.Replay{Correct: true})
	if done.Deliveries != 2 || done.Known != 2 || done.New+done.Conflicting != 0 || len(done.Damaged) != 2 || len(done.NotUnderstood) != 1 {
		t.Errorf("it says %+v", done)
	}
	if !slices.Equal(s.stored(), before) {
		t.Error("something is stored")
	}
}

// The first of two deliveries that tell the same event otherwise decides, whatever is replayed.
func TestTheFirstDeliveryDecides(t *testing.T) {
	s := open(t)
	one := `{"token":"drift-token","type":"new_message","data":{"id":1,"conversationId":5,"body":"hi","author":{"id":7,"type":"contact"},"createdAt":1772442000000}}`
	two := strings.Replace(one, `"hi"`, `"hello"`, 1)
	s.deliver(tenant.Drift, []byte(one))
	s.now = s.now.Add(time.Second)
	s.deliver(tenant.Drift, []byte(two))
	before := s.stored()
	for range 2 {
		if done := s.replay(webhook.Replay{Correct: true}); done.Deliveries != 2 || done.Known != 4 || done.New+done.Conflicting != 0 {
			t.Errorf("it says %+v", done)
		}
	}
	if !slices.Equal(s.stored(), before) {
		t.Error("something is stored")
	}
}
