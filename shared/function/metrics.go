package function

import (
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// MetricsNamespace is where figures of ours are in CloudWatch.
const MetricsNamespace = "chatreports"

// Dimensions of figures: those that alarms watch are told by function, those of calls of all
// functions together, since each figure of each function would have its price.
var (
	ofFunction = []string{"FunctionName"}
	ofAll      = []string{}
)

// UnmergedSeconds is for how long any tenant's log should have been bundled, or merged into
// blocks, being long or old, and is not. The merge says it at the end of each call, however that went.
const UnmergedSeconds = "UnmergedSeconds"

// SetAside is how many records fold has set aside in the failure bucket.
const SetAside = "RecordsSetAside"

// figure is a metric and its value.
type figure struct {
	metric, unit string
	value        float64
}

// measured writes figures, and what else is said beside them, as a line of the log in
// CloudWatch's embedded metric format: CloudWatch reads them out of it, so that no function
// calls it.
func (d *Deps) measured(message string, said []slog.Attr, dimensions []string, figures ...figure) {
	if d.Metrics == nil {
		return
	}
	type named struct{ Name, Unit string }
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []named
	}
	now, metrics := d.Clock(), make([]named, len(figures))
	line := map[string]any{"timestamp": now.UTC(), "level": slog.LevelInfo, "message": message, "FunctionName": lambdacontext.FunctionName}
	for _, attr := range said {
		line[attr.Key] = attr.Value.Any()
	}
	for i, f := range figures {
		line[f.metric], metrics[i] = f.value, named{f.metric, f.unit}
	}
	line["_aws"] = map[string]any{
		"Timestamp":         now.UnixMilli(),
		"CloudWatchMetrics": []directive{{MetricsNamespace, [][]string{dimensions}, metrics}},
	}
	written, err := json.Marshal(line)
	if err == nil {
		_, err = d.Metrics.Write(append(written, '\n'))
	}
	if err != nil {
		d.Log.Error("telling metrics", "of", message, "error", err)
	}
}
