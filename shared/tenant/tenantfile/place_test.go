package tenantfile_test

import (
	"strings"
	"testing"

	"chatreports/shared/tenant/tenantfile"
)

// one is a tenants file of one tenant with those lines.
func one(lines ...string) string {
	return "tenants:\n  - id: a\n    " + strings.Join(lines, "\n    ") + "\n"
}

func TestAValueOfAnotherTypeIsNamed(t *testing.T) {
	for file, want := range map[string]string{
		one("autoAllocation: nope"):                           `line 3: tenant "a": autoAllocation is "nope"; it should be true or false`,
		one("autoAllocation: 1"):                              `line 3: tenant "a": autoAllocation is "1"; it should be true or false`,
		one("zone: UTC", "chatbot:", "  - true"):              `line 5: tenant "a": chatbot is a list; it should be true or false`,
		one("zone: [UTC]"):                                    `line 3: tenant "a": zone is a list; it should be a text`,
		one("name: {a: b}"):                                   `line 3: tenant "a": name is a set of fields; it should be a text`,
		one("holidays: 2026-12-25"):                           `line 3: tenant "a": holidays is a text; it should be a list, such as [a, b]`,
		one("holidays:", "  - 2026-12-25", "  - [x]"):         `line 5: tenant "a": an entry of holidays is a list; it should be a text`,
		one("businessHours: [mon]"):                           `line 3: tenant "a": businessHours is a list; it should be fields, such as {mon: ["09:00-17:00"]}`,
		one("businessHours: 9"):                               `line 3: tenant "a": businessHours is a number; it should be fields, such as`,
		one("businessHours: {mon: 09:00-17:00}"):              `line 3: tenant "a": businessHours: mon is a text; it should be a list`,
		one("businessHours: {mon: [{from: 9}]}"):              `line 3: tenant "a": businessHours: an entry of mon is a set of fields; it should be a text`,
		one("businessHours: {[mon]: []}"):                     `line 3: the name of a field of tenant "a": businessHours is a list; it should be a text`,
		one("links: none"):                                    `line 3: tenant "a": links is a text; it should be fields, such as`,
		one("keys: {id: k}"):                                  `line 3: tenant "a": keys is a set of fields; it should be a list`,
		one("keys:", "  - id: k", "    scopes: reports:read"): `line 5: tenant "a": key "k": scopes is a text; it should be a list`,
		one("keys: [{secret: [x]}]"):                          `line 3: tenant "a": a key: secret is a list; it should be a text`,
		one("keys: [k]"):                                      `line 3: tenant "a": a key is a text; it should be fields`,
		one("customMetrics: [{id: m, expression: [1]}]"):      `line 3: tenant "a": custom metric "m": expression is a list; it should be a text`,
		one("webhooks: [{id: w, token: {}}]"):                 `line 3: tenant "a": webhook "w": token is a set of fields; it should be a text`,
		one("zone: UTC", "name: x", "zone: UTC"):              `line 5: tenant "a" has "zone" twice, first on line 3; keep one`,
		"tenants:\n  -\n":                                     "line 2: a tenant is empty; it should be fields",
		"- a\n":                                               "line 1: the file is a list; it should be fields",
		"tenants: {a: b}\n":                                   "line 1: tenants is a set of fields; it should be a list",
		"x: &x [nope]\n":                                      `line 1: unknown field "x"; there are tenants`,
	} {
		if _, err := tenantfile.Parse([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nsays %v, want\n%s", file, err, want)
		}
	}
}

func TestNothingIsADefault(t *testing.T) {
	file, err := tenantfile.Parse([]byte(one("autoAllocation:", "chatbot: ~", "zone:", "holidays:", "businessHours:", "keys:")))
	if err != nil || len(file.Entries) != 1 || !file.Entries[0].Tenant.Chatbot || !file.Entries[0].Tenant.AutoAllocation || file.Entries[0].Tenant.Zone != "UTC" {
		t.Errorf("got %+v, %v", file, err)
	}
}

// The line is that of the value, and not of the tenant that it is in.
func TestTheLineIsWhereTheValueStands(t *testing.T) {
	for file, want := range map[string]string{
		"tenants:\n  - name: x\n    id: a/b\n":                                                                  `line 3: tenant "a/b": id is`,
		"tenants:\n  - id: a\n  - name: x\n    id: a\n":                                                         `line 4: tenant "a": id is the same as on line 2`,
		one("name: x", "zone: Europe/Berlni"):                                                                   `line 4: tenant "a": zone is`,
		one("name: x", "edition: gold"):                                                                         `line 4: tenant "a": edition is`,
		one("holidays:", "  - 2026-12-25", "  - 2026-12-32"):                                                    `line 5: tenant "a": holidays has "2026-12-32"`,
		one("businessHours:", "  mon: []", "  monday: []"):                                                      `line 5: tenant "a": businessHours has "monday"`,
		one("businessHours:", "  mon:", "    - 09:00-12:00", "    - 9-5"):                                       `line 6: tenant "a": businessHours: mon has "9-5"`,
		one("customMetrics:", "  - id: m", "    name: n", "    expression: chats / "):                           `line 6: tenant "a": customMetrics: the expression of "m" is wrong at character 8: the expression ends too early`,
		one("customMetrics:", "  - {id: m, expression: chats}", "  - {id: m, expression: chats}"):               `line 5: tenant "a": customMetrics: id "m" is there twice`,
		one("customMetrics:", "  - {id: n, expression: chats}", "  - id: m"):                                    `line 5: tenant "a": customMetrics: "m" has no expression`,
		one("keys:", "  - id: k", "    secret: s", "    scopes: [reports:write]"):                               `line 6: tenant "a": key "k": unknown scope "reports:write"`,
		one("keys:", "  - id: k", "    scopes: [reports:read]", `    secret: "a b"`):                            `line 6: tenant "a": key "k": secret has spaces`,
		one("webhooks:", "  - id: w", "    token: t", "    provider: acme"):                                     `line 6: tenant "a": webhooks: "w" has provider "acme"`,
		"tenants:\n  - &t\n    id: a\n    zone: Nowhere\n  - <<: *t\n    id: b\n":                               `line 4: tenant "a": zone is "Nowhere"`,
		"tenants:\n  - id: a\n    keys: &k\n      - {id: k, secret: s, scopes: [x]}\n  - id: b\n    keys: *k\n": `line 4: tenant "a": key "k": unknown scope`,
	} {
		if _, err := tenantfile.Parse([]byte(file)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\nsays %v, want\n%s", file, err, want)
		}
	}
}
