package webhook_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/freshchat"
)

// A key, a body and its signature that Freshchat has published.
const (
	vectorKey  = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuGJLF4hTTtxWogT6dNkGf3CEgLAR2mGJzlds5cNbrHFoJNFnmVhkRYGzLYxx4EtDiezNCZVHfyMI2AKuNSQW2fEdDatVIG+q3Zr/X9eeDl8kQOGy804J/fgCYDrN8RQu0n5Dh1inv4puca0wb29SCvoAwrWb33ehDBIvv6+rUKBdjtv2xTV65kNiVDo5VRCaYRVeE10osxeONgw55HVY4nczuxnR+dmc2282de6WHe5LXtr0ZBdJ8yttFOLIluZ/sNM5DIWZBkIWQhyT581tbA7bTpsIbrT/IMBlmioIILw8WGtI7zcmNkjU5dnq5HnlVKEDhj/Ug/dLiyno8+Vp7QIDAQAB"
	vectorBody = `{"actor":{"actor_type":"user","actor_id":"882f3926-b292-414b-a411-96380db373cd"},"action":"message_create","action_time":"2019-06-21T17:43:20.875Z","data":{"message":{"message_parts":[{"text":{"content":"Test 2"}}],"app_id":"55b190fa-5d3c-45c4-bc49-74ddcfcf53d7","actor_id":"882f3926-b292-414b-a411-96380db373cd","id":"7a454fde-c720-4c97-a61d-0ffe70449eb6","channel_id":"c8fddfaf-622a-4a0e-b060-4f3ccbeab606","conversation_id":"c327498e-f713-481e-8d83-0603e03d2521","message_type":"normal","actor_type":"user","created_time":"2019-06-21T17:43:20.866Z"}}}`
	vectorSig  = "AhrmypOSWoewHG6LmIRuWjxyokuMDmPklrSU9p0gpUNjdSRCJzvpL6rjuTi5poV/ZLzWRWNM7X9yWjT5m9YFPshYrvigcd1ph4Ot2xmaJGYoUNJHijQccE6oDtDIp6i/8oLRafHgObQnGukZWPbP9OE5EiKz/VcsMP0Wv7hawI/sfIviM0w+6fNOKXWi0jDBH9ap1mj5CqOUOojni7OD5iYmIrjV/h33dyNmbvAta9E+trzcEhYqxfHIN4Z8R2FsatfRHWicoQ4PE5cQ8+UONVya8qr85nQ9w8N7Ql7yNg9fEViYG4/W/JnGEbPPEf8WrYtKzoVyuupDz4mVHdfKWg=="
)

func TestThePublishedSignatureOfFreshchat(t *testing.T) {
	w := &tenant.Webhook{Provider: tenant.Freshchat, PublicKey: "-----BEGIN RSA PUBLIC KEY-----\n" + vectorKey + "\n-----END RSA PUBLIC KEY-----\n"}
	signed := func(body, signature string) bool {
		return freshchat.Provider{}.Authentic(w, &webhook.Delivery{Method: "POST", Body: []byte(body), Header: http.Header{"X-Freshchat-Signature": {signature}}})
	}
	if !signed(vectorBody, vectorSig) {
		t.Error("it is refused")
	}
	for _, c := range []struct{ what, body, signature string }{
		{"no signature", vectorBody, ""},
		{"no base64", vectorBody, "%"},
		{"a blank more", vectorBody + " ", vectorSig},
		{"truncated", vectorBody[:len(vectorBody)-1], vectorSig},
		{"written anew", strings.Replace(vectorBody, `"Test 2"`, `"Test\u00202"`, 1), vectorSig},
		{"another's signature", vectorBody, "B" + vectorSig[1:]},
		{"half a signature", vectorBody, vectorSig[:172]},
	} {
		if signed(c.body, c.signature) {
			t.Errorf("%s is taken", c.what)
		}
	}
}

// What each vendor's way of showing who calls lets through, and what it does not. A token
// covers no body: who has it may say anything. 401 is somebody else, and leaves no trace.
func TestWhoIsHeard(t *testing.T) {
	const order = "freshchat drift chatbot livechat comm100 standard"
	later := arrived.Add(6 * time.Minute)
	as := func(secret int) func(string, string) call {
		return func(p, body string) call { return sign(p, secret, body, arrived) }
	}
	sent := func(change func(c *call)) func(string, string) call {
		return func(p, body string) call {
			c := sign(p, 0, body, arrived)
			change(&c)
			return c
		}
	}
	every := func(status int) [6]int { return [6]int{status, status, status, status, status, status} }
	for _, c := range []struct {
		what string
		call func(provider, body string) call
		now  time.Time
		want [6]int
	}{
		{"its secret", as(0), arrived, every(200)},
		{"the secret that is to follow", as(1), arrived, every(200)},
		{"another secret", as(2), arrived, every(401)},
		{"nothing at all", func(p, body string) call { return call{method: http.MethodPost, body: body} }, arrived, every(401)},
		{"a signature or a token that is empty", sent(func(c *call) {
			for name := range c.header {
				c.header.Set(name, "")
			}
			c.query.Set("token", "")
			c.body = strings.ReplaceAll(c.body, token(0), "")
		}), arrived, every(401)},
		{"half of it", sent(func(c *call) {
			for _, name := range []string{"X-Freshchat-Signature", "Webhook-Signature"} {
				c.header.Set(name, c.header.Get(name)[:len(c.header.Get(name))/2])
			}
			c.query.Set("token", c.query.Get("token")[:len(c.query.Get("token"))/2])
			c.body = strings.ReplaceAll(c.body, token(0), token(0)[:10])
		}), arrived, every(401)},
		{"it in other places", sent(func(c *call) {
			c.query = url.Values{"Token": c.query["token"], "key": {token(0)}, "secret_key": {token(0)}}
			if c.header.Get("Webhook-Id") == "" {
				c.header = http.Header{"Authorization": {"Bearer " + token(0)}, "X-Token": {token(0)}, "X-Freshchat-Payload-Version": c.header["X-Freshchat-Signature"]}
			} else {
				c.header.Set("X-Signature", c.header.Get("Webhook-Signature"))
				c.header.Del("Webhook-Signature")
			}
			c.body = strings.ReplaceAll(strings.ReplaceAll(c.body, `"token"`, `"Tokens"`), `"secret_key"`, `"key"`)
		}), arrived, every(401)},
		{"a body that was cut off", sent(func(c *call) { c.body = c.body[:len(c.body)-2] }), arrived, [6]int{401, 401, 400, 401, 400, 401}},
		{"a body of no bytes", sent(func(c *call) { c.body = "" }), arrived, [6]int{401, 401, 400, 401, 400, 401}},
		{"a body written anew", sent(func(c *call) { c.body = anew(c.body) }), arrived, [6]int{401, 200, 200, 200, 200, 401}},
		{"a body with a blank more", sent(func(c *call) { c.body += " " }), arrived, [6]int{401, 200, 200, 200, 200, 401}},
		{"a body that says something else", sent(func(c *call) { c.body = strings.Replace(c.body, `"data"`, `"more":1,"data"`, 1) + "\n" }), arrived, [6]int{401, 200, 200, 200, 200, 401}},
		{"the same once more", as(0), arrived.Add(time.Minute), every(200)},
		{"the same six minutes later", as(0), later, [6]int{200, 200, 200, 200, 200, 401}},
		{"the same from a clock six minutes ahead", func(p, body string) call { return sign(p, 0, body, later) }, arrived, [6]int{200, 200, 200, 200, 200, 401}},
		{"another time than was signed", func(p, body string) call {
			c := sign(p, 0, body, arrived)
			c.header.Set("Webhook-Timestamp", strconv.FormatInt(later.Unix(), 10))
			return c
		}, later, [6]int{200, 200, 200, 200, 200, 401}},
	} {
		for i, provider := range strings.Fields(order) {
			s := open(t)
			s.now = c.now
			body := plainest(t, provider)
			w := s.call(provider, c.call(provider, body))
			if w.Code != c.want[i] {
				t.Errorf("%s with %s: %d %s, want %d", provider, c.what, w.Code, w.Body, c.want[i])
			}
			if traces := len(s.stored()) + len(s.kept(provider)); w.Code == http.StatusUnauthorized && traces > 0 || w.Code != http.StatusUnauthorized && len(s.kept(provider)) != 1 {
				t.Errorf("%s with %s: %d traces", provider, c.what, traces)
			}
			if provider == tenant.Drift && w.Code == http.StatusOK {
				// The header stands for the member, where there is one.
				c := sign(provider, 0, strings.Replace(body, "drift-token", "", 1), arrived)
				c.header.Set("X-Verification-Token", token(0))
				if got := s.call(provider, c); got.Code != http.StatusOK {
					t.Errorf("drift with the token in its header: %d", got.Code)
				}
			}
		}
	}
}

// plainest is a sample of a provider, one line of JSON.
func plainest(t *testing.T, provider string) string {
	t.Helper()
	name := map[string]string{
		tenant.Freshchat: "message", tenant.Drift: "message", tenant.ChatBot: "block", tenant.LiveChat: "message", tenant.Comm100: "requested", tenant.Standard: "events",
	}[provider]
	return strings.TrimSpace(string(bodies(t, provider)[name]))
}

// anew is the same JSON in other bytes.
func anew(body string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "", " "); err != nil {
		panic(err)
	}
	return b.String()
}

// A webhook's secret is its own: neither another tenant's nor one that the webhook had before
// is taken.
func TestSecretsFollowTheTenantsFile(t *testing.T) {
	for _, provider := range tenant.Providers() {
		s := open(t)
		body := plainest(t, provider)
		heard := func(secret int) bool {
			return s.call(provider, sign(provider, secret, body, s.now)).Code == http.StatusOK
		}
		apply := func(hooks []tenant.Webhook) {
			if err := tenant.Put(t.Context(), s.State, acme(hooks)); err != nil {
				t.Fatal(err)
			}
		}
		apply(hooks(false))
		if !heard(0) || heard(1) {
			t.Fatalf("%s: before the exchange", provider)
		}
		apply(hooks(true))
		if s.now = s.now.Add(time.Second); !heard(0) || !heard(1) {
			t.Errorf("%s: a second after the next secret was named, one of the two is not heard", provider)
		}
		next := hooks(false)
		for i := range next {
			next[i].PublicKey, next[i].Token = publicKey(1), token(1)
		}
		apply(next)
		if s.now = s.now.Add(tenant.CacheFor); heard(0) || !heard(1) {
			t.Errorf("%s: %v after the exchange the old secret is heard, or the new one is not", provider, tenant.CacheFor)
		}
		if err := tenant.Revoke(t.Context(), s.State, "acme"); err != nil {
			t.Fatal(err)
		}
		if s.now = s.now.Add(tenant.CacheFor); heard(1) {
			t.Errorf("%s: the webhook of a tenant that has left the file is heard", provider)
		}
	}
}

func TestChatBotSaysHello(t *testing.T) {
	w := &tenant.Webhook{ID: "w", Provider: tenant.ChatBot, Token: "t"}
	p := providers[2]
	for _, c := range []struct {
		token  string
		status int
		body   string
	}{{"t", 200, "abc"}, {"x", 401, "wrong token"}, {"", 401, "wrong token"}} {
		got := p.Hello(w, &webhook.Delivery{Method: "GET", Query: url.Values{"challenge": {"abc"}, "token": {c.token}}})
		if got == nil || got.Status != c.status || got.Body != c.body {
			t.Errorf("%q: %+v", c.token, got)
		}
	}
	if p.Hello(w, &webhook.Delivery{Method: "POST"}) != nil {
		t.Error("an event is taken for a hello")
	}
}
