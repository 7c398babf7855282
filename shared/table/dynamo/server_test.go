package dynamo_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/dynamo/stream"
	"chatreports/shared/table/tabletest"
)

// serverVariable names the server that these tests run against.
const serverVariable = "CHATREPORTS_DYNAMODB"

// environment makes dynamo.Client and stream.Client connect to the server, or skips.
func environment(t *testing.T) {
	t.Helper()
	url := os.Getenv(serverVariable)
	if url == "" {
		t.Skipf("needs a server: start one (dynoxide serve --port 8002) and set %s=http://127.0.0.1:8002", serverVariable)
	}
	for _, v := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "AWS_SESSION_TOKEN"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
}

var tables atomic.Int64

// create makes an empty table of its own for the test.
func create(t *testing.T, stream bool) (*dynamodb.Client, string) {
	t.Helper()
	environment(t)
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test-%x-%d", time.Now().UnixNano(), tables.Add(1))
	if err := dynamo.Create(t.Context(), client, name, stream); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
	})
	return client, name
}

func TestContract(t *testing.T) {
	environment(t)
	tabletest.Run(t, func(t *testing.T) table.Table {
		client, name := create(t, false)
		return dynamo.New(client, name)
	})
}

func TestFeedContract(t *testing.T) {
	environment(t)
	tabletest.RunFeed(t, func(t *testing.T) tabletest.FeedTable {
		client, name := create(t, true)
		streams, err := stream.Client(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, kept := create(t, false)
		open := func(*testing.T) table.Feed { return stream.New(client, streams, name, dynamo.New(client, kept)) }
		return tabletest.FeedTable{Table: dynamo.New(client, name), Feed: open(t), Reopen: open}
	})
}

// TestUsageOfAServer checks the prices that the design counts on. What transactions
// cost is left out: not every local server says it right.
func TestUsageOfAServer(t *testing.T) {
	client, name := create(t, false)
	tab := dynamo.New(client, name)
	small, large := put("small", table.Absent), put("large", table.Absent)
	large.Item.Value = make([]byte, 2000)
	for _, c := range []struct {
		name string
		call func() error
		want table.Usage
	}{
		{"put up to 1 KB", func() error { return tab.Write(t.Context(), small) }, table.Usage{WriteUnits: 1, Writes: 1}},
		{"put up to 2 KB", func() error { return tab.Write(t.Context(), large) }, table.Usage{WriteUnits: 2, Writes: 1}},
		{"a condition that fails", func() error {
			_, err := tab.PutEach(t.Context(), small)
			return err
		}, table.Usage{WriteUnits: 1, Writes: 1}},
		{"get up to 4 KB", func() error {
			_, err := tab.Get(t.Context(), small.Item.Key)
			return err
		}, table.Usage{ReadUnits: 1, Reads: 1}},
		{"get of two", func() error {
			_, err := tab.Get(t.Context(), small.Item.Key, large.Item.Key)
			return err
		}, table.Usage{ReadUnits: 2, Reads: 1}},
		{"query up to 4 KB in all", func() error {
			for _, err := range tab.Query(t.Context(), table.Range{Part: "p"}) {
				if err != nil {
					return err
				}
			}
			return nil
		}, table.Usage{ReadUnits: 1, Reads: 1}},
	} {
		before := tab.Usage()
		if err := c.call(); err != nil {
			t.Fatal(c.name, err)
		}
		got := tab.Usage()
		got.ReadUnits -= before.ReadUnits
		got.WriteUnits -= before.WriteUnits
		got.Reads -= before.Reads
		got.Writes -= before.Writes
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
