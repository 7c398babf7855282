package payload

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chatreports/shared/tenant"
	signed "chatreports/shared/webhook/standard"
)

// Signed is a payload as it goes out.
type Signed struct {
	Body   []byte
	Header http.Header
	Query  url.Values
}

// Sign signs a body as a vendor does. The secret is the token that the tenants file has, or
// for Freshchat the private key, in PEM, of the public one that the file has.
func Sign(vendor, secret string, body []byte, at time.Time) (*Signed, error) {
	s := &Signed{Body: body, Header: http.Header{"Content-Type": {"application/json"}}, Query: url.Values{}}
	switch vendor {
	case tenant.Freshchat:
		key, err := privateKey(secret)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			return nil, err
		}
		s.Header.Set("X-Freshchat-Signature", base64.StdEncoding.EncodeToString(signature))
		return s, nil
	case tenant.Drift:
		return s, s.put("token", secret)
	case tenant.LiveChat:
		return s, s.put("secret_key", secret)
	case tenant.ChatBot, tenant.Comm100:
		s.Query.Set("token", secret)
		return s, nil
	case tenant.Standard:
		key, err := signed.Key(secret)
		if err != nil {
			return nil, fmt.Errorf("the secret is no key: %w", err)
		}
		sum := sha256.Sum256(body)
		id, stamp := "msg_"+base64.RawURLEncoding.EncodeToString(sum[:15]), strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		s.Header.Set("Webhook-Id", id)
		s.Header.Set("Webhook-Timestamp", stamp)
		s.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		return s, nil
	}
	_, err := As(vendor)
	return nil, err
}

// put puts a secret into the body.
func (s *Signed) put(member, secret string) error {
	var m map[string]json.RawMessage
	if json.Unmarshal(s.Body, &m) != nil || m == nil {
		return errors.New("the payload is no JSON object, into which the secret is to go")
	}
	quoted, err := json.Marshal(secret)
	if err != nil {
		return err
	}
	m[member] = quoted
	s.Body, err = json.Marshal(m)
	return err
}

func privateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the secret is no private key in PEM, whose first line is -----BEGIN PRIVATE KEY-----")
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if key, ok := key.(*rsa.PrivateKey); ok {
			return key, nil
		}
		return nil, errors.New("the private key is no RSA key")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key is neither PKCS #8 nor PKCS #1")
	}
	return key, nil
}

// The demo's secrets are as little secret as its key: whoever reads this has them.
const demoToken = "demo-key"

//go:embed demo.pem
var demoKey string

// DemoSecret is what the demo tenant's webhook of a vendor is signed with.
func DemoSecret(vendor string) string {
	switch vendor {
	case tenant.Freshchat:
		return demoKey
	case tenant.Standard:
		return "whsec_" + base64.StdEncoding.EncodeToString([]byte(demoToken))
	}
	return demoToken
}

// Demo are the demo tenant's webhooks, one for each vendor.
func Demo() ([]tenant.Webhook, error) {
	var out []tenant.Webhook
	for _, vendor := range tenant.Providers() {
		w := tenant.Webhook{ID: DemoID(vendor), Provider: vendor}
		if vendor == tenant.Freshchat {
			key, err := privateKey(demoKey)
			if err != nil {
				return nil, err
			}
			raw, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
			if err != nil {
				return nil, err
			}
			w.PublicKey = base64.StdEncoding.EncodeToString(raw)
		} else {
			w.Token = DemoSecret(vendor)
		}
		out = append(out, w)
	}
	return out, nil
}

// DemoID is the id of the demo's webhook of a vendor.
func DemoID(vendor string) string { return "demo-" + vendor }
