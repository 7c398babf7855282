package oracle

import "slices"

// inQueues is the requests of a scope that were ever queued, made in [from, to).
func (q *query) inQueues(sc scope, from, to int64) []*chat {
	var list []*chat
	for _, c := range q.requested(sc, from, to) {
		if c.queued {
			list = append(list, c)
		}
	}
	return list
}

var queueSheet = sheet{
	properties: same(
		count("queuedChatRequests", "avgQueuedChatRequests", "queued"),
		count("chatsFromQueue", "avgChatsFromQueue", answered),
		count("switchedToMessages", "avgSwitchedToMessages", switched),
		count("abandonedChats", "avgAbandonedChats", abandoned),
		count("refusedChats", "avgRefusedChats", refused),
		property{name: "maxQueueSize", inSlots: "avgMmaxQueueSize", rule: largest, num: "size", unit: 1},
	),
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.inQueues(sc, from, to) {
			r["queued"]++
			r[c.queueEnd]++
		}
		r["size"] = q.largestQueue(sc, from, to)
		return r
	},
}

// largestQueue is the largest number of requests that waited in one queue at one
// moment: of the department's own queue, or of any.
func (q *query) largestQueue(sc scope, from, to int64) int64 {
	waiting := map[queue][]span{}
	for _, c := range q.chats {
		for _, s := range c.stays {
			if sc.department != nil && s.queue != (queue{"department", *sc.department}) {
				continue
			}
			waiting[s.queue] = append(waiting[s.queue], both([]span{s.span}, []span{{from, min(to, q.now)}})...)
		}
	}
	size := 0
	for _, spans := range waiting {
		var begun, ended []int64
		for _, s := range spans {
			begun, ended = append(begun, s.s), append(ended, s.e)
		}
		slices.Sort(begun)
		slices.Sort(ended)
		for _, moment := range begun { // the number only grows where a wait begins
			size = max(size, notAfter(begun, moment)-notAfter(ended, moment))
		}
	}
	return int64(size)
}

// notAfter is how many of the sorted moments are not after one.
func notAfter(moments []int64, last int64) int {
	n, _ := slices.BinarySearch(moments, last+1)
	return n
}

// missedInQueue says whether a queued request ended without an agent.
func (c *chat) missedInQueue() bool {
	return c.queueEnd == abandoned || c.queueEnd == switched || c.queueEnd == missed
}

var waitTime = sheet{
	properties: func(string) []property {
		return []property{
			averageSeconds("avgWaitTime", "ms", "samples"),
			averageSeconds("avgWaitTimeOfMissedChats", "missedMs", "missedSamples"),
			{name: "maxWaitTime", inSlots: "avgMaxWaitTime", rule: largest, num: "max", unit: 1},
			{name: "maxWaitTimeOfMissedChats", inSlots: "avgMaxWaitTimeOfMissedChats", rule: largest, num: "missedMax", unit: 1},
		}
	},
	raw: func(q *query, sc scope, from, to int64) raw {
		r := raw{}
		for _, c := range q.inQueues(sc, from, to) {
			if c.queueEnd == answered || c.missedInQueue() {
				r["ms"] += c.queueWait
				r["samples"]++
				r["max"] = max(r["max"], c.queueWait/msPerSecond)
				if c.queueEnd == answered && c.queueWait < q.within*msPerSecond {
					r["within"]++
				}
			}
			if c.missedInQueue() {
				r["missedMs"] += c.queueWait
				r["missedSamples"]++
				r["missedMax"] = max(r["missedMax"], c.queueWait/msPerSecond)
			}
		}
		return r
	},
}

// runWaitTime adds the share of waits that an agent ended in time, if it is asked for.
func runWaitTime(q *query) any {
	s := waitTime
	if q.within > 0 {
		s.properties = func(group string) []property {
			return append(waitTime.properties(group), average("answeredWithin", "within", "samples"))
		}
	}
	return s.run(q)
}
