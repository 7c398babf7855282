package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/infra/oracle"
	"chatreports/infra/trial"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
	"chatreports/shared/journal"
	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// delivery is a payload at the moment it arrives.
type delivery struct {
	body []byte
	at   time.Time
	// timed: the payload says itself when what it tells happened.
	timed bool
}

var (
	opening = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	closing = opening.AddDate(0, 0, 3) // when figures are asked for
)

// played are deliveries of a vendor: of some hours of a contact centre, as they happen, and
// of the samples.
func played(t *testing.T, p webhook.Provider) (out []delivery) {
	t.Helper()
	add := func(body []byte, at time.Time) {
		at = at.Truncate(time.Second)
		told := func(at time.Time) any {
			told, err := p.Events(&webhook.Delivery{Method: http.MethodPost, Body: body, Arrived: at, Clock: at})
			if err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			return told.Events
		}
		out = append(out, delivery{body, at, reflect.DeepEqual(told(at), told(at.Add(time.Hour)))})
	}
	speaker, err := payload.As(p.Name())
	if err != nil {
		t.Fatal(err)
	}
	for e := range sim.New(sim.Config{Seed: 5, Start: opening, End: opening.Add(2 * time.Hour), Agents: 6, Scale: 0.15}).Events() {
		said, err := speaker.Say(&e)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range said {
			add(body, e.Time().Add(time.Second))
		}
	}
	samples := bodies(t, p.Name())
	for _, name := range slices.Sorted(maps.Keys(samples)) {
		add(samples[name], arrived)
	}
	return out
}

// centre takes deliveries in and answers reports. Its storage may be out of order.
type centre struct {
	t        *testing.T
	provider webhook.Provider
	dir      string
	system   *trial.System
	faults   *tabletest.Plan
}

func newCentre(t *testing.T, p webhook.Provider) *centre {
	t.Helper()
	c := &centre{t: t, provider: p, dir: t.TempDir()}
	c.start()
	return c
}

// start starts the system, or again after it was stopped.
func (c *centre) start() {
	c.t.Helper()
	if c.system != nil {
		if err := c.system.Close(); err != nil {
			c.t.Fatal(err)
		}
	}
	webhooks, err := payload.Demo()
	if err != nil {
		c.t.Fatal(err)
	}
	// Payloads are not kept: it takes long, and other tests say what is.
	c.system, err = trial.Open(c.dir, closing, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true, Webhooks: webhooks, KeepPayloads: new(int)},
		Keys:   []tenant.Key{{ID: "all", Secret: "all", Scopes: tenant.Scopes()}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// take posts a delivery, once, and returns the answer's status.
func (c *centre) take(d delivery) int {
	c.t.Helper()
	var store table.Table = c.system.Journal
	if c.faults != nil {
		store = tabletest.NewFaulty(store, c.faults)
	}
	now := func() time.Time { return d.at }
	h := &webhook.Handler{
		Providers: []webhook.Provider{always{c.provider}}, Webhooks: tenant.NewWebhooks(c.system.State, now), Journal: journal.New(store),
		Objects: c.system.Files, Now: now, Clock: now, Log: slog.New(slog.DiscardHandler),
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, webhook.Prefix+payload.DemoID(c.provider.Name()), bytes.NewReader(d.body)))
	if w.Code != http.StatusOK && (w.Code != http.StatusTooManyRequests && w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "") {
		c.t.Fatalf("%s is answered with %d %v %s", d.body, w.Code, w.Header(), w.Body)
	}
	return w.Code
}

// always takes every delivery for the vendor's: what is signed how, other tests know.
type always struct{ webhook.Provider }

func (always) Authentic(*tenant.Webhook, *webhook.Delivery) bool { return true }

// figures are the answers of reports of all dialects, by what was asked.
func (c *centre) figures() map[string]string {
	c.t.Helper()
	if err := c.system.Send(nil); err != nil { // folds
		c.t.Fatal(err)
	}
	out := map[string]string{}
	ask := func(method, target, body string) {
		r, err := c.system.Request(method, target, http.Header{"Authorization": {"Bearer all"}}, body)
		if err != nil {
			c.t.Fatal(err)
		}
		defer r.Body.Close()
		answer, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			c.t.Fatalf("%s %s: %d %s %v", method, target, r.StatusCode, answer, err)
		}
		out[target+body] = string(answer)
	}
	const from, to = "2026-03-02T00:00:00", "2026-03-05T00:00:00"
	for _, r := range comm100.Reports() {
		target := comm100.Prefix + r.Path
		if !r.Realtime {
			target += "?timeFrom=" + from + "&timeTo=" + to
		}
		if len(r.Groups) == 0 {
			ask("GET", target, "")
		}
		for _, group := range r.Groups {
			if slices.Contains([]string{"agent", "department", "day"}, group) {
				ask("GET", target+"&group="+group, "")
			}
		}
	}
	for _, report := range oracle.Exports() {
		ask("GET", "/v1/exports/"+report+"?from=2026-03-01", "")
	}
	for _, path := range chatbot.Paths() {
		ask("GET", path+"?from=2026-03-01&to=2026-03-05", "")
	}
	ask("POST", "/reports/conversations", `{"filters": [{"property": "createdAt", "operation": "GT", "values": ["2026-03-01"]}], "metrics": ["updatedAt", "numAgentMessages", "numEndUserMessages", "numBotMessages", "timeToCloseMillis", "lastAgentId", "cqlScore"]}`)
	c.rawReports(out)
	return out
}

// rawReports adds Freshchat's.
func (c *centre) rawReports(out map[string]string) {
	c.t.Helper()
	who := tenant.Tenant{ID: "acme", Zone: "UTC"}
	hours, err := dialect.BusinessHours(&who)
	if err != nil {
		c.t.Fatal(err)
	}
	source, err := (&extract.Ground{Journal: c.system.Journal, State: c.system.State, Dir: c.t.TempDir()}).Open(c.t.Context(),
		&extract.Window{Tenant: &who, From: math.MinInt64, To: math.MaxInt64, Now: closing.UnixMilli(), Hours: hours})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, report := range freshchat.Reports() {
		var b bytes.Buffer
		if err := source.Run(&report, nil).WriteCSV(&b, false); err != nil {
			c.t.Fatal(err)
		}
		out[report.Name] = b.String()
	}
	if err := source.Err(); err != nil {
		c.t.Fatal(err)
	}
}

// same compares figures.
func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for _, asked := range slices.Sorted(maps.Keys(want)) {
		if got[asked] != want[asked] {
			t.Errorf("%s, %s:\n%s\nwant\n%s", what, asked, got[asked], want[asked])
			return
		}
	}
}

// once is what figures are when each delivery comes once, in order.
func once(t *testing.T, p webhook.Provider, list []delivery) map[string]string {
	t.Helper()
	if want := figuresOnce[p.Name()]; want != nil {
		return want
	}
	c := newCentre(t, p)
	defer func() { _ = c.system.Close() }()
	for _, d := range list {
		c.take(d)
	}
	want := c.figures()
	counts := 0
	for _, answer := range want {
		if strings.ContainsAny(answer, "123456789") {
			counts++
		}
	}
	if counts < 20 {
		t.Errorf("only %d of %d answers count anything", counts, len(want))
	}
	figuresOnce[p.Name()] = want
	return want
}

// figuresOnce are the same in every test.
var figuresOnce = map[string]map[string]string{}

// No figure changes when every payload comes three times, in any order, some of them only
// after a restart and a day later. What has no time of its own, happens when it comes: its
// copies come within the second.
func TestRetriesChangeNoFigure(t *testing.T) {
	for _, p := range providers {
		t.Run(p.Name(), func(t *testing.T) {
			list := played(t, p)
			want := once(t, p, list)
			rng := rand.New(rand.NewPCG(7, 7))
			var first, second []delivery
			for _, d := range list {
				for range 3 {
					copied := d
					if d.timed {
						copied.at = d.at.Add(time.Duration(rng.Int64N(int64(24 * time.Hour))))
					} else {
						copied.at = d.at.Add(time.Duration(rng.Int64N(int64(time.Second))))
					}
					if rng.IntN(2) == 0 {
						first = append(first, copied)
					} else {
						second = append(second, copied)
					}
				}
			}
			c := newCentre(t, p)
			defer func() { _ = c.system.Close() }()
			for i, part := range [][]delivery{first, second} {
				rng.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
				if i > 0 {
					c.start()
				}
				for i, d := range part {
					c.take(d)
					if i%50 == 0 { // fold, so that what comes later is late
						if err := c.system.Send(nil); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			same(t, "three times each", c.figures(), want)
		})
	}
}

// What a storage that is throttled, or fails, or fails after it has stored, does not take is
// asked for again: then no figure is another one.
func TestNothingIsLostWhenStorageIsThrottled(t *testing.T) {
	for _, p := range providers {
		t.Run(p.Name(), func(t *testing.T) {
			list := played(t, p)
			want := once(t, p, list)
			c := newCentre(t, p)
			defer func() { _ = c.system.Close() }()
			c.faults = tabletest.Randomly(3, 0.3, tabletest.Throttle, tabletest.Before, tabletest.After, tabletest.Partly)
			answers := map[int]int{}
			for _, d := range list {
				for {
					status := c.take(d)
					if answers[status]++; status == http.StatusOK {
						break
					}
					if d.timed { // the vendor waits; of what has no time, see the page
						d.at = d.at.Add(time.Minute)
					}
				}
			}
			if answers[http.StatusTooManyRequests] < 3 || answers[http.StatusServiceUnavailable] < 3 {
				t.Errorf("too little went wrong: %v", answers)
			}
			same(t, fmt.Sprintf("with %d faults", len(c.faults.Log())), c.figures(), want)
		})
	}
}

// Of what has no time, some is told once for good: a retry changes nothing whenever it comes.
func TestSomeRetriesChangeNothingWheneverTheyCome(t *testing.T) {
	repeatable := map[string]string{tenant.ChatBot: `"chatId"`, tenant.LiveChat: `"action":"chat_deactivated"`}
	for _, p := range providers {
		sign, ok := repeatable[p.Name()]
		if !ok {
			continue
		}
		list := played(t, p)
		want := once(t, p, list)
		c := newCentre(t, p)
		for _, d := range list {
			c.take(d)
		}
		again := 0
		for _, d := range list {
			if !d.timed && strings.Contains(string(d.body), sign) && json.Valid(d.body) {
				again++
				d.at = d.at.Add(time.Minute)
				c.take(d)
			}
		}
		if again < 5 {
			t.Errorf("%s: only %d payloads came again", p.Name(), again)
		}
		same(t, p.Name(), c.figures(), want)
		_ = c.system.Close()
	}
}
