//go:build lambda.norpc

package awsenv

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// search finds nothing in what is built for Lambda (with the tag of aws-lambda-go), where all
// is in the environment: the SDK's search would be a third of what a function loads before
// its first call.
func search(context.Context) (aws.Config, error) {
	return aws.Config{}, errors.New("the environment lacks AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY, which Lambda sets")
}
