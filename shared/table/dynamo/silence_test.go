package dynamo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// A call that is not answered, since a connection broke unnoticed, is made again while there
// is time.
func TestACallThatIsNotAnsweredIsMadeAgain(t *testing.T) {
	dynamo.HurryRetries(t)
	dynamo.HurryAnswers(t)
	var calls atomic.Int64
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			<-over
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"B":""},"n":{"N":"7"}}}`)
	}))
	defer server.Close()
	defer close(over)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"} {
		t.Setenv(name, value)
	}
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items, err := dynamo.New(client, "t").Get(t.Context(), table.Key{Part: "p", Sort: "s"})
	if err != nil || items[0].Version != 7 || calls.Load() != 2 {
		t.Errorf("after %d calls: %+v, %v", calls.Load(), items, err)
	}
}
