package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

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

const (
	long1, long2, long3 = "secret-number-one", "secret-number-two", "secret-number-three"
	fileA               = "tenants:\n  - id: a\n    keys: [{id: k, secret: " + long1 + ", scopes: [reports:read]}]\n"
	fileB               = fileA + "  - id: b\n    keys: [{id: k, secret: " + long2 + ", scopes: [reports:read]}]\n"
	rotated             = "tenants:\n  - id: a\n    zone: Europe/Berlin\n    keys: [{id: new, secret: " + long3 + ", scopes: [reports:read]}]\n"
)

// What a file does not name stays, unless --prune says otherwise; what is said is what is
// done, and --dry-run says the same and does nothing.
func TestAFileIsAppliedAndToldOf(t *testing.T) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := db.Table("state")
	works := func() (ids string) {
		for _, secret := range []string{long1, long2, long3} {
			g, ok, err := tenant.Lookup(t.Context(), state, secret)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				ids += g.Tenant.ID + "/" + g.KeyID + " "
			}
		}
		return strings.TrimSpace(ids)
	}
	for _, c := range []struct{ file, flags, says, works string }{
		{fileB, "--dry-run", "a: new; keys added: k\nb: new; keys added: k\nnothing was changed (--dry-run)\n", ""},
		{fileB, "", "a: new; keys added: k\nb: new; keys added: k\n", "a/k b/k"},
		{fileB, "", "a: unchanged\nb: unchanged\n", "a/k b/k"},
		{fileA, "", "a: unchanged\nb: not in the file, stays as it is; --prune revokes its keys k\n", "a/k b/k"},
		{rotated, "--prune --dry-run", "a: settings changed; keys added: new; keys revoked: k\nb: not in the file, keys revoked: k; its data stays\nnothing was changed (--dry-run)\n", "a/k b/k"},
		{rotated, "--prune", "a: settings changed; keys added: new; keys revoked: k\nb: not in the file, keys revoked: k; its data stays\n", "a/new"},
		{rotated, "", "a: unchanged\nb: not in the file, has no keys; its data stays\n", "a/new"},
		{strings.Replace(rotated, long3, long1, 1), "", "a: keys changed: new\nb: not in the file, has no keys; its data stays\n", "a/new"},
	} {
		o, err := read(append(strings.Fields(c.flags), "apply", write(t, c.file)), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := o.apply(t.Context(), state, &b); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.says || works() != c.works {
			t.Errorf("%s: it says\n%swant\n%s\nand what works is %q, want %q", c.flags, &b, c.says, works(), c.works)
		}
	}
}

func TestWrongArgumentsAreTold(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage: tenants apply [--dry-run] [--prune] FILE"},
		{[]string{"apply"}, "usage:"},
		{[]string{"delete", "x"}, "usage:"},
		{[]string{"apply", "nowhere.yaml"}, "the tenants file cannot be read: open nowhere.yaml: no such file"},
		{[]string{"--purge", "apply", "x"}, "unknown flag: --purge; usage:"},
		{[]string{"apply", write(t, "tenants:\n  - id: a\n    keys: [{id: k, secret: fifteen-letters, scopes: [reports:read]}]\n")}, `tenant "a": key "k": secret has 15 bytes, and at least 16`},
		{[]string{"apply", write(t, "tenant: []")}, `unknown field "tenant"`},
	} {
		if _, err := read(c.args, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error is %v, want %q in it", c.args, err, c.want)
		}
	}
}

func TestHelpIsTold(t *testing.T) {
	var told strings.Builder
	if _, err := read([]string{"--help"}, &told); !errors.Is(err, pflag.ErrHelp) {
		t.Errorf("the error is %v", err)
	}
	for _, want := range []string{"tenants apply FILE ", "$STATE_TABLE", "--dry-run", "--prune"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("it does not tell %s: %s", want, &told)
		}
	}
}
