package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Definition describes a table as this package uses it: for tests and local
// servers, and to compare the deployment's template with. On AWS the template
// makes the tables.
func Definition(name string, stream bool) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: &name,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(attrPart), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(attrSort), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attrPart), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attrSort), KeyType: types.KeyTypeRange},
		},
		BillingMode: types.BillingModePayPerRequest,
	}
	if stream {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled:  aws.Bool(true),
			StreamViewType: types.StreamViewTypeNewImage,
		}
	}
	return in
}

// TimeToLive says that records expire when their Expires has passed.
func TimeToLive(name string) *dynamodb.UpdateTimeToLiveInput {
	return &dynamodb.UpdateTimeToLiveInput{
		TableName: &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(attrExpires),
			Enabled:       aws.Bool(true),
		},
	}
}

// Create makes a table, or takes the one that is there, and waits until it can be
// used: for tests and local servers.
func Create(ctx context.Context, client *dynamodb.Client, name string, stream bool) error {
	_, err := client.CreateTable(ctx, Definition(name, stream))
	if _, ok := errors.AsType[*types.ResourceInUseException](err); ok {
		return nil
	}
	if err == nil {
		w := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond })
		err = w.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
	}
	if err == nil {
		_, err = client.UpdateTimeToLive(ctx, TimeToLive(name))
	}
	if err != nil {
		return fmt.Errorf("dynamo: creating table %s: %w", name, err)
	}
	return nil
}
