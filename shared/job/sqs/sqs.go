// Package sqs tells workers of jobs through a queue of SQS. Its messages are a tenant's id
// and a job's, and no more: what counts is what is stored.
package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"chatreports/shared/awsenv"
	"chatreports/shared/job"
)

// Queue is one queue.
type Queue struct {
	client *sqs.Client
	url    string
}

var _ job.Queue = (*Queue)(nil)

// Open connects to the queue at a URL.
func Open(ctx context.Context, url string) (*Queue, error) {
	if url == "" {
		return nil, errors.New("sqs: the environment names no queue")
	}
	cfg, err := awsenv.Config(ctx, "SQS")
	if err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	return &Queue{sqs.NewFromConfig(cfg), url}, nil
}

// Send implements job.Queue.
func (q *Queue) Send(ctx context.Context, n job.Name) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	text := string(body)
	// A group makes the queue a fair one: many jobs of one tenant keep no other's waiting.
	if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &text, MessageGroupId: &n.Tenant}); err != nil {
		return fmt.Errorf("sqs: telling of the job %q of %q: %w", n.ID, n.Tenant, err)
	}
	return nil
}
