package runbook

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"chatreports/shared/function"
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
