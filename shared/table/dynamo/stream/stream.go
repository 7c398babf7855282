// Package stream reads a DynamoDB table's stream as a table.Feed. It is no part of package
// dynamo, so that functions, which Lambda hands the stream, do not carry its client.
package stream

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

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
	maxPages   = 20
)

// poll is how often whoever reads looks for more: as often as Lambda does.
const poll = 250 * time.Millisecond

// Feed reads a table's stream itself, as Lambda's event source mapping does: for tests and
// local servers. It implements table.Feed.
type Feed struct {
	tables  *dynamodb.Client
	streams *streams.Client
	name    string
	kept    table.Table // of what was acknowledged; nil: that is in memory only

	mu     sync.Mutex
	arn    *string
	shards map[string]*position
}

var _ table.Feed = (*Feed)(nil)

// position is how far one shard was read. Its mutex makes calls take turns.
type position struct {
	mu           sync.Mutex
	acknowledged string         // the last sequence dealt with
	read         []table.Change // what follows it, as far as it was read
	next         *string        // iterator behind that; nil: there is none, or it is of no use
	ended        bool           // the shard is closed, and there is nothing behind what was read
}

func (p *position) finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended && len(p.read) == 0
}

// Client connects to DynamoDB's streams, which have an endpoint of their own on AWS and on
// other servers that of the tables: AWS_ENDPOINT_URL_DYNAMODB_STREAMS,
// AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL. Else it is as dynamo.Client says.
func Client(ctx context.Context) (*streams.Client, error) {
	service := "DYNAMODB_STREAMS"
	if os.Getenv("AWS_ENDPOINT_URL_"+service) == "" {
		service = "DYNAMODB"
	}
	cfg, err := awsenv.Config(ctx, service)
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	return streams.NewFromConfig(cfg), nil
}

// New returns the change feed of a table that has a stream of new images. What is
// acknowledged is kept in a table, a record for each shard under the stream's ARN, and
// another Feed goes on from there. Without one it begins with the oldest change there is.
func New(tables *dynamodb.Client, streams *streams.Client, name string, kept table.Table) *Feed {
	return &Feed{tables: tables, streams: streams, name: name, kept: kept, shards: map[string]*position{}}
}

// Changed is closed when it is time to look for changes again.
func (f *Feed) Changed() <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(poll, func() { close(c) })
	return c
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

// stream finds the name of the table's stream, and what was acknowledged of it. It is called
// with f.mu held.
func (f *Feed) stream(ctx context.Context) (*string, error) {
	if f.arn != nil {
		return f.arn, nil
	}
	out, err := f.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &f.name})
	if err != nil {
		return nil, err
	}
	arn := out.Table.LatestStreamArn
	if arn == nil {
		return nil, errors.New("the table has no stream")
	}
	if f.kept != nil {
		for item, err := range f.kept.Query(ctx, table.Range{Part: *arn}) {
			if err != nil {
				return nil, err
			}
			f.position(item.Sort).acknowledged = string(item.Value)
		}
	}
	f.arn = arn
	return arn, nil
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
	arn, p, err := f.of(ctx, shard)
	if err != nil {
		return nil, fmt.Errorf("stream: finding the stream of %s: %w", f.name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for range maxPages {
		if p.ended || len(p.read) >= limit {
			break
		}
		found, err := f.more(ctx, arn, shard, p, limit-len(p.read))
		if err != nil {
			p.next = nil
			return nil, fmt.Errorf("stream: reading the changes of %s: %w", f.name, err)
		}
		if found == 0 { // nothing now; the next call goes on from here
			break
		}
	}
	return slices.Clone(p.read[:max(0, min(limit, len(p.read)))]), nil
}

// of is the stream, and how far a shard of it was read.
func (f *Feed) of(ctx context.Context, shard string) (*string, *position, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	arn, err := f.stream(ctx)
	return arn, f.position(shard), err
}

// more reads a page, and says how many records were in it. An iterator that has expired, or
// that points to what the stream has no longer, is taken up again behind what was read.
func (f *Feed) more(ctx context.Context, arn *string, shard string, p *position, limit int) (found int, err error) {
	var out *streams.GetRecordsOutput
	for try := 0; ; try++ {
		if p.next == nil {
			if err := f.seek(ctx, arn, shard, p); err != nil {
				return 0, err
			}
		}
		out, err = f.streams.GetRecords(ctx, &streams.GetRecordsInput{ShardIterator: p.next, Limit: aws.Int32(int32(min(limit, maxRecords)))})
		_, expired := errors.AsType[*types.ExpiredIteratorException](err)
		_, trimmed := errors.AsType[*types.TrimmedDataAccessException](err)
		if try == 0 && (expired || trimmed) {
			p.next = nil
			continue
		}
		break
	}
	if err != nil {
		return 0, err
	}
	changes := p.read
	for _, r := range out.Records {
		if r.EventName == types.OperationTypeRemove {
			continue
		}
		item, err := dynamo.FromImage(image(r.Dynamodb.NewImage))
		if err != nil {
			return 0, err
		}
		changes = append(changes, table.Change{
			Shard: shard, Sequence: sequence(*r.Dynamodb.SequenceNumber), At: aws.ToTime(r.Dynamodb.ApproximateCreationDateTime), Item: item,
		})
	}
	p.read, p.next, p.ended = changes, out.NextShardIterator, out.NextShardIterator == nil
	return len(out.Records), nil
}

// seek goes behind what was read.
func (f *Feed) seek(ctx context.Context, arn *string, shard string, p *position) error {
	last := p.acknowledged
	if n := len(p.read); n > 0 {
		last = p.read[n-1].Sequence
	}
	in := &streams.GetShardIteratorInput{StreamArn: arn, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if last != "" {
		number := last[2:] // see sequence
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
	p.next, p.ended = out.ShardIterator, false
	return nil
}

// Acknowledge implements table.Feed.
func (f *Feed) Acknowledge(ctx context.Context, shard, sequence string) error {
	if len(sequence) < 3 {
		return fmt.Errorf("stream: no change %q in shard %q", sequence, shard)
	}
	arn, p, err := f.of(ctx, shard)
	if err != nil {
		return fmt.Errorf("stream: finding the stream of %s: %w", f.name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A stream may tell again what was acknowledged, so what is read may begin before that.
	if sequence <= p.acknowledged {
		p.forget(sequence)
		return nil
	}
	if f.kept != nil {
		if err := f.kept.Write(ctx, table.Op{Item: table.Item{Key: table.Key{Part: *arn, Sort: shard}, Value: []byte(sequence), Version: 1}}); err != nil {
			return fmt.Errorf("stream: keeping how far %s was read: %w", f.name, err)
		}
	}
	p.acknowledged = sequence
	p.forget(sequence)
	return nil
}

func (p *position) forget(sequence string) {
	p.read = slices.DeleteFunc(p.read, func(c table.Change) bool { return c.Sequence <= sequence })
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
