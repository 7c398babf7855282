//go:build !lambda.norpc

package awsenv

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// search is the SDK's own, for files of the user's and services of AWS's.
func search(ctx context.Context) (aws.Config, error) { return config.LoadDefaultConfig(ctx) }
