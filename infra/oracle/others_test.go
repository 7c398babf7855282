package oracle

import (
	"fmt"
	"strings"
	"testing"
)

func TestAChatHasOneRatingTheLastAtItsTime(t *testing.T) {
	list := events(t, strings.Join([]string{
		"10:00:00 " + fmt.Sprintf(request, "a"),
		`10:01:00 chat.accepted a {"agentId":"1","departmentId":"x"}`,
		`10:02:00 chat.transferred a {"fromAgentId":"1","toAgentId":"2","toDepartmentId":"y"}`,
		`10:30:00 chat.rated a {"score":5}`,
		`2024-03-05T09:00:00 chat.rated a {"score":2}`,
		"10:00:00 " + fmt.Sprintf(request, "b"),
		`10:30:00 chat.rated b {"score":4}`,
		`10:31:00 chat.rated b {"score":0}`,
	}, "\n"))
	scores := []string{"score5", "score4", "score3", "score2", "score1"}
	two := "timeFrom=2024-03-04T00:00:00&timeTo=2024-03-06T00:00:00"
	mustEqual(t, pick(ask(t, list, "rating?group=day&"+two), scores...), `[[0,0,0,0,0],[0,0,0,1,0]]`)
	mustEqual(t, pick(ask(t, list, "rating?group=agent&"+two), append([]string{"agentId"}, scores...)...), `[[1,0,0,0,1,0],[2,0,0,0,1,0]]`)
	mustEqual(t, pick(ask(t, list, "rating?group=department&filterName=agent&filterValue=2&"+two), append([]string{"departmentId"}, scores...)...), `[["y",0,0,0,1,0]]`)
	rows := ask(t, list, "rating?group=halfHourDistribution&"+two).([]any)
	mustEqual(t, rows[18], `{"time":{"from":"09:00","to":"09:30"},"avgScore5":0,"avgScore4":0,"avgScore3":0,"avgScore2":0.5,"avgScore1":0}`)
}

func TestSurveysAndWrapUps(t *testing.T) {
	list := events(t, `
		09:00:00 campaign.updated empty {"name":"E"}
		10:00:00 chat.requested c {"visitorId":"v","source":"visitor","campaignId":"k"}
		10:01:00 chat.accepted c {"agentId":"1"}
		10:02:00 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten","options":["b","a"]},{"fieldId":"9","fieldName":"Nine","group":"G","options":["x"]}]}
		10:03:00 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten!","options":["a"]}]}
		10:03:00 survey.submitted c {"kind":"prechat","campaignId":"k","fields":[{"fieldId":"9","fieldName":"Nine","group":"G","options":["x"]},{"fieldId":"9","fieldName":"Nine","group":"H","options":["x","y"]}]}
		2024-03-07T10:03:00 survey.submitted c {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Later","options":["a"]}]}
		10:04:00 chat.wrapped_up c {"comment":"done","fields":[{"fieldId":"1","fieldName":"Category","group":"Product","options":["Chat"]}]}
		10:05:00 chat.wrapped_up c {"campaignId":"m","comment":"","fields":[{"fieldId":"1","fieldName":"Category","group":"Product","options":["Ticket"]}]}
		10:05:00 survey.submitted orphan {"kind":"postchat","campaignId":"k","fields":[{"fieldId":"10","fieldName":"Ten","options":["a"]}]}`)
	mustEqual(t, ask(t, list, "postChatSurvey?"+day), `[{"campaignId":"empty","fields":[]},{"campaignId":"k","fields":[
		{"fieldId":"9","fieldName":"Nine","groups":[{"name":"G","options":[{"name":"x","count":1}]}]},
		{"fieldId":"10","fieldName":"Ten!","options":[{"name":"a","count":2},{"name":"b","count":1}]}]}]`)
	mustEqual(t, ask(t, list, "prechatSurvey?filterName=campaign&filterValue=k&"+day), `[{"campaignId":"k","fields":[
		{"fieldId":"9","fieldName":"Nine","groups":null,"options":[{"name":"x","count":2},{"name":"y","count":1}]}]}]`)
	mustEqual(t, ask(t, list, "wrapup/survey?"+day), `[{"campaignId":"empty","fields":[]},{"campaignId":"m","fields":[
		{"fieldId":"1","fieldName":"Category","groups":[{"name":"Product","options":[{"name":"Ticket","count":1}]}]}]}]`)
	mustEqual(t, pick(ask(t, list, "wrapup/completion?group=agent&"+day), "agentId", "wrapups", "chats"), `[[1,0,1]]`)
}

func TestConversions(t *testing.T) {
	list := events(t, strings.Join([]string{
		"10:00:00 " + fmt.Sprintf(request, "a"),
		`10:01:00 chat.accepted a {"agentId":"1","departmentId":"x"}`,
		"10:00:00 " + fmt.Sprintf(request, "b"),
		`10:01:00 chat.accepted b {"agentId":"2","departmentId":"x"}`,
		`11:00:00 conversion.recorded v-a {"actionId":"buy","value":0.1,"chatId":"a"}`,
		`11:00:00 conversion.recorded v-a {"actionId":"buy","value":0.2,"agentId":"2"}`,
		`11:00:00 conversion.recorded v-z {"actionId":"ask","value":1}`,
		`2024-03-06T11:00:00 conversion.recorded v-b {"actionId":"later","value":5,"chatId":"b"}`,
	}, "\n"))
	names := []string{"conversions", "chats", "chattedVisitors", "convertedVisitors", "convertedChattedVisitors", "value"}
	mustEqual(t, pick(ask(t, list, "conversions?group=month&timeFrom=2024-03-01T00:00:00&timeTo=2024-04-01T00:00:00"), names...), `[[4,2,2,3,2,6.3]]`)
	mustEqual(t, pick(ask(t, list, "conversions?group=hour&"+hours10to12), names...), `[[0,2,2,0,0,0],[3,0,0,2,0,1.3],[0,0,0,0,0,0]]`)
	mustEqual(t, pick(ask(t, list, "conversions?group=agent&"+day), append([]string{"agentId"}, names...)...), `[[1,1,1,1,1,1,0.1],[2,1,1,1,1,0,0.2]]`)
	mustEqual(t, pick(ask(t, list, "conversions?group=department&"+day), append([]string{"departmentId"}, names...)...), `[["x",1,2,2,1,1,0.1]]`)
	mustEqual(t, pick(ask(t, list, "conversions?group=conversionAction&"+day), append([]string{"conversionActionId"}, names...)...), `[["ask",1,2,2,1,0,1],["buy",2,2,2,1,1,0.3]]`)
	mustEqual(t, pick(ask(t, list, "conversions?group=day&filterName=conversion&filterValue=ask&"+day), names...), `[[1,2,2,1,0,1]]`)
}

func TestInvitationsOfflineAndCannedMessages(t *testing.T) {
	list := events(t, `
		09:00:00 invitation.updated i1 {"kind":"auto","campaignId":"k"}
		09:00:00 invitation.updated i2 {"kind":"auto"}
		09:00:00 invitation.updated m1 {"kind":"manual"}
		10:00:00 invitation.sent v {"kind":"auto","invitationId":"i1","campaignId":"other"}
		10:00:01 invitation.accepted v {"kind":"auto","invitationId":"i1","campaignId":"other"}
		10:00:02 invitation.sent v {"kind":"auto","invitationId":"i3","campaignId":"k"}
		10:00:03 invitation.declined v {"kind":"auto","invitationId":"i3","campaignId":"j"}
		10:00:00 invitation.sent v {"kind":"manual","agentId":"1"}
		10:00:01 invitation.accepted v {"kind":"manual","agentId":"1"}
		10:00:00 offline_message.submitted o1 {"from":"button","departmentId":"x","segmentIds":["s","t"]}
		10:00:00 offline_message.submitted o2 {"from":"queue","departmentId":"y","segmentIds":["t"]}
		09:00:00 canned_message.updated c1 {"categoryId":"greetings"}
		09:00:00 canned_message.updated c2 {"categoryId":"none"}
		10:00:00 chat.requested c {"visitorId":"v","source":"visitor"}
		10:00:01 chat.accepted c {"agentId":"1"}
		10:00:02 message.sent c {"actor":{"type":"agent","id":"1"},"cannedMessageId":"c1"}
		10:00:03 message.sent c {"actor":{"type":"agent","id":"2"},"cannedMessageId":"c1","cannedCategoryId":"other"}
		10:00:04 message.sent c {"actor":{"type":"agent","id":"2"},"cannedMessageId":"c1","private":true}
		10:00:05 message.sent c {"actor":{"type":"user","id":"v"},"cannedMessageId":"c1"}`)
	mustEqual(t, ask(t, list, "autoInvitation?group=autoInvitation&"+day), `[
		{"autoInvitationId":"i1","campaignId":"k","sent":1,"accepted":1},
		{"autoInvitationId":"i2","campaignId":"","sent":0,"accepted":0},
		{"autoInvitationId":"i3","campaignId":"j","sent":1,"accepted":0}]`)
	mustEqual(t, ask(t, list, "autoInvitation?group=campaign&"+day), `[
		{"campaignId":"k","sent":1,"accepted":0},{"campaignId":"other","sent":1,"accepted":1}]`)
	mustEqual(t, ask(t, list, "manualInvitation?group=agent&"+day), `[{"agentId":1,"sent":1,"accepted":1}]`)
	mustEqual(t, ask(t, list, "offlineMessage?group=visitorSegment&"+day), `[
		{"visitorSegmentId":"s","messages":1,"fromOfflineButton":1,"fromChatQueue":0},
		{"visitorSegmentId":"t","messages":2,"fromOfflineButton":1,"fromChatQueue":1}]`)
	mustEqual(t, pick(ask(t, list, "offlineMessage?group=day&filterName=department&filterValue=y&"+day), "messages"), `[[1]]`)
	mustEqual(t, ask(t, list, "cannedMessage?"+day), `[{"id":"c1","usedTimes":2,"agentsUsedIt":2},{"id":"c2","usedTimes":0,"agentsUsedIt":0}]`)
	mustEqual(t, ask(t, list, "cannedMessage?filterName=category&filterValue=greetings&"+day), `[{"id":"c1","usedTimes":1,"agentsUsedIt":1}]`)
	mustEqual(t, ask(t, list, "cannedMessage?filterName=category&filterValue=none&"+day), `[{"id":"c2","usedTimes":0,"agentsUsedIt":0}]`)
}

// busy is a moment, 11:00, with a chat of an agent, one of a bot and two waiting.
const busy = `
	08:00:00 department.updated x {"name":"X"}
	08:00:00 agent.updated 1 {"departmentIds":["x"],"maxConcurrentChats":4}
	08:00:00 agent.updated 2 {"maxConcurrentChats":9}
	09:00:00 agent.status_changed 1 {"status":"online"}
	09:30:00 agent.status_changed 1 {"status":"lunch"}
	10:00:00 agent.status_changed 1 {"status":"online"}
	09:00:00 agent.status_changed 2 {"status":"away"}
	10:00:00 chat.requested a {"visitorId":"va","source":"visitor","departmentId":"x"}
	10:00:00 chat.queued a {"routeTo":{"type":"department","id":"x"}}
	10:20:00 chat.accepted a {"agentId":"1"}
	10:21:00 message.sent a {"actor":{"type":"user","id":"va"}}
	10:21:30 message.sent a {"actor":{"type":"agent","id":"1"}}
	10:25:00 chat.rated a {"score":4}
	10:40:00 chat.requested b {"visitorId":"vb","source":"visitor"}
	10:41:00 bot.interaction b {"storyId":"s","interactionType":"welcome"}
	10:42:00 bot.interaction b {"storyId":"s","interactionType":"fallback"}
	10:43:00 bot.interaction b {"storyId":"s","interactionId":"i"}
	10:50:00 chat.requested w1 {"visitorId":"vw1","source":"visitor"}
	10:50:00 chat.queued w1 {"routeTo":{"type":"site"}}
	10:55:00 chat.queued w1 {"routeTo":{"type":"agent","id":"1"}}
	10:58:00 chat.requested w2 {"visitorId":"vw2","source":"visitor"}
	10:58:00 chat.queued w2 {"routeTo":{"type":"agent","id":"1"}}
	10:30:00 chat.requested l {"visitorId":"vl","source":"visitor"}
	10:30:00 chat.queued l {"routeTo":{"type":"site"}}
	10:31:00 chat.abandoned l
	10:29:59 page.viewed gone {"pageUrl":"u"}
	10:30:00 page.viewed here {"pageUrl":"u"}`

func TestRealTime(t *testing.T) {
	list, now := events(t, busy), "2024-03-04T11:00:00Z"
	mustEqual(t, ask(t, list, "realtime/rightNow", now), `{"agentsInChat":1,"ongoingChats":2,"visitorsOnSite":5,"loggedInAgents":2,
		"currentQueueLength":2,"chatUtilization":0.25,"ongoingChatsWithAgents":1,"ongoingChatsWithChatbot":1}`)
	plain := everything
	plain.AutoAllocation, plain.Chatbot, plain.Edition = false, false, "business"
	_, got := askTenant(t, plain, list, "rightnow", now)
	mustEqual(t, got, `{"agentsInChat":1,"ongoingChats":2,"visitorsOnSite":5,"loggedInAgents":2,
		"currentQueueLength":null,"chatUtilization":null,"ongoingChatsWithAgents":null,"ongoingChatsWithChatbot":null}`)

	// Waits 1200, 60 (bot) and 60 s; chat 40 min; logged in 2 + 2 h, in chats 40 min.
	mustEqual(t, ask(t, list, "realtime/today", now), `{
		"chatOverview":{"chatRequests":5,"chats":2,"chatAcceptanceRate":0.4,"abandonedChats":1,"switchToMessages":0,"missedChats":1},
		"serviceEfficiency":{"avgWaitTime":440,"avgChatTime":2400,"avgResponseTime":30,"acceptedInvitations":0,"departmentTransferChats":0,"totalTransferChats":0},
		"agentPerformance":{"uniqueChatRate":1,"agentUtilization":0.16666666666666666,"avgScore":4},
		"chatbot":{"chatbotOnlyChats":1,"chatsFromChatbotToAgent":0,"answers":2,"highConfidenceAnswers":1}}`)
	_, got = askTenant(t, plain, list, "realtime/today?timezone=-12:00", now) // the day before
	mustEqual(t, got, `{"chatOverview":{"chatRequests":5,"chats":2,"chatAcceptanceRate":0.4,"abandonedChats":1,"switchToMessages":0,"missedChats":1},
		"serviceEfficiency":null,"agentPerformance":null,"chatbot":null}`)

	mustEqual(t, ask(t, list, "realtime/agents", now), `[
		{"agentId":1,"currentStatus":"Online","ongoingChats":1,"todayChats":1,"todayLinearChatTime":2400,"statusDistribution":[
			{"status":"Online","time":5400},{"status":"Away","time":0},{"status":"lunch","time":1800},{"status":"Offline","time":32400}]},
		{"agentId":2,"currentStatus":"Away","ongoingChats":0,"todayChats":0,"todayLinearChatTime":0,"statusDistribution":[
			{"status":"Online","time":0},{"status":"Away","time":7200},{"status":"Offline","time":32400}]}]`)
	mustEqual(t, pick(ask(t, list, "realtime/agents?filterName=department&filterValue=x", now), "agentId"), `[[1]]`)

	mustEqual(t, ask(t, list, "realtime/queue", now), `[
		{"routeTo":{"type":0},"ongoingChats":2,"avgWaitTimeInLast30Mins":60,"avgWaitTimeInLast60Mins":60,"abandonedChatsInLast30Mins":1,"switchedToMessagesInLast30Mins":0,"queue":[]},
		{"routeTo":{"type":1,"id":"x"},"ongoingChats":1,"avgWaitTimeInLast30Mins":0,"avgWaitTimeInLast60Mins":1200,"abandonedChatsInLast30Mins":0,"switchedToMessagesInLast30Mins":0,"queue":[]},
		{"routeTo":{"type":2,"id":1},"ongoingChats":1,"avgWaitTimeInLast30Mins":0,"avgWaitTimeInLast60Mins":0,"abandonedChatsInLast30Mins":0,"switchedToMessagesInLast30Mins":0,
			"queue":[{"visitorId":"vw1","waitTime":600},{"visitorId":"vw2","waitTime":120}]}]`)
}

func TestCustomMetrics(t *testing.T) {
	tenant := everything
	for i, expression := range []string{
		"chats / chatRequests", "(chats + 1) * 2 - 4 / 8", "chats / abandonedChats / 0", "-missedChats + .5", "avgScore", "nobody", "1 +", "2 2", "1 $ 2",
	} {
		tenant.CustomMetrics = append(tenant.CustomMetrics, CustomMetric{ID: fmt.Sprint(i + 2), Expression: expression})
	}
	_, got := askTenant(t, tenant, events(t, busy), "realtime/today/customMetrics", "2024-03-04T11:00:00Z")
	mustEqual(t, got, `[{"id":"2","value":0.4},{"id":"3","value":5.5},{"id":"4","value":0},{"id":"5","value":-0.5},{"id":"6","value":4},
		{"id":"7","value":0},{"id":"8","value":0},{"id":"9","value":0},{"id":"10","value":0}]`)
}
