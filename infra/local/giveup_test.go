package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/function"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// What a function does not take in as many calls as the template says, or not in time, is put
// into the bucket in the form in which Lambda does, and the rest is delivered.
func TestWhatIsGivenUpLiesInTheBucket(t *testing.T) {
	times := stack.Stream{Table: "t", BatchSize: 10, Bisect: true, Retries: 2}
	partly := times
	partly.Bisect, partly.Partial = false, true
	for name, c := range map[string]struct {
		f      *folder
		stream stack.Stream
		given  []string
		calls  int
	}{
		"alone, after three calls":         {&folder{broken: "c", mends: 1000}, times, []string{"c"}, 7},
		"with what follows it, if told so": {&folder{partly: "c", mends: 1000}, partly, []string{"c", "d", "e"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := pumpInto(t, c.f, c.stream)
			r.stop()
			if names, calls := c.f.seen(); len(names) != 5 || calls != c.calls || r.left(t) != 0 {
				t.Errorf("delivered %v in %d calls, want 5 in %d; %d left", names, calls, c.calls, r.left(t))
			}
			if given := r.given(t); !slices.Equal(given, c.given) {
				t.Errorf("%v lie in the bucket, want %v", given, c.given)
			}
		})
	}
}

// given are the records in the bucket, as infra/replay reads them.
func (r rig) given(t *testing.T) (names []string) {
	t.Helper()
	for info, err := range r.failures.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		f, err := r.failures.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		items, err := function.ReadSetAside(raw)
		if err != nil || !strings.HasPrefix(info.Key, "aws/lambda/") {
			t.Errorf("%s: %v", info.Key, err)
		}
		for _, i := range items {
			names = append(names, i.Sort)
		}
	}
	return names
}

// aged is a feed that says when changes were made.
type aged struct {
	embedded.FeedTable
	at time.Time
}

func (f aged) Next(ctx context.Context, shard string, limit int) ([]table.Change, error) {
	changes, err := f.FeedTable.Next(ctx, shard, limit)
	for i := range changes {
		changes[i].At = f.at.Add(time.Duration(i) * time.Hour)
	}
	return changes, err
}

func TestWhatIsTooOldIsGivenUp(t *testing.T) {
	f := &folder{}
	r := pumpInto(t, f, stack.Stream{Table: "t", BatchSize: 10, Retries: -1})
	r.stop()
	p := pump{
		Stream: stack.Stream{Table: "t", BatchSize: 10, Retries: -1, Age: 150 * time.Minute}, failures: r.failures, log: newLog(t.Output()),
		feed: aged{r.feed, time.Now().Add(-4 * time.Hour)},
	}
	for _, name := range []string{"v", "w", "x", "y", "z"} { // 4, 3, 2, 1 and 0 hours old
		if err := r.feed.Write(t.Context(), put(name)); err != nil {
			t.Fatal(err)
		}
	}
	fold := gateway.Function{Function: stack.Function{Name: "F", Timeout: time.Second}, Handler: lambda.NewHandler(f.fold)}
	if delivered, err := p.once(t.Context(), "0", []gateway.Function{fold}); !delivered || err != nil {
		t.Fatal(delivered, err)
	}
	if given, last := r.given(t), f.batches[len(f.batches)-1]; !slices.Equal(given, []string{"v", "w"}) || !slices.Equal(last, []string{"x", "y", "z"}) || r.left(t) != 0 {
		t.Errorf("%v are given up and %v delivered", given, last)
	}
}
