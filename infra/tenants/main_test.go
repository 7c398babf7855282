package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenants.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileIsAppliedAndToldOf(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := db.Table("state")
	var out string
	for _, text := range []string{
		"tenants:\n  - id: a\n    keys: [{id: k, secret: s1, scopes: [reports:read]}]\n  - id: b\n    keys: [{id: k, secret: s2, scopes: [reports:read]}]\n",
		"tenants:\n  - id: a\n    keys: [{id: k, secret: s1, scopes: [reports:read]}]\n",
	} {
		file, err := read([]string{"apply", write(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := apply(t.Context(), state, file, &b); err != nil {
			t.Fatal(err)
		}
		out = b.String()
	}
	if want := "a: 1 keys\nb: not in the file, so without keys; its data stays\n"; out != want {
		t.Errorf("it says %q, want %q", out, want)
	}
	if _, ok, err := tenant.Lookup(t.Context(), state, "s2"); ok || err != nil {
		t.Errorf("the key that left the file still works, %v", err)
	}
}

func TestWrongArgumentsAreTold(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage: tenants apply FILE"},
		{[]string{"apply"}, "usage:"},
		{[]string{"delete", "x"}, "usage:"},
		{[]string{"apply", "nowhere.yaml"}, "the tenants file cannot be read: open nowhere.yaml: no such file"},
		{[]string{"apply", write(t, "tenant: []")}, `unknown field "tenant"`},
	} {
		if _, err := read(c.args); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error is %v, want %q in it", c.args, err, c.want)
		}
	}
}
