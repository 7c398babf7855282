package comm100

import "chatreports/shared/measure"

// queueReports are about waiting and moving on.
var queueReports = []definition{
	{
		paths: []string{"queue"}, family: "queue", enterprise: true, groups: distributionsAnd(byDepartment...), filters: byDepartment,
		columns: []column{
			count("queuedChatRequests", "avgQueuedChatRequests", measure.QueuedRequests),
			count("chatsFromQueue", "avgChatsFromQueue", measure.ChatsFromQueue),
			count("switchedToMessages", "avgSwitchedToMessages", measure.QueueSwitched),
			count("abandonedChats", "avgAbandonedChats", measure.QueueAbandoned),
			count("refusedChats", "avgRefusedChats", measure.QueueRefused),
			count("maxQueueSize", "avgMmaxQueueSize", measure.MaxQueueSize),
		},
	},
	{
		paths: []string{"waitTime"}, family: "queue", enterprise: true, serviceLevel: true, groups: distributionsAnd(byDepartment...), filters: byDepartment,
		columns: []column{
			mean("avgWaitTime", measure.QueueWait),
			mean("avgWaitTimeOfMissedChats", measure.QueueWaitMissed),
			longest("maxWaitTime", "avgMaxWaitTime", measure.QueueWait),
			longest("maxWaitTimeOfMissedChats", "avgMaxWaitTimeOfMissedChats", measure.QueueWaitMissed),
		},
	},
	{
		paths: []string{"chatTransfer"}, family: "queue", enterprise: true, groups: calendarAnd(byDepartment...), filters: byDepartment,
		columns: []column{
			count("chats", "", measure.Chats),
			count("totalTransferredChats", "", measure.TransferredChats),
			count("departmentTransferredChats", "", measure.DepartmentTransferredChats),
		},
		byGroup: map[string][]column{"department": {
			count("departmentTransferredInChats", "", measure.TransferredIn),
			count("departmentTransferredOutChats", "", measure.TransferredOut),
			count("chats", "", measure.Chats),
		}},
	},
}
