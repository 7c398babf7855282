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
