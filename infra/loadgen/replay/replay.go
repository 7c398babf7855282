// Package replay sends recorded events to a server, as fast as it takes them and
// no faster. In: lines of newline-delimited JSON, packed or not. Out: how many were
// accepted, known already, or refused and why. It knows nothing of what is in an
// event.
package replay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// Options say where to and how.
type Options struct {
	To  string // the server, such as http://127.0.0.1:8080
	Key string // a secret with the scope events:write

	Shuffle  *uint64 // seed of a random order; nil keeps the order of the file
	Batch    int     // events a request, at most and by default 500
	Parallel int     // requests at a time; default 4
	Rate     float64 // events a second, at most; 0 is no limit
	// GiveUp is how long one batch is tried again; default 2 minutes.
	GiveUp time.Duration
	// Keep is how many refusals Result keeps; default 10.
	Keep int

	// Progress, where set, is told about every answer, one call at a time.
	Progress func(Result)
	// Retry, where set, is told why a batch is sent again and after what wait.
	Retry func(err error, wait time.Duration)
	// Reached, where set, is told of a line before which all are answered: sending can go on
	// there. Calls come one at a time, and never go back. It is not for a shuffle.
	Reached func(part string, number int)
}

// Refusal is an event that the server did not take.
type Refusal struct {
	Part                     string
	Line                     int
	ID, Code, Field, Message string
}

func (r Refusal) String() string {
	return fmt.Sprintf("%s: %s %s: %s (id %q)", Place(r.Part, r.Line), r.Code, r.Field, r.Message, r.ID)
}

// Result counts events. What is neither accepted, duplicate nor refused is not
// known to be stored.
type Result struct {
	Accepted, Duplicates, Refused int
	Refusals                      []Refusal // the first that came, by line
}

// Sent is how many events the server has answered for.
func (r Result) Sent() int { return r.Accepted + r.Duplicates + r.Refused }

// Summary is the line that a run ends with.
func (r Result) Summary(took time.Duration) string {
	perSecond := 0.0
	if s := took.Seconds(); s > 0 {
		perSecond = float64(r.Sent()) / s
	}
	return fmt.Sprintf("sent %d: accepted %d, duplicates %d, refused %d in %.1f s (%.0f events/s)",
		r.Sent(), r.Accepted, r.Duplicates, r.Refused, took.Seconds(), perSecond)
}

func (o Options) withDefaults() (Options, error) {
	if !strings.HasPrefix(o.To, "http://") && !strings.HasPrefix(o.To, "https://") {
		return o, fmt.Errorf("the server is %q; it should be a URL such as http://127.0.0.1:8080", o.To)
	}
	if o.Batch == 0 {
		o.Batch = MaxRequestEvents
	}
	if o.Batch < 1 || o.Batch > MaxRequestEvents {
		return o, fmt.Errorf("%d events a request; it should be from 1 to %d", o.Batch, MaxRequestEvents)
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Parallel < 1 || o.Rate < 0 {
		return o, errors.New("requests at a time should be at least 1 and the rate at least 0")
	}
	if o.GiveUp == 0 {
		o.GiveUp = 2 * time.Minute
	}
	if o.Keep == 0 {
		o.Keep = 10
	}
	if o.Retry == nil {
		o.Retry = func(error, time.Duration) {}
	}
	if o.Progress == nil {
		o.Progress = func(Result) {}
	}
	return o, nil
}

// Run sends every line of in, which may be gzip'ed. It ends at the first batch that cannot be
// stored; sending everything again afterwards is harmless. The result holds in either case
// for what was answered.
func Run(ctx context.Context, in io.Reader, o Options) (Result, error) {
	return Send(ctx, func(each func(Line) error) error { return Lines(in, each) }, o)
}

// Send is Run of lines that come one after the other. An error of theirs ends it.
func Send(ctx context.Context, lines func(each func(Line) error) error, o Options) (Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Result{}, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		MaxIdleConnsPerHost: o.Parallel,
		IdleConnTimeout:     time.Minute,
	}
	defer transport.CloseIdleConnections()
	s := &sender{
		client: &http.Client{
			Transport:     transport,
			Timeout:       time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		url: strings.TrimSuffix(o.To, "/") + "/v1/events", key: o.Key, giveUp: o.GiveUp, retried: o.Retry,
	}
	limit := rate.NewLimiter(rate.Inf, o.Batch)
	if o.Rate > 0 {
		limit.SetLimit(rate.Limit(o.Rate))
	}
	t := tally{keep: o.Keep, progress: o.Progress, reached: o.Reached}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Parallel)
	readErr := readBatches(lines, o.Batch, o.Shuffle, func(b batch) error {
		if err := limit.WaitN(ctx, len(b)); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		sent := t.begin(b)
		group.Go(func() error {
			if err := s.send(ctx, b, t.add); err != nil {
				return err
			}
			t.end(sent)
			return nil
		})
		return nil
	})
	// What went wrong with a batch is why the reading was cut short, not the reverse.
	err = group.Wait()
	slices.SortStableFunc(t.result.Refusals, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Part, b.Part), a.Line-b.Line)
	})
	if err != nil {
		return t.result, err
	}
	return t.result, readErr
}

// tally adds up the answers.
type tally struct {
	mu       sync.Mutex
	keep     int
	progress func(Result)
	reached  func(part string, number int)
	result   Result

	// Batches count up; begun are those not answered yet.
	batches int
	begun   map[int]Line // the first line of each
	first   int          // the first that was not answered when reached was told last
}

func (t *tally) add(b batch, a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result.Accepted += a.Accepted
	t.result.Duplicates += a.Duplicates
	t.result.Refused += len(a.Refused)
	for _, r := range a.Refused {
		if len(t.result.Refusals) < t.keep {
			at := &b[r.Index]
			t.result.Refusals = append(t.result.Refusals, Refusal{at.Part, at.Number, r.ID, r.Code, r.Field, r.Message})
		}
	}
	t.progress(t.result)
}

// begin notes a batch that is sent. Those before it may all be answered: where a rate holds
// sending up, there is none on its way when the last one is.
func (t *tally) begin(b batch) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun == nil {
		t.begun = map[int]Line{}
	}
	t.batches++
	t.begun[t.batches] = Line{Part: b[0].Part, Number: b[0].Number}
	t.tell()
	return t.batches
}

// end notes that it was answered.
func (t *tally) end(sent int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.begun, sent)
	t.tell()
}

// tell tells from where on some are not answered, if more are than were when it told so last.
func (t *tally) tell() {
	from := max(t.first, 1)
	for n := from; n <= t.batches; n++ {
		if l, ok := t.begun[n]; ok {
			if n > from && t.reached != nil {
				t.first = n
				t.reached(l.Part, l.Number)
			}
			return
		}
	}
}
