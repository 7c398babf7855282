package tenantfile

import (
	"reflect"
	"strings"
	"testing"

	"chatreports/shared/iana"
)

const fuzzSecret = "Tr0ub4dor-and-3"

// FuzzParse: a file is taken with everything in it valid, or refused in one line
// that holds no secret; the same file gives the same answer.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "tenants:", "tenants: []", "tenants:\n- id: acme\n", "tenants: [{id: a}, {id: a}]", "tenants: {}", "[]", "\t", "a: &a [*a]", "tenants: &t [{id: a, keys: *t}]",
		"tenants:\n- &x {id: a}\n- <<: *x\n  id: b\n", "tenants:\n- <<: {idd: b}\n  id: b\n", "tenants:\n- &x\n  <<: *x\n  id: b\n", "---\n---\n",
		"tenants:\n- id: acme\n  zone: Europe/Berlin\n  edition: business\n  autoAllocation: false\n  chatbot: false\n  businessHours: {mon: [\"09:00-17:00\"], tue: [\"00:00-24:00\"]}\n" +
			"  holidays: [\"2026-12-25\"]\n  customMetrics: [{id: m1, name: Good, expression: \"chats / 2\"}]\n  keys:\n  - {id: ops, secret: " + fuzzSecret + ", scopes: [reports:read]}\n" +
			"  webhooks:\n  - {id: dr, provider: drift, token: " + fuzzSecret + "}\n",
		"tenants:\n- id: acme\n  schedules: [{id: a, report: comm100/chatVolume, cron: \"15 3 * * *\", period: day, format: csv, parameters: {group: day}}, {id: b, rate: 1 day}]\n",
		"tenants:\n- id: acme\n  keys: [{id: a, secret: [" + fuzzSecret + "], scopes: [x]}]\n",
		"tenants:\n- id: acme\n  keys: [{id: a, secret: " + fuzzSecret + ", scopes: " + fuzzSecret + "}]\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Parse(raw)
		again, errAgain := Parse(raw)
		if !reflect.DeepEqual(file, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("read twice: %+v %v, %+v %v", file, err, again, errAgain)
		}
		if err != nil {
			text := err.Error()
			if text == "" || strings.ContainsAny(text, "\n\r") {
				t.Fatalf("refused with %q", text)
			}
			if strings.Count(string(raw), fuzzSecret) == strings.Count(string(raw), "secret: "+fuzzSecret) && strings.Contains(text, fuzzSecret) {
				t.Fatalf("%q gives a secret away", text)
			}
			return
		}
		ids, secrets := map[string]bool{}, map[string]bool{}
		for _, e := range file.Entries {
			if checkID(e.Tenant.ID) != nil || ids[e.Tenant.ID] {
				t.Fatalf("tenant %q was taken", e.Tenant.ID)
			}
			ids[e.Tenant.ID] = true
			if _, err := iana.Zone(e.Tenant.Zone); err != nil {
				t.Fatalf("zone %q was taken", e.Tenant.Zone)
			}
			for _, k := range e.Keys {
				if k.Secret == "" || secrets[k.Secret] || len(k.Scopes) == 0 {
					t.Fatalf("key %q was taken", k.ID)
				}
				secrets[k.Secret] = true
			}
			for day, spans := range e.Tenant.BusinessHours {
				last := 0
				for _, s := range spans {
					if s.From < last || s.From >= s.To || s.To > 24*60 {
						t.Fatalf("hours of %s: %+v", day, spans)
					}
					last = s.To
				}
			}
		}
	})
}
