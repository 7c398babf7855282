package webhook_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
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

// signer signs a body as a provider does, with a secret.
type signer func(secret int, body string, at time.Time) (http.Header, url.Values, string)

func TestOnlyTheVendorIsHeard(t *testing.T) {
	keys := [3]*rsa.PrivateKey{}
	public := [3]string{}
	for i := range keys {
		var err error
		if keys[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
		raw, err := x509.MarshalPKIXPublicKey(&keys[i].PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		public[i] = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: raw}))
	}
	token := func(i int) string {
		return fmt.Sprintf("whsec_%s", base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "secret %d", i)))
	}
	inURL := func(secret int, body string, _ time.Time) (http.Header, url.Values, string) {
		return nil, url.Values{"token": {token(secret)}}, body
	}
	signers := map[string]signer{
		tenant.Freshchat: func(secret int, body string, _ time.Time) (http.Header, url.Values, string) {
			sum := sha256.Sum256([]byte(body))
			signature, err := rsa.SignPKCS1v15(nil, keys[secret], crypto.SHA256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return http.Header{"X-Freshchat-Signature": {base64.StdEncoding.EncodeToString(signature)}}, nil, body
		},
		tenant.Drift: func(secret int, body string, _ time.Time) (http.Header, url.Values, string) {
			return http.Header{}, nil, strings.Replace(body, "drift-token", token(secret), 1)
		},
		tenant.LiveChat: func(secret int, body string, _ time.Time) (http.Header, url.Values, string) {
			return http.Header{}, nil, strings.Replace(body, "livechat-key", token(secret), 1)
		},
		tenant.ChatBot: inURL,
		tenant.Comm100: inURL,
		tenant.Standard: func(secret int, body string, at time.Time) (http.Header, url.Values, string) {
			stamp := strconv.FormatInt(at.Unix(), 10)
			mac := hmac.New(sha256.New, fmt.Appendf(nil, "secret %d", secret))
			mac.Write([]byte("msg_1." + stamp + "." + body))
			return http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {stamp}, "Webhook-Signature": {"v1,AAAA v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}}, nil, body
		},
	}
	for _, p := range providers {
		w := &tenant.Webhook{ID: "w", Provider: p.Name(), PublicKey: public[0], NextPublicKey: public[1], Token: token(0), NextToken: token(1)}
		one := &tenant.Webhook{ID: "w", Provider: p.Name(), PublicKey: public[0], Token: token(0)}
		none := &tenant.Webhook{ID: "w", Provider: p.Name()}
		for name, body := range bodies(t, p.Name()) {
			heard := func(w *tenant.Webhook, secret int, alter func(string) string, at time.Time) bool {
				header, query, sent := signers[p.Name()](secret, string(body), at)
				return p.Authentic(w, &webhook.Delivery{Method: "POST", Header: header, Query: query, Body: []byte(alter(sent)), Arrived: arrived, Clock: arrived})
			}
			as := func(s string) string { return s }
			for _, c := range []struct {
				what string
				ok   bool
				got  bool
			}{
				{"its secret", true, heard(w, 0, as, arrived)},
				{"the next secret", true, heard(w, 1, as, arrived)},
				{"another secret", false, heard(w, 2, as, arrived)},
				{"the next secret, when there is none", false, heard(one, 1, as, arrived)},
				{"a secret, when none is known", false, heard(none, 0, as, arrived)},
			} {
				if c.got != c.ok {
					t.Errorf("%s/%s: with %s it is heard: %t", p.Name(), name, c.what, c.got)
				}
			}
			if p.Name() == tenant.Freshchat || p.Name() == tenant.Standard {
				if heard(w, 0, func(s string) string { return s + "\n" }, arrived) || heard(w, 0, func(s string) string { return s[:len(s)-1] }, arrived) {
					t.Errorf("%s/%s: an altered body is heard", p.Name(), name)
				}
			}
			if p.Name() == tenant.Standard {
				if heard(w, 0, as, arrived.Add(-6*time.Minute)) || heard(w, 0, as, arrived.Add(6*time.Minute)) || !heard(w, 0, as, arrived.Add(-4*time.Minute)) {
					t.Error("standard: the time of a delivery does not bound it")
				}
			}
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
