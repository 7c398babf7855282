package dynamo_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// These tests play DynamoDB's side of the wire, for the troubles that no local
// server makes: throttling, transactions in the way, answers that get lost.

// script answers each request with the next of its answers, and with the last one
// from then on.
type script struct {
	mu       sync.Mutex
	answers  []answer
	requests []request
}

type request struct {
	operation string
	body      map[string]any
}

type answer struct {
	status int
	body   string
}

// lost breaks the connection instead of an answer.
var lost = answer{}

func ok(body string) answer { return answer{200, body} }

func fault(code, more string) answer {
	return answer{400, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"as scripted"%s}`, code, more)}
}

func cancelled(reasons ...string) answer {
	var list []string
	for _, r := range reasons {
		list = append(list, fmt.Sprintf(`{"Code":%q}`, r))
	}
	return fault("TransactionCanceledException", `,"CancellationReasons":[`+strings.Join(list, ",")+`]`)
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var body map[string]any
	_ = json.Unmarshal(raw, &body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	a := s.answers[min(len(s.requests), len(s.answers)-1)]
	s.requests = append(s.requests, request{operation, body})
	s.mu.Unlock()
	if a == lost {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// play returns a table whose server answers as scripted.
func play(t *testing.T, answers ...answer) (*dynamo.Table, *script) {
	t.Helper()
	dynamo.HurryRetries(t)
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv(serverVariable, server.URL)
	environment(t)
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, "t"), s
}

func put(sort string, c table.Cond) table.Op {
	return table.Op{Item: table.Item{Key: table.Key{Part: "p", Sort: sort}, Value: []byte("v"), Version: 2}, If: c}
}

var (
	throttle  = fault("ProvisionedThroughputExceededException", "")
	condition = fault("ConditionalCheckFailedException", "")
	other     = stands("other", 2, 0)
	locked    = fault("TransactionConflictException", "")
	done      = ok(`{"ConsumedCapacity":{"TableName":"t","CapacityUnits":3}}`)
	committed = ok(`{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":4}]}`)
)

// stands is a condition that fails since a record stands there.
func stands(value string, version, expires int) answer {
	item := fmt.Sprintf(`"pk":{"S":"p"},"sk":{"S":"s"},"v":{"B":%q},"n":{"N":"%d"}`, base64.StdEncoding.EncodeToString([]byte(value)), version)
	if expires > 0 {
		item += fmt.Sprintf(`,"x":{"N":"%d"}`, expires)
	}
	return fault("ConditionalCheckFailedException", `,"Item":{`+item+`}`)
}

// outcomes of a call
const (
	fine      = "fine"
	failed    = "condition failed"
	conflict  = "conflict"
	throttled = "throttled"
	unknown   = "unknown"
)

func outcome(err error) string {
	var c *table.ConflictError
	switch {
	case err == nil:
		return fine
	case errors.As(err, &c) && len(c.Failed) > 0:
		return failed
	case errors.As(err, &c):
		return conflict
	case errors.Is(err, table.ErrThrottled):
		return throttled
	}
	return unknown
}

func TestTroubleOfASingleWrite(t *testing.T) {
	for _, c := range []struct {
		name             string
		answers          []answer
		write, each      string
		writeTries, most int // most: of PutEach, where it differs
	}{
		{"none", []answer{done}, fine, fine, 1, 1},
		{"its condition fails", []answer{condition}, failed, failed, 1, 1},
		{"throttled for a while", []answer{throttle, throttle, done}, fine, fine, 3, 3},
		{"throttled for a while, then its condition fails", []answer{throttle, condition}, failed, failed, 2, 2},
		{"throttled for good", []answer{throttle}, throttled, throttled, dynamo.MaxTries, dynamo.MaxTries},
		{"a transaction in the way", []answer{locked, locked, done}, conflict, fine, 1, 3},
		{"a transaction in the way for good", []answer{locked}, conflict, throttled, 1, dynamo.MaxTries},
		{"an answer lost", []answer{lost, done}, fine, fine, 2, 2},
		{"an answer lost, then another record stands there", []answer{lost, other}, unknown, failed, 2, 2},
		{"an answer lost, then a transaction in the way", []answer{lost, locked, done}, unknown, fine, 2, 3},
		{"an answer lost, then a transaction in the way for good", []answer{lost, locked}, unknown, unknown, 2, dynamo.MaxTries + 1},
		{"an answer lost, then throttled for good", []answer{lost, throttle}, unknown, unknown, dynamo.MaxTries, dynamo.MaxTries},
		{"an inner error, then another record stands there", []answer{{500, "{}"}, other}, unknown, failed, 2, 2},
		{"refused", []answer{fault("ValidationException", "")}, unknown, unknown, 1, 1},
	} {
		for _, verb := range []table.Verb{table.Put, table.Delete} {
			t.Run(fmt.Sprintf("%s, verb %d", c.name, verb), func(t *testing.T) {
				op := put("s", table.VersionIs(1))
				op.Verb = verb
				tab, s := play(t, c.answers...)
				if got := outcome(tab.Write(t.Context(), op)); got != c.write || len(s.requests) != c.writeTries {
					t.Errorf("write: %s after %d tries, want %s after %d", got, len(s.requests), c.write, c.writeTries)
				}
				tab, s = play(t, c.answers...)
				stood, err := tab.PutEach(t.Context(), op)
				got := outcome(err)
				if err == nil && stood[0] != nil {
					got = failed
				}
				if got != c.each || len(s.requests) != c.most {
					t.Errorf("put each: %s after %d tries, want %s after %d (%v)", got, len(s.requests), c.each, c.most, err)
				}
			})
		}
	}
}

// What stands there after an answer was lost says whether it was one's own: all of it, since
// another's may differ in any part.
func TestWhoseRecordStandsThereAfterAnAnswerWasLost(t *testing.T) {
	own := put("s", table.Absent)
	own.Item.Expires = 7
	gone := table.Op{Verb: table.Delete, Item: table.Item{Key: own.Item.Key}, If: table.VersionIs(1)}
	for _, c := range []struct {
		name    string
		op      table.Op
		answers []answer
		want    string
	}{
		{"its own", own, []answer{lost, stands("v", 2, 7)}, fine},
		{"its own, after several were lost", own, []answer{lost, lost, {500, "{}"}, throttle, locked, stands("v", 2, 7)}, fine},
		{"another value", own, []answer{lost, stands("w", 2, 7)}, failed},
		{"another version", own, []answer{lost, stands("v", 3, 7)}, failed},
		{"another expiry", own, []answer{lost, stands("v", 2, 0)}, failed},
		{"the same, and no answer was lost", own, []answer{throttle, stands("v", 2, 7)}, failed},
		{"none, of a delete", gone, []answer{lost, condition}, fine},
		{"another, of a delete", gone, []answer{lost, stands("w", 2, 0)}, failed},
		{"none, of a delete, and no answer was lost", gone, []answer{condition}, failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, s := play(t, c.answers...)
			stood, err := tab.PutEach(t.Context(), c.op)
			got := outcome(err)
			if err == nil && stood[0] != nil {
				got = failed
			}
			if got != c.want || len(s.requests) != len(c.answers) {
				t.Errorf("%s after %d tries (%v), want %s after %d", got, len(s.requests), err, c.want, len(c.answers))
			}
		})
	}
}

func TestTroubleOfATransaction(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []answer
		want    string
		failed  []int
		tokens  int // different ones
		tries   int
	}{
		{"none", []answer{committed}, fine, nil, 1, 1},
		{"conditions fail", []answer{cancelled("ConditionalCheckFailed", "None", "ConditionalCheckFailed")}, failed, []int{0, 3}, 1, 1},
		{"a condition fails and another transaction is in the way", []answer{cancelled("TransactionConflict", "None", "ConditionalCheckFailed")}, failed, []int{3}, 1, 1},
		{"another transaction in the way", []answer{cancelled("None", "TransactionConflict", "None")}, conflict, nil, 1, 1},
		{"throttled for a while", []answer{cancelled("None", "ThrottlingError", "None"), cancelled("ProvisionedThroughputExceeded"), committed}, fine, nil, 3, 3},
		{"throttled for good", []answer{cancelled("ThrottlingError")}, throttled, nil, dynamo.MaxTries, dynamo.MaxTries},
		{"throttled as a whole for a while", []answer{throttle, committed}, fine, nil, 1, 2},
		{"an answer lost", []answer{lost, committed}, fine, nil, 1, 2},
		{"an answer lost, still in progress", []answer{lost, fault("TransactionInProgressException", ""), committed}, fine, nil, 1, 3},
		{"an answer lost, then throttled for good", []answer{lost, throttle}, unknown, nil, 1, dynamo.MaxTries},
		{"refused", []answer{cancelled("ValidationError")}, unknown, nil, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, s := play(t, c.answers...)
			check := put("c", table.Always) // needs no request, but has its index
			check.Verb = table.Check
			err := tab.Write(t.Context(), put("a", table.Absent), check, put("b", table.Absent), put("d", table.Absent))
			if got := outcome(err); got != c.want || len(s.requests) != c.tries {
				t.Errorf("%s after %d tries, want %s after %d (%v)", got, len(s.requests), c.want, c.tries, err)
			}
			var e *table.ConflictError
			if errors.As(err, &e) && !slices.Equal(e.Failed, c.failed) {
				t.Errorf("operations %v failed, want %v", e.Failed, c.failed)
			}
			tokens := map[any]bool{}
			for _, r := range s.requests {
				tokens[r.body["ClientRequestToken"]] = true
			}
			if tokens[nil] || len(tokens) != c.tokens {
				t.Errorf("%d tokens, want %d: a lost answer keeps its token, a new try has a new one", len(tokens), c.tokens)
			}
		})
	}
}

func TestTroubleOfABatchGet(t *testing.T) {
	record := func(s string) string {
		return fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":%q},"v":{"B":"dg=="},"n":{"N":"2"}}`, s)
	}
	reply := func(found, left string) answer {
		return ok(`{"Responses":{"t":[` + found + `]},"UnprocessedKeys":{` + left + `},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1}]}`)
	}
	left := `"t":{"ConsistentRead":true,"Keys":[{"pk":{"S":"p"},"sk":{"S":"b"}}]}`
	all := `"t":{"ConsistentRead":true,"Keys":[{"pk":{"S":"p"},"sk":{"S":"a"}},{"pk":{"S":"p"},"sk":{"S":"b"}}]}`
	a, b := table.Key{Part: "p", Sort: "a"}, table.Key{Part: "p", Sort: "b"}

	tab, s := play(t, throttle, reply("", all), reply(record("a"), left), reply("", left), reply(record("b"), ""))
	got, err := tab.Get(t.Context(), b, a, b)
	if err != nil || len(got) != 3 || got[0].Version != 2 || got[1].Sort != "a" || got[2].Sort != "b" {
		t.Errorf("got %v, %v", got, err)
	}
	if len(s.requests) != 5 {
		t.Errorf("%d requests", len(s.requests))
	}
	for _, r := range s.requests {
		if items := r.body["RequestItems"].(map[string]any)["t"].(map[string]any); items["ConsistentRead"] != true {
			t.Errorf("a read that is not consistent: %v", items)
		}
	}
	if u := tab.Usage(); u.ReadUnits != 4 || u.Reads != 4 {
		t.Errorf("usage %+v", u)
	}

	tab, s = play(t, reply("", all))
	if _, err := tab.Get(t.Context(), a, b); !errors.Is(err, table.ErrThrottled) || len(s.requests) != dynamo.MaxTries {
		t.Errorf("got %v after %d tries", err, len(s.requests))
	}
}

func TestTroubleOfAQueryAndAScan(t *testing.T) {
	for _, c := range []struct {
		answers []answer
		want    string
	}{
		{[]answer{throttle, lost, ok(`{"Items":[]}`)}, fine},
		{[]answer{throttle}, throttled},
		{[]answer{ok(`{"Items":[{"pk":{"S":"p"}}]}`)}, unknown}, // not a record
	} {
		tab, _ := play(t, c.answers...)
		var err error
		for _, err = range tab.Query(t.Context(), table.Range{Part: "p"}) {
		}
		if got := outcome(err); got != c.want {
			t.Errorf("query: %s (%v), want %s", got, err, c.want)
		}
		for _, err = range tab.Scan(t.Context(), "p") {
		}
		if got := outcome(err); got != c.want {
			t.Errorf("scan: %s (%v), want %s", got, err, c.want)
		}
	}
}

func TestUsageIsWhatTheAnswersSay(t *testing.T) {
	tab, _ := play(t, done)
	if _, err := tab.PutEach(t.Context(), put("a", table.Always), put("b", table.Always)); err != nil {
		t.Fatal(err)
	}
	if got, want := tab.Usage(), (table.Usage{WriteUnits: 6, Writes: 2}); got != want {
		t.Errorf("of the first %+v, want %+v", got, want)
	}
	if err := tab.Write(t.Context(), put("a", table.Always)); err != nil {
		t.Fatal(err)
	}
	if got, want := tab.Usage(), (table.Usage{WriteUnits: 9, Writes: 3}); got != want {
		t.Errorf("in all %+v, want %+v", got, want)
	}
	tab, _ = play(t, cancelled("ConditionalCheckFailed", "None"))
	big := put("b", table.Always)
	big.Item.Value = make([]byte, 1500)
	_ = tab.Write(t.Context(), put("a", table.Absent), big)
	if got := tab.Usage().WriteUnits; got != 6 {
		t.Errorf("a cancelled transaction is estimated at %v units, want 6", got)
	}
}
