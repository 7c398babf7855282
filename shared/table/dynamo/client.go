package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
)

// Client connects to the DynamoDB that the environment names: AWS_REGION, the
// usual credentials, and AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL for a server
// other than AWS's. It retries throttling and network trouble with short pauses.
func Client(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := configure(ctx, "AWS_ENDPOINT_URL_DYNAMODB")
	if err != nil {
		return nil, err
	}
	return dynamodb.NewFromConfig(cfg), nil
}

// StreamsClient is the same for DynamoDB's streams, which have an endpoint of
// their own on AWS: AWS_ENDPOINT_URL_DYNAMODB_STREAMS or AWS_ENDPOINT_URL.
func StreamsClient(ctx context.Context) (*dynamodbstreams.Client, error) {
	cfg, err := configure(ctx, "AWS_ENDPOINT_URL_DYNAMODB_STREAMS")
	if err != nil {
		return nil, err
	}
	return dynamodbstreams.NewFromConfig(cfg), nil
}

// configure reads the environment. On Lambda, region and credentials are in it, and
// a configuration made by hand starts some milliseconds faster than the SDK's
// search for files and services; elsewhere the SDK searches.
func configure(ctx context.Context, endpointVariable string) (cfg aws.Config, err error) {
	region := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if region != "" && id != "" && secret != "" {
		cfg.Region = region
		cfg.Credentials = aws.NewCredentialsCache(
			credentials.NewStaticCredentialsProvider(id, secret, os.Getenv("AWS_SESSION_TOKEN")))
	} else if cfg, err = config.LoadDefaultConfig(ctx); err != nil {
		return cfg, fmt.Errorf("dynamo: configuration: %w", err)
	}
	if url := cmp.Or(os.Getenv(endpointVariable), os.Getenv("AWS_ENDPOINT_URL")); url != "" {
		cfg.BaseEndpoint = &url
	}
	cfg.Retryer = retryer
	// As many connections are kept as calls are made at once: a PutEach would
	// otherwise open and close most of its own.
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 2 * writeConcurrency
	})
	return cfg, nil
}
