package oracle

import (
	"fmt"
	"net/url"
	"testing"

	"chatreports/shared/event"
)

// afterAll is after all events: before them, what has ended is longer than what has not.
var afterAll = AfterAny

func TestEveryReportAnswersWhateverHappened(t *testing.T) {
	o := New(everything, AnyEvents(1, 3000))
	for path, r := range reports {
		for _, zone := range []string{"", "Europe/Berlin", "+05:45"} {
			for _, group := range append([]string{""}, r.groups...) {
				for _, filter := range append([]string{""}, r.filters...) {
					for _, value := range []string{"1", "x", "k", "nobody"} {
						params := url.Values{}
						set := func(name, value string) {
							if value != "" {
								params.Set(name, value)
							}
						}
						if r.zoned {
							set("timezone", zone)
						}
						if r.ranged {
							set("timeFrom", "2024-10-26T10:20:30")
							set("timeTo", "2024-10-28T23:00:00")
						}
						set("group", group)
						if filter != "" {
							set("filterName", filter)
							set("filterValue", value)
						} else if value != "1" {
							continue
						}
						status, body := o.Comm100(prefix+path, params, afterAll)
						want := 200
						if r.groups != nil && group == "" {
							want = 400
						}
						if status != want {
							t.Fatalf("%s?%s: %d %v", path, params.Encode(), status, body)
						}
					}
				}
			}
		}
	}
}

// additive are the sheets whose figures add up over time.
var additive = map[string]struct {
	sheet
	except []string
}{
	"chatVolume": {chatVolume, nil}, "visits": {visits, nil}, "chatSource": {chatSource, nil},
	"queue": {queueSheet, []string{"size"}}, "waitTime": {waitTime, []string{"max", "missedMax"}},
	"chatTransfer": {chatTransfer, nil}, "availability": {availability, nil},
	"agentPerformance": {agentPerformance, nil}, "efficiency": {efficiency, nil}, "workload": {workload, nil},
	"rating": {rating, nil}, "completion": {completion, nil}, "offlineMessage": {offlineMessage, nil},
	"conversions": {conversions, []string{"chattedVisitors", "convertedVisitors", "convertedChattedVisitors"}},
}

func TestHoursAddUpToTheRange(t *testing.T) {
	for seed := range uint64(5) {
		o := New(everything, AnyEvents(seed, 2000))
		one, x := "1", "x"
		for name, s := range additive {
			for _, sc := range []scope{{}, {agent: &one}, {department: &x}, {agent: &one, department: &x}} {
				zone, _ := zoneOf("Australia/Lord_Howe")
				q := &query{Oracle: o, now: afterAll.UnixMilli(), zone: zone, group: hourGroup, cache: map[agentAnd][]span{}}
				q.from, q.to = afterAll.AddDate(0, 0, -5).UnixMilli(), afterAll.AddDate(0, 0, 1).UnixMilli()
				sum, n := raw{}, int64(0)
				for _, b := range q.buckets() {
					n += b.to - b.from
					for k, v := range s.raw(q, sc, b.from, b.to) {
						sum[k] += v
					}
				}
				if n != q.to-q.from {
					t.Fatalf("hours cover %d ms of %d", n, q.to-q.from)
				}
				whole := s.raw(q, sc, q.from, q.to)
				for _, k := range s.except {
					delete(whole, k)
				}
				for k, v := range whole {
					if sum[k] != v {
						t.Errorf("seed %d, %s %v: %s is %d, its hours %d", seed, name, sc, k, v, sum[k])
					}
				}
			}
		}
	}
}

func TestWhatHoldsForAnyEvents(t *testing.T) {
	for seed := range uint64(20) {
		o := New(everything, AnyEvents(seed, 1000))
		now := afterAll.UnixMilli()
		for _, c := range o.chats {
			if !(c.outcome == isChat || c.outcome == missed || c.outcome == refused || c.outcome == pending) {
				t.Fatalf("outcome %q", c.outcome)
			}
			if c.waitMs < 0 || c.queueWait < 0 {
				t.Errorf("chat %s: negative wait", c.id)
			}
			whole := length(fix(c.chatTime, now))
			for _, parts := range []map[string][]span{c.inAgent, c.inDept} {
				for id := range parts {
					if part := length(fix(both(c.chatTime, parts[id]), now)); part > whole {
						t.Errorf("chat %s: %s has %d ms of %d", c.id, id, part, whole)
					}
				}
			}
			var inDepartments int64
			for id := range c.inDept {
				inDepartments += length(fix(c.part(scope{department: &id}), now))
				if !c.departments[id] && c.byAgent != forever {
					t.Errorf("chat %s was in %s and does not count there", c.id, id)
				}
			}
			if inDepartments > whole {
				t.Errorf("chat %s was in two departments at once", c.id)
			}
			for pair := range c.pairs {
				if !c.agents[pair[0]] {
					t.Errorf("chat %s: %v without the agent", c.id, pair)
				}
			}
		}
	}
}

func TestDuplicatesChangeNothing(t *testing.T) {
	list := AnyEvents(7, 800)
	again := append(append([]event.Event(nil), list...), list[100:500]...)
	params, _ := url.ParseQuery("group=agent&timeFrom=2024-10-20T00:00:00&timeTo=2024-11-20T00:00:00")
	for _, path := range []string{"workload", "efficiency", "rating", "conversions"} {
		_, a := Comm100(everything, list, prefix+path, params, afterAll)
		_, b := Comm100(everything, again, prefix+path, params, afterAll)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s:\n%v\n%v", path, a, b)
		}
	}
}

// BenchmarkAMonthByHour is the dearest report there is.
func BenchmarkAMonthByHour(b *testing.B) {
	o := New(everything, AnyEvents(3, 20_000))
	params, _ := url.ParseQuery("group=halfHourDistribution&timeFrom=2024-10-01T00:00:00&timeTo=2024-11-01T00:00:00")
	for b.Loop() {
		if status, _ := o.Comm100(prefix+"workload", params, afterAll); status != 200 {
			b.Fatal(status)
		}
	}
}
