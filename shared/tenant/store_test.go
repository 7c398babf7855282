package tenant_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

const example = `
tenants:
  - id: acme
    name: Acme Ltd
    zone: Europe/Berlin              # IANA; default UTC
    edition: business
    autoAllocation: false
    chatbot: false
    businessHours: {mon: ["09:00-17:00"], tue: ["13:00-17:00", "09:00-12:00"], sun: ["00:00-24:00"]}
    holidays: ["2026-12-25", 2026-12-26]
    customMetrics: [{id: m1, name: Good, expression: "chats / 2"}]
    links: {conversation: "https://x/{chatId}", transcript: "https://y/{chatId}"}
    keys:
      - {id: ops,   secret: "s-ops", scopes: [reports:read]}
      - {id: admin, secret: "s-admin", scopes: [events:write, reports:read, exports:write, data:erase]}
    webhooks:
      - {id: fc, provider: freshchat, publicKey: "PEM"}
      - {id: dr, provider: drift, token: "t"}
  - id: plain
`

func newState(t *testing.T) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("state")
}

func apply(t *testing.T, state table.Table, text string) {
	t.Helper()
	file, err := tenantfile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.Apply(context.Background(), state, file); err != nil {
		t.Fatal(err)
	}
	if err := tenant.Prune(context.Background(), state, file); err != nil {
		t.Fatal(err)
	}
}

// grants says for each secret whose it is, "" if nobody's.
func grants(t *testing.T, state table.Table, secrets ...string) string {
	t.Helper()
	var out []string
	for _, s := range secrets {
		g, ok, err := tenant.Lookup(context.Background(), state, s)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			out = append(out, "-")
			continue
		}
		out = append(out, g.Tenant.ID+"/"+g.KeyID+"/"+strings.Join(g.Scopes, "+"))
	}
	return strings.Join(out, " ")
}

func all(state table.Table) (items []string) {
	for item, err := range state.Scan(context.Background(), "") {
		if err != nil {
			panic(err)
		}
		items = append(items, item.Part+" "+item.Sort+" "+string(item.Value))
	}
	slices.Sort(items)
	return items
}

func tenants(keys ...string) string {
	out := "tenants:\n"
	for _, k := range keys {
		id, key, _ := strings.Cut(k, ":")
		out += "  - id: " + id + "\n"
		if key != "" {
			out += "    keys: [{id: k, secret: " + key + ", scopes: [reports:read]}]\n"
		}
	}
	return out
}

func TestAKeyGrantsItsTenantAndScopes(t *testing.T) {
	state := newState(t)
	apply(t, state, example)
	want := "acme/ops/reports:read acme/admin/events:write+reports:read+exports:write+data:erase - - -"
	if got := grants(t, state, "s-ops", "s-admin", "s-op", "S-OPS", ""); got != want {
		t.Errorf("grants are %s, want %s", got, want)
	}
	list, err := tenant.All(context.Background(), state)
	if err != nil || len(list) != 2 || list[0].ID != "acme" || list[0].Edition != tenant.Business || len(list[0].BusinessHours) != 3 {
		t.Errorf("the tenants are %+v, %v", list, err)
	}
}

// A tenant that is never open is stored as one, and not as always open.
func TestAnEmptyWeekStaysEmpty(t *testing.T) {
	state := newState(t)
	apply(t, state, "tenants:\n  - id: never\n    businessHours: {}\n  - id: always\n")
	list, err := tenant.All(context.Background(), state)
	if err != nil || len(list) != 2 || list[0].BusinessHours != nil || list[1].BusinessHours == nil {
		t.Errorf("the tenants are %+v, %v", list, err)
	}
}

func TestNoSecretIsStored(t *testing.T) {
	state := newState(t)
	apply(t, state, example)
	for _, item := range all(state) {
		if strings.Contains(item, "s-ops") || strings.Contains(item, "s-admin") {
			t.Errorf("a secret is in %s", item)
		}
	}
}

func TestApplyingTheSameFileAgainChangesNothing(t *testing.T) {
	state := newState(t)
	apply(t, state, example)
	before := all(state)
	apply(t, state, example)
	if after := all(state); !slices.Equal(before, after) {
		t.Errorf("before\n%s\nafter\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

func TestKeysThatLeaveTheFileAreRevoked(t *testing.T) {
	for name, c := range map[string]struct{ before, after, want string }{
		"a key":                    {tenants("a:s1", "b:s2"), tenants("a:s3", "b:s2"), "- b/k/reports:read a/k/reports:read"},
		"the last key of a tenant": {tenants("a:s1", "b:s2"), tenants("a", "b:s2"), "- b/k/reports:read -"},
		"a whole tenant":           {tenants("a:s1", "b:s2"), tenants("b:s2"), "- b/k/reports:read -"},
		"a key that moves to a tenant listed before": {tenants("a:s1", "b:s2"), tenants("a:s2", "b:s3"), "- a/k/reports:read b/k/reports:read"},
		"keys that two tenants exchange":             {tenants("a:s1", "b:s2"), tenants("a:s2", "b:s1"), "b/k/reports:read a/k/reports:read -"},
	} {
		t.Run(name, func(t *testing.T) {
			state := newState(t)
			apply(t, state, c.before)
			apply(t, state, c.after)
			if got := grants(t, state, "s1", "s2", "s3"); got != c.want {
				t.Errorf("grants are %s, want %s", got, c.want)
			}
		})
	}
}

func TestOneTenantCanBeStoredAndRevokedWithoutTouchingOthers(t *testing.T) {
	ctx, state := context.Background(), newState(t)
	apply(t, state, tenants("a:s1"))
	demo := tenant.Entry{Tenant: tenant.Tenant{ID: "demo"}, Keys: []tenant.Key{{ID: "k", Secret: "s2", Scopes: []string{tenant.ReportsRead}}}}
	if err := tenant.Put(ctx, state, demo); err != nil {
		t.Fatal(err)
	}
	if got, want := grants(t, state, "s1", "s2"), "a/k/reports:read demo/k/reports:read"; got != want {
		t.Errorf("grants are %s, want %s", got, want)
	}
	for range 2 { // also when there is nothing to revoke any more
		if err := tenant.Revoke(ctx, state, "demo"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tenant.Revoke(ctx, state, "nobody"); err != nil {
		t.Fatal(err)
	}
	if got, want := grants(t, state, "s1", "s2"), "a/k/reports:read -"; got != want {
		t.Errorf("grants are %s, want %s", got, want)
	}
}

func TestARevokedKeyIsForgottenAndANewOneKnownAtOnce(t *testing.T) {
	ctx, state := context.Background(), newState(t)
	now := time.Unix(1000, 0)
	keys := tenant.NewKeys(state, func() time.Time { return now })
	known := func(secret string) bool {
		_, ok, err := keys.Lookup(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if known("s1") {
		t.Error("s1 is known before it is stored")
	}
	apply(t, state, tenants("a:s1"))
	if !known("s1") {
		t.Error("s1 is not known at once")
	}
	apply(t, state, tenants("a:s2"))
	if !known("s2") {
		t.Error("s2 is not known at once")
	}
	if now = now.Add(tenant.CacheFor); known("s1") {
		t.Errorf("s1 is still known %v after it was revoked", tenant.CacheFor)
	}
	if !known("s2") {
		t.Error("s2 is forgotten")
	}
}

func TestAWebhookIsRememberedForAShortTime(t *testing.T) {
	ctx, state := t.Context(), newState(t)
	now := time.Unix(1000, 0)
	webhooks := tenant.NewWebhooks(state, func() time.Time { return now })
	token := func(find func(context.Context, string) (tenant.Hook, bool, error), id string) string {
		h, ok, err := find(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if ok && (h.ID != id || h.Tenant.ID != "a") {
			t.Errorf("%s is %+v", id, h)
		}
		return h.Token
	}
	file := func(id, token string) string {
		return "tenants:\n  - id: a\n    webhooks: [{id: " + id + ", provider: drift, token: " + token + "}]\n"
	}
	if got := token(webhooks.Find, "w"); got != "" {
		t.Errorf("before there is one: %q", got)
	}
	apply(t, state, file("w", "t1"))
	if got := token(webhooks.Find, "w"); got != "t1" {
		t.Errorf("at once: %q", got)
	}
	apply(t, state, file("w", "t2"))
	if now = now.Add(tenant.CacheFor - 1); token(webhooks.Find, "w") != "t1" {
		t.Error("it is not remembered")
	}
	if got := token(webhooks.FindAgain, "w"); got != "t2" {
		t.Errorf("found again: %q", got)
	}
	apply(t, state, file("w", "t3"))
	if got := token(webhooks.FindAgain, "w"); got != "t2" {
		t.Errorf("found again within a second: %q", got)
	}
	if now = now.Add(time.Second); token(webhooks.FindAgain, "w") != "t3" {
		t.Error("a second later it is not found again")
	}
	apply(t, state, file("other", "t4"))
	if now = now.Add(tenant.CacheFor); token(webhooks.Find, "w") != "" || token(webhooks.Find, "other") != "t4" {
		t.Error("after it was renamed")
	}
	if err := tenant.Revoke(ctx, state, "a"); err != nil {
		t.Fatal(err)
	}
	if now = now.Add(tenant.CacheFor); token(webhooks.Find, "other") != "" {
		t.Error("it is still there when its tenant has left the file")
	}
}
