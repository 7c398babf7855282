package stack

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Types of resources and events.
const (
	typeFunction = "AWS::Serverless::Function"
	typeAPI      = "AWS::Serverless::HttpApi"
	typeTable    = "AWS::DynamoDB::Table"
	typeBucket   = "AWS::S3::Bucket"
	typeQueue    = "AWS::SQS::Queue"
)

// reader holds what is looked at while reading.
type reader struct {
	globals   any
	resources map[string]any
}

// Read reads a template.
func Read(raw []byte) (Stack, error) {
	var doc struct {
		Parameters map[string]struct {
			Default any `yaml:"Default"`
		} `yaml:"Parameters"`
		Conditions map[string]yaml.Node `yaml:"Conditions"`
		Globals    yaml.Node            `yaml:"Globals"`
		Resources  yaml.Node            `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return Stack{}, err
	}
	names := scope{map[string]any{}, map[string]bool{}}
	for name, p := range doc.Parameters {
		names.parameters[name] = p.Default
	}
	for name, c := range doc.Conditions {
		names.conditions[name] = names.evaluate(&c) == true
	}
	r := reader{globals: names.evaluate(&doc.Globals)}
	r.resources, _ = names.evaluate(&doc.Resources).(map[string]any)
	if len(r.resources) == 0 {
		return Stack{}, errors.New("the template has no Resources")
	}
	var s Stack
	for _, name := range slices.Sorted(maps.Keys(r.resources)) {
		resource := r.resources[name]
		properties := at(resource, "Properties")
		switch at(resource, "Type") {
		case typeTable:
			s.Tables = append(s.Tables, Table{Name: name, Stream: at(properties, "StreamSpecification") != nil})
		case typeBucket:
			s.Buckets = append(s.Buckets, Bucket{Name: name, Expire: expirations(properties)})
		case typeQueue:
			s.Queues = append(s.Queues, Queue{Name: name, Delay: time.Duration(number(at(properties, "DelaySeconds"), 0)) * time.Second})
		case typeFunction:
			f, err := r.function(name, properties)
			if err != nil {
				return Stack{}, fmt.Errorf("%s: %w", name, err)
			}
			s.Functions = append(s.Functions, f)
		}
	}
	return s, s.check()
}

func (r *reader) function(name string, properties any) (Function, error) {
	f := Function{Name: name, Code: text(at(properties, "CodeUri"), ""), Tables: map[string]string{}, Buckets: map[string]string{}, Queues: map[string]string{}}
	timeout := at(properties, "Timeout")
	if timeout == nil {
		timeout = at(r.globals, "Function", "Timeout")
	}
	f.Timeout = time.Duration(number(timeout, 3)) * time.Second
	variables := map[string]any{}
	for _, v := range []any{at(r.globals, "Function"), properties} {
		own, _ := at(v, "Environment", "Variables").(map[string]any)
		maps.Copy(variables, own)
	}
	for variable, v := range variables {
		named, ok := v.(ref)
		if !ok {
			continue
		}
		switch at(r.resources[string(named)], "Type") {
		case typeTable:
			f.Tables[variable] = string(named)
		case typeBucket:
			f.Buckets[variable] = string(named)
		case typeQueue:
			f.Queues[variable] = string(named)
		}
	}
	f.Policy = r.policy(properties)
	events, _ := at(properties, "Events").(map[string]any)
	for _, event := range slices.Sorted(maps.Keys(events)) {
		if err := r.event(&f, event, at(events[event], "Type"), at(events[event], "Properties")); err != nil {
			return f, fmt.Errorf("event %s: %w", event, err)
		}
	}
	return f, nil
}

// expirations are the rules of a bucket by which objects are deleted.
func expirations(properties any) (list []Expiration) {
	rules, _ := at(properties, "LifecycleConfiguration", "Rules").([]any)
	for _, rule := range rules {
		days := number(at(rule, "ExpirationInDays"), 0)
		if days > 0 && at(rule, "Status") == "Enabled" {
			list = append(list, Expiration{Prefix: text(at(rule, "Prefix"), ""), After: time.Duration(days) * 24 * time.Hour})
		}
	}
	return list
}

func (r *reader) event(f *Function, name string, kind, properties any) error {
	switch kind {
	case "HttpApi":
		route, err := r.route(properties)
		if err != nil {
			return err
		}
		f.Routes = append(f.Routes, route)
	case "DynamoDB":
		table, ok := at(properties, "Stream").(ref)
		if !ok {
			return errors.New("Stream should be !GetAtt TABLE.StreamArn")
		}
		st := Stream{
			Table:     string(table),
			BatchSize: number(at(properties, "BatchSize"), 100),
			Window:    time.Duration(number(at(properties, "MaximumBatchingWindowInSeconds"), 0)) * time.Second,
			Parallel:  number(at(properties, "ParallelizationFactor"), 1),
			Bisect:    truth(at(properties, "BisectBatchOnFunctionError")),
			Partial:   slices.Contains(texts(at(properties, "FunctionResponseTypes")), "ReportBatchItemFailures"),
			Retries:   number(at(properties, "MaximumRetryAttempts"), -1),
			Age:       max(0, time.Duration(number(at(properties, "MaximumRecordAgeInSeconds"), -1))*time.Second),
		}
		if failed := at(properties, "DestinationConfig", "OnFailure"); failed != nil {
			bucket, ok := at(failed, "Destination").(ref)
			if !ok || at(failed, "Type") != "S3" {
				return errors.New("OnFailure should be {Type: S3, Destination: !GetAtt BUCKET.Arn}")
			}
			st.Failures = string(bucket)
		}
		f.Streams = append(f.Streams, st)
	case "SQS":
		queue, ok := at(properties, "Queue").(ref)
		if !ok {
			return errors.New("Queue should be !GetAtt QUEUE.Arn")
		}
		if n := number(at(properties, "BatchSize"), 10); n != 1 {
			return fmt.Errorf("BatchSize is %d; the local system delivers messages one at a time", n)
		}
		f.Messages = append(f.Messages, Messages{Queue: string(queue), Parallel: number(at(properties, "ScalingConfig", "MaximumConcurrency"), 1)})
	case "Schedule", "ScheduleV2":
		expression := text(at(properties, "Schedule"), text(at(properties, "ScheduleExpression"), ""))
		every, err := rate(expression)
		if err != nil {
			return err
		}
		f.Schedules = append(f.Schedules, Schedule{Name: f.Name + name, Every: every})
	default:
		return fmt.Errorf("the local system does not serve events of type %v", kind)
	}
	return nil
}

func (r *reader) route(properties any) (Route, error) {
	route := Route{Method: strings.ToUpper(text(at(properties, "Method"), "ANY")), Path: text(at(properties, "Path"), DefaultPath)}
	if route.Method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		route.Method = "ANY"
	}
	api, ok := at(properties, "ApiId").(ref)
	if !ok || at(r.resources[string(api)], "Type") != typeAPI {
		return route, errors.New("ApiId should be !Ref of an HttpApi of this template")
	}
	if at(properties, "Auth") != nil || at(r.resources[string(api)], "Properties", "Auth") != nil {
		return route, errors.New("the local system asks no authorizer: functions look keys up themselves")
	}
	return route, nil
}

var rates = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

func rate(expression string) (time.Duration, error) {
	m := rates.FindStringSubmatch(expression)
	if m == nil {
		return 0, fmt.Errorf("the local system understands schedules such as rate(1 minute), not %q", expression)
	}
	n, err := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
	if err != nil || n == 0 {
		return 0, fmt.Errorf("schedule %q never comes", expression)
	}
	return time.Duration(n) * unit, nil
}
