package dynamo_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/tabletest"
)

// keeper plays DynamoDB for single writes and reads by key.
type keeper struct {
	mu    sync.Mutex
	items map[string]map[string]map[string]string // by key: attributes by type
}

func keyOf(attrs map[string]map[string]string) string {
	return fmt.Sprintf("%q %q", attrs["pk"]["S"], attrs["sk"]["S"])
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Item, Key                 map[string]map[string]string
		ConditionExpression       string
		ExpressionAttributeValues map[string]map[string]string
		RequestItems              map[string]struct {
			Keys []map[string]map[string]string
		}
	}
	raw, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(raw, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	status, out := http.StatusOK, map[string]any{}
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "PutItem", "DeleteItem":
		if in.Item == nil {
			in.Item = in.Key
		}
		stood := k.items[keyOf(in.Item)]
		holds := true
		switch in.ConditionExpression {
		case "attribute_not_exists(pk)":
			holds = stood == nil
		case "n = :n":
			holds = stood["n"]["N"] == in.ExpressionAttributeValues[":n"]["N"]
		}
		switch {
		case !holds:
			status, out = http.StatusBadRequest, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "as asked for"}
			if stood != nil {
				out["Item"] = stood
			}
		case action == "PutItem":
			k.items[keyOf(in.Item)] = in.Item
		default:
			delete(k.items, keyOf(in.Item))
		}
	case "GetItem":
		if item := k.items[keyOf(in.Key)]; item != nil {
			out["Item"] = item
		}
	case "BatchGetItem":
		found := map[string][]any{}
		for name, asked := range in.RequestItems {
			for _, key := range asked.Keys {
				if item := k.items[keyOf(key)]; item != nil {
					found[name] = append(found[name], item)
				}
			}
		}
		out["Responses"] = found
	default:
		status = http.StatusNotImplemented
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// losing has a server do what it is asked, and breaks the connection instead of an answer
// to a single write when lose says so.
func losing(server http.Handler, lose func() bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if (action == "PutItem" || action == "DeleteItem") && lose() {
			server.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		server.ServeHTTP(w, r)
	}
}

// through returns a table of a server whose answers get lost.
func through(t *testing.T, server http.Handler, name string, lose func() bool) table.Table {
	t.Helper()
	front := httptest.NewServer(losing(server, lose))
	t.Cleanup(front.Close)
	t.Setenv(serverVariable, front.URL)
	environment(t)
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, name)
}

func TestContractWhenAnswersAreLost(t *testing.T) {
	dynamo.HurryRetries(t)
	tabletest.RunLosing(t, func(t *testing.T, lose func() bool) table.Table {
		return through(t, &keeper{items: map[string]map[string]map[string]string{}}, "t", lose)
	})
}

func TestContractWhenAnswersOfAServerAreLost(t *testing.T) {
	environment(t)
	dynamo.HurryRetries(t)
	server, err := url.Parse(os.Getenv(serverVariable))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { // with the host that was asked: it is signed
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = server.Scheme, server.Host, r.In.Host
	}}
	tabletest.RunLosing(t, func(t *testing.T, lose func() bool) table.Table {
		_, name := create(t, false)
		return through(t, proxy, name, lose)
	})
}
