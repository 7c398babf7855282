package dynamo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/dynamo/stream"
)

func TestClientsTakeWhatTheEnvironmentNames(t *testing.T) {
	for _, c := range []struct {
		name             string
		env              map[string]string
		region           string
		tables, streams  string // endpoints
		id, secret, sess string
	}{
		{
			"on Lambda",
			map[string]string{"AWS_REGION": "eu-west-3", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session"},
			"eu-west-3", "", "", "id", "secret", "session",
		},
		{
			"one endpoint",
			map[string]string{"AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "http://a"},
			"r", "http://a", "http://a", "id", "secret", "",
		},
		{
			"an endpoint each",
			map[string]string{
				"AWS_DEFAULT_REGION": "r", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "http://a",
				"AWS_ENDPOINT_URL_DYNAMODB": "http://b", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": "http://c",
			},
			"r", "http://b", "http://c", "id", "secret", "",
		},
		{
			"tables elsewhere than all else",
			map[string]string{
				"AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "http://b",
			},
			"r", "http://b", "http://b", "id", "secret", "",
		},
		{"no credentials: the SDK searches", map[string]string{"AWS_REGION": "r", "AWS_ENDPOINT_URL_DYNAMODB": "http://b"}, "r", "http://b", "http://b", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range []string{
				"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
				"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
			} {
				t.Setenv(v, c.env[v])
			}
			client, err := dynamo.Client(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			streams, err := stream.Client(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			o, s := client.Options(), streams.Options()
			if o.Region != c.region || aws.ToString(o.BaseEndpoint) != c.tables || aws.ToString(s.BaseEndpoint) != c.streams {
				t.Errorf("region %q, endpoints %q and %q", o.Region, aws.ToString(o.BaseEndpoint), aws.ToString(s.BaseEndpoint))
			}
			if n := o.Retryer.MaxAttempts(); n != dynamo.MaxTries {
				t.Errorf("%d tries", n)
			}
			if c.id == "" {
				return
			}
			got, err := o.Credentials.Retrieve(t.Context())
			if err != nil || got.AccessKeyID != c.id || got.SecretAccessKey != c.secret || got.SessionToken != c.sess {
				t.Errorf("credentials %+v, %v", got, err)
			}
		})
	}
}
