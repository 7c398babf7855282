// Package runbook holds no code: only the page that says what to do about each alarm, and
// tests that every alarm is on it, that it is set off by what it is there for, and by
// nothing less.
package runbook

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/function"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

func TestEveryAlarmIsUnderstoodHere(t *testing.T) {
	alarms, _ := template(t)
	if len(alarms) < 10 {
		t.Fatalf("the template has only %d alarms", len(alarms))
	}
	for name, a := range alarms {
		if a.Comparison != "GreaterThanOrEqualToThreshold" || a.EvaluationPeriods < 1 || a.Threshold <= 0 || !slices.Contains([]string{"breaching", "notBreaching"}, a.TreatMissingData) {
			t.Errorf("%s: these tests do not know how it rings: %+v", name, a)
		}
		metrics, statistic, period := a.watched()
		if len(metrics) == 0 || len(metrics) > 10 || period < 60 || !slices.Contains([]string{"Sum", "Maximum"}, statistic) {
			t.Errorf("%s: it watches %d metrics by %s of %d s", name, len(metrics), statistic, period)
		}
		for _, m := range a.Metrics {
			if m.Expression != "" && (m.Expression != "SUM(METRICS())" || !m.ReturnData) || m.Expression == "" && (m.ReturnData || m.Of.Period != period) {
				t.Errorf("%s: these tests do not know how %s adds up", name, m.ID)
			}
		}
	}
}

// Each alarm and a fault that it is there for; what else rings is not looked at here.
func TestEveryAlarmCanRing(t *testing.T) {
	alarms, _ := template(t)
	faults := map[string]map[string]minutes{
		"FoldAgeAlarm":         {"AWS/Lambda IteratorAge FoldFunction": every(61_000, 3)},
		"FoldFailuresAlarm":    {function.MetricsNamespace + " " + function.SetAside + " FoldFunction": every(1, 1)},
		"FoldDroppedAlarm":     {"AWS/Lambda DroppedEventCount FoldFunctionJournal": every(1, 1)},
		"UnmergedAgeAlarm":     {unmerged: every(3601, 15)},
		"ChainErrorsAlarm":     {"AWS/Lambda Errors MergeFunction": every(1, 3)},
		"ReportErrorsAlarm":    {"AWS/Lambda Errors ReportChatsFunction": {every(1, 1)[0], nil, nil, nil, nil, nil, every(1, 1)[0], nil, nil, nil, nil, every(1, 1)[0]}},
		"ExplainErrorsAlarm":   {"AWS/Lambda Errors LookupFunction": every(1, 3)},
		"ExportErrorsAlarm":    {"AWS/Lambda Errors ExportsFunction": every(1, 3)},
		"ScheduleErrorsAlarm":  {"AWS/Lambda Errors ScheduleFunction": every(1, 3)},
		"JobErrorsAlarm":       {"AWS/Lambda Errors RenderFunction": every(1, 3)},
		"JobAgeAlarm":          {"AWS/SQS ApproximateAgeOfOldestMessage JobQueue": every(700, 3)},
		"DeadJobsAlarm":        {"AWS/SQS ApproximateNumberOfMessagesVisible DeadJobQueue": every(1, 1)},
		"ThrottlesAlarm":       {"AWS/Lambda Throttles IngestFunction": every(1, 10)},
		"ReportThrottlesAlarm": {"AWS/Lambda Throttles ReportQueueFunction": every(1, 10)},
		"OtherThrottlesAlarm":  {"AWS/Lambda Throttles ExtractsFunction": every(1, 10)},
		"TableThrottlesAlarm":  {"AWS/DynamoDB WriteThrottleEvents StateTable": every(2, 15)},
		"ApiErrorsAlarm":       {"AWS/ApiGateway 5xx Api": every(1, 5)},
	}
	for name := range alarms {
		if faults[name] == nil {
			t.Errorf("there is no fault here that sets %s off", name)
		}
	}
	if got := ringing(alarms, map[string]minutes{"AWS/Lambda OnFailureDestinationDeliveredEventCount FoldFunctionJournal": every(1, 1)}); !slices.Equal(got, []string{"FoldFailuresAlarm"}) {
		t.Errorf("what Lambda gives up sets off %v", got)
	}
	for name, fault := range faults {
		if got := ringing(alarms, fault); !slices.Contains(got, name) {
			t.Errorf("%v sets off %v, and not %s", slices.Collect(maps.Keys(fault)), got, name)
		}
	}
	if got := ringing(alarms, nil); got != nil {
		t.Errorf("%v ring, and nothing is wrong", got)
	}
}

// What a function does once a minute, it does wrong once a minute.
func TestAFunctionThatAlwaysFailsSetsAnAlarmOff(t *testing.T) {
	alarms, functions := template(t)
	for _, f := range functions {
		for _, metric := range []string{"Errors", "Throttles"} {
			m := "AWS/Lambda " + metric + " " + f
			if got := ringing(alarms, map[string]minutes{m: every(1, 15)}); len(got) == 0 {
				t.Errorf("%s once a minute sets no alarm off", m)
			}
			if got := ringing(alarms, map[string]minutes{m: every(1, 1)}); len(got) > 0 {
				t.Errorf("%s a single time sets off %v", m, got)
			}
		}
	}
}

// A merge that always fails: what it says itself sets the alarm off, and nothing does once
// it works.
func TestALogThatIsNotMergedSetsAnAlarmOff(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state, now := db.Table("state"), time.Now()
	committed := now.Add(-counter.MergeAge - 2*time.Hour)
	item, _ := counter.Add("acme", 1, []cell.Difference{{Fact: "chat/c", Contribution: measure.Contribution{
		Measure: measure.ChatRequests, At: committed.UnixMilli(), N: 1, Dims: measure.Dims{{Dim: measure.Site}},
	}}}, committed, false)
	begin, err := counter.Begin("acme", fact.Generation, &measure.Current)
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Write(t.Context(), append(begin, item, counter.List("acme", false))...); err != nil {
		t.Fatal(err)
	}
	alarms, _ := template(t)
	broken := tabletest.NewPlan(func(call int) tabletest.Fault {
		if call > 4 { // it can be read what is due, and not be merged
			return tabletest.Before
		}
		return tabletest.None
	})
	for _, c := range []struct {
		state table.Table
		fails bool
		want  []string
	}{
		{tabletest.NewFaulty(state, broken), true, []string{"ChainErrorsAlarm", "UnmergedAgeAlarm"}},
		{state, false, nil},
	} {
		var told bytes.Buffer
		h := function.Merge(function.Deps{State: c.state, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Metrics: &told})
		_, err := h.Invoke(t.Context(), []byte("{}"))
		if (err != nil) != c.fails {
			t.Fatalf("the merge ends with %v", err)
		}
		said := map[string]minutes{unmerged: every(value(t, told.Bytes(), function.UnmergedSeconds), 15)}
		if c.fails {
			said["AWS/Lambda Errors MergeFunction"] = every(1, 15)
		}
		if got := ringing(alarms, said); !slices.Equal(got, c.want) {
			t.Errorf("%s sets off %v, want %v", told.Bytes(), got, c.want)
		}
	}
}

// value is what a line of CloudWatch's embedded metric format says of a metric.
func value(t *testing.T, line []byte, metric string) float64 {
	t.Helper()
	var l struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	var members map[string]any
	if err := json.Unmarshal(line, &l); err != nil || len(l.AWS.CloudWatchMetrics) != 1 || json.Unmarshal(line, &members) != nil {
		t.Fatalf("the line is %q: %v", line, err)
	}
	m := l.AWS.CloudWatchMetrics[0]
	if m.Namespace != function.MetricsNamespace || len(m.Dimensions) != 1 || !slices.Equal(m.Dimensions[0], []string{"FunctionName"}) || len(m.Metrics) != 1 || m.Metrics[0].Name != metric {
		t.Errorf("the metric is of %+v", m)
	}
	if age := time.Since(time.UnixMilli(l.AWS.Timestamp)); age < 0 || age > time.Minute {
		t.Errorf("it is of %s ago", age)
	}
	if _, ok := members["FunctionName"].(string); !ok {
		t.Errorf("the dimension has no value: %s", line)
	}
	n, ok := members[metric].(float64)
	if !ok {
		t.Errorf("the metric has no value: %s", line)
	}
	return n
}
