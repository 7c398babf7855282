package function

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// MetricsNamespace is where figures of ours are in CloudWatch; each has the dimension
// FunctionName.
const MetricsNamespace = "chatreports"

// UnmergedSeconds is for how long any tenant's log should have been merged into blocks, being
// long or old, and is not. The merge says it at the end of each call, however that went.
const UnmergedSeconds = "UnmergedSeconds"

// SetAside is how many records fold has set aside in the failure bucket.
const SetAside = "RecordsSetAside"

// measured writes a figure for alarms, as a line in CloudWatch's embedded metric format:
// CloudWatch reads it out of the log, so that no function calls it.
func (d *Deps) measured(metric, unit string, value float64) {
	if d.Metrics == nil {
		return
	}
	type named struct{ Name, Unit string }
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []named
	}
	line, err := json.Marshal(map[string]any{
		"_aws": map[string]any{
			"Timestamp":         d.Clock().UnixMilli(),
			"CloudWatchMetrics": []directive{{MetricsNamespace, [][]string{{"FunctionName"}}, []named{{metric, unit}}}},
		},
		"FunctionName": lambdacontext.FunctionName,
		metric:         value,
	})
	if err == nil {
		_, err = d.Metrics.Write(append(line, '\n'))
	}
	if err != nil {
		d.Log.Error("telling a metric", "metric", metric, "error", err)
	}
}
