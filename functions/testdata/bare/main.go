// Command bare is a function that does nothing: what others take to begin is compared with
// what it takes.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) error { return nil })
}
