package stream_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
	"chatreports/shared/table/dynamo/stream"
	"chatreports/shared/table/embedded"
)

// server has a stream of several shards, as DynamoDB has them when a partition was divided.
type server struct {
	shards  []map[string]any
	records map[string][]string // sequence numbers, by shard
	closed  map[string]bool
	trimmed int      // sequence numbers up to this one are gone
	fails   []string // the errors of the next calls for records
	pages   int      // how many records there are in one
	again   bool     // every iterator is of the beginning
}

const arn = "arn:aws:dynamodb:r:0:table/t/stream/now"

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ ShardId, ShardIteratorType, SequenceNumber, ShardIterator string }
	raw, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(raw, &in)
	refuse := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"m"}`, code)
	}
	var answer any
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "DescribeTable":
		answer = map[string]any{"Table": map[string]any{"LatestStreamArn": arn}}
	case "DescribeStream":
		answer = map[string]any{"StreamDescription": map[string]any{"StreamArn": arn, "Shards": s.shards}}
	case "GetShardIterator":
		after := 0
		if in.ShardIteratorType == "AFTER_SEQUENCE_NUMBER" {
			after, _ = strconv.Atoi(in.SequenceNumber)
			if after < s.trimmed {
				refuse("TrimmedDataAccessException")
				return
			}
		}
		if s.again {
			after = 0
		}
		answer = map[string]any{"ShardIterator": fmt.Sprint(in.ShardId, "/", max(after, s.trimmed))}
	case "GetRecords":
		if len(s.fails) > 0 {
			refuse(s.fails[0])
			s.fails = s.fails[1:]
			return
		}
		shard, number, _ := strings.Cut(in.ShardIterator, "/")
		after, _ := strconv.Atoi(number)
		records, left := []any{}, 0
		for _, sequence := range s.records[shard] {
			n, _ := strconv.Atoi(sequence)
			if n <= after {
				continue
			}
			if len(records) == s.pages {
				left++
				continue
			}
			number = sequence
			records = append(records, map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{
				"SequenceNumber": sequence, "ApproximateCreationDateTime": 1772442000,
				"NewImage": map[string]any{"pk": map[string]string{"S": "p"}, "sk": map[string]string{"S": sequence}, "v": map[string]string{"B": "dg=="}, "n": map[string]string{"N": "1"}},
			}})
		}
		page := map[string]any{"Records": records}
		if !s.closed[shard] || left > 0 {
			page["NextShardIterator"] = shard + "/" + number
		}
		answer = page
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// open has the feed of a server; kept is what another has acknowledged.
func open(t *testing.T, s *server, kept table.Table) *stream.Feed {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": h.URL, "AWS_REGION": "r", "AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"} {
		t.Setenv(name, value)
	}
	tables, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	streams, err := stream.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stream.New(tables, streams, "t", kept)
}

func memory(t *testing.T) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("kept")
}

func next(t *testing.T, f *stream.Feed, shard string, limit int) (sorts []string, last string) {
	t.Helper()
	changes, err := f.Next(t.Context(), shard, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		sorts, last = append(sorts, c.Item.Sort), c.Sequence
		if c.At.Unix() != 1772442000 {
			t.Errorf("%s was written at %v", c.Item.Sort, c.At)
		}
	}
	return sorts, last
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func shards(t *testing.T, f *stream.Feed) []string {
	t.Helper()
	all, err := f.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A shard that follows another is told of once that one was delivered to its end, also after a
// restart, and of what was delivered nothing comes again.
func TestAShardFollowsAnother(t *testing.T) {
	s := &server{
		shards:  []map[string]any{{"ShardId": "old"}, {"ShardId": "new", "ParentShardId": "old"}, {"ShardId": "alone", "ParentShardId": "trimmed"}},
		records: map[string][]string{"old": {"98", "99", "100"}, "new": {"101"}, "alone": {"7"}},
		closed:  map[string]bool{"old": true}, pages: 2,
	}
	kept := memory(t)
	f := open(t, s, kept)
	want(t, "shards", shards(t, f), "old", "alone")
	got, last := next(t, f, "old", 2)
	want(t, "the first two", got, "98", "99")
	if err := f.Acknowledge(t.Context(), "old", last); err != nil {
		t.Fatal(err)
	}
	want(t, "shards, when one change is left", shards(t, f), "old", "alone")

	f = open(t, s, kept)
	got, last = next(t, f, "old", 10)
	want(t, "after a restart", got, "100")
	want(t, "shards, when it is not acknowledged", shards(t, f), "old", "alone")
	if err := f.Acknowledge(t.Context(), "old", last); err != nil {
		t.Fatal(err)
	}
	want(t, "shards, when all is", shards(t, f), "new", "alone")
	got, _ = next(t, f, "new", 10)
	want(t, "what follows", got, "101")
}

// An iterator that expired, and a place that the stream has no longer, are no errors; others
// are told, and what follows is read again.
func TestReadingGoesOnAfterTrouble(t *testing.T) {
	s := &server{shards: []map[string]any{{"ShardId": "a"}}, records: map[string][]string{"a": {"1", "2", "3", "4", "5"}}, pages: 2}
	kept := memory(t)
	f := open(t, s, kept)
	want(t, "shards", shards(t, f), "a")
	got, _ := next(t, f, "a", 2)
	want(t, "the first page", got, "1", "2")
	s.fails = []string{"ExpiredIteratorException"}
	got, _ = next(t, f, "a", 4)
	want(t, "an iterator that expired", got, "1", "2", "3", "4")
	s.fails = []string{"ValidationException"}
	if got, err := f.Next(t.Context(), "a", 5); err == nil {
		t.Errorf("an error is not told: %v", got)
	}
	got, last := next(t, f, "a", 5)
	want(t, "after an error", got, "1", "2", "3", "4", "5")
	if err := f.Acknowledge(t.Context(), "a", last[:2]+"2"); err != nil {
		t.Fatal(err)
	}
	got, _ = next(t, f, "a", 5)
	want(t, "after two were acknowledged", got, "3", "4", "5")

	s.trimmed = 4
	f = open(t, s, kept)
	got, last = next(t, f, "a", 5)
	want(t, "when the stream has begun anew", got, "5")
	if err := f.Acknowledge(t.Context(), "a", last); err != nil {
		t.Fatal(err)
	}

	// What the stream tells again comes again, once.
	s.trimmed, s.again, s.fails = 0, true, []string{"ExpiredIteratorException"}
	got, last = next(t, f, "a", 9)
	want(t, "from the beginning", got, "1", "2", "3", "4", "5")
	if err := f.Acknowledge(t.Context(), "a", last); err != nil {
		t.Fatal(err)
	}
	got, _ = next(t, f, "a", 9)
	want(t, "after that was acknowledged again", got)
}
