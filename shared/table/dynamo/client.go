package dynamo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"chatreports/shared/awsenv"
)

// Client connects to the DynamoDB that the environment names: AWS_REGION, the
// usual credentials, and AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL for a server
// other than AWS's. It retries throttling and network trouble with short pauses.
func Client(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := awsenv.Config(ctx, "DYNAMODB")
	if err != nil {
		return nil, fmt.Errorf("dynamo: %w", err)
	}
	cfg.Retryer = retryer
	// As many connections are kept as calls are made at once: a PutEach would
	// otherwise open and close most of its own.
	cfg.HTTPClient = awsenv.Client(answers, func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 2 * writeConcurrency
	})
	return dynamodb.NewFromConfig(cfg), nil
}

// answers is how long DynamoDB may take to begin an answer, which it mostly does within
// some milliseconds. Tests make it shorter.
var answers = 3 * time.Second
