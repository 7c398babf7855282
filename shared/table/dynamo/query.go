package dynamo

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"chatreports/shared/table"
)

// Query implements table.Table, a page of 1 MB a time.
func (t *Table) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		if err := table.CheckRange(r); err != nil {
			yield(table.Item{}, err)
			return
		}
		if r.Empty() {
			return
		}
		in := t.queryInput(&r)
		for left := r.Limit; ; {
			if r.Limit > 0 {
				in.Limit = aws.Int32(int32(min(left, 1000)))
				if r.To != "" {
					*in.Limit++ // for the record that queryInput says is dropped
				}
			}
			page, err := t.page(ctx, in)
			if err != nil {
				yield(table.Item{}, fmt.Errorf("dynamo: querying %s: %w", t.name, err))
				return
			}
			for _, attrs := range page.Items {
				item, err := decode(attrs)
				if err != nil {
					yield(table.Item{}, err)
					return
				}
				if !r.Has(item.Sort) {
					continue
				}
				if err := ctx.Err(); err != nil {
					yield(table.Item{}, err)
					return
				}
				if !yield(item, nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			if in.ExclusiveStartKey = page.LastEvaluatedKey; in.ExclusiveStartKey == nil {
				return
			}
		}
	}
}

func (t *Table) page(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		t.readUsage()
		return nil, throttled(err)
	}
	t.readUsage(one(out.ConsumedCapacity)...)
	return out, nil
}

// queryInput asks for a range. DynamoDB takes one condition on the sort key, and
// BETWEEN is the only one with two ends; it includes its upper end, which the
// range does not: that one record is dropped afterwards. So are the records beyond
// a bound that is longer than a sort key may be, which DynamoDB would refuse.
func (t *Table) queryInput(r *table.Range) *dynamodb.QueryInput {
	expression, values := attrPart+" = :p", attributes{":p": text(r.Part)}
	from, to := sendable(r.From), sendable(r.To)
	switch {
	case from != "" && to != "":
		expression += " AND " + attrSort + " BETWEEN :a AND :b"
	case from != "":
		expression += " AND " + attrSort + " >= :a"
	case to != "":
		expression += " AND " + attrSort + " < :b"
	}
	if from != "" {
		values[":a"] = text(from)
	}
	if to != "" {
		values[":b"] = text(to)
	}
	return &dynamodb.QueryInput{
		TableName:                 &t.name,
		KeyConditionExpression:    &expression,
		ExpressionAttributeValues: values,
		ScanIndexForward:          aws.Bool(!r.Reverse),
		ConsistentRead:            aws.Bool(true),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
}

func sendable(bound string) string {
	if len(bound) > table.MaxSortBytes {
		return ""
	}
	return bound
}

// Scan implements table.Table. It reads the whole table, several segments at once.
func (t *Table) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	return func(yield func(table.Item, error) bool) {
		if prefix != "" {
			if err := table.CheckPart(prefix); err != nil {
				yield(table.Item{}, err)
				return
			}
		}
		ctx, cancel := context.WithCancel(ctx)
		pages := make(chan []attributes)
		var failure error
		go func() {
			defer close(pages)
			failure = each(ctx, scanSegments, scanSegments, func(ctx context.Context, segment int) error {
				return t.scanSegment(ctx, prefix, int32(segment), pages)
			})
		}()
		defer func() { // the segments end before the iteration does
			cancel()
			for range pages {
			}
		}()
		for page := range pages {
			for _, attrs := range page {
				item, err := decode(attrs)
				if err == nil && !strings.HasPrefix(item.Part, prefix) {
					continue
				}
				if !yield(item, err) || err != nil {
					return
				}
			}
		}
		if failure != nil {
			yield(table.Item{}, fmt.Errorf("dynamo: scanning %s: %w", t.name, failure))
		}
	}
}

func (t *Table) scanSegment(ctx context.Context, prefix string, segment int32, pages chan<- []attributes) error {
	in := &dynamodb.ScanInput{
		TableName:              &t.name,
		Segment:                &segment,
		TotalSegments:          aws.Int32(scanSegments),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	if prefix != "" {
		in.FilterExpression = aws.String("begins_with(" + attrPart + ", :p)")
		in.ExpressionAttributeValues = attributes{":p": text(prefix)}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		out, err := t.client.Scan(ctx, in)
		if err != nil {
			t.readUsage()
			return throttled(err)
		}
		t.readUsage(one(out.ConsumedCapacity)...)
		select {
		case pages <- out.Items:
		case <-ctx.Done():
			return ctx.Err()
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return nil
		}
	}
}
