package gateway

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/function"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// open are the routes that need no key, and why.
var open = map[string]string{
	"ANY /healthz":                "it says nothing of anybody",
	stack.DefaultPath:             "there is nothing",
	"ANY /":                       "a page that asks for a key; the dashboard's own tests try to get in",
	"ANY /dashboard/{proxy+}":     "likewise",
	"ANY /openapi.json":           "it says what can be asked, and nothing of anybody",
	"ANY /v1/webhooks/{id}":       "vendors show in their own ways who they are",
	"ANY /public/{token}":         "the token is the key",
	"HEAD /reports/conversations": "a HEAD is a GET without a body, whose route is tried",
}

// Every route of the template, with every kind of credential that opens none, by every
// method: nobody gets in, and whoever has a key without the scope is told so.
func TestNobodyGetsInWithoutAKey(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state, log := db.Table("state"), slog.New(slog.DiscardHandler)
	acme := tenant.Entry{Tenant: tenant.Tenant{ID: "acme", Zone: "UTC"}}
	for _, keys := range [][]tenant.Key{
		{{ID: "old", Secret: "revoked", Scopes: tenant.Scopes()}},
		{{ID: "eraser", Secret: "other-scope", Scopes: []string{tenant.DataErase}}},
	} {
		acme.Keys = keys
		if err := tenant.Put(t.Context(), state, acme); err != nil {
			t.Fatal(err)
		}
	}
	functions, err := Build(description, function.Deps{Journal: db.Table("journal"), State: state, Now: time.Now, Clock: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	g := New(functions, log)
	credentials := map[string]int{
		"": 401, "Bearer": 401, "Bearer nobody": 401, "Bearer revoked": 401, "Basic eDpub2JvZHk=": 401, "Basic eDpyZXZva2Vk": 401, "nobody": 401,
		"Digest revoked": 401, "Bearer other-scope": 403,
	}
	tried := 0
	for _, r := range g.routes {
		if open[r.Key()] != "" {
			continue
		}
		// Behind /reports there is nothing else.
		whole := strings.NewReplacer("/reports/{proxy+}", "/reports/raw/x", "raw/{proxy+}", "raw/x").Replace(r.Path)
		path := strings.NewReplacer("{proxy+}", "x", "{kind}", "agents", "{report}", "agents", "{link}", "x").Replace(whole)
		if strings.Contains(path, "{") {
			t.Fatalf("%s: this test does not know what to put there", r.Path)
		}
		for credential, want := range credentials {
			refused := false
			for _, method := range []string{"GET", "POST", "DELETE", "PUT"} {
				if r.Method != "ANY" && r.Method != method {
					continue
				}
				request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("{}"))
				if credential != "" {
					request.Header.Set("Authorization", credential)
				}
				response := httptest.NewRecorder()
				g.ServeHTTP(response, request)
				tried++
				switch response.Code {
				case want:
					refused = true
				case http.StatusMethodNotAllowed:
				default:
					t.Errorf("%s %s with %q: the answer is %d %s", method, path, credential, response.Code, response.Body)
				}
			}
			if !refused {
				t.Errorf("%s with %q is never answered with %d", path, credential, want)
			}
		}
	}
	for key := range open {
		found := false
		for _, r := range g.routes {
			found = found || r.Key() == key
		}
		if !found {
			t.Errorf("%s is said to be open, and there is no such route", key)
		}
	}
	t.Logf("%d calls of %d routes", tried, len(g.routes))
}
