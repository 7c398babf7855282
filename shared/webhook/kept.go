package webhook

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"chatreports/shared/payload"
	"chatreports/shared/tenant"
)

// ByName is the provider of a name; nil: there is none.
func ByName(providers []Provider, name string) Provider {
	for _, p := range providers {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// keep is what of a delivery is kept.
func keep(p Provider, hook *tenant.Hook, d *Delivery) *payload.Payload {
	of := p.Kept()
	out := &payload.Payload{Tenant: hook.Tenant.ID, Webhook: hook.ID, Provider: p.Name(), Arrived: d.Arrived, Body: d.Body}
	for _, name := range of.Headers {
		if v := d.Header.Get(name); v != "" {
			out.Header = append(out.Header, payload.Field{Name: name, Value: v})
		}
	}
	if of.Secret != "" {
		out.Body = without(d.Body, of.Secret, hook.Token, hook.NextToken)
	}
	return out
}

// delivered is the delivery that was kept, as far as Provider.Events goes by it.
func delivered(p *payload.Payload) *Delivery {
	d := &Delivery{Method: http.MethodPost, Header: http.Header{}, Body: p.Body, Arrived: p.Arrived, Clock: p.Arrived}
	for _, f := range p.Header {
		d.Header.Set(f.Name, f.Value)
	}
	return d
}

// without is a body whose member of a name is empty, in whatever case the name is written,
// as encoding/json reads it. What is no JSON object has no members; there the secrets
// themselves are taken out.
func without(body []byte, member string, secrets ...string) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') || !json.Valid(body) {
		for _, s := range secrets {
			if s != "" {
				body = bytes.ReplaceAll(body, []byte(s), nil)
			}
		}
		return body
	}
	var out []byte
	done := 0 // of the body
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			break // it is valid
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
		if text, _ := name.(string); strings.EqualFold(text, member) {
			end := int(decoder.InputOffset())
			out = append(append(out, body[done:end-len(value)]...), `""`...)
			done = end
		}
	}
	return append(out, body[done:]...)
}
