package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"chatreports/shared/table"
)

// maxTries is how often a call is made before throttling is told to the caller:
// about three seconds in the mean.
const maxTries = 9

// unit is the first pause. Tests make it shorter.
var unit = 25 * time.Millisecond

// pause is how long to wait after try number n failed, from 0: a random part of a
// time that doubles.
func pause(n int) time.Duration {
	return rand.N(min(unit<<min(n, 10), 80*unit)) + time.Millisecond
}

// retryer is the SDK's retryer with DynamoDB's short pauses, and with no budget
// shared between calls: each has its own bound.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxTries
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return pause(attempt - 1), nil
		})
	})
}

// backoff counts tries of what the SDK does not retry.
type backoff struct{ tries int }

// wait waits before the next try. After the last it returns table.ErrThrottled.
func (b *backoff) wait(ctx context.Context) error {
	if b.tries++; b.tries >= maxTries {
		return table.ErrThrottled
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause(b.tries - 1)):
		return nil
	}
}

var throttles = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// throttled makes err an ErrThrottled as well if that is what it says.
func throttled(err error) error {
	if throttles.IsErrorThrottle(err) == aws.TrueTernary {
		return fmt.Errorf("%w: %w", table.ErrThrottled, err)
	}
	return err
}

// errUnsure is the error of a write that was sent again after an answer got lost, and
// that then was refused: perhaps because of itself.
var errUnsure = errors.New("the answer was lost, and the second try was refused: the outcome is unknown")

// attempts watches the SDK's tries of one call. The SDK sends a write again when
// the connection broke, though it may have been applied. A caller must not be told
// then that its condition failed, nor that it was throttled and nothing written.
type attempts struct{ unsure bool }

// watch is an option of a call of the SDK.
func (a *attempts) watch(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("WatchAttempts",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleFinalize(ctx, in)
				if err != nil && !refused(err) {
					a.unsure = true
				}
				return out, metadata, err
			}), "Retry", middleware.After)
	})
}

// refused says that DynamoDB answered, and that it has written nothing.
func refused(err error) bool {
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() >= 400 && response.HTTPStatusCode() < 500
}

// failure is the error of a write that is neither a condition nor a conflict.
func (a *attempts) failure(err error) error {
	if a.unsure {
		return err
	}
	return throttled(err)
}

// each calls fn for 0 … n-1, at most limit at once. The first error ends the
// context of the others and is returned.
func each(ctx context.Context, n, limit int, fn func(ctx context.Context, i int) error) error {
	if n == 1 {
		return fn(ctx, 0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, limit) {
		wg.Go(func() {
			for i := range next {
				if err := fn(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
