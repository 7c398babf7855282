package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
)

// folder is a function behind a pump: it notes what it is given, and fails.
type folder struct {
	mu      sync.Mutex
	batches [][]string // names of the records of each call
	broken  string     // fails the whole call
	mends   int        // calls after which it does no longer
	trouble int        // calls that fail whatever is in them
	partly  string     // is what it does not take, and says so
}

func (f *folder) fold(_ context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	var answer events.DynamoDBEventResponse
	err := f.take(e)
	for _, r := range e.Records {
		if f.partly != "" && r.Change.Keys["sk"].String() == f.partly && len(f.batches) <= f.mends {
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return answer, err
}

func (f *folder) take(e events.DynamoDBEvent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, r := range e.Records {
		item, err := dynamo.FromImage(r.Change.NewImage)
		if err != nil {
			return err
		}
		names = append(names, item.Sort)
	}
	f.batches = append(f.batches, names)
	if f.trouble > 0 {
		f.trouble--
		return errors.New("trouble")
	}
	if f.broken != "" && len(f.batches) <= f.mends && strings.Contains(strings.Join(names, ""), f.broken) {
		return errors.New("broken")
	}
	return nil
}

// seen lists the records given so far, each once, and the calls.
func (f *folder) seen() (names map[string]bool, calls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	names = map[string]bool{}
	for _, b := range f.batches {
		for _, n := range b {
			names[n] = true
		}
	}
	return names, len(f.batches)
}

type rig struct {
	feed     embedded.FeedTable
	failures object.Store
	stop     func()
}

// pumpInto writes records a to e and pumps them into f.
func pumpInto(t *testing.T, f *folder, st stack.Stream) rig {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	r := rig{feed: db.FeedTable("t")}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if err := r.feed.Write(context.Background(), put(name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	if r.failures, err = directory.Open(t.TempDir(), time.Now, directory.NoSync); err != nil {
		t.Fatal(err)
	}
	p := &pump{
		Stream: st, feed: r.feed, failures: r.failures, log: newLog(t.Output()), draining: make(chan struct{}),
		function: gateway.Function{
			Function: stack.Function{Name: "F", Timeout: time.Second}, Build: func() lambda.Handler { return lambda.NewHandler(f.fold) },
		},
	}
	var done sync.WaitGroup
	done.Go(func() { p.run(ctx) })
	r.stop = func() { close(p.draining); done.Wait() }
	t.Cleanup(func() { cancel(); done.Wait(); db.Close() })
	return r
}

func put(name string) table.Op {
	return table.Op{Item: table.Item{Key: table.Key{Part: "p", Sort: name}, Value: []byte(name), Version: 1}}
}

func (r rig) left(t *testing.T) int {
	t.Helper()
	changes, err := r.feed.Next(context.Background(), "0", 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(changes)
}

func TestChangesAreDelivered(t *testing.T) {
	lambdaLike := stack.Stream{Table: "t", BatchSize: 10, Bisect: true, Retries: -1}
	small, whole, partial := lambdaLike, lambdaLike, lambdaLike
	small.BatchSize, whole.Bisect, partial.Bisect, partial.Partial = 2, false, false, true
	for name, c := range map[string]struct {
		f      *folder
		stream stack.Stream
		calls  int
	}{
		"in one batch":                                          {&folder{}, lambdaLike, 1},
		"in small batches":                                      {&folder{}, small, 3},
		"after trouble that passes, in parts":                   {&folder{trouble: 2}, lambdaLike, 5},
		"after trouble that passes, whole":                      {&folder{trouble: 2}, whole, 3},
		"around a record that fails the whole call for a while": {&folder{broken: "c", mends: 6}, lambdaLike, 8},
		"from where on the function says":                       {&folder{partly: "c", mends: 3}, partial, 4},
	} {
		t.Run(name, func(t *testing.T) {
			r := pumpInto(t, c.f, c.stream)
			r.stop()
			names, calls := c.f.seen()
			if len(names) != 5 || r.left(t) != 0 {
				t.Errorf("delivered %v, %d left", names, r.left(t))
			}
			if calls != c.calls {
				t.Errorf("%d calls, want %d: %v", calls, c.calls, c.f.batches)
			}
		})
	}
}

// Several calls work on a shard at once; what is of one partition stays in order.
func TestPartitionsAreDeliveredBesideOneAnother(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	feed := db.FeedTable("t")
	for i := range 60 {
		op := put(fmt.Sprintf("%02d", i))
		op.Item.Part = fmt.Sprint("p", i%6)
		if err := feed.Write(t.Context(), op); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	var atOnce, most, made int
	last := map[string]string{}
	fold := func(_ context.Context, e events.DynamoDBEvent) error {
		mu.Lock()
		atOnce++
		most = max(most, atOnce)
		for _, r := range e.Records {
			part, sort := r.Change.Keys["pk"].String(), r.Change.Keys["sk"].String()
			if sort <= last[part] {
				t.Errorf("%s of %s comes after %s", sort, part, last[part])
			}
			last[part] = sort
		}
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		atOnce--
		return nil
	}
	p := &pump{
		Stream: stack.Stream{Table: "t", BatchSize: 5, Parallel: 3, Retries: -1}, feed: feed, log: newLog(t.Output()), draining: make(chan struct{}),
		function: gateway.Function{Function: stack.Function{Name: "F", Timeout: time.Second}, Build: func() lambda.Handler { made++; return lambda.NewHandler(fold) }},
	}
	close(p.draining)
	p.run(t.Context())
	if len(last) != 6 || most < 2 || made != 3 {
		t.Errorf("%d partitions, %d calls at once at most, of %d functions", len(last), most, made)
	}
}

// forked is a feed of two shards, each a feed of its own.
type forked struct {
	embedded.FeedTable
	other embedded.FeedTable
}

func (f *forked) of(shard string) embedded.FeedTable {
	if shard == "1" {
		return f.other
	}
	return f.FeedTable
}

func (f *forked) Shards(context.Context) ([]string, error) {
	return []string{"0", "1"}, nil
}

func (f *forked) Next(ctx context.Context, shard string, limit int) ([]table.Change, error) {
	return f.of(shard).Next(ctx, "0", limit)
}

func (f *forked) Acknowledge(ctx context.Context, shard, sequence string) error {
	return f.of(shard).Acknowledge(ctx, "0", sequence)
}

// Each shard is delivered by itself: one whose function fails keeps no other waiting.
func TestAShardThatFailsHoldsUpNoOther(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f := &forked{FeedTable: db.FeedTable("a"), other: db.FeedTable("b")}
	for name, to := range map[string]embedded.FeedTable{"broken": f.FeedTable, "whole": f.other} {
		if err := to.Write(t.Context(), put(name)); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	fold := func(_ context.Context, e events.DynamoDBEvent) error {
		if e.Records[0].Change.Keys["sk"].String() == "whole" {
			close(done)
			return nil
		}
		select {
		case <-done:
			return nil
		default:
			return errors.New("broken")
		}
	}
	p := &pump{
		Stream: stack.Stream{Table: "t", BatchSize: 5, Parallel: 1, Retries: -1}, feed: f, log: newLog(t.Output()), draining: make(chan struct{}),
		function: gateway.Function{Function: stack.Function{Name: "F", Timeout: time.Second}, Build: func() lambda.Handler { return lambda.NewHandler(fold) }},
	}
	close(p.draining)
	p.run(t.Context())
	for shard := range 2 {
		if left, err := f.Next(t.Context(), fmt.Sprint(shard), 10); err != nil || len(left) > 0 {
			t.Errorf("%d changes of shard %d are left, %v", len(left), shard, err)
		}
	}
}

func TestWhatComesLaterIsDeliveredInItsWindow(t *testing.T) {
	f := &folder{}
	r := pumpInto(t, f, stack.Stream{Table: "t", BatchSize: 10, Window: 50 * time.Millisecond, Retries: -1})
	for i := range 5 {
		if err := r.feed.Write(context.Background(), put(fmt.Sprint("x", i))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	for range 100 {
		if names, _ := f.seen(); len(names) == 10 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	names, calls := f.seen()
	if len(names) != 10 || calls > 5 {
		t.Errorf("%d records in %d calls, want 10 in a few", len(names), calls)
	}
	r.stop()
}
