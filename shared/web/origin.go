package web

import (
	"net/http"
	"slices"

	"chatreports/shared/tenant"
)

// Scripts of other sites may read answers with keys of tenants that name their origin, if the
// key can do nothing but read: it lies open in a browser. (CORS. API Gateway could answer for
// it only with one list for all tenants; so functions do, on AWS and elsewhere alike.)

// told are the headers of answers that scripts may read besides the usual ones.
const told = "Counted-Until, Link, Note, Warning, Retry-After, Content-Disposition"

// preflight answers browsers that ask whether a script may call. It says yes to any: who has
// no key learns nothing by calling, and whether an answer may be read is said with the answer,
// when the key, and so the tenant, is known.
func preflight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin, method := r.Header.Get("Origin"), r.Header.Get("Access-Control-Request-Method")
		if r.Method != http.MethodOptions || origin == "" || method == "" {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept")
		h.Set("Access-Control-Max-Age", "3600")
		w.WriteHeader(http.StatusNoContent)
	})
}

// sharing are the headers that share sets.
var sharing = []string{"Vary", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}

// share lets scripts of the caller's origin read the answer, if its tenant names that and the
// key may only read.
func share(w http.ResponseWriter, r *http.Request, id Identity) {
	if len(id.Tenant.Origins) == 0 {
		return
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !slices.Equal(id.Scopes, []string{tenant.ReportsRead}) || !slices.Contains(id.Tenant.Origins, r.Header.Get("Origin")) {
		return
	}
	h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	h.Set("Access-Control-Expose-Headers", told)
}
