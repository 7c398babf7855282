// Package stream reads a DynamoDB table's stream as a table.Feed. It is no part of package
// dynamo, so that functions, which Lambda hands the stream, do not carry its client.
package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"chatreports/shared/awsenv"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// Limits of one Next: what DynamoDB answers at most, and how many pages without a
// put (deletes only, or nothing yet) are passed over.
const (
	maxRecords = 1000
	maxEmpty   = 10
)

// Feed reads a table's stream itself, for tests and local servers: on AWS, Lambda
// does that and keeps what was acknowledged. Here that is kept in memory only, so a
// new Feed begins with the oldest change there is. It implements table.Feed.
type Feed struct {
	tables  *dynamodb.Client
	streams *streams.Client
	name    string

	mu     sync.Mutex
	arn    *string
	shards map[string]*position
}

var _ table.Feed = (*Feed)(nil)

// position is how far one shard was read. Its mutex makes calls take turns.
type position struct {
	mu           sync.Mutex
	acknowledged string  // the last sequence dealt with
	delivered    string  // the last sequence Next returned
	next         *string // iterator behind delivered
	ended        bool    // the shard is closed, and there is nothing behind delivered
}

func (p *position) finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended && p.acknowledged == p.delivered
}

// Client connects to DynamoDB's streams, which have an endpoint of their own on AWS:
// AWS_ENDPOINT_URL_DYNAMODB_STREAMS or AWS_ENDPOINT_URL. Else it is as dynamo.Client says.
func Client(ctx context.Context) (*streams.Client, error) {
	cfg, err := awsenv.Config(ctx, "DYNAMODB_STREAMS")
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	return streams.NewFromConfig(cfg), nil
}

// New returns the change feed of a table that has a stream of new images.
func New(tables *dynamodb.Client, streams *streams.Client, name string) *Feed {
	return &Feed{tables: tables, streams: streams, name: name, shards: map[string]*position{}}
}

// Shards implements table.Feed. A shard that follows another is left out until the
// other is finished, so that the changes of one record stay in order.
func (f *Feed) Shards(ctx context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.describe(ctx)
	if err != nil {
		return nil, fmt.Errorf("stream: listing the shards of %s: %w", f.name, err)
	}
	there := map[string]bool{}
	for _, s := range all {
		there[*s.ShardId] = true
	}
	var open []string
	for _, s := range all {
		parent := aws.ToString(s.ParentShardId)
		if f.position(*s.ShardId).finished() || there[parent] && !f.position(parent).finished() {
			continue
		}
		open = append(open, *s.ShardId)
	}
	return open, nil
}

func (f *Feed) describe(ctx context.Context) (all []types.Shard, err error) {
	arn, err := f.stream(ctx)
	if err != nil {
		return nil, err
	}
	for in := (&streams.DescribeStreamInput{StreamArn: arn}); ; {
		out, err := f.streams.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.StreamDescription.Shards...)
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return all, nil
		}
	}
}

// stream finds the name of the table's stream. It is called with f.mu held.
func (f *Feed) stream(ctx context.Context) (*string, error) {
	if f.arn == nil {
		out, err := f.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &f.name})
		if err != nil {
			return nil, err
		}
		if f.arn = out.Table.LatestStreamArn; f.arn == nil {
			return nil, errors.New("the table has no stream")
		}
	}
	return f.arn, nil
}

// position is called with f.mu held.
func (f *Feed) position(shard string) *position {
	if f.shards[shard] == nil {
		f.shards[shard] = &position{}
	}
	return f.shards[shard]
}

// Next implements table.Feed.
func (f *Feed) Next(ctx context.Context, shard string, limit int) ([]table.Change, error) {
	f.mu.Lock()
	p := f.position(shard)
	arn, err := f.stream(ctx)
	f.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("stream: finding the stream of %s: %w", f.name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	changes, err := f.read(ctx, arn, shard, p, limit)
	if err != nil {
		p.next = nil // an iterator that failed has expired, most likely
		return nil, fmt.Errorf("stream: reading the changes of %s: %w", f.name, err)
	}
	return changes, nil
}

func (f *Feed) read(ctx context.Context, arn *string, shard string, p *position, limit int) ([]table.Change, error) {
	if p.delivered != p.acknowledged || p.next == nil && !p.ended {
		if err := f.seek(ctx, arn, shard, p); err != nil {
			return nil, err
		}
	}
	for range maxEmpty {
		if p.ended || limit <= 0 {
			return nil, nil
		}
		out, err := f.streams.GetRecords(ctx, &streams.GetRecordsInput{
			ShardIterator: p.next, Limit: aws.Int32(int32(min(limit, maxRecords))),
		})
		if err != nil {
			return nil, err
		}
		p.next, p.ended = out.NextShardIterator, out.NextShardIterator == nil
		var changes []table.Change
		for _, r := range out.Records {
			if r.EventName == types.OperationTypeRemove {
				continue
			}
			item, err := dynamo.FromImage(image(r.Dynamodb.NewImage))
			if err != nil {
				return nil, err
			}
			changes = append(changes, table.Change{Shard: shard, Sequence: sequence(*r.Dynamodb.SequenceNumber), Item: item})
		}
		if n := len(changes); n > 0 {
			p.delivered = changes[n-1].Sequence
			return changes, nil
		}
		if len(out.Records) == 0 {
			return nil, nil // nothing now; the next call goes on from here
		}
	}
	return nil, nil
}

// seek goes back to the first change not acknowledged.
func (f *Feed) seek(ctx context.Context, arn *string, shard string, p *position) error {
	in := &streams.GetShardIteratorInput{StreamArn: arn, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if p.acknowledged != "" {
		number := p.acknowledged[2:] // see sequence
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &number
	}
	out, err := f.streams.GetShardIterator(ctx, in)
	if _, ok := errors.AsType[*types.TrimmedDataAccessException](err); ok { // older than the stream keeps: begin with what it has
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeTrimHorizon, nil
		out, err = f.streams.GetShardIterator(ctx, in)
	}
	if err != nil {
		return err
	}
	p.next, p.delivered, p.ended = out.ShardIterator, p.acknowledged, false
	return nil
}

// Acknowledge implements table.Feed.
func (f *Feed) Acknowledge(_ context.Context, shard, sequence string) error {
	if len(sequence) < 3 {
		return fmt.Errorf("stream: no change %q in shard %q", sequence, shard)
	}
	f.mu.Lock()
	p := f.position(shard)
	f.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acknowledged = max(p.acknowledged, sequence)
	return nil
}

// sequence writes DynamoDB's sequence number with its length in front, so that text
// order is number order.
func sequence(number string) string { return fmt.Sprintf("%02d%s", len(number), number) }

// image is a record as Lambda would hand it to a function.
func image(record map[string]types.AttributeValue) map[string]events.DynamoDBAttributeValue {
	out := map[string]events.DynamoDBAttributeValue{}
	for name, v := range record {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			out[name] = events.NewStringAttribute(v.Value)
		case *types.AttributeValueMemberN:
			out[name] = events.NewNumberAttribute(v.Value)
		case *types.AttributeValueMemberB:
			out[name] = events.NewBinaryAttribute(v.Value)
		}
	}
	return out
}
