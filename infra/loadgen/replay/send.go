package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v7"
)

// answer is what the server says about one request.
type answer struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	Refused    []struct {
		Index   int    `json:"index"`
		ID      string `json:"id"`
		Code    string `json:"code"`
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"refused"`
}

var errTooLarge = errors.New("the server finds the request too large")

// sender puts batches to one server.
type sender struct {
	client  *http.Client
	url     string
	key     string
	giveUp  time.Duration
	retried func(err error, wait time.Duration)
}

// send puts one batch and sends it again for as long as the server asks for it or
// cannot be reached. A batch that is too large goes in halves.
func (s *sender) send(ctx context.Context, b batch, each func(batch, answer)) error {
	body, err := b.body()
	if err != nil {
		return fmt.Errorf("pack what begins with %s: %w", Place(b[0].Part, b[0].Number), err)
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 100*time.Millisecond, 10*time.Second
	a, err := backoff.Retry(ctx, func() (answer, error) { return s.try(ctx, body, len(b)) },
		backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(s.giveUp), backoff.WithNotify(s.retried))
	if errors.Is(err, errTooLarge) && len(b) > 1 {
		if err := s.send(ctx, b[:len(b)/2], each); err != nil {
			return err
		}
		return s.send(ctx, b[len(b)/2:], each)
	}
	if err != nil {
		return fmt.Errorf("%d events from %s: %w", len(b), Place(b[0].Part, b[0].Number), reason(err))
	}
	each(b, a)
	return nil
}

// reason is what a person should read of an error of the retries.
func reason(err error) error {
	r := backoff.AsRetryError(err)
	switch {
	case r == nil:
		return err
	case errors.Is(r.Cause, backoff.ErrPermanent):
		return r.LastErr
	case errors.Is(r.Cause, backoff.ErrMaxElapsedTime):
		return fmt.Errorf("gave up: %w", r.LastErr)
	}
	return r.Cause
}

// try sends once. What it calls permanent would not get better by waiting.
func (s *sender) try(ctx context.Context, body []byte, events int) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, backoff.Permanent(err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("reach the server: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	if err != nil {
		return answer{}, fmt.Errorf("read the answer: %w", err)
	}
	switch {
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		err := refusal(res, text)
		if wait, ok := retryAfter(res.Header.Get("Retry-After"), time.Now()); ok {
			return answer{}, backoff.RetryAfter(wait, err)
		}
		return answer{}, err
	case res.StatusCode == http.StatusRequestEntityTooLarge:
		return answer{}, backoff.Permanent(errTooLarge)
	}
	var a answer
	if res.StatusCode >= 300 && res.StatusCode != http.StatusBadRequest ||
		json.Unmarshal(text, &a) != nil || res.StatusCode == http.StatusBadRequest && len(a.Refused) == 0 {
		return answer{}, backoff.Permanent(refusal(res, text))
	}
	if n := a.Accepted + a.Duplicates + len(a.Refused); n != events {
		return answer{}, backoff.Permanent(fmt.Errorf("the server's answer is about %d events of %d", n, events))
	}
	for _, r := range a.Refused {
		if r.Index < 0 || r.Index >= events {
			return answer{}, backoff.Permanent(fmt.Errorf("the server refuses event %d of %d", r.Index, events))
		}
	}
	return a, nil
}

// refusal is an answer that says no to the whole request.
func refusal(res *http.Response, text []byte) error {
	said := strings.Join(strings.Fields(string(text)), " ")
	if len(said) > 300 {
		said = strings.ToValidUTF8(said[:300], "") + "…"
	}
	return fmt.Errorf("the server answers %s: %s", res.Status, said)
}

// retryAfter reads seconds or a date.
func retryAfter(v string, now time.Time) (time.Duration, bool) {
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now)), true
	}
	return 0, false
}
