package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/infra/loadgen/replay"
)

// server stores events by id, as the system does, and fails as it is told.
type server struct {
	t        *testing.T
	mu       sync.Mutex
	requests int
	stored   map[string]bool
	order    []string
	sizes    []int
	// trouble may answer instead; after says whether the events are stored first.
	trouble func(request int, w http.ResponseWriter) (handled bool)
	after   func(request int) (drop bool)
	limit   int // events a request may have; 0 is no limit
}

func start(t *testing.T, s *server) string {
	t.Helper()
	s.t, s.stored = t, map[string]bool{}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return h.URL
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if r.Method != http.MethodPost || r.URL.Path != "/v1/events" || r.Header.Get("Content-Type") != "application/x-ndjson" {
		s.t.Errorf("%s %s %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	if r.Header.Get("Authorization") != "Bearer secret" {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	if s.trouble != nil && s.trouble(s.requests, w) {
		return
	}
	lines := s.read(r)
	if s.limit > 0 && len(lines) > s.limit {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	s.sizes = append(s.sizes, len(lines))
	answer := map[string]any{}
	accepted, duplicates, refused := 0, 0, []any{}
	for i, l := range lines {
		var e struct{ ID string }
		if err := json.Unmarshal(l, &e); err != nil || strings.HasPrefix(e.ID, "bad") {
			refused = append(refused, map[string]any{"index": i, "id": e.ID, "code": "unknown_type", "field": "type", "message": "no"})
			continue
		}
		s.order = append(s.order, e.ID)
		if s.stored[e.ID] {
			duplicates++
			continue
		}
		s.stored[e.ID] = true
		accepted++
	}
	if s.after != nil && s.after(s.requests) {
		drop(s.t, w)
		return
	}
	answer["accepted"], answer["duplicates"], answer["refused"] = accepted, duplicates, refused
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	if len(refused) == len(lines) {
		s.t.Log("all refused")
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *server) read(r *http.Request) [][]byte {
	if r.Header.Get("Content-Encoding") != "gzip" {
		s.t.Error("not packed")
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		s.t.Error(err)
		return nil
	}
	all, err := io.ReadAll(z)
	if err != nil {
		s.t.Error(err)
	}
	return bytes.Split(bytes.TrimSuffix(all, []byte("\n")), []byte("\n"))
}

// drop closes the connection without an answer.
func drop(t *testing.T, w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = conn.Close()
}

func events(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"id\":\"e%d\"}\n", i)
	}
	return b.String()
}

func TestEveryEventIsStoredOnceThoughTheServerFails(t *testing.T) {
	s := &server{
		trouble: func(n int, w http.ResponseWriter) bool {
			switch n % 5 {
			case 1:
				w.Header().Set("Retry-After", "0")
				http.Error(w, "busy", http.StatusServiceUnavailable)
			case 2:
				drop(t, w)
			default:
				return false
			}
			return true
		},
		after: func(n int) bool { return n%5 == 3 }, // stored, but the answer is lost
	}
	retries := 0
	r, err := replay.Run(context.Background(), strings.NewReader(events(1000)), replay.Options{
		To: start(t, s), Key: "secret", Batch: 100, Parallel: 3,
		Retry: func(error, time.Duration) { s.mu.Lock(); retries++; s.mu.Unlock() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent() != 1000 || r.Refused != 0 || len(s.stored) != 1000 {
		t.Errorf("%+v, %d stored", r, len(s.stored))
	}
	if r.Duplicates == 0 || retries < 5 {
		t.Errorf("%d duplicates after lost answers, %d retries", r.Duplicates, retries)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	s := &server{trouble: func(n int, w http.ResponseWriter) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many", http.StatusTooManyRequests)
		return true
	}}
	began := time.Now()
	r, err := replay.Run(context.Background(), strings.NewReader(events(3)), replay.Options{To: start(t, s), Key: "secret"})
	if err != nil || r.Accepted != 3 {
		t.Fatal(r, err)
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("sent again after %s", took)
	}
}

func TestGivesUpAndSaysWhy(t *testing.T) {
	s := &server{trouble: func(_ int, w http.ResponseWriter) bool {
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return true
	}}
	r, err := replay.Run(context.Background(), strings.NewReader(events(3)), replay.Options{To: start(t, s), Key: "secret", GiveUp: 300 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "out of order") || r.Sent() != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if s.requests < 2 {
		t.Errorf("%d requests", s.requests)
	}
}

func TestAWrongKeyStopsAtOnce(t *testing.T) {
	s := &server{}
	_, err := replay.Run(context.Background(), strings.NewReader(events(3)), replay.Options{To: start(t, s), Key: "wrong"})
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Error(err)
	}
	if s.requests != 1 {
		t.Errorf("%d requests", s.requests)
	}
}

func TestCancellingStopsWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{trouble: func(_ int, w http.ResponseWriter) bool {
		cancel()
		w.Header().Set("Retry-After", "600")
		http.Error(w, "later", http.StatusServiceUnavailable)
		return true
	}}
	began := time.Now()
	if _, err := replay.Run(ctx, strings.NewReader(events(3)), replay.Options{To: start(t, s), Key: "secret", GiveUp: time.Hour}); err == nil {
		t.Error("no error")
	}
	if time.Since(began) > 10*time.Second {
		t.Error("waited on")
	}
}

func TestRefusalsNameTheirLines(t *testing.T) {
	in := "{\"id\":\"e1\"}\n\n{\"id\":\"bad1\"}\r\n{\"id\":\"e2\"}\nnonsense"
	for _, shuffle := range []*uint64{nil, new(uint64)} {
		r, err := replay.Run(context.Background(), strings.NewReader(in), replay.Options{
			To: start(t, &server{}), Key: "secret", Batch: 2, Parallel: 1, Shuffle: shuffle,
		})
		if err != nil || r.Accepted != 2 || r.Refused != 2 || len(r.Refusals) != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		if a, b := r.Refusals[0], r.Refusals[1]; a.Line != 3 || a.ID != "bad1" || a.Code != "unknown_type" || a.Field != "type" || b.Line != 5 {
			t.Errorf("%v", r.Refusals)
		}
	}
}

// What is before the line that is told is answered, however requests overtake one another.
func TestWhatIsReachedIsAnswered(t *testing.T) {
	const n = 3000
	var mu sync.Mutex
	answered := map[string]bool{}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		all, _ := io.ReadAll(z)
		lines := strings.Fields(string(all))
		if len(lines[0])%2 == 0 || strings.HasSuffix(lines[0], "1\"}") {
			time.Sleep(5 * time.Millisecond) // so that others overtake it
		}
		mu.Lock()
		defer mu.Unlock()
		for _, l := range lines {
			answered[l] = true
		}
		_, _ = fmt.Fprintf(w, `{"accepted":%d}`, len(lines))
	}))
	defer h.Close()
	told, last := 0, 0
	_, err := replay.Run(context.Background(), strings.NewReader(events(n)), replay.Options{To: h.URL, Key: "secret", Batch: 10, Parallel: 8, Reached: func(part string, number int) {
		mu.Lock()
		defer mu.Unlock()
		if told++; part != "" || number <= last || len(answered) < number-1 {
			t.Errorf("line %d of %q is reached after line %d, when %d are answered", number, part, last, len(answered))
		}
		last = number
	}})
	if err != nil || told < 10 || last < n/2 {
		t.Errorf("told %d times, up to line %d, %v", told, last, err)
	}
}

// What was answered is told also where a rate holds the next batch up until all were.
func TestWhatIsReachedIsToldAtARate(t *testing.T) {
	for _, rate := range []float64{0, 200} {
		s := &server{trouble: func(request int, w http.ResponseWriter) bool {
			if request > 4 {
				http.Error(w, "later", http.StatusServiceUnavailable)
			}
			return request > 4
		}}
		reached := 0
		_, err := replay.Run(t.Context(), strings.NewReader(events(50)), replay.Options{
			To: start(t, s), Key: "secret", Batch: 10, Parallel: 1, Rate: rate, GiveUp: time.Millisecond,
			Reached: func(_ string, number int) { reached = number },
		})
		if err == nil || reached != 41 {
			t.Errorf("at %v a second line %d is reached, want 41 (%v)", rate, reached, err)
		}
	}
}

func TestABatchThatIsTooLargeGoesInHalves(t *testing.T) {
	s := &server{limit: 30}
	r, err := replay.Run(context.Background(), strings.NewReader(events(100)), replay.Options{To: start(t, s), Key: "secret"})
	if err != nil || r.Accepted != 100 || slices.Max(s.sizes) > 30 {
		t.Errorf("%+v, %v, sizes %v", r, err, s.sizes)
	}
}

func TestBatchesKeepToTheLimits(t *testing.T) {
	s := &server{}
	big := strings.Repeat("x", 200<<10)
	var in strings.Builder
	for i := range 60 { // 12 MB
		fmt.Fprintf(&in, "{\"id\":\"e%d\",\"text\":\"%s\"}\n", i, big)
	}
	in.WriteString(events(1200))
	r, err := replay.Run(context.Background(), strings.NewReader(in.String()), replay.Options{To: start(t, s), Key: "secret", Parallel: 1})
	if err != nil || r.Sent() != 1260 {
		t.Fatal(r, err)
	}
	if len(s.sizes) < 5 || s.sizes[0] != 25 || slices.Max(s.sizes) != replay.MaxRequestEvents {
		t.Errorf("sizes %v", s.sizes)
	}
}

func TestPackedInputIsUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, events(10))
	_ = z.Close()
	r, err := replay.Run(context.Background(), &packed, replay.Options{To: start(t, &server{}), Key: "secret"})
	if err != nil || r.Accepted != 10 {
		t.Error(r, err)
	}
}

func TestInputThatBreaksOffIsAnError(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, events(1000))
	_ = z.Close()
	packed.Truncate(packed.Len() / 2)
	if _, err := replay.Run(context.Background(), &packed, replay.Options{To: start(t, &server{}), Key: "secret"}); err == nil {
		t.Error("no error")
	}
}

func TestShuffleDealsTheSameOrderForTheSameSeed(t *testing.T) {
	order := func(seed uint64) []string {
		s := &server{}
		if _, err := replay.Run(context.Background(), strings.NewReader(events(50)), replay.Options{
			To: start(t, s), Key: "secret", Batch: 7, Parallel: 1, Shuffle: &seed,
		}); err != nil {
			t.Fatal(err)
		}
		return s.order
	}
	a, b, c := order(1), order(1), order(2)
	if !slices.Equal(a, b) || slices.Equal(a, c) || len(a) != 50 {
		t.Errorf("%v\n%v\n%v", a, b, c)
	}
}

func TestRateIsALimit(t *testing.T) {
	began := time.Now()
	r, err := replay.Run(context.Background(), strings.NewReader(events(60)), replay.Options{
		To: start(t, &server{}), Key: "secret", Batch: 10, Rate: 100,
	})
	if err != nil || r.Accepted != 60 {
		t.Fatal(r, err)
	}
	if took := time.Since(began); took < 450*time.Millisecond {
		t.Errorf("60 events at 100 a second took %s", took)
	}
}

func TestAnAnswerThatLeavesEventsOutIsAnError(t *testing.T) {
	s := &server{trouble: func(_ int, w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"accepted":2,"duplicates":0,"refused":[]}`)
		return true
	}}
	if _, err := replay.Run(context.Background(), strings.NewReader(events(3)), replay.Options{To: start(t, s), Key: "secret"}); err == nil {
		t.Error("no error")
	}
}

func TestMistakesInTheOptionsAreNamed(t *testing.T) {
	for _, o := range []replay.Options{{To: "127.0.0.1:8080"}, {To: "http://x", Batch: 501}, {To: "http://x", Parallel: -1}} {
		if _, err := replay.Run(context.Background(), strings.NewReader(""), o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

func TestSummary(t *testing.T) {
	r := replay.Result{Accepted: 67333}
	if got, want := r.Summary(12300*time.Millisecond), "sent 67333: accepted 67333, duplicates 0, refused 0 in 12.3 s (5474 events/s)"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
