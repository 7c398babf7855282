package oracle

import (
	"fmt"
	"strings"
	"testing"
)

const hours10to12 = "timeFrom=2024-03-04T10:00:00&timeTo=2024-03-04T13:00:00"

// handover is a chat handed from agent 1 in x to agent 2 in y, closed and reopened.
const handover = `
	10:00:00 chat.requested c {"visitorId":"v","source":"visitor","departmentId":"x"}
	10:00:10 message.sent c {"actor":{"type":"user","id":"v"}}
	10:10:00 chat.accepted c {"agentId":"1"}
	10:10:20 message.sent c {"actor":{"type":"user","id":"v"}}
	10:11:00 message.sent c {"actor":{"type":"agent","id":"1"}}
	10:20:00 message.sent c {"actor":{"type":"user","id":"v"}}
	10:30:00 chat.transferred c {"fromAgentId":"1","toAgentId":"2","toDepartmentId":"y"}
	10:31:00 message.sent c {"actor":{"type":"system","id":"s"}}
	10:32:00 message.sent c {"actor":{"type":"agent","id":"2"},"cannedMessageId":"hello"}
	10:33:00 message.sent c {"actor":{"type":"agent","id":"2"},"private":true}
	11:00:00 chat.closed c {"by":{"type":"agent","id":"2"}}
	11:30:00 chat.closed c {"by":{"type":"agent","id":"2"}}
	12:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
	12:10:00 message.sent c {"actor":{"type":"user","id":"v"}}
	12:15:00 chat.closed c {"by":{"type":"agent","id":"2"}}`

func TestAHandoverSplitsAChat(t *testing.T) {
	list := events(t, handover)
	efficiency := []string{"avgAgentResponseTime", "avgWaitTime", "avgChatTime", "avgAgentsChatMessages", "avgVisitorsChatMessages", "avgCannedMessages", "lastMessageSentByAgent"}
	performance := []string{"avgChatTime", "avgWaitTime", "totalChatTime", "lastMessageSentByAgent"}
	cases := []struct {
		request string
		names   []string
		want    string
	}{
		// Chat time 10:10–11:00 and 12:00–12:15: 65 minutes. Answers after 650 and 720 s.
		{"efficiency?group=day&" + day, efficiency, `[[685,600,3900,2,4,1,0]]`},
		{"efficiency?group=hour&" + hours10to12, efficiency, `[[685,600,3900,2,4,1,0],[0,0,0,0,0,0,0],[0,0,0,0,0,0,0]]`},
		{"agentPerformance?group=hour&" + hours10to12, performance, `[[3900,600,3000,0],[0,0,0,0],[0,0,900,0]]`},
		// Agent 1: 20 minutes; the visitor wrote twice. Agent 2: 45; once.
		{"efficiency?group=agent&" + day, append([]string{"agentId"}, efficiency...), `[[1,650,600,1200,1,2,0,0],[2,720,600,2700,1,1,1,0]]`},
		{"efficiency?group=department&" + day, append([]string{"departmentId"}, efficiency...), `[["x",650,600,1200,1,2,0,0],["y",720,600,2700,1,1,1,0]]`},
		{"efficiency?group=department&filterName=agent&filterValue=1&" + day, append([]string{"departmentId"}, efficiency...), `[["x",650,600,1200,1,2,0,0]]`},
		{"efficiency?group=agent&filterName=department&filterValue=y&" + day, append([]string{"agentId"}, efficiency...), `[[2,720,600,2700,1,1,1,0]]`},
		{"agentPerformance?group=hour&filterName=agent&filterValue=2&" + hours10to12, performance, `[[2700,600,1800,0],[0,0,0,0],[0,0,900,0]]`},
		{"chatVolume?group=department&" + day, []string{"departmentId", "chats"}, `[["x",1],["y",1]]`},
	}
	for _, c := range cases {
		t.Run(c.request, func(t *testing.T) { mustEqual(t, pick(ask(t, list, c.request), c.names...), c.want) })
	}
}

func TestWhoTookPart(t *testing.T) {
	cases := map[string]struct{ events, want string }{
		"by accepting": {`10:00:10 chat.accepted c {"agentId":"1"}`, `[[1,50]]`},
		"by writing": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 message.sent c {\"actor\":{\"type\":\"agent\",\"id\":\"2\"}}",
			`[[1,50],[2,30]]`,
		},
		"not by an assignment alone": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 chat.assigned c {\"agentId\":\"2\"}",
			`[[1,20]]`,
		},
		"but from the first message after one": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 chat.assigned c {\"agentId\":\"2\"}\n10:00:40 message.sent c {\"actor\":{\"type\":\"agent\",\"id\":\"2\"}}",
			`[[1,20],[2,20]]`,
		},
		"a group alone sends all away": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 chat.assigned c {\"groupId\":\"g\"}",
			`[[1,20]]`,
		},
		"an assignment to oneself changes nothing": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 chat.assigned c {\"agentId\":\"1\"}",
			`[[1,50]]`,
		},
		"a transfer that names nobody moves all": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:20 chat.accepted c {\"agentId\":\"2\"}\n10:00:30 chat.transferred c {\"toAgentId\":\"3\"}",
			`[[1,20],[2,10],[3,30]]`,
		},
		"leaving and refusing": {
			"10:00:10 chat.accepted c {\"agentId\":\"1\"}\n10:00:20 chat.accepted c {\"agentId\":\"2\"}\n10:00:30 chat.left c {\"agentId\":\"1\"}\n10:00:40 chat.refused c {\"agentId\":\"2\"}",
			`[[1,20],[2,20]]`,
		},
		"a transfer before any acceptance: time counts from the acceptance": {
			"10:00:10 chat.transferred c {\"toAgentId\":\"1\"}\n10:00:30 chat.accepted c {\"agentId\":\"2\"}",
			`[[1,30],[2,30]]`,
		},
		"an acceptance after the close, nobody": {
			"10:00:10 chat.closed c\n10:00:30 chat.accepted c {\"agentId\":\"2\"}", `[]`,
		},
		"nobody in a request that was lost": {
			"10:00:10 chat.transferred c {\"toAgentId\":\"1\"}\n10:00:30 chat.abandoned c", `[]`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, "10:00:00 "+fmt.Sprintf(request, "c")+"\n"+c.events+"\n10:01:00 chat.closed c")
			mustEqual(t, pick(ask(t, list, "agentPerformance?group=agent&"+day), "agentId", "totalChatTime"), c.want)
		})
	}
}

func TestAChatStillOpenCountsUpToNow(t *testing.T) {
	list := events(t, `
		10:00:00 chat.requested c {"visitorId":"v","source":"visitor"}
		10:30:00 chat.accepted c {"agentId":"1"}
		10:00:00 agent.status_changed 1 {"status":"online"}`)
	row := []string{"totalChatTime", "linearChatTime", "idleTime", "agentUtilization", "avgConcurrentChats", "chats"}
	mustEqual(t, pick(ask(t, list, "workload?group=hour&"+hours10to12, "2024-03-04T11:15:00Z"), row...),
		`[[1800,1800,1800,0.5,0.5,1],[900,900,0,1,1,0],[0,0,0,0,0,0]]`)
}

func TestLinearTimeIsOfAgentsLoggedIn(t *testing.T) {
	list := events(t, strings.Join([]string{
		`09:00:00 agent.updated 1 {"departmentIds":["x"]}`,
		`09:00:00 agent.updated 2 {"departmentIds":["x","y"]}`,
		`10:00:00 agent.status_changed 1 {"status":"online"}`,
		`10:40:00 agent.status_changed 1 {"status":"lunch"}`,
		`10:50:00 agent.status_changed 1 {"status":"offline"}`,
		`10:00:00 agent.status_changed 2 {"status":"away"}`,
		`10:30:00 agent.updated 2 {"departmentIds":["y"]}`,
		`10:30:00 agent.status_changed 2 {"status":"offline"}`,
		"10:00:00 " + fmt.Sprintf(request, "a"),
		"10:00:00 " + fmt.Sprintf(request, "b"),
		"10:00:00 " + fmt.Sprintf(request, "d"),
		`10:10:00 chat.accepted a {"agentId":"1","departmentId":"x"}`,
		`10:30:00 chat.closed a`,
		`10:20:00 chat.accepted b {"agentId":"1","departmentId":"x"}`,
		`10:55:00 chat.closed b`,
		`10:20:00 chat.accepted d {"agentId":"2","departmentId":"y"}`,
		`10:40:00 chat.closed d`,
	}, "\n"))
	names := []string{"linearChatTime", "idleTime", "agentUtilization", "avgConcurrentChats", "totalChatTime", "chats"}
	// Agent 1: logged in 50 min, in chats 10:10–10:55, of which 40 logged in; chats 20 + 35 min.
	// Agent 2: logged in 30 min, 10 of them in a chat of 20.
	mustEqual(t, pick(ask(t, list, "workload?group=agent&"+day), names...),
		`[[2400,600,0.8,1.1,3300,2],[600,1200,0.3333333333333333,0.6666666666666666,1200,1]]`)
	mustEqual(t, pick(ask(t, list, "workload?group=day&"+day), names...), `[[3000,1800,0.625,0.9375,4500,3]]`)
	// Department x: agent 1's 50 min, agent 2's 30 min as a member.
	mustEqual(t, pick(ask(t, list, "workload?group=department&"+day), append([]string{"departmentId"}, names...)...),
		`[["x",2400,2400,0.5,0.6875,3300,2],["y",600,1200,0.3333333333333333,0.6666666666666666,1200,1]]`)
	rows := ask(t, list, "workload?group=24*7Distribution&timeFrom=2024-03-04T00:00:00&timeTo=2024-03-18T00:00:00").([]any)
	mustEqual(t, rows[24+10], `{"time":{"from":"Mon. 10:00","to":"Mon. 11:00"},"avgLinearChatTime":1500,"avgIdleTime":900,"avgAgentUtilization":0.625,"avgConcurrentChats":0.9375,"avgTotalChatTime":2250,"avgChats":1.5}`)
}

func TestAvailabilityOfDepartmentsIsAUnionOfTheirMembers(t *testing.T) {
	list := events(t, `
		09:00:00 agent.updated 2 {"departmentIds":["x"]}
		10:20:00 agent.updated 2 {"departmentIds":[]}
		09:00:00 agent.updated 10 {"departmentIds":["x","y"]}
		09:00:00 agent.updated ann {}
		09:00:00 department.updated z {"name":"Z"}
		10:00:00 agent.status_changed 2 {"status":"online"}
		10:30:00 agent.status_changed 2 {"status":"online"}
		10:40:00 agent.status_changed 2 {"status":"offline"}
		10:10:00 agent.status_changed 10 {"status":"online"}
		10:15:00 agent.status_changed 10 {"status":"in training"}
		10:30:00 agent.status_changed 10 {"status":"online"}
		11:00:00 agent.status_changed 10 {"status":"away"}
		11:30:00 agent.status_changed 10 {"status":"offline"}`)
	mustEqual(t, pick(ask(t, list, "availability?group=department&"+day), "departmentId", "online", "statusDistribution"),
		`[["x",3000,null],["y",2100,null],["z",0,null]]`) // x: 10:00–10:20 and 10:30–11:00
	mustEqual(t, pick(ask(t, list, "availability?group=day&"+day), "online"), `[[3600]]`)
	mustEqual(t, ask(t, list, "availability?group=agent&"+day), `[
		{"agentId":2,"online":2400,"statusDistribution":[{"timeStr":null,"status":"Logged-in","time":2400},{"timeStr":null,"status":"Online","time":2400},{"timeStr":null,"status":"Total Away","time":0}]},
		{"agentId":10,"online":2100,"statusDistribution":[{"timeStr":null,"status":"Logged-in","time":4800},{"timeStr":null,"status":"Online","time":2100},{"timeStr":null,"status":"Total Away","time":2700}]},
		{"agentId":"ann","online":0,"statusDistribution":[{"timeStr":null,"status":"Logged-in","time":0},{"timeStr":null,"status":"Online","time":0},{"timeStr":null,"status":"Total Away","time":0}]}]`)
	// Crossed with a department: members at some time of the range.
	mustEqual(t, pick(ask(t, list, "availability?group=agent&filterName=department&filterValue=x&"+day), "agentId", "online"), `[[2,1200],[10,2100]]`)
	mustEqual(t, pick(ask(t, list, "availability?group=agent&filterName=department&filterValue=x&timeFrom=2024-03-04T10:20:00&timeTo=2024-03-05T00:00:00"), "agentId", "online"), `[[10,1800]]`)
	mustEqual(t, pick(ask(t, list, "availability?group=department&filterName=agent&filterValue=2&"+day), "departmentId", "online"), `[["x",1200]]`)

	mustEqual(t, ask(t, list, "agentStatus?timezone=%2B01:00&timeFrom=2024-03-04T11:15:00&timeTo=2024-03-04T12:00:00"), `[
		{"agentId":2,"changeLogs":[{"time":"2024-03-04T11:15:00","status":"Online"},{"time":"2024-03-04T11:40:00","status":"Offline"}]},
		{"agentId":10,"changeLogs":[{"time":"2024-03-04T11:15:00","status":"in training"},{"time":"2024-03-04T11:30:00","status":"Online"}]},
		{"agentId":"ann","changeLogs":[{"time":"2024-03-04T11:15:00","status":"Offline"}]}]`)
	mustEqual(t, pick(ask(t, list, "agentStatus?filterName=department&filterValue=y&"+day), "agentId"), `[[10]]`)
}

func TestResponseSamples(t *testing.T) {
	cases := map[string]struct{ events, want string }{
		"the first unanswered message counts": {`
			10:00:10 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:20 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:40 message.sent c {"actor":{"type":"agent","id":"1"}}
			10:00:50 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[30]]`},
		"a bot's message answers without a sample": {`
			10:00:10 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:20 message.sent c {"actor":{"type":"bot","id":"b"}}
			10:00:40 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[0]]`},
		"a close ends the waiting": {`
			10:00:10 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:20 chat.closed c
			10:00:30 chat.reopened c
			10:00:40 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[0]]`},
		"a second close does not": {`
			10:00:05 chat.closed c
			10:00:10 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:20 chat.closed c
			10:00:40 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[30]]`},
		"a private message is none": {`
			10:00:10 message.sent c {"actor":{"type":"user","id":"v"},"private":true}
			10:00:20 message.sent c {"actor":{"type":"user","id":"v"}}
			10:00:25 message.sent c {"actor":{"type":"agent","id":"1"},"private":true}
			10:00:40 message.sent c {"actor":{"type":"agent","id":"1"}}`, `[[20]]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, "10:00:00 "+fmt.Sprintf(request, "c")+"\n10:00:01 chat.accepted c {\"agentId\":\"1\"}\n"+c.events)
			mustEqual(t, pick(ask(t, list, "efficiency?group=day&"+day), "avgAgentResponseTime"), c.want)
		})
	}
}

func TestAFilterOnAnAgentShowsItsStatusesInTime(t *testing.T) {
	list := events(t, `
		23:30:00 agent.status_changed 7 {"status":"online"}
		2024-03-05T00:10:00 agent.status_changed 7 {"status":"away"}`)
	mustEqual(t, ask(t, list, "availability?group=day&filterName=agent&filterValue=7&timeFrom=2024-03-05T00:00:00&timeTo=2024-03-05T01:00:00"), `[
		{"time":{"from":"2024-03-05T00:00:00","to":"2024-03-05T01:00:00"},"online":600,"statusDistribution":[
			{"timeStr":null,"status":"Logged-in","time":3600},{"timeStr":null,"status":"Online","time":600},{"timeStr":null,"status":"Total Away","time":3000}]}]`)
}

func TestWaits(t *testing.T) {
	cases := map[string]struct{ events, want string }{
		"until taken up":                      {`10:00:30 chat.accepted c {"agentId":"1"}`, `[[30]]`},
		"by a bot too":                        {"10:00:20 bot.interaction c {\"storyId\":\"s\"}\n10:00:30 chat.accepted c {\"agentId\":\"1\"}", `[[20]]`},
		"taken up before the request: none":   {`09:59:00 chat.accepted c {"agentId":"1"}`, `[[0]]`},
		"refused by one, taken by another":    {"10:00:20 chat.refused c\n10:00:30 chat.accepted c {\"agentId\":\"1\"}", `[[30]]`},
		"refused: no sample":                  {`10:00:20 chat.refused c`, `[[0]]`},
		"lost, then answered":                 {"10:00:20 chat.abandoned c\n10:00:30 chat.accepted c {\"agentId\":\"1\"}", `[[20]]`},
		"closed, then answered":               {"10:00:20 chat.closed c\n10:00:30 chat.accepted c {\"agentId\":\"1\"}", `[[30]]`},
		"a reopened chat does not wait again": {"10:00:20 chat.accepted c {\"agentId\":\"1\"}\n10:00:30 chat.closed c\n10:05:00 chat.reopened c", `[[20]]`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := events(t, "10:00:00 "+fmt.Sprintf(request, "c")+"\n"+c.events)
			mustEqual(t, pick(ask(t, list, "agentPerformance?group=day&"+day), "avgWaitTime"), c.want)
		})
	}
}
