package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"chatreports/shared/table"
)

// Write implements table.Table. A transaction costs twice a single write, so one
// operation alone goes without.
func (t *Table) Write(ctx context.Context, ops ...table.Op) error {
	if err := table.CheckWrite(ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	if len(ops) == 1 && ops[0].Verb != table.Check {
		err = t.alone(ctx, &ops[0])
	} else {
		err = t.transact(ctx, ops)
	}
	var conflict *table.ConflictError
	if err == nil || errors.As(err, &conflict) {
		return err
	}
	return fmt.Errorf("dynamo: writing %d records of %s: %w", len(ops), t.name, err)
}

// alone is a Write of one operation.
func (t *Table) alone(ctx context.Context, op *table.Op) error {
	var a attempts
	stood, err := t.single(ctx, op, &a)
	if err == nil && stood != nil {
		err = &table.ConflictError{Failed: []int{0}}
	}
	if _, conflict := errors.AsType[*table.ConflictError](err); conflict && a.unsure {
		return errUnsure
	}
	return err
}

// PutEach implements table.Table.
func (t *Table) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	if err := table.CheckEach(ops); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	stood := make([]*table.Item, len(ops))
	err := each(ctx, len(ops), writeConcurrency, func(ctx context.Context, i int) (err error) {
		stood[i], err = t.insist(ctx, &ops[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dynamo: putting %d records of %s: %w", len(ops), t.name, err)
	}
	return stood, nil
}

// insist applies one operation, again and again where a transaction is in the way or
// the answer was lost. A check alone is a read.
func (t *Table) insist(ctx context.Context, op *table.Op) (stood *table.Item, err error) {
	if op.Verb == table.Check {
		items, err := t.Get(ctx, op.Item.Key)
		if err != nil || op.If.Holds(&items[0]) {
			return nil, err
		}
		return &items[0], nil
	}
	var a attempts
	for b := (backoff{}); ; {
		stood, err = t.single(ctx, op, &a)
		if _, locked := errors.AsType[*table.ConflictError](err); locked {
			if err := b.wait(ctx); a.unsure && errors.Is(err, table.ErrThrottled) {
				return nil, errUnsure
			} else if err != nil {
				return nil, err
			}
			continue
		}
		if stood != nil && a.unsure && op.Left(stood) {
			stood = nil
		}
		return stood, err
	}
}

// single applies a Put or Delete outside of a transaction. stood is the record of
// which its condition did not hold: if a is unsure, perhaps because of itself. While a
// transaction holds the item, it returns an empty ConflictError.
func (t *Table) single(ctx context.Context, op *table.Op, a *attempts) (stood *table.Item, err error) {
	var consumed *types.ConsumedCapacity
	expression, values := condition(op.If)
	if op.Verb == table.Put {
		var out *dynamodb.PutItemOutput
		out, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName:                 &t.name,
			Item:                      encode(&op.Item),
			ConditionExpression:       expression,
			ExpressionAttributeValues: values,
			ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,

			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}, a.watch)
		if err == nil {
			consumed = out.ConsumedCapacity
		}
	} else {
		var out *dynamodb.DeleteItemOutput
		out, err = t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName:                 &t.name,
			Key:                       encodeKey(op.Item.Key),
			ConditionExpression:       expression,
			ExpressionAttributeValues: values,
			ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,

			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}, a.watch)
		if err == nil {
			consumed = out.ConsumedCapacity
		}
	}
	var failed *types.ConditionalCheckFailedException
	var conflict *types.TransactionConflictException
	switch {
	case err == nil:
		t.writeUsage(units(one(consumed)))
		return nil, nil
	case errors.As(err, &failed):
		t.writeUsage(estimate(op))
		if len(failed.Item) == 0 {
			return &table.Item{Key: op.Item.Key}, nil
		}
		item, err := decode(failed.Item)
		return &item, err
	case errors.As(err, &conflict):
		t.writeUsage(estimate(op))
		return nil, &table.ConflictError{}
	}
	t.writeUsage(0)
	return nil, a.failure(err)
}

// transact applies operations in one transaction. The SDK gives it a token, so
// that a transaction sent again after a broken connection is applied once.
func (t *Table) transact(ctx context.Context, ops []table.Op) error {
	var items []types.TransactWriteItem
	var at []int // index of the operation
	cost := 0.0
	for i := range ops {
		if ops[i].Verb == table.Check && ops[i].If.IsAlways() {
			continue
		}
		items, at = append(items, t.transactItem(&ops[i])), append(at, i)
		cost += 2 * estimate(&ops[i])
	}
	if len(items) == 0 {
		return nil
	}
	for b := (backoff{}); ; {
		var a attempts
		out, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems:          items,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, a.watch)
		if err == nil {
			t.writeUsage(units(out.ConsumedCapacity))
			return nil
		}
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			t.writeUsage(0)
			return a.failure(err)
		}
		t.writeUsage(cost)
		if conflict, again := reasons(cancelled, at); conflict != nil {
			return conflict
		} else if !again {
			return err
		}
		if err := b.wait(ctx); err != nil {
			return err
		}
	}
}

// reasons reads why a transaction was cancelled: a conflict, or throttling (again),
// or neither.
func reasons(e *types.TransactionCanceledException, at []int) (conflict *table.ConflictError, again bool) {
	var failed []int
	for i := range e.CancellationReasons {
		switch aws.ToString(e.CancellationReasons[i].Code) {
		case "ConditionalCheckFailed":
			failed = append(failed, at[i])
		case "TransactionConflict":
			conflict = &table.ConflictError{}
		case "ProvisionedThroughputExceeded", "ThrottlingError":
			again = true
		}
	}
	if failed != nil {
		conflict = &table.ConflictError{Failed: failed}
	}
	return conflict, again
}

func (t *Table) transactItem(op *table.Op) types.TransactWriteItem {
	expression, values := condition(op.If)
	switch op.Verb {
	case table.Put:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &t.name, Item: encode(&op.Item),
			ConditionExpression: expression, ExpressionAttributeValues: values,
		}}
	case table.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &t.name, Key: encodeKey(op.Item.Key),
			ConditionExpression: expression, ExpressionAttributeValues: values,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &t.name, Key: encodeKey(op.Item.Key),
			ConditionExpression: expression, ExpressionAttributeValues: values,
		}}
	}
}
