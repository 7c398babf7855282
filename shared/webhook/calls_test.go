package webhook_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/infra/trial"
	"chatreports/shared/admission"
	"chatreports/shared/journal"
	"chatreports/shared/payload"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// call is one request of a vendor.
type call struct {
	method string
	header http.Header
	query  url.Values
	body   string
}

// keys are those with which Freshchat signs; it takes a while to make them.
var keys = sync.OnceValue(func() (keys [3]*rsa.PrivateKey) {
	for i := range keys {
		var err error
		if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			panic(err)
		}
	}
	return keys
})

func publicKey(secret int) string {
	raw, err := x509.MarshalPKIXPublicKey(&keys()[secret].PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: raw}))
}

// token is a secret of those who share one.
func token(secret int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "secret %d", secret))
}

// sign is a call as a vendor makes it, with one of three secrets.
func sign(provider string, secret int, body string, at time.Time) call {
	c := call{http.MethodPost, http.Header{}, url.Values{}, body}
	switch provider {
	case tenant.Freshchat:
		sum := sha256.Sum256([]byte(body))
		signature, err := rsa.SignPKCS1v15(nil, keys()[secret], crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		c.header.Set("X-Freshchat-Signature", base64.StdEncoding.EncodeToString(signature))
	case tenant.Drift, tenant.LiveChat:
		c.body = strings.NewReplacer("drift-token", token(secret), "livechat-key", token(secret)).Replace(body)
	case tenant.ChatBot, tenant.Comm100:
		c.query.Set("token", token(secret))
	case tenant.Standard:
		stamp := strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, fmt.Appendf(nil, "secret %d", secret))
		mac.Write([]byte("msg_1." + stamp + "." + body))
		c.header.Set("Webhook-Id", "msg_1")
		c.header.Set("Webhook-Timestamp", stamp)
		c.header.Set("Webhook-Signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return c
}

// system is a whole one, with a webhook of each vendor, which is called by the vendor's name.
type system struct {
	*trial.System
	handler *webhook.Handler
	t       *testing.T
	now     time.Time
}

// hooks are those webhooks, with the first secret, and the next one if it is to follow.
func hooks(rotating bool) (list []tenant.Webhook) {
	for _, p := range providers {
		w := tenant.Webhook{ID: p.Name(), Provider: p.Name(), PublicKey: publicKey(0), Token: token(0)}
		if rotating {
			w.NextPublicKey, w.NextToken = publicKey(1), token(1)
		}
		list = append(list, w)
	}
	return list
}

func acme(webhooks []tenant.Webhook) tenant.Entry {
	return tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Zone: "UTC", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true, Webhooks: webhooks},
		Keys:   []tenant.Key{{ID: "k", Secret: "s3cret", Scopes: tenant.Scopes()}},
	}
}

func open(t *testing.T) *system {
	t.Helper()
	trial, err := trial.Open(t.TempDir(), arrived, acme(hooks(true)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trial.Close() })
	s := &system{System: trial, t: t, now: arrived}
	clock := func() time.Time { return s.now }
	s.handler = &webhook.Handler{
		Providers: providers, Webhooks: tenant.NewWebhooks(s.State, clock), Journal: journal.New(s.Journal), Objects: s.Files,
		Gate: admission.New(admission.Limits{One: 1, Share: 8, All: 64, Wait: time.Second}), Now: clock, Clock: clock, Log: slog.New(slog.DiscardHandler),
	}
	return s
}

// call makes a call to the webhook of an id.
func (s *system) call(id string, c call) *httptest.ResponseRecorder {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), c.method, "http://localhost/v1/webhooks/"+id+"?"+c.query.Encode(), strings.NewReader(c.body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = c.header.Clone()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// deliver has a vendor deliver, which must be acknowledged.
func (s *system) deliver(provider string, body []byte) {
	s.t.Helper()
	if w := s.call(provider, sign(provider, 0, string(body), s.now)); w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", provider, w.Code, w.Body)
	}
}

// stored is every record of the journal.
func (s *system) stored() (list []string) {
	s.t.Helper()
	for item, err := range s.Journal.Scan(context.Background(), "") {
		if err != nil {
			s.t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %s %x", item.Part, item.Sort, item.Value))
	}
	return list
}

// kept are the deliveries that are kept of a webhook.
func (s *system) kept(id string) (list []payload.Payload) {
	s.t.Helper()
	from := s.now.Truncate(24*time.Hour).AddDate(0, 0, -2)
	for e, err := range payload.List(context.Background(), s.Files, "acme", id, from, from.AddDate(0, 0, 5)) {
		if err != nil {
			s.t.Fatal(err)
		}
		p, err := payload.Read(context.Background(), s.Files, &e)
		if err != nil {
			s.t.Fatal(err)
		}
		list = append(list, *p)
	}
	return list
}

// ask is the answer to a question of the tenant's own.
func (s *system) ask(method, target, body string) string {
	s.t.Helper()
	response, err := s.Request(method, target, http.Header{"Authorization": {"Bearer s3cret"}}, body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s %v", method, target, response.StatusCode, answer, err)
	}
	return string(answer)
}

// ids are the keys of what is stored in the journal.
func (s *system) ids() (list []string) {
	s.t.Helper()
	for _, r := range s.stored() {
		part, sort, _ := strings.Cut(r, " ")
		sort, _, _ = strings.Cut(sort, " ")
		list = append(list, part+" "+sort)
	}
	return list
}

// writes is what writes some text.
func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}
