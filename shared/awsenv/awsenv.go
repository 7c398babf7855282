// Package awsenv says what the environment says of AWS: region, credentials and endpoint.
// In: a service's name. Out: a configuration for its client. It knows no service.
package awsenv

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config reads AWS_REGION, the usual credentials, and AWS_ENDPOINT_URL_SERVICE or
// AWS_ENDPOINT_URL for a server other than AWS's. On Lambda, region and credentials are in
// the environment, and a configuration made by hand starts some milliseconds faster than the
// SDK's search for files and services; elsewhere the SDK searches.
func Config(ctx context.Context, service string) (cfg aws.Config, err error) {
	region := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if region != "" && id != "" && secret != "" {
		cfg.Region = region
		cfg.Credentials = aws.NewCredentialsCache(
			credentials.NewStaticCredentialsProvider(id, secret, os.Getenv("AWS_SESSION_TOKEN")))
	} else if cfg, err = search(ctx); err != nil {
		return cfg, fmt.Errorf("the configuration of %s: %w", service, err)
	}
	cfg.HTTPClient = Client(answers)
	if url := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+service), os.Getenv("AWS_ENDPOINT_URL")); url != "" {
		cfg.BaseEndpoint = &url
	}
	return cfg, nil
}

// answers is how long a server may take to begin its answer, of services that take in or
// work on much at once.
const answers = 20 * time.Second

// Client is an HTTP client that gives a call up, so that it is made again, if an answer does
// not begin in some time. Without that a connection that broke unnoticed would cost all the
// time that a function has.
func Client(answers time.Duration, options ...func(*http.Transport)) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(append(options, func(t *http.Transport) {
		t.ResponseHeaderTimeout = answers
	})...)
}
