package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"strings"
	"time"
)

// crowd is a tenant with much of one thing, as odd as a user may send it.
type crowd struct {
	name string
	size int // of what there is much; 0: there is one, and it is odd by itself
	// events tells, in order of arrival, what the tenant sends.
	events func(n int, send send)
	// ask are the questions whose answers must be exact afterwards: PATH?QUERY.
	ask []string
}

// send is one event of a crowd; data is the JSON of its members.
type send func(at time.Time, typ, subject, data string)

const (
	thisMonth = "timeFrom=2026-03-01T00:00:00&timeTo=2026-03-31T00:00:00&group="
	thatHour  = "timeFrom=2026-03-30T09:30:00&timeTo=2026-03-30T13:30:00&group="
	years     = "timeFrom=1950-01-01T00:00:00&timeTo=2040-01-01T00:00:00&group="
	firstYear = "timeFrom=0001-01-01T00:00:00&timeTo=0003-01-01T00:00:00&group="
)

// crowds are the cases. What happens begins at the day's peak.
var crowds = []crowd{
	{"queue-20k", 20_000, queueing, []string{"queue?" + thisMonth + "day", "queue?" + thatHour + "hour", "chatVolume?" + thisMonth + "day"}},
	{"queue-200k", 200_000, queueing, []string{"queue?" + thisMonth + "day", "queue?" + thatHour + "hour", "chatVolume?" + thisMonth + "day"}},
	{"visitor-30k-events", 30_000, func(n int, send send) {
		for i, at := range within(time.Hour, n) {
			send(at, "visit.started", "v", page(i))
		}
	}, []string{"visits?" + thisMonth + "day", "visits?" + thatHour + "hour", "realtime/rightNow"}},
	{"visitors-12k", 12_000, visitors, []string{"conversions?" + thisMonth + "day", "conversions?" + thatHour + "hour", "conversions?" + thisMonth + "agent"}},
	{"visitors-30k", 30_000, visitors, []string{"conversions?" + thisMonth + "day", "conversions?" + thatHour + "hour", "conversions?" + thisMonth + "agent"}},
	{"agent-20k-chats", 20_000, func(n int, send send) {
		send(peak, "agent.status_changed", "1", `{"status":"online"}`)
		for i, at := range within(time.Hour, n) {
			send(at, "chat.requested", chatID(i), requested(i, ""))
			send(at.Add(time.Second), "chat.accepted", chatID(i), `{"agentId":"1"}`)
		}
		for i, at := range within(time.Hour, n) {
			send(at.Add(time.Hour+time.Minute), "chat.closed", chatID(i), `{"by":{"type":"agent","id":"1"}}`)
		}
	}, []string{"workload?" + thisMonth + "agent", "workload?" + thatHour + "hour", "efficiency?" + thisMonth + "agent", "agentPerformance?" + thisMonth + "agent"}},
	{"chat-50k-messages", 50_000, func(n int, send send) {
		send(peak, "chat.requested", "c", requested(0, ""))
		send(peak.Add(time.Second), "chat.accepted", "c", `{"agentId":"1"}`)
		for i, at := range within(time.Hour, n) {
			who := [2]string{`"type":"user","id":"v"`, `"type":"agent","id":"1"`}[i%2]
			send(at.Add(2*time.Second), "message.sent", "c", fmt.Sprintf(`{"messageId":"m%06d","actor":{%s},"length":5}`, i, who))
		}
		send(peak.Add(2*time.Hour), "chat.closed", "c", `{"by":{"type":"agent","id":"1"}}`)
	}, []string{"efficiency?" + thisMonth + "day", "efficiency?" + thatHour + "hour", "agentPerformance?" + thisMonth + "agent"}},
	{"chat-1000-departments", 1000, func(n int, send send) {
		send(peak, "chat.requested", "c", requested(0, ""))
		send(peak.Add(time.Second), "chat.accepted", "c", `{"agentId":"1"}`)
		for i, at := range within(time.Hour, n) {
			send(at.Add(2*time.Second), "chat.transferred", "c", fmt.Sprintf(`{"toDepartmentId":%q,"toAgentId":"1"}`, uuid("department", i)))
		}
		send(peak.Add(2*time.Hour), "chat.closed", "c", `{"by":{"type":"agent","id":"1"}}`)
	}, []string{"chatTransfer?" + thisMonth + "department", "chatVolume?" + thisMonth + "department", "workload?" + thisMonth + "department"}},
	{"agents-1000", 1000, func(n int, send send) {
		for i, at := range within(time.Minute, n) {
			agent := fmt.Sprint(1000 + i)
			send(at, "agent.updated", agent, `{"departmentIds":["d"],"maxConcurrentChats":3}`)
			send(at, "agent.status_changed", agent, `{"status":"online"}`)
			send(at.Add(time.Minute), "chat.requested", chatID(i), requested(i, `,"departmentId":"d"`))
			send(at.Add(2*time.Minute), "chat.accepted", chatID(i), fmt.Sprintf(`{"agentId":%q,"departmentId":"d"}`, agent))
		}
		for i, at := range within(time.Minute, n) {
			send(at.Add(time.Hour), "chat.closed", chatID(i), `{"by":{"type":"system","id":"s"}}`)
			send(at.Add(time.Hour), "agent.status_changed", fmt.Sprint(1000+i), `{"status":"offline"}`)
		}
	}, []string{"availability?" + thisMonth + "agent", "availability?" + thisMonth + "department", "workload?" + thisMonth + "agent", "workload?" + thatHour + "hour"}},
	{"departments-1000", 1000, func(n int, send send) {
		for i, at := range within(time.Hour, n) {
			id := uuid("department", i)
			send(at, "chat.requested", chatID(i), requested(i, fmt.Sprintf(`,"departmentId":%q`, id)))
			send(at.Add(time.Second), "chat.queued", chatID(i), fmt.Sprintf(`{"routeTo":{"type":"department","id":%q}}`, id))
			send(at.Add(time.Minute), "chat.accepted", chatID(i), fmt.Sprintf(`{"agentId":"%d","departmentId":%q}`, i%5, id))
			send(at.Add(time.Hour), "chat.closed", chatID(i), `{"by":{"type":"agent","id":"1"}}`)
		}
	}, []string{"chatVolume?" + thisMonth + "department", "queue?" + thisMonth + "department", "workload?" + thisMonth + "department"}},
	{"pages-500x2KB", 500, func(n int, send send) { pages(n, 2<<10, send) }, []string{"chatSource/requestPage?" + strings.TrimSuffix(thisMonth, "&group=")}},
	{"pages-5x100KB", 0, func(_ int, send send) { pages(5, 100<<10, send) }, []string{"chatSource/requestPage?" + strings.TrimSuffix(thisMonth, "&group=")}},
	{"surveys-2x205KB", 0, func(_ int, send send) {
		send(peak, "chat.requested", "c", requested(0, ""))
		send(peak, "survey.submitted", "c", `{"kind":"prechat","campaignId":"x","fields":[`+survey(400, 460)+`]}`)
		send(peak.Add(time.Hour), "survey.submitted", "c", `{"kind":"postchat","campaignId":"x","fields":[`+survey(400, 460)+`]}`)
	}, []string{"prechatSurvey?" + strings.TrimSuffix(thisMonth, "&group="), "postChatSurvey?" + strings.TrimSuffix(thisMonth, "&group=")}},
	{"departments-announced-100k", 100_000, func(n int, send send) {
		for i, at := range within(time.Hour, n) {
			send(at, "department.updated", uuid("department", i), fmt.Sprintf(`{"name":"Department %d"}`, i))
		}
		send(peak.Add(2*time.Hour), "chat.requested", "c", requested(0, `,"departmentId":"d"`))
	}, []string{"chatVolume?" + thisMonth + "department"}},
	{"reopened-3000", 3000, func(n int, send send) {
		send(peak, "chat.requested", "c", requested(0, ""))
		send(peak.Add(time.Second), "chat.accepted", "c", `{"agentId":"1"}`)
		for _, at := range within(time.Hour, n) {
			send(at.Add(2*time.Second), "chat.closed", "c", `{"by":{"type":"agent","id":"1"}}`)
			send(at.Add(2500*time.Millisecond), "chat.reopened", "c", `{"by":{"type":"user","id":"v"}}`)
		}
		send(peak.Add(2*time.Hour), "chat.closed", "c", `{"by":{"type":"agent","id":"1"}}`)
	}, []string{"efficiency?" + thisMonth + "day", "workload?" + thisMonth + "agent", "chatVolume?" + thisMonth + "day"}},
	{"bot-20k-interactions", 20_000, func(n int, send send) {
		send(peak, "chat.requested", "c", requested(0, ""))
		for i, at := range within(time.Hour, n) {
			send(at.Add(time.Second), "bot.interaction", "c", fmt.Sprintf(`{"storyId":"s","interactionId":"i%d","source":"widget"}`, i))
		}
		send(peak.Add(2*time.Hour), "chat.closed", "c", `{"by":{"type":"bot","id":"b"}}`)
	}, []string{"chatVolume?" + thisMonth + "day", "efficiency?" + thisMonth + "day"}},
	{"agent-of-year-1", 0, func(_ int, send send) {
		send(yearOne, "agent.status_changed", "1", `{"status":"online"}`)
		send(peak, "agent.status_changed", "1", `{"status":"offline"}`)
	}, []string{"availability?" + thisMonth + "day", "availability?" + thisMonth + "agent", "availability?" + firstYear + "month"}},
	{"chat-of-year-1", 0, func(_ int, send send) {
		send(yearOne, "chat.requested", "c", requested(0, `,"departmentId":"d"`))
		send(yearOne, "chat.accepted", "c", `{"agentId":"1","departmentId":"d"}`)
		send(peak, "chat.closed", "c", `{"by":{"type":"agent","id":"1"}}`)
	}, []string{"workload?" + thisMonth + "day", "chatVolume?" + firstYear + "month", "workload?" + firstYear + "month"}},
	{"before-1970", 0, func(_ int, send send) {
		at := time.Date(1960, 2, 29, 12, 0, 0, 0, time.UTC)
		send(at, "visit.started", "v", page(1))
		send(at, "offline_message.submitted", "m", `{"from":"button"}`)
		send(at, "chat.requested", "c", requested(0, ""))
		send(at.Add(time.Minute), "chat.abandoned", "c", `{}`)
	}, []string{"visits?" + years + "month", "offlineMessage?" + years + "month", "chatVolume?" + years + "month"}},
}

var yearOne = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// within spreads n moments evenly over a length of time from the peak on.
func within(length time.Duration, n int) iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		for i := range n {
			if !yield(i, peak.Add(time.Duration(float64(length)*float64(i)/float64(n))).Truncate(time.Millisecond)) {
				return
			}
		}
	}
}

// chatID and visitorID look like what vendors give: long, and with nothing in common.
func chatID(i int) string    { return uuid("chat", i) }
func visitorID(i int) string { return uuid("visitor", i) }

func uuid(of string, i int) string {
	sum := sha256.Sum256(fmt.Append(nil, of, i))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func requested(visitor int, more string) string {
	return fmt.Sprintf(`{"visitorId":%q,"initiatedBy":"visitor","source":"visitor"%s}`, visitorID(visitor), more)
}

func page(i int) string { return fmt.Sprintf(`{"pageUrl":"https://example.com/%d"}`, i%100) }

// queueing lets so many wait in one queue within an hour, as many others come and
// go in the next, and those who wait go in the third.
func queueing(n int, send send) {
	for i, at := range within(time.Hour, n) {
		send(at, "chat.requested", chatID(i), requested(i, `,"departmentId":"d"`))
		send(at, "chat.queued", chatID(i), `{"routeTo":{"type":"department","id":"d"}}`)
	}
	for i, at := range within(time.Hour, n) {
		at = at.Add(time.Hour)
		send(at, "chat.requested", chatID(n+i), requested(n+i, `,"departmentId":"d"`))
		send(at, "chat.queued", chatID(n+i), `{"routeTo":{"type":"department","id":"d"}}`)
		send(at.Add(time.Millisecond), "chat.abandoned", chatID(n+i), `{}`)
	}
	for i, at := range within(time.Hour, n) {
		send(at.Add(2*time.Hour), "chat.abandoned", chatID(i), `{}`)
	}
}

// visitors lets each of so many chat and buy.
func visitors(n int, send send) {
	for i, at := range within(time.Hour, n) {
		send(at, "chat.requested", chatID(i), requested(i, ""))
		send(at.Add(time.Second), "chat.accepted", chatID(i), fmt.Sprintf(`{"agentId":"%d"}`, i%20))
		send(at.Add(time.Minute), "conversion.recorded", visitorID(i), fmt.Sprintf(`{"actionId":"order","value":1,"chatId":%q}`, chatID(i)))
	}
}

// pages asks for chats from so many addresses of so many bytes.
func pages(n, size int, send send) {
	for i, at := range within(time.Hour, 2*n) {
		url := fmt.Sprintf("https://example.com/%06d/%s", i%n, noise(i%n, size))[:size]
		send(at, "chat.requested", chatID(i), requested(i, fmt.Sprintf(`,"pageUrl":%q`, url)))
	}
}

// noise is a text of so many letters in which nothing repeats.
func noise(seed, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		sum := sha256.Sum256(fmt.Append(nil, "noise", seed, i))
		b.WriteString(base64.RawURLEncoding.EncodeToString(sum[:]))
	}
	return b.String()[:size]
}

// survey is one of so many fields with an option of so many bytes each.
func survey(fields, size int) string {
	var list []string
	for i := range fields {
		list = append(list, fmt.Sprintf(`{"fieldId":"f%d","fieldName":"Field %d","options":[%q]}`, i, i, noise(i, size)))
	}
	return strings.Join(list, ",")
}
