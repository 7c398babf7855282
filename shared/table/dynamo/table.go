// Package dynamo keeps tables in DynamoDB. In and out go the records of package
// table, one item each, with attributes pk and sk (the key), v (the value), n (the
// version) and x (the expiry in Unix seconds, only where there is one). All reads
// are consistent. It knows nothing of what is in the records.
package dynamo

import (
	"context"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"chatreports/shared/table"
)

// How much is under way at once on behalf of one call.
const (
	writeConcurrency = 32 // single writes of a PutEach
	readConcurrency  = 8  // batches of a Get
	scanSegments     = 4
)

// batchKeys is how many keys one BatchGetItem takes: DynamoDB's limit.
const batchKeys = 100

// Table is one DynamoDB table. It implements table.Table.
type Table struct {
	client *dynamodb.Client
	name   string
	meter  table.Meter
}

var _ table.Table = (*Table)(nil)

// New returns the DynamoDB table of that name. The client retries throttling and
// network trouble; see Client for how.
func New(client *dynamodb.Client, name string) *Table {
	return &Table{client: client, name: name}
}

// Usage is what all calls so far consumed. DynamoDB tells it in its answers,
// except for writes whose condition failed, which cost as much as if it had held:
// those are estimated.
func (t *Table) Usage() table.Usage { return t.meter.Usage() }

func (t *Table) readUsage(consumed ...types.ConsumedCapacity) {
	t.meter.Add(table.Usage{Reads: 1, ReadUnits: units(consumed)})
}

func (t *Table) writeUsage(units float64) {
	t.meter.Add(table.Usage{Writes: 1, WriteUnits: units})
}

func units(consumed []types.ConsumedCapacity) (sum float64) {
	for i := range consumed {
		sum += aws.ToFloat64(consumed[i].CapacityUnits)
	}
	return sum
}

// one is an optional answer as a list.
func one(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}

// estimate is what writing op alone costs, for when DynamoDB does not say.
func estimate(op *table.Op) float64 {
	return math.Max(1, math.Ceil(float64(op.Item.Size())/1024))
}

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at := make(map[table.Key][]int, len(keys))
	var distinct []table.Key
	items := make([]table.Item, len(keys))
	for i, k := range keys {
		if err := table.CheckKey(k); err != nil {
			return nil, err
		}
		if at[k] == nil {
			distinct = append(distinct, k)
		}
		at[k] = append(at[k], i)
		items[i].Key = k
	}
	// Batches put what they find at its places, which are theirs alone.
	found := func(attrs map[string]types.AttributeValue) error {
		item, err := decode(attrs)
		for _, i := range at[item.Key] {
			items[i] = item
		}
		return err
	}
	batches := (len(distinct) + batchKeys - 1) / batchKeys
	err := each(ctx, batches, readConcurrency, func(ctx context.Context, n int) error {
		some := distinct[n*batchKeys : min((n+1)*batchKeys, len(distinct))]
		if len(some) == 1 {
			return t.get(ctx, some[0], found)
		}
		return t.batchGet(ctx, some, found)
	})
	if err != nil {
		return nil, fmt.Errorf("dynamo: getting %d records of %s: %w", len(keys), t.name, err)
	}
	return items, nil
}

func (t *Table) get(ctx context.Context, k table.Key, found func(map[string]types.AttributeValue) error) error {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              &t.name,
		Key:                    encodeKey(k),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		t.readUsage()
		return throttled(err)
	}
	t.readUsage(one(out.ConsumedCapacity)...)
	if out.Item == nil {
		return nil
	}
	return found(out.Item)
}

// batchGet reads at most batchKeys distinct keys. DynamoDB leaves some out when an
// answer passes 16 MB or the table is throttled.
func (t *Table) batchGet(ctx context.Context, keys []table.Key, found func(map[string]types.AttributeValue) error) error {
	var left types.KeysAndAttributes
	left.ConsistentRead = aws.Bool(true)
	for _, k := range keys {
		left.Keys = append(left.Keys, encodeKey(k))
	}
	for b := (backoff{}); ; {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           map[string]types.KeysAndAttributes{t.name: left},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			t.readUsage()
			return throttled(err)
		}
		t.readUsage(out.ConsumedCapacity...)
		for _, attrs := range out.Responses[t.name] {
			if err := found(attrs); err != nil {
				return err
			}
		}
		next, ok := out.UnprocessedKeys[t.name]
		if !ok || len(next.Keys) == 0 {
			return nil
		}
		if len(next.Keys) < len(left.Keys) {
			b = backoff{} // it goes on
		} else if err := b.wait(ctx); err != nil {
			return err
		}
		left.Keys = next.Keys
	}
}
