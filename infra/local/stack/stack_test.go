package stack

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

const small = `
Parameters:
  Size: {Type: Number, Default: 7}
Globals:
  Function: {Timeout: 20}
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Who:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/who, Timeout: 5}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/work
      Environment: {Variables: {A_TABLE: !Ref Things, OTHER: !Sub "x-${Things}", PLAIN: text, A_BUCKET: !Ref Bucket, A_QUEUE: !Ref Line}}
      Events:
        One: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: "/a/{id}"}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /b, Method: ANY}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
        Often: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(5 minutes)}}
        Wait: {Type: SQS, Properties: {Queue: !GetAtt Line.Arn, BatchSize: 1, ScalingConfig: {MaximumConcurrency: 3}}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Things.StreamArn
            BatchSize: !Ref Size
            MaximumBatchingWindowInSeconds: 2
            MaximumRetryAttempts: 3
            MaximumRecordAgeInSeconds: 90
            ParallelizationFactor: 2
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: S3, Destination: !GetAtt Bucket.Arn}}
  Things:
    Type: AWS::DynamoDB::Table
    Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      LifecycleConfiguration:
        Rules:
          - {Id: a, Status: Enabled, Prefix: a/, ExpirationInDays: 8}
          - {Id: off, Status: Disabled, ExpirationInDays: 1}
          - {Id: uploads, Status: Enabled, AbortIncompleteMultipartUpload: {DaysAfterInitiation: 2}}
  Line: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 3}}
`

func TestATemplateIsReadAsAWSReadsIt(t *testing.T) {
	got, err := Read([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	want := Stack{
		Tables:  []Table{{Name: "Things", Stream: true}},
		Queues:  []Queue{{Name: "Line", Delay: 3 * time.Second}},
		Buckets: []Bucket{{Name: "Bucket", Expire: []Expiration{{Prefix: "a/", After: 8 * 24 * time.Hour}}}},
		Functions: []Function{
			{Name: "Who", Code: "functions/who", Timeout: 5 * time.Second, Tables: map[string]string{}, Buckets: map[string]string{}, Queues: map[string]string{}},
			{
				Name: "Work", Code: "functions/work", Timeout: 20 * time.Second, Tables: map[string]string{"A_TABLE": "Things"},
				Buckets: map[string]string{"A_BUCKET": "Bucket"}, Queues: map[string]string{"A_QUEUE": "Line"},
				Messages: []Messages{{Queue: "Line", Parallel: 3}},
				Routes: []Route{
					{Method: "GET", Path: "/a/{id}"},
					{Method: "ANY", Path: "/b"},
					{Method: "ANY", Path: "$default"},
				},
				Streams: []Stream{{
					Table: "Things", BatchSize: 7, Window: 2 * time.Second, Parallel: 2, Bisect: true, Partial: true,
					Retries: 3, Age: 90 * time.Second, Failures: "Bucket",
				}},
				Schedules: []Schedule{{Name: "WorkDaily", Every: 24 * time.Hour}, {Name: "WorkOften", Every: 5 * time.Minute}},
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
	if key := want.Functions[1].Routes[2].Key(); key != "$default" {
		t.Errorf("the last route's key is %q", key)
	}
}

func TestWhatTheLocalSystemWouldNotDoIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"an event of another kind":        {"Type: ScheduleV2", "Type: SNS", "Work: event Often: the local system does not serve events of type SNS"},
		"messages of what is no queue":    {"!GetAtt Line.Arn", "!GetAtt Bucket.Arn", `"Bucket" is no queue`},
		"messages in batches":             {"BatchSize: 1,", "BatchSize: 2,", "delivers messages one at a time"},
		"a schedule that is no rate":      {"rate(5 minutes)", "\"cron(0 * * * ? *)\"", "not \"cron(0 * * * ? *)\""},
		"a schedule that never comes":     {"rate(5 minutes)", "rate(0 minutes)", "never comes"},
		"a route of another API":          {"ApiId: !Ref Api, Path: /b", "ApiId: !Ref Bucket, Path: /b", "ApiId should be !Ref of an HttpApi"},
		"an authorizer of a route":        {"Path: /b,", "Path: /b, Auth: {Authorizer: Key},", "the local system asks no authorizer"},
		"an authorizer of the API":        {"AWS::Serverless::HttpApi}", "AWS::Serverless::HttpApi, Properties: {Auth: {DefaultAuthorizer: Key}}}", "the local system asks no authorizer"},
		"changes given up to a queue":     {"Type: S3, Destination: !GetAtt Bucket.Arn", "Type: SQS, Destination: !GetAtt Line.Arn", "OnFailure should be {Type: S3"},
		"changes given up to no bucket":   {"Type: S3, Destination: !GetAtt Bucket.Arn", "Type: S3, Destination: !GetAtt Line.Arn", `"Line" is no bucket`},
		"a stream of a table without one": {"{StreamViewType: NEW_IMAGE}", "", `"Things" is no table with a stream`},
		"code elsewhere":                  {"functions/work", "work", "it should be a folder under functions/"},
		"no resources":                    {small, "Parameters: {}", "no Resources"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(strings.Replace(small, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestTheTemplateThatTravelsIsTheRepositorys(t *testing.T) {
	want, err := os.ReadFile("../../../" + FileName)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(template, want) {
		t.Fatalf("the copy of %s is an old one: run go generate ./infra/local/stack", FileName)
	}
	if s, err := Deployed(); err != nil || len(s.Functions) == 0 {
		t.Errorf("it is read as %+v, %v", s, err)
	}
}
