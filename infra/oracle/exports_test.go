package oracle

import (
	"testing"
)

// exportOf is an export of the Monday in Berlin, asked for at noon of the Tuesday.
func exportOf(t *testing.T, text, name, columns string) string {
	t.Helper()
	return columnsOf(t, New(office, shuffled(events(t, text))).Export(name, "2024-03-04", "2024-03-05", noon), columns)
}

func TestActivityIsCutAndMerged(t *testing.T) {
	text := `
		2024-03-03T20:00:00 agent.status_changed 1 {"status":"online"}
		09:00:00.500 agent.status_changed 1 {"status":"away"}
		09:30:00 agent.status_changed 1 {"status":"offline"}
		10:00:00 agent.status_changed 1 {"status":"online"}
		09:00:00 agent.status_changed 1 {"status":"lunch","campaignId":"k"}
		22:00:00 agent.status_changed 0 {"status":"online","campaignId":"k"}
		23:30:00 agent.status_changed 2 {"status":"online"}
		07:00:00 campaign.updated k {"accountId":"other"}`
	mustBe(t, exportOf(t, text, "agent-activity", "chatcampaign_id agent_id time_start time_end state duration_secs account_id activity_id"), `
		|1|2024-03-03T23:00:00.000Z|2024-03-04T09:00:00.500Z|Online|36000|t|e0000
		k|1|2024-03-04T09:00:00.000Z|2024-03-04T23:00:00.000Z|Offline|50400|other|e0004
		|1|2024-03-04T09:00:00.500Z|2024-03-04T10:00:00.000Z|Offline|3599|t|e0001
		|1|2024-03-04T10:00:00.000Z|2024-03-04T23:00:00.000Z|Online|46800|t|e0003
		k|0|2024-03-04T22:00:00.000Z|2024-03-04T23:00:00.000Z|Online|3600|other|e0005`)
	o := New(office, shuffled(events(t, text)))
	mustBe(t, columnsOf(t, o.Export("agent-activity", "2024-03-05T11:00:00+01:00", "", noon), "agent_id time_start time_end"), `
		0|2024-03-05T10:00:00.000Z|2024-03-05T12:00:00.000Z
		1|2024-03-05T10:00:00.000Z|2024-03-05T12:00:00.000Z
		1|2024-03-05T10:00:00.000Z|2024-03-05T12:00:00.000Z
		2|2024-03-05T10:00:00.000Z|2024-03-05T12:00:00.000Z`)
	mustBe(t, columnsOf(t, o.Export("agent-activity", "2024-03-05T12:00:00Z", "", noon), "agent_id"), "refused")
	mustBe(t, columnsOf(t, o.Export("agent-activity", "2024-03-05", "2024-03-04", noon), "agent_id"), "refused")
}

func TestWorkShifts(t *testing.T) {
	text := `
		07:00:00 agent.updated 1 {"maxConcurrentChats":2}
		07:00:00 campaign.updated k {"name":"Spring"}
		08:00:00 agent.status_changed 1 {"status":"away","campaignId":"k"}
		08:10:00 agent.status_changed 1 {"status":"online","campaignId":"k"}
		08:20:00 agent.status_changed 1 {"status":"online"}
		08:50:00 agent.status_changed 1 {"status":"offline","campaignId":"k"}
		09:00:00 agent.status_changed 1 {"status":"online","campaignId":"k"}
		09:20:00 agent.status_changed 1 {"status":"offline"}
		09:40:00 agent.status_changed 1 {"status":"offline","campaignId":"k"}
		2024-03-05T11:00:00 agent.status_changed 1 {"status":"lunch"}
		08:05:00 chat.requested a {"campaignId":"k"}
		08:05:00 chat.accepted a {"agentId":"1"}
		08:06:00 message.sent a {"actor":{"type":"agent","id":"1"}}
		08:25:00 chat.left a {"agentId":"1"}
		08:30:00 chat.assigned a {"agentId":"1"}
		08:31:00 message.sent a {"actor":{"type":"user","id":"v"}}
		08:32:00 message.sent a {"actor":{"type":"agent","id":"1"}}
		08:35:00 chat.closed a
		08:36:00 chat.reopened a {"by":{"type":"user","id":"v"}}
		08:40:00 chat.closed a
		08:41:00 chat.rated a {"score":4}
		08:42:00 chat.rated a {"score":3}
		08:43:00 chat.rated a {"score":2}
		10:00:00 chat.rated a {"score":5}
		08:15:00 chat.requested b {"campaignId":"l"}
		08:15:00 chat.transferred b {"toAgentId":"1"}
		08:16:00 chat.rated b {"score":0}
		09:50:00 chat.closed b
		08:00:00 chat.requested n {"campaignId":"l"}
		08:01:00 message.sent n {"actor":{"type":"agent","id":"2"}}
		08:02:00 chat.rated n {"score":5}`
	// The shift is 08:00 to 09:40: 6,000 s. In k it was online 08:10–08:50 and 09:00–09:40;
	// in l, which has no series, so too and 08:50–09:00 by the one without a campaign.
	// Chat a: 08:05–08:25, 08:30–08:35, 08:36–08:40; 60 + 120 s of it before a first word.
	// Chat b: 08:15–09:40 within the shift. Both: 08:15–08:25, 08:30–08:35, 08:36–08:40.
	mustBe(t, exportOf(t, text, "agent-performance", "chatcampaign_id chatcampaign_name agent_id workshift_id account_id workshift_start workshift_end num_chats num_breaks num_ignored num_abandoned"), `
		k|Spring|1|e0002|t|2024-03-04T08:00:00.000Z|2024-03-04T09:40:00.000Z|2|1|0|0
		l||1|e0002|t|2024-03-04T08:00:00.000Z|2024-03-04T09:40:00.000Z|1|0|1|1`)
	mustBe(t, exportOf(t, text, "agent-performance", "avg_concurrency first_response_duration open_duration closed_duration online_duration offline_duration available_duration idle_duration session_duration survey_num_good survey_num_bad survey_num_moderate"), `
		0.29|180|1740|4260|4800|1200|3660|300|6000|1|1|1
		0.85|5100|5100|900|5400|600|4260|300|6000|0|1|0`)
	// The one of the Tuesday goes on: in l, where the chat was no more, there is no row.
	o := New(office, shuffled(events(t, text)))
	mustBe(t, columnsOf(t, o.Export("agent-performance", "2024-03-05", "2024-03-06", noon), "chatcampaign_id workshift_end num_chats avg_concurrency online_duration session_duration"), "||0|0.00|0|3600")
}

func TestAgentsAndHosts(t *testing.T) {
	text := `
		09:00:00 agent.updated 1 {"username":"ann@acme","firstName":"Ann","email":"a@x"}
		10:00:00 agent.updated 1 {"lastName":"Lee","accountId":"other","disabled":true}
		10:00:00 chat.assigned c {"by":{"type":"agent","id":"by"}}
		10:00:00 chat.queued c {"routeTo":{"type":"agent","id":"route"}}
		10:00:00 chat.transferred c {"fromAgentId":"from","toAgentId":"to"}
		10:00:00 message.sent c {"actor":{"type":"agent","id":"note"},"private":true}
		10:00:00 agent.auto_assign_changed toggled {"enabled":true}
		10:00:00 host.updated h2 {"hostname":"x.org","multipleAccId":"m"}
		11:00:00 host.updated h2 {"accountId":"other"}
		10:00:00 page.viewed v {"hostId":"h1"}`
	mustBe(t, exportOf(t, text, "agents", "id username firstname lastname email account_id disabled"), `
		1|ann@acme|Ann|Lee|a@x|other|1
		by|||||t|0
		from|||||t|0
		note|||||t|0
		route|||||t|0
		to|||||t|0
		toggled|||||t|0`)
	mustBe(t, exportOf(t, text, "hosts", "id account_id hostname multiple_acc_id"), "h1|t||\nh2|other|x.org|m")
}

func TestConversations(t *testing.T) {
	text := `
		07:00:00 agent.updated 2 {"accountId":"cc"}
		07:00:00 host.updated h {"hostname":"x"}
		07:00:00 campaign.updated k {"accountId":"cc"}
		08:00:00 visit.started v {"sessionId":"s1"}
		08:50:00 visit.started v {"sessionId":"s2"}
		08:55:00 visit.started v
		09:00:01 visit.started v {"sessionId":"s3"}
		08:58:00 entrypoint.viewed v {"entrypointId":"p","entrypointName":"Corner"}
		08:59:00 entrypoint.viewed v {"entrypointId":"q"}
		09:00:00 chat.requested c {"visitorId":"v","visitorName":"Vera","source":"visitor","entrypointId":"p","campaignId":"k","hostId":"h","pageUrl":"https://x/p?a=1,2"}
		09:00:05 message.sent c {"actor":{"type":"user","id":"v"},"length":10}
		09:00:30 chat.accepted c {"agentId":"1"}
		09:00:40 message.sent c {"actor":{"type":"bot","id":"b"},"length":1}
		09:01:00 message.sent c {"actor":{"type":"agent","id":"1"},"length":4}
		09:02:00 message.sent c {"actor":{"type":"user","id":"v"},"length":5}
		09:02:10.900 message.sent c {"actor":{"type":"agent","id":"1"},"length":6}
		09:02:10.950 message.sent c {"actor":{"type":"agent","id":"1"},"length":600,"private":true}
		09:03:00 chat.transferred c {"fromAgentId":"1","toAgentId":"2"}
		09:04:00 message.sent c {"actor":{"type":"user","id":"v"},"length":3}
		09:04:22 message.sent c {"actor":{"type":"agent","id":"2"},"length":3}
		09:10:00 chat.closed c {"successCode":"sold"}
		09:11:00 chat.rated c {"score":3,"comment":"x"}
		09:12:00 chat.rated c {"score":0}
		09:13:00 chat.blocked c {"reason":"rude"}
		09:14:00 chat.blocked c {"reason":"spam"}
		09:15:00 chat.closed c
		09:05:00 conversion.recorded v {"actionId":"buy","chatId":"c"}
		09:06:00 conversion.recorded v {"actionId":"buy","chatId":"c"}
		09:06:00 conversion.recorded v {"actionId":"ask","chatId":"c","value":2.25}
		08:59:30 invitation.sent w {"kind":"auto","invitationId":"i","invitationName":"Hello"}
		09:00:00 chat.requested d {"visitorId":"w","source":"auto_invitation","invitationId":"i"}
		09:00:01 chat.assigned d {"agentId":"1"}
		09:00:00 chat.requested never {"visitorId":"w"}
		09:30:00 chat.requested e {"visitorId":"w","source":"manual_invitation","campaignId":"k"}
		09:30:00 chat.accepted e {"agentId":"2"}
		10:00:00 chat.missed e`
	mustBe(t, exportOf(t, text, "conversations", "chatcampaign_id conversation_start session_id assigned_agent_id assigned_agent_account_id assigned_agent_account_name last_agent_id last_agent_account_id last_agent_account_name visitor_id account_id host_id"), `
		|2024-03-04T09:00:01.000Z||1|t|Acme|1|t|Acme|w|t|
		k|2024-03-04T09:00:30.000Z|s2|1|t|Acme|2|cc||v|cc|h
		k|2024-03-04T09:30:00.000Z||2|cc||2|cc||w|cc|`)
	mustBe(t, exportOf(t, text, "conversations", "num_messages duration_total_secs duration_conversation_secs duration_afterclose_secs avgMessageLength maxMessageLength requestType requestSource firstResponseTime firstReplyTime avgResponseTime maxResponseTime decisionTime"), `
		0|97199|0|0|0|0|proactive|Hello|||||30
		7|570|232|360|4.57|10|reactive|Corner|30|55|16|22|120
		0|1800|0|0|0|0|proactive||||||`)
	mustBe(t, exportOf(t, text, "conversations", "transcriptUrl acceptUrl successcode survey_result survey_comment visitor_identifier blocked block_reason goals totalGoalValue handlingType"), `
		https://x/d/t|||||w|no||||self
		https://x/c/t|https://x/p?a=1,2|sold|0||Vera|yes|spam|buy,buy,ask|2.25|hybrid
		https://x/e/t|||||w|no||||self`)
}

func TestHoursOfTheTenant(t *testing.T) {
	text := `
		09:59:59 invitation.sent v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:00:00 invitation.sent v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:00:00 invitation.sent v {"kind":"manual","invitationId":"i","campaignId":"k"}
		10:01:00 invitation.accepted v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.declined v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.matched v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.cancelled v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.unavailable v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.expired v {"kind":"auto","invitationId":"i","campaignId":"k"}
		10:02:00 invitation.ignored v {"kind":"auto","invitationId":"i","campaignId":"k"}
		23:30:00 invitation.sent v {"kind":"auto","invitationId":"i"}
		11:00:00 invitation.updated i {"name":"Hello"}`
	india := office
	india.Zone = "Asia/Kolkata"
	o := New(india, shuffled(events(t, text)))
	mustBe(t, columnsOf(t, o.Export("automatic-invites", "", "", noon), "chatcampaign_id date hour_of_day filter_id account_id hour_begin_time hour_end_time filter_name num_proactive num_proactive_accepted num_proactive_declined num_proactive_match num_proactive_cancelled num_proactive_no_availability num_proactive_expired num_proactive_ignored"), `
		k|1709490600|15|i|t|2024-03-04T09:30:00.000Z|2024-03-04T10:29:59.000Z|Hello|2|1|1|1|1|1|1|1
		|1709577000|5|i|t|2024-03-04T23:30:00.000Z|2024-03-05T00:29:59.000Z|Hello|1|0|0|0|0|0|0|0`)
	for _, c := range []struct{ at, want string }{
		{"2024-10-27T00:30:00", "2|2024-10-27T00:00:00.000Z|1729980000"}, // Berlin's first
		{"2024-10-27T01:30:00", "2|2024-10-27T01:00:00.000Z|1729980000"}, // and second
	} {
		mustBe(t, columnsOf(t, New(office, events(t, c.at+` invitation.sent v {"kind":"auto"}`)).Export("automatic-invites", "", "2025-01-01", noon), "hour_of_day hour_begin_time date"), c.want)
	}
	island := Tenant{ID: "t", Zone: "Australia/Lord_Howe"} // goes back by half an hour at 02:00, 15:00 UTC
	mustBe(t, columnsOf(t, New(island, events(t, `
		2024-04-06T14:50:00 invitation.sent v {"kind":"auto"}
		2024-04-06T15:10:00 invitation.sent v {"kind":"auto"}
		2024-04-06T15:40:00 invitation.sent v {"kind":"auto"}`)).Export("automatic-invites", "", "2025-01-01", noon), "hour_of_day hour_begin_time"), `
		1|2024-04-06T14:00:00.000Z
		1|2024-04-06T15:00:00.000Z
		2|2024-04-06T15:30:00.000Z`)
}

func TestTraffic(t *testing.T) {
	mustBe(t, exportOf(t, `
		09:00:00 page.viewed v {"campaignId":"k"}
		09:01:00 page.viewed v
		09:01:00 visit.started v {"campaignId":"k"}
		09:02:00 entrypoint.viewed v {"entrypointId":"p","campaignId":"k"}
		09:03:00 entrypoint.viewed v {"entrypointId":"p","campaignId":"k","entrypointName":"Corner"}
		09:04:00 entrypoint.clicked v {"entrypointId":"p","campaignId":"k"}
		09:05:00 chat.requested c {"visitorId":"v","entrypointId":"p","invitationId":"i","campaignId":"k"}
		10:05:00 chat.accepted c {"agentId":"1"}
		09:05:00 chat.requested d {"visitorId":"v","invitationId":"i"}
		10:05:00 chat.accepted d {"agentId":"1"}
		09:05:00 chat.requested e {"visitorId":"v","invitationId":"i"}
		10:05:00 chat.requested f {"visitorId":"v"}
		10:05:00 chat.accepted f {"agentId":"1"}
		11:00:00 invitation.updated i {"name":"Hello"}`, "traffic", "chatcampaign_id hour_begin_time entrypoint_id entrypoint visits views clicks chats"), `
		|2024-03-04T09:00:00.000Z|||1|0|0|0
		k|2024-03-04T09:00:00.000Z|||1|0|0|0
		k|2024-03-04T09:00:00.000Z|p|Corner|0|2|1|0
		|2024-03-04T10:00:00.000Z|||0|0|0|1
		|2024-03-04T10:00:00.000Z|i|Hello|0|0|0|1
		k|2024-03-04T10:00:00.000Z|p|Corner|0|0|0|1`)
}

func TestSlots(t *testing.T) {
	mustBe(t, exportOf(t, `
		09:00:00 agent.status_changed 1 {"status":"online","campaignId":"k"}
		09:10:00 agent.status_changed 1 {"status":"away","campaignId":"k"}
		09:00:00 chat.requested c {"source":"visitor","campaignId":"k"}
		09:00:00 chat.accepted c {"agentId":"1"}
		09:05:00.500 chat.closed c
		09:06:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		09:07:00 chat.refused c {"agentId":"1"}
		09:00:00 chat.requested d {"source":"auto_invitation","campaignId":"k"}
		09:00:00 chat.accepted d {"agentId":"1"}
		09:08:00 chat.transferred d {"toAgentId":"2"}
		09:00:00 chat.requested e {"source":"manual_invitation"}
		09:08:00 message.sent e {"actor":{"type":"agent","id":"2"}}
		09:08:30 message.sent e {"actor":{"type":"agent","id":"1"}}
		09:09:00 chat.assigned e {"groupId":"g"}
		09:09:30 chat.assigned e {"agentId":"3"}
		09:10:00 chat.left e {"agentId":"3"}`, "slots", "chatcampaign_id agent_id time_start time_end state entrypoint_type duration"), `
		k|1|2024-03-04T09:00:00.000Z|2024-03-04T09:10:00.000Z|Online||600
		k|1|2024-03-04T09:00:00.000Z|2024-03-04T09:08:00.000Z|Online|auto_invite|480
		k|1|2024-03-04T09:00:00.000Z|2024-03-04T09:05:00.500Z|Online|button|300
		k|1|2024-03-04T09:06:00.000Z|2024-03-04T09:07:00.000Z|Online|button|60
		|2|2024-03-04T09:08:00.000Z|2024-03-04T09:09:00.000Z|Online|manual_invite|60
		k|2|2024-03-04T09:08:00.000Z|2024-03-04T23:00:00.000Z|Online|auto_invite|49920
		|1|2024-03-04T09:08:30.000Z|2024-03-04T09:09:00.000Z|Online|manual_invite|30
		|3|2024-03-04T09:09:30.000Z|2024-03-04T09:10:00.000Z|Online|manual_invite|30
		k|1|2024-03-04T09:10:00.000Z|2024-03-04T23:00:00.000Z|Offline||49800`)
}
