package functions

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// With storage that takes calls and never answers, every function says so before Lambda
// would kill it: by 503 where somebody waits for an answer, else by an error.
func TestEveryFunctionEndsInTimeWhereStorageIsSilent(t *testing.T) {
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(over) })
	env := []string{
		"AWS_ENDPOINT_URL=" + silent.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s",
		"JOURNAL_TABLE=j", "STATE_TABLE=s", "OBJECT_BUCKET=o", "FAILURE_BUCKET=f", "JOB_QUEUE=" + silent.URL + "/q",
	}
	for name, call := range calls(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startFunction(t, filepath.Join(programs, name), env...)
			r.has = 4 * time.Second
			if _, http := call.(events.APIGatewayV2HTTPRequest); !http {
				if b := r.call(call); !b.failed {
					t.Errorf("it took %s for done", b.body)
				}
				return
			}
			want := http.StatusServiceUnavailable
			if name == "dashboard" {
				want = http.StatusOK
			}
			var response events.APIGatewayV2HTTPResponse
			r.invoke(call, &response)
			if response.StatusCode != want {
				t.Errorf("the answer is %d %s, want %d", response.StatusCode, response.Body, want)
			}
		})
	}
}
