package sqs_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"chatreports/shared/job"
	"chatreports/shared/job/sqs"
)

// A message is a tenant's id and a job's, in the tenant's group: so the queue is fair to
// tenants.
func TestSend(t *testing.T) {
	var sent map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &sent); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"} {
		t.Setenv(name, value)
	}
	q, err := sqs.Open(t.Context(), server.URL+"/jobs")
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Send(t.Context(), job.Name{Tenant: "acme", ID: "j1"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"QueueUrl": server.URL + "/jobs", "MessageGroupId": "acme", "MessageBody": `{"tenant":"acme","id":"j1"}`}
	if !maps.Equal(sent, want) {
		t.Errorf("sent is %v, want %v", sent, want)
	}
}
