package comm100

import (
	"slices"

	"chatreports/shared/measure"
)

// What the reports of the present tell, for the catalogue.
var (
	toldRightNow = slices.Concat(
		told("agentsInChat", inChat...),
		told("ongoingChats", measure.Ongoing, measure.OngoingWithBot),
		told("visitorsOnSite", measure.Seen, measure.Ongoing, measure.OngoingWithBot, measure.Waiting),
		told("loggedInAgents", measure.LoggedInStep),
		told("currentQueueLength", measure.Waiting),
		told("chatUtilization", measure.InChat, measure.Joined, measure.Online),
		told("ongoingChatsWithAgents", measure.Ongoing),
		told("ongoingChatsWithChatbot", measure.OngoingWithBot),
	)
	toldToday = slices.Concat(
		told("chatOverview.chatRequests", measure.ChatRequests),
		told("chatOverview.chats", measure.Chats),
		told("chatOverview.chatAcceptanceRate", measure.Chats, measure.ChatRequests),
		told("chatOverview.abandonedChats", measure.AbandonedChats),
		told("chatOverview.switchToMessages", measure.SwitchedChats),
		told("chatOverview.missedChats", measure.MissedChats),
		told("serviceEfficiency.avgWaitTime", measure.Wait),
		told("serviceEfficiency.avgChatTime", measure.ChatLength),
		told("serviceEfficiency.avgResponseTime", measure.Response),
		told("serviceEfficiency.acceptedInvitations", measure.ManualInvitationsAccepted, measure.AutoInvitationsAccepted),
		told("serviceEfficiency.departmentTransferChats", measure.DepartmentTransferredChats),
		told("serviceEfficiency.totalTransferChats", measure.TransferredChats),
		told("agentPerformance.uniqueChatRate", measure.UniqueChats, measure.ChatsWithAgent),
		told("agentPerformance.agentUtilization", measure.LinearChatTime, measure.LoggedIn),
		told("agentPerformance.avgScore", scores...),
		told("chatbot.chatbotOnlyChats", measure.BotOnlyChats),
		told("chatbot.chatsFromChatbotToAgent", measure.BotToAgentChats),
		told("chatbot.answers", measure.BotAnswers),
		told("chatbot.highConfidenceAnswers", measure.BotConfidentAnswers),
	)
	toldAgents = slices.Concat(
		told("ongoingChats", inChat...),
		told("todayChats", measure.Chats),
		told("todayLinearChatTime", measure.LinearChatTime),
	)
	toldQueue = slices.Concat(
		told("ongoingChats", measure.Ongoing, measure.OngoingWithBot, measure.InChat, measure.Joined),
		told("avgWaitTimeInLast30Mins", measure.QueueEnded),
		told("avgWaitTimeInLast60Mins", measure.QueueEnded),
		told("abandonedChatsInLast30Mins", measure.QueueEndedAbandoned),
		told("switchedToMessagesInLast30Mins", measure.QueueEndedSwitched),
		told("queue", measure.Waiting),
	)
)
