package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// slow is a journal that takes in nothing of a tenant until it is let go.
type slow struct {
	webhook.Journal
	tenant  string
	entered chan struct{}
	letGo   chan struct{}
}

func (j *slow) Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) ([]journal.Outcome, error) {
	if tenant == j.tenant {
		j.entered <- struct{}{}
		<-j.letGo
	}
	return j.Journal.Append(ctx, tenant, events, stored)
}

// A tenant of whom more comes than is taken in waits for itself: the calls beyond its share
// are told when to come again, and another tenant's are answered as ever. Nothing is lost.
func TestAFloodOfOneTenantLeavesRoomForOthers(t *testing.T) {
	const share, more = 3, 20
	s := open(t)
	other := acme([]tenant.Webhook{{ID: "theirs", Provider: tenant.Drift, Token: token(0)}})
	other.Tenant.ID, other.Keys = "umbrella", nil
	if err := tenant.Put(t.Context(), s.State, other); err != nil {
		t.Fatal(err)
	}
	stuck := &slow{Journal: s.handler.Journal, tenant: "acme", entered: make(chan struct{}, share+more), letGo: make(chan struct{})}
	s.handler.Journal = stuck
	s.handler.Gate = admission.New(admission.Limits{One: 1, Share: share, All: 2 * share, Wait: 50 * time.Millisecond})
	body := plainest(t, tenant.Drift)
	var mu sync.Mutex
	answers := map[int]int{}
	var calls sync.WaitGroup
	flood := func(n int) {
		for range n {
			calls.Go(func() {
				w := s.call(tenant.Drift, sign(tenant.Drift, 0, body, s.now))
				mu.Lock()
				defer mu.Unlock()
				answers[w.Code]++
				if w.Code != http.StatusOK && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "too_many_deliveries")) {
					t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
				}
			})
		}
	}
	flood(share)
	for range share {
		<-stuck.entered
	}
	flood(more)
	for range 2 * share {
		if w := s.call("theirs", sign(tenant.Drift, 0, body, s.now)); w.Code != http.StatusOK {
			t.Errorf("another tenant is answered %d %s", w.Code, w.Body)
		}
	}
	for { // until all that are too many were turned away
		mu.Lock()
		turned := answers[http.StatusTooManyRequests]
		mu.Unlock()
		if turned == more {
			break
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	close(stuck.letGo)
	calls.Wait()
	if answers[http.StatusOK] != share || len(answers) != 2 {
		t.Errorf("the answers are %v", answers)
	}
	if w := s.call(tenant.Drift, sign(tenant.Drift, 0, body, s.now)); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d", w.Code)
	}
}

// Who is not the vendor takes up none of the tenant's share.
func TestAFloodOfSomebodyElseTakesUpNoRoom(t *testing.T) {
	s := open(t)
	s.handler.Gate = admission.New(admission.Limits{One: 1, Share: 1, All: 1, Wait: time.Millisecond})
	for _, p := range providers {
		for range 5 {
			if w := s.call(p.Name(), sign(p.Name(), 2, plainest(t, p.Name()), s.now)); w.Code != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", p.Name(), w.Code, w.Body)
			}
		}
	}
	s.deliver(tenant.Drift, []byte(plainest(t, tenant.Drift)))
}

func TestABodyHasALimit(t *testing.T) {
	for _, p := range providers {
		for _, c := range []struct{ more, status int }{{0, 200}, {1, 413}} {
			s := open(t)
			body := plainest(t, p.Name())
			signed := sign(p.Name(), 0, body, s.now)
			signed = sign(p.Name(), 0, body+strings.Repeat(" ", webhook.MaxBytes-len(signed.body)+c.more), s.now)
			if w := s.call(p.Name(), signed); w.Code != c.status || len(signed.body) != webhook.MaxBytes+c.more {
				t.Errorf("%s: %d bytes are answered %d", p.Name(), len(signed.body), w.Code)
			}
			if n := len(s.kept(p.Name())); n != 1-c.more {
				t.Errorf("%s: of %d bytes %d are kept", p.Name(), len(signed.body), n)
			}
		}
	}
}

// personal are the values in samples that say who somebody is, or what was said.
var personal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// Whatever becomes of a delivery, the log has nothing of what is in it: neither who wrote, nor
// what, nor an id, nor a secret.
func TestNothingPersonalIsLogged(t *testing.T) {
	for _, p := range providers {
		for name, body := range bodies(t, p.Name()) {
			s := open(t)
			var log bytes.Buffer
			s.handler.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c := sign(p.Name(), 0, string(body), s.now)
			s.call(p.Name(), c)                                      // taken in
			s.call(p.Name(), sign(p.Name(), 2, string(body), s.now)) // somebody else
			broken := sign(p.Name(), 0, string(body[:len(body)/2]), s.now)
			s.call(p.Name(), broken) // not understood, or not the vendor's
			s.handler.Objects = &failing{Store: s.Files, err: errors.New("down"), n: 1}
			s.call(p.Name(), c)
			s.handler.Objects, s.handler.Journal = s.Files, &failing{Journal: s.handler.Journal, err: errors.New("down"), n: 1}
			s.call(p.Name(), c)
			told, err := p.Events(&webhook.Delivery{Method: http.MethodPost, Body: body, Arrived: s.now})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(log.String(), "action="+told.Action) && len(told.Action) > 0 {
				t.Errorf("%s/%s: the log does not say what came:\n%s", p.Name(), name, &log)
			}
			known := map[string]bool{told.Action: true, p.Name(): true}
			for _, secret := range []string{token(0), token(2), c.header.Get("X-Freshchat-Signature"), "Bearer"} {
				if secret != "" && strings.Contains(log.String(), secret) {
					t.Errorf("%s/%s: a secret is logged:\n%s", p.Name(), name, &log)
				}
			}
			values := strings.ReplaceAll(string(body), "⊙", `","`)
			for _, quoted := range personal.FindAllString(values, -1) {
				value := strings.Trim(quoted, `"`)
				if strings.Contains(values, quoted+":") || len(value) < 4 || known[value] {
					continue // the name of a member
				}
				for line := range strings.SplitSeq(log.String(), "\n") {
					line = regexp.MustCompile(`time=\S+|tenant=\S+|webhook=\S+|action=\S+|refused=.*`).ReplaceAllString(line, "")
					if strings.Contains(line, value) {
						t.Errorf("%s/%s: %q is logged: %s", p.Name(), name, value, line)
					}
				}
			}
		}
	}
}
