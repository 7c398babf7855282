package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"chatreports/shared/table/dynamo"
)

// checkMinutes is how much of a live run is played against the server.
const checkMinutes = 10

// crossCheck plays a part of the live run at 1× against a server of DynamoDB's
// protocol and sets what the server says it charged beside what is counted here.
func crossCheck(ctx context.Context, p *printer, o options) error {
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(o.engine), Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	})
	names := []string{fmt.Sprintf("bench-journal-%d", time.Now().UnixNano()), fmt.Sprintf("bench-state-%d", time.Now().UnixNano())}
	for _, name := range names {
		if err := dynamo.Create(ctx, client, name, false); err != nil {
			return fmt.Errorf("creating %s: %w", name, err)
		}
		defer func() {
			_, _ = client.DeleteTable(context.WithoutCancel(ctx), &dynamodb.DeleteTableInput{TableName: &name})
		}()
	}
	journal, state := dynamo.New(client, names[0]), dynamo.New(client, names[1])
	c := newCounters(journal, state)
	end := peak.Add(checkMinutes * time.Minute)
	n, err := newChain(c.journal, c.state).live(ctx, peak, workload(1, peak, end), func() error { return nil })
	if err != nil {
		return err
	}
	t := c.tally()
	p.section("The same count by a server of DynamoDB's protocol: %d minutes live at 1×, %d events", checkMinutes, n)
	p.add(
		result{What: "write units counted here", Measured: float64(sum(t.WriteUnits)), Unit: "WU"},
		result{What: "write units the server says", Measured: journal.Usage().WriteUnits + state.Usage().WriteUnits, Unit: "WU"},
	)
	return nil
}
