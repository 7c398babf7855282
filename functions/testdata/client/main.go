// Command client is a function that does nothing but make a client of DynamoDB: what any that
// works on a table takes to begin, whatever it is for.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/table/dynamo"
)

func main() {
	client, err := dynamo.Client(context.Background())
	lambda.Start(func(context.Context) (bool, error) { return client != nil, err })
}
