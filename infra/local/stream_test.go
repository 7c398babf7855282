package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/infra/local/gateway"
	"chatreports/infra/local/stack"
	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/embedded"
)

// folder is a function behind a pump: it notes what it is given, and fails.
type folder struct {
	mu      sync.Mutex
	batches [][]string // names of the records of each call
	poison  string     // reported as failed
	broken  string     // fails the whole call
	trouble int        // calls that fail whatever is in them
}

func (f *folder) fold(_ context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	var response events.DynamoDBEventResponse
	for _, r := range e.Records {
		item, err := dynamo.FromImage(r.Change.NewImage)
		if err != nil {
			return response, err
		}
		names = append(names, item.Sort)
		if item.Sort == f.poison {
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	f.batches = append(f.batches, names)
	if f.trouble > 0 {
		f.trouble--
		return response, errors.New("trouble")
	}
	if f.broken != "" && strings.Contains(strings.Join(names, ""), f.broken) {
		return response, errors.New("broken")
	}
	return response, nil
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
	failures string
	stop     func()
}

// pumpInto writes records a to e and pumps them into f.
func pumpInto(t *testing.T, f *folder, st stack.Stream) rig {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	r := rig{feed: db.FeedTable("t"), failures: filepath.Join(t.TempDir(), "failures")}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if err := r.feed.Write(context.Background(), put(name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &pump{
		Stream: st, feed: r.feed, failures: r.failures, log: newLog(t.Output()), draining: make(chan struct{}),
		function: gateway.Function{Function: stack.Function{Name: "F", Timeout: time.Second}, Handler: lambda.NewHandler(f.fold)},
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

// kept lists the records in the failure directory.
func (r rig) kept(t *testing.T) (names string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(r.failures, "*.json"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var record struct{ Payload string }
		var e events.DynamoDBEvent
		if err := errors.Join(json.Unmarshal(raw, &record), json.Unmarshal([]byte(record.Payload), &e)); err != nil {
			t.Fatal(err)
		}
		for _, r := range e.Records {
			item, err := dynamo.FromImage(r.Change.NewImage)
			if err != nil || string(item.Value) != item.Sort {
				t.Errorf("the record kept is not whole: %+v, %v", item, err)
			}
			names += item.Sort
		}
		names += ";"
	}
	return names
}

func TestChangesAreDelivered(t *testing.T) {
	lambdaLike := stack.Stream{Table: "t", BatchSize: 10, Retries: 2, Bisect: true, PartialFailures: true, FailuresKept: true}
	small := lambdaLike
	small.BatchSize = 2
	for name, c := range map[string]struct {
		f      *folder
		stream stack.Stream
		kept   string
		calls  int
	}{
		"in one batch":                        {&folder{}, lambdaLike, "", 1},
		"in small batches":                    {&folder{}, small, "", 3},
		"after trouble that passes, in parts": {&folder{trouble: 2}, lambdaLike, "", 5},
		"around a record that cannot be folded, which is kept with what came with it": {&folder{poison: "c"}, lambdaLike, "cde;", 3},
		"around a record that fails the whole call, which is kept alone":              {&folder{broken: "c"}, lambdaLike, "c;", 7},
	} {
		t.Run(name, func(t *testing.T) {
			r := pumpInto(t, c.f, c.stream)
			r.stop()
			names, calls := c.f.seen()
			if len(names) != 5 || r.left(t) != 0 {
				t.Errorf("delivered %v, %d left", names, r.left(t))
			}
			if got := r.kept(t); got != c.kept {
				t.Errorf("kept %q, want %q", got, c.kept)
			}
			if calls != c.calls {
				t.Errorf("%d calls, want %d: %v", calls, c.calls, c.f.batches)
			}
		})
	}
}

func TestWhatComesLaterIsDeliveredInItsWindow(t *testing.T) {
	f := &folder{}
	r := pumpInto(t, f, stack.Stream{Table: "t", BatchSize: 10, Window: 50 * time.Millisecond, Retries: 2})
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
