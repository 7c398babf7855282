package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// What is kept of every sample tells what the delivery itself tells, and holds no secret.
func TestWhatIsKeptTellsTheSameAndHoldsNoSecret(t *testing.T) {
	for _, p := range providers {
		for name, body := range bodies(t, p.Name()) {
			s := open(t)
			c := sign(p.Name(), 0, string(body), s.now)
			c.header.Set("X-Retry-Count", "1")
			c.header.Set("X-Verification-Token", token(0))
			c.header.Set("Cookie", token(0))
			if w := s.call(p.Name(), c); w.Code != http.StatusOK {
				t.Fatalf("%s/%s: %d %s", p.Name(), name, w.Code, w.Body)
			}
			kept := s.kept(p.Name())
			if len(kept) != 1 || kept[0].Provider != p.Name() || !kept[0].Arrived.Equal(s.now) {
				t.Fatalf("%s/%s: %+v is kept", p.Name(), name, kept)
			}
			for _, f := range kept[0].Header {
				if f.Value == token(0) || strings.Contains(strings.ToLower(f.Name), "signature") {
					t.Errorf("%s/%s: the header %s is kept", p.Name(), name, f.Name)
				}
			}
			if bytes.Contains(kept[0].Body, []byte(token(0))) {
				t.Errorf("%s/%s: the secret is kept: %s", p.Name(), name, kept[0].Body)
			}
			header := http.Header{}
			for _, f := range kept[0].Header {
				header.Set(f.Name, f.Value)
			}
			again, err := p.Events(&webhook.Delivery{Method: http.MethodPost, Header: header, Body: kept[0].Body, Arrived: kept[0].Arrived})
			want, wantErr := p.Events(&webhook.Delivery{Method: http.MethodPost, Header: c.header, Query: c.query, Body: []byte(c.body), Arrived: s.now})
			if !reflect.DeepEqual(again, want) || err != nil || wantErr != nil {
				t.Errorf("%s/%s: %+v\nwant %+v, %v %v", p.Name(), name, again, want, err, wantErr)
			}
		}
	}
}

// However its name is written, and however often, a secret is not kept, and all else is.
func TestSecretsInOddBodiesAreNotKept(t *testing.T) {
	for body, want := range map[string]string{
		`{"token":"SECRET","type":"x"}`:                                 `{"token":"","type":"x"}`,
		`{ "type" : "x" , "TOKEN" : "old", "toKen":"SECRET" }`:          `{ "type" : "x" , "TOKEN" : "", "toKen":"" }`,
		`{"token":"SECRET","data":{"token":"of the chat"},"token":[1]}`: `{"token":"","data":{"token":"of the chat"},"token":""}`,
		"{\"to\\u006ben\":\"SECRET\",\"a\":[{\"token\":1}, 2.50e1]}\n":  "{\"to\\u006ben\":\"\",\"a\":[{\"token\":1}, 2.50e1]}\n",
		`{"token":"SECRET"`:  `{"token":""`,
		`SECRET is no JSON`:  ` is no JSON`,
		`["token","SECRET"]`: `["token",""]`,
		``:                   ``,
	} {
		s := open(t)
		c := call{http.MethodPost, http.Header{"X-Verification-Token": {token(0)}}, nil, strings.ReplaceAll(body, "SECRET", token(0))}
		if w := s.call(tenant.Drift, c); w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("%s: %d", body, w.Code)
		}
		if kept := s.kept(tenant.Drift); len(kept) != 1 || string(kept[0].Body) != want {
			t.Errorf("of %s there is %+v, want %s", body, kept, want)
		}
	}
}

// What no event follows from today, and what is not understood, is kept; what a tenant does
// not want kept is not.
func TestWhatIsNotUnderstoodIsKept(t *testing.T) {
	for _, c := range []struct {
		body         string
		status, kept int
	}{
		{`{"token":"drift-token","type":"playbook_finished","data":{}}`, 200, 1},
		{`{"token":"drift-token","type":"new_message","data":{}}`, 400, 1},
		{`{"token":"drift-token","type":"new_message","data":{"conversationId":1,"author":{"type":"contact"}}}`, 200, 1}, // without a visitor's id
	} {
		for _, days := range []int{7, 0} {
			s := open(t)
			e := acme(hooks(false))
			e.Tenant.KeepPayloads = &days
			if err := tenant.Put(t.Context(), s.State, e); err != nil {
				t.Fatal(err)
			}
			if w := s.call(tenant.Drift, sign(tenant.Drift, 0, c.body, s.now)); w.Code != c.status {
				t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
			}
			if n := len(s.kept(tenant.Drift)); n != min(days, c.kept) {
				t.Errorf("of %s there are %d, for %d days", c.body, n, days)
			}
		}
	}
}

// failing is a store of objects, or a journal, that fails for a while.
type failing struct {
	object.Store
	webhook.Journal
	err error
	n   int // how often it fails
}

func (f *failing) fails() error {
	if f.n--; f.n >= 0 {
		return f.err
	}
	return nil
}

func (f *failing) Create(ctx context.Context, key string) (object.Upload, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Store.Create(ctx, key)
}

func (f *failing) Append(ctx context.Context, tenant string, events []event.Event, stored time.Time) ([]journal.Outcome, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Journal.Append(ctx, tenant, events, stored)
}

func (f *failing) List(ctx context.Context, prefix string) iter.Seq2[object.Info, error] {
	return f.Store.List(ctx, prefix)
}

func (f *failing) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return f.Store.Open(ctx, key)
}

// What cannot be kept, or not be stored, is not acknowledged, and says when to send it again;
// then it counts once. Nothing that was acknowledged is without what was kept of it.
func TestWhatFailsIsSentAgainAndCountsOnce(t *testing.T) {
	for _, provider := range tenant.Providers() {
		body := plainest(t, provider)
		want := func() []string {
			s := open(t)
			s.deliver(provider, []byte(body))
			return s.ids()
		}()
		for _, c := range []struct {
			what   string
			spoil  func(s *system)
			status int
			kept   int // when it failed
		}{
			{"objects that cannot be written", func(s *system) { s.handler.Objects = &failing{Store: s.Files, err: errors.New("down"), n: 2} }, 503, 0},
			{"a journal that is down", func(s *system) {
				s.handler.Journal = &failing{Journal: s.handler.Journal, err: errors.New("down"), n: 2}
			}, 503, 2},
			{"a journal that is throttled", func(s *system) {
				s.handler.Journal = &failing{Journal: s.handler.Journal, err: table.ErrThrottled, n: 2}
			}, 429, 2},
		} {
			s := open(t)
			c.spoil(s)
			for i := range 2 {
				s.now = s.now.Add(time.Millisecond)
				w := s.call(provider, sign(provider, 0, body, s.now))
				if w.Code != c.status || w.Header().Get("Retry-After") == "" {
					t.Errorf("%s, %s, call %d: %d %v %s", provider, c.what, i, w.Code, w.Header(), w.Body)
				}
			}
			if len(s.stored()) > 0 || len(s.kept(provider)) != c.kept {
				t.Errorf("%s, %s: %d events are stored, %d deliveries kept", provider, c.what, len(s.stored()), len(s.kept(provider)))
			}
			for range 3 { // also if the vendor missed the answer
				s.now = s.now.Add(time.Millisecond)
				s.deliver(provider, []byte(body))
			}
			if got := s.ids(); !reflect.DeepEqual(got, want) || len(got) == 0 {
				t.Errorf("%s, %s: %q is stored, want %q", provider, c.what, got, want)
			}
		}
	}
}
