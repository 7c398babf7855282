package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v7"
	"github.com/spf13/pflag"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/loadgen/sim"
	"chatreports/shared/tenant"
)

// hook is where a vendor's payloads go, and how they are signed.
type hook struct {
	vendor, secret string
	url            *url.URL
	client         *http.Client
}

func (c command) webhook(ctx context.Context, args []string) int {
	flags := pflag.NewFlagSet("webhook", pflag.ContinueOnError)
	vendor := flags.String("vendor", "", "who posts: "+strings.Join(tenant.Providers(), ", "))
	to := flags.String("to", "http://127.0.0.1:8080", "the webhook's address; of a server alone, the demo's webhook there")
	secret := flags.String("secret", "", "the webhook's token, or the name of a file with Freshchat's private key (default: the demo's)")
	file := flags.String("file", "", "post this payload, signed (default: a visitor begins a chat now)")
	play := flags.Bool("play", false, "post a simulated contact centre")
	count := flags.Int("count", 1000, "with --play, payloads at most")
	cfg := sim.Config{}
	flags.Uint64Var(&cfg.Seed, "seed", 1, "with --play, decides everything left to chance")
	start := flags.String("start", "", "with --play, its first moment (default: an hour before the end)")
	end := flags.String("end", "", "with --play, moment to stop at, exclusive (default: now)")
	if code, done := c.parse(flags, args, usageWebhook); done {
		return code
	}
	now := time.Now()
	h, err := newHook(*vendor, *to, *secret)
	if err == nil && *play {
		err = setTimes(&cfg, *start, *end, "UTC", time.Hour, now)
	}
	if err == nil && (*play && *file != "" || *count < 1) {
		err = errors.New("--count should be at least 1, and --play and --file exclude each other")
	}
	var body []byte
	if err == nil && !*play {
		if body, err = payload.Example(*vendor, now.UnixMilli()); *file != "" {
			body, err = os.ReadFile(*file)
		}
	}
	if err != nil {
		c.complain(err)
		return 2
	}
	if *play {
		began := time.Now()
		posted, err := h.play(ctx, cfg, *count)
		if posted == 0 && err == nil {
			err = fmt.Errorf("nobody chats between %s and %s; --start should be an earlier moment", cfg.Start.Format(time.RFC3339), cfg.End.Format(time.RFC3339))
		}
		_, _ = fmt.Fprintf(c.out, "posted %d payloads in %.1f s\n", posted, time.Since(began).Seconds())
		if err != nil {
			c.complain(err)
		}
		return code(err == nil)
	}
	answer, err := h.post(ctx, body)
	if err != nil {
		c.complain(err)
		return 1
	}
	_, _ = fmt.Fprintln(c.out, "200 OK:", answer)
	return 0
}

// play posts what the simulation says, one payload after the other, and so many at most.
func (h *hook) play(ctx context.Context, cfg sim.Config, most int) (posted int, err error) {
	speaker, err := payload.As(h.vendor)
	if err != nil {
		return 0, err
	}
	for e := range sim.New(cfg).Events() {
		said, err := speaker.Say(&e)
		if err != nil {
			return posted, err
		}
		for _, body := range said {
			if posted == most {
				return posted, nil
			}
			if _, err := h.post(ctx, body); err != nil {
				return posted, err
			}
			posted++
		}
	}
	return posted, nil
}

func newHook(vendor, to, secret string) (*hook, error) {
	if vendor == "" {
		return nil, fmt.Errorf("--vendor is missing; it should be one of %s", strings.Join(tenant.Providers(), ", "))
	}
	if _, err := payload.As(vendor); err != nil {
		return nil, fmt.Errorf("--vendor: %w", err)
	}
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--to is %q; it should be a URL such as http://127.0.0.1:8080/v1/webhooks/fc", to)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/webhooks/" + payload.DemoID(vendor)
	}
	switch {
	case secret == "":
		secret = payload.DemoSecret(vendor)
	case vendor == tenant.Freshchat:
		raw, err := os.ReadFile(secret)
		if err != nil {
			return nil, fmt.Errorf("--secret should name a file with Freshchat's private key: %w", err)
		}
		secret = string(raw)
	}
	if _, err := payload.Sign(vendor, secret, []byte("{}"), time.Now()); err != nil {
		return nil, fmt.Errorf("--secret: %w", err)
	}
	return &hook{
		vendor: vendor, secret: secret, url: u,
		client: &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// giveUp is how long one payload is posted again.
const giveUp = 2 * time.Minute

// post signs and posts a payload, and again for as long as the server asks for it, as
// vendors do. It returns the beginning of the answer, which was 200.
func (h *hook) post(ctx context.Context, body []byte) (answer string, err error) {
	signed, err := payload.Sign(h.vendor, h.secret, body, time.Now())
	if err != nil {
		return "", err
	}
	to := *h.url
	query := to.Query()
	maps.Copy(query, signed.Query)
	to.RawQuery = query.Encode()
	answer, err = backoff.Retry(ctx, func() (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(signed.Body))
		if err != nil {
			return "", backoff.Permanent(err)
		}
		req.Header = signed.Header.Clone()
		res, err := h.client.Do(req)
		if err != nil {
			return "", fmt.Errorf("reach the server: %w", withoutQuery(err))
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(io.LimitReader(res.Body, 300))
		if err != nil {
			return "", fmt.Errorf("read the answer: %w", err)
		}
		said := strings.Join(strings.Fields(string(text)), " ")
		if res.StatusCode == http.StatusOK {
			return said, nil
		}
		err = fmt.Errorf("the server answers %s: %s", res.Status, said)
		if res.StatusCode != http.StatusTooManyRequests && res.StatusCode < 500 {
			return "", backoff.Permanent(err)
		}
		if seconds, bad := strconv.ParseUint(res.Header.Get("Retry-After"), 10, 31); bad == nil {
			err = backoff.RetryAfter(time.Duration(seconds)*time.Second, err)
		}
		return "", err
	}, backoff.WithMaxElapsedTime(giveUp))
	if r := backoff.AsRetryError(err); r != nil && r.LastErr != nil {
		err = r.LastErr
	}
	return answer, err
}

// withoutQuery takes the address, which may hold the secret, out of an error.
func withoutQuery(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
