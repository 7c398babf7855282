package comm100

import (
	"slices"

	"chatreports/shared/measure"
	"chatreports/shared/report"
)

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
			{name: "maxQueueSize", inDistribution: "avgMmaxQueueSize", value: nil},
		},
	},
	{
		paths: []string{"waitTime"}, family: "queue", enterprise: true, groups: distributionsAnd(byDepartment...), filters: byDepartment,
		columns: []column{
			mean("avgWaitTime", "", measure.QueueWait),
			mean("avgWaitTimeOfMissedChats", "", measure.QueueWaitMissed),
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

// queueSizes answers the one column that is a maximum over several queues: of all
// of them, or of the department's own.
func (r *request) queueSizes(columns []column, buckets []report.Bucket, others *report.Result) (func(entity string, bucket int) float64, error) {
	if !slices.ContainsFunc(columns, func(c column) bool { return c.value == nil }) {
		return nil, nil
	}
	var where []measure.Value
	if r.filter == "department" {
		where = []measure.Value{{Dim: measure.Queue, ID: measure.Pair("department", r.filterValue)}}
	}
	result, err := r.run(buckets, measure.Queue, where, []report.Want{{Measure: measure.QueueLevel}})
	if err != nil {
		return nil, err
	}
	for queue := range result.Rows {
		if kind, id := measure.Unpair(queue); kind == "department" && r.group == "department" && others.Rows[id] == nil {
			others.Rows[id] = make([]report.Total, len(others.Query.Want)*len(buckets))
		}
	}
	return func(entity string, bucket int) float64 {
		if entity != "" {
			return float64(result.At(measure.Pair("department", entity), bucket, 0).Max())
		}
		best := int64(0)
		for queue := range result.Rows {
			best = max(best, result.At(queue, bucket, 0).Max())
		}
		return float64(best)
	}, nil
}
