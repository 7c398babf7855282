package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// faults stands in front of a server of DynamoDB's or S3's protocol, and has calls go wrong in
// the ways in which they do on AWS.
type faults struct {
	url    string
	server *httputil.ReverseProxy
	out    string         // what goes wrong in an outage
	only   []string       // if it is set, nothing else does
	every  map[string]int // which of an action's calls go wrong: the third, the sixth and so on
	others int            // which of all others; 0: none

	mu       sync.Mutex
	until    time.Time      // of an outage
	calls    map[string]int // by action, those in an outage left out
	injected map[string]int // by kind
}

// manyFaults is how often each action goes wrong where all do.
var manyFaults = map[string]int{"TransactWriteItems": 3, "BatchGetItem": 4, "PutItem": 12, "Query": 20, "GetRecords": 5, "GetShardIterator": 2, "S3": 15}

// newFaults puts faults in front of a server.
func newFaults(t *testing.T, server, out string) *faults {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	f := &faults{out: out, every: manyFaults, others: 33, calls: map[string]int{}, injected: map[string]int{}}
	f.server = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { // with the host that was asked: it is signed
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 100},
		ErrorLog:  log.New(io.Discard, "", 0), // of who gave up
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// Codes of DynamoDB's errors, and what is no error of its.
const (
	throttled = "ProvisionedThroughputExceededException"
	internal  = "InternalServerError"
	conflict  = "TransactionConflictException"
	cancelled = "TransactionCanceledException"
	expired   = "ExpiredIteratorException"
	noAnswer  = "no answer"

	answerLost = "answer lost"
)

func (f *faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, action, dynamo := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !dynamo {
		f.objects(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	kinds := []string{throttled, internal, answerLost, noAnswer}
	switch action {
	case "BatchGetItem":
		kinds = append([]string{"batch answered in part"}, kinds...)
	case "TransactWriteItems":
		kinds = append([]string{cancelled + " TransactionConflict", cancelled + " ThrottlingError"}, kinds...)
	case "PutItem", "DeleteItem":
		kinds = append([]string{conflict}, kinds...)
	case "GetRecords":
		kinds = append([]string{expired, expired, expired}, kinds...)
	case "GetShardIterator":
		kinds = append([]string{"records repeated"}, kinds...)
	case "CreateTable", "DescribeTable", "UpdateTimeToLive":
		kinds = kinds[:1]
	}
	switch kind := f.next(action, kinds); kind {
	case "":
		f.server.ServeHTTP(w, r)
	case answerLost:
		f.server.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // the connection is closed
	case noAnswer: // until it is given up
		f.server.ServeHTTP(httptest.NewRecorder(), r)
		select {
		case <-r.Context().Done():
		case <-time.After(30 * time.Second):
		}
	case "batch answered in part":
		f.part(w, r, body)
	case "records repeated":
		f.repeat(w, r, body)
	default:
		code, reason, _ := strings.Cut(kind, " ")
		status, answer := http.StatusBadRequest, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": "injected"}
		if code == internal {
			status = http.StatusInternalServerError
		}
		if reason != "" {
			answer["CancellationReasons"] = reasons(body, reason)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// outage has every call go wrong for some time.
func (f *faults) outage(lasts time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = time.Now().Add(lasts)
}

// lose has every nth answer to an action get lost, and nothing else go wrong.
func (f *faults) lose(action string, nth int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.only, f.every, f.others = []string{answerLost}, map[string]int{action: nth}, 0
}

// next is what goes wrong with a call; empty: nothing.
func (f *faults) next(action string, kinds []string) (kind string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Now().Before(f.until) {
		f.injected["outage"]++
		return f.out
	}
	f.calls[action]++
	n := cmp.Or(f.every[action], f.others)
	if n == 0 || f.calls[action]%n > 0 {
		return ""
	}
	if f.only != nil {
		kinds = f.only
	}
	turn := f.calls[action]/n - 1
	kind = kinds[turn%len(kinds)]
	if kind == noAnswer && turn/len(kinds)%4 > 0 { // each takes seconds
		kind = throttled
	}
	f.injected[kind]++
	return kind
}

// reasons are why a transaction was cancelled: its first operation was in somebody's way.
func reasons(body []byte, reason string) (all []map[string]string) {
	var in struct{ TransactItems []any }
	_ = json.Unmarshal(body, &in)
	for range in.TransactItems {
		all = append(all, map[string]string{"Code": "None"})
	}
	if len(all) > 0 {
		all[0] = map[string]string{"Code": reason, "Message": "injected"}
	}
	return all
}

// part answers half of a batch's keys, and gives the others back.
func (f *faults) part(w http.ResponseWriter, r *http.Request, body []byte) {
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	left := map[string]any{}
	for name, v := range in["RequestItems"].(map[string]any) {
		of := v.(map[string]any)
		keys := of["Keys"].([]any)
		rest := maps.Clone(of)
		rest["Keys"], of["Keys"] = keys[(len(keys)+1)/2:], keys[:(len(keys)+1)/2]
		if len(keys) > 1 {
			left[name] = rest
		}
	}
	answer := f.instead(r, in)
	out := map[string]any{}
	_ = json.Unmarshal(answer.Body.Bytes(), &out)
	out["UnprocessedKeys"] = left
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_ = json.NewEncoder(w).Encode(out)
}

// repeat has a shard told from its beginning again, where it should go on.
func (f *faults) repeat(w http.ResponseWriter, r *http.Request, body []byte) {
	var in map[string]any
	_ = json.Unmarshal(body, &in)
	in["ShardIteratorType"] = "TRIM_HORIZON"
	delete(in, "SequenceNumber")
	answer := f.instead(r, in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// instead asks the server something else.
func (f *faults) instead(r *http.Request, in map[string]any) *httptest.ResponseRecorder {
	raw, _ := json.Marshal(in)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	r.Header.Set("Content-Length", fmt.Sprint(len(raw)))
	r.Header.Set("Accept-Encoding", "identity")
	answer := httptest.NewRecorder()
	f.server.ServeHTTP(answer, r)
	return answer
}

// objects has calls of S3 go wrong. What makes a bucket does not.
func (f *faults) objects(w http.ResponseWriter, r *http.Request) {
	kinds := []string{"S3's answer lost", "InternalError", "SlowDown"}
	if strings.Count(strings.Trim(r.URL.Path, "/"), "/") == 0 && r.Method == http.MethodPut {
		f.server.ServeHTTP(w, r)
		return
	}
	switch kind := f.next("S3", kinds); kind {
	case "":
		f.server.ServeHTTP(w, r)
	case "S3's answer lost":
		f.server.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(map[string]int{"SlowDown": http.StatusServiceUnavailable, "InternalError": http.StatusInternalServerError}[kind])
		_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>injected</Message></Error>`, kind)
	}
}

// tell says how much went wrong, and in which ways: in each of these at least.
func (f *faults) tell(t *testing.T, of string, kinds ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	total, calls := 0, 0
	for _, kind := range kinds {
		if f.injected[kind] == 0 {
			t.Errorf("%s: %s was never tried", of, kind)
		}
	}
	for _, n := range f.calls {
		calls += n
	}
	calls += f.injected["outage"]
	for _, kind := range slices.Sorted(maps.Keys(f.injected)) {
		t.Logf("%s: %5d %s", of, f.injected[kind], kind)
		total += f.injected[kind]
	}
	t.Logf("%s: %d of %d calls went wrong", of, total, calls)
}
