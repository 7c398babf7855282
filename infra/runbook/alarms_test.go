// Package runbook holds no code: only the page that says what to do about each alarm, and
// tests that every alarm is on it, that it is set off by what it is there for, and by
// nothing less.
package runbook

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fact"
	"chatreports/shared/function"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

// alarm is one of the template's, as far as it says when it rings.
type alarm struct {
	metric            `yaml:",inline"`
	TreatMissingData  string  `yaml:"TreatMissingData"`
	Statistic         string  `yaml:"Statistic"`
	Period            int     `yaml:"Period"`
	EvaluationPeriods int     `yaml:"EvaluationPeriods"`
	DatapointsToAlarm int     `yaml:"DatapointsToAlarm"`
	Comparison        string  `yaml:"ComparisonOperator"`
	Threshold         float64 `yaml:"Threshold"`
	Metrics           []struct {
		ID         string `yaml:"Id"`
		Expression string `yaml:"Expression"`
		ReturnData bool   `yaml:"ReturnData"`
		Of         struct {
			Stat   string `yaml:"Stat"`
			Period int    `yaml:"Period"`
			Metric metric `yaml:"Metric"`
		} `yaml:"MetricStat"`
	} `yaml:"Metrics"`
}

// metric is what an alarm watches. The value of a dimension is a resource's name.
type metric struct {
	Namespace  string `yaml:"Namespace"`
	Name       string `yaml:"MetricName"`
	Dimensions []struct {
		Name  string   `yaml:"Name"`
		Value resource `yaml:"Value"`
	} `yaml:"Dimensions"`
}

// resource is a resource's name; of an !If, what holds unless tables were restored.
type resource string

func (r *resource) UnmarshalYAML(n *yaml.Node) error {
	if n.Tag == "!If" {
		n = n.Content[1]
	}
	*r = resource(n.Value)
	return nil
}

// String is such as "AWS/Lambda Errors MergeFunction".
func (m *metric) String() string {
	s := m.Namespace + " " + m.Name
	for _, d := range m.Dimensions {
		name, _, _ := strings.Cut(string(d.Value), ".")
		s += " " + name
	}
	return s
}

// template is what these tests read of template.yaml: its alarms and its functions.
func template(t *testing.T) (alarms map[string]*alarm, functions []string) {
	t.Helper()
	raw, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	alarms = map[string]*alarm{}
	for name, r := range doc.Resources {
		switch r.Type {
		case "AWS::Serverless::Function":
			functions = append(functions, name)
		case "AWS::CloudWatch::Alarm":
			a := &alarm{}
			if err := r.Properties.Decode(a); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			alarms[name] = a
		}
	}
	slices.Sort(functions)
	return alarms, functions
}

// watched are the metrics of an alarm, with the statistic and the period that it takes.
func (a *alarm) watched() (metrics []string, statistic string, period int) {
	if len(a.Metrics) == 0 {
		return []string{a.metric.String()}, a.Statistic, a.Period
	}
	for _, m := range a.Metrics {
		if m.Expression == "" {
			metrics = append(metrics, m.Of.Metric.String())
			statistic, period = m.Of.Stat, m.Of.Period
		}
	}
	return metrics, statistic, period
}

// minutes is what a metric says of each of some minutes, the last one last; nil: nothing.
type minutes []*float64

// every says n in each of so many minutes.
func every(n float64, so int) minutes { return slices.Repeat(minutes{&n}, so) }

// rings says whether an alarm rings at the end of what metrics say, as CloudWatch has it.
func (a *alarm) rings(said map[string]minutes) bool {
	metrics, statistic, period := a.watched()
	breaching, present := 0, 0
	for p := range a.EvaluationPeriods {
		var total float64
		found := false
		for _, m := range metrics {
			var value float64
			for i := p * period / 60; i < (p+1)*period/60; i++ {
				if at := len(said[m]) - 1 - i; at >= 0 && said[m][at] != nil {
					found = true
					if n := *said[m][at]; statistic == "Sum" {
						value += n
					} else {
						value = max(value, n)
					}
				}
			}
			total += value
		}
		if found {
			present++
		}
		if found && total >= a.Threshold || !found && a.TreatMissingData == "breaching" {
			breaching++
		}
	}
	need := a.DatapointsToAlarm
	if need == 0 {
		need = a.EvaluationPeriods
	}
	return breaching >= need
}

// ringing lists the alarms that ring. What is not said, nothing else says either, but for
// the merge, which says every minute that all is well.
func ringing(alarms map[string]*alarm, said map[string]minutes) (names []string) {
	all := map[string]minutes{unmerged: every(60, 60)}
	maps.Copy(all, said)
	for name, a := range alarms {
		if a.rings(all) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

const unmerged = function.MetricsNamespace + " " + function.UnmergedSeconds + " MergeFunction"

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

var (
	headings = regexp.MustCompile(`(?m)^### (\w+)$`)
	commands = regexp.MustCompile("(?s)\n```\n(.+?)\n```\n")
	phrases  = regexp.MustCompile(`--filter-pattern '"([^"]+)"'`)
)

func TestEveryAlarmIsInTheRunbook(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	alarms, _ := template(t)
	places := headings.FindAllStringSubmatchIndex(page, -1)
	for i, p := range places {
		name, end := page[p[2]:p[3]], len(page)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		if alarms[name] == nil {
			t.Errorf("%s is in the runbook, and not in the template", name)
		}
		delete(alarms, name)
		if !commands.MatchString(page[p[1]:end]) {
			t.Errorf("%s: the runbook does not say what to type", name)
		}
	}
	for name := range alarms {
		t.Errorf("%s is in the template, and not in the runbook", name)
	}
}

// What the runbook looks for in the log is logged.
func TestWhatTheRunbookLooksForIsLogged(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("../../shared/function")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		if name := f.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			raw, err := os.ReadFile("../../shared/function/" + name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(raw)
		}
	}
	found := phrases.FindAllStringSubmatch(string(page), -1)
	if len(found) < 3 {
		t.Fatalf("only %d phrases are found", len(found))
	}
	for _, f := range found {
		if !strings.Contains(code.String(), `"`+f[1]) {
			t.Errorf("no function logs %q", f[1])
		}
	}
}
