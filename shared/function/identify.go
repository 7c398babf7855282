package function

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// identified is in front of whatever needs a key: it looks up who calls, and leaves it to
// the handler behind it to refuse in its dialect's words (web.Require).
//
// The function does so itself, and no authorizer of API Gateway: that would be a second
// function in each call, for twice the price and with a cold start of its own, and one that
// a crowd without keys could use up for everybody. API Gateway's own cache is no way out: it
// goes by the header, and refuses a call without one in words that are no dialect's.
func identified(d Deps) func(http.Handler) http.Handler {
	keys := tenant.NewKeys(d.State, time.Now)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := identify(r.Context(), d, keys, r.Header.Get("Authorization"))
			web.Note(r.Context(), slog.String("tenant", id.Tenant.ID), slog.String("key", id.KeyID), slog.String("outcome", string(id.Outcome)))
			next.ServeHTTP(w, r.WithContext(web.WithIdentity(r.Context(), id)))
		})
	}
}

func identify(ctx context.Context, d Deps, keys *tenant.Keys, authorization string) web.Identity {
	secret, basic, ok := credential(authorization)
	if !ok {
		outcome := web.Malformed
		if strings.TrimSpace(authorization) == "" {
			outcome = web.Missing
		}
		return web.Identity{Outcome: outcome}
	}
	grant, ok, err := keys.Lookup(ctx, secret)
	switch {
	case err != nil:
		d.Log.ErrorContext(ctx, "looking up a key", "error", err)
		return web.Identity{Outcome: web.Unavailable}
	case !ok:
		return web.Identity{Outcome: web.Unknown, Basic: basic}
	}
	return web.Identity{Tenant: grant.Tenant, KeyID: grant.KeyID, Scopes: grant.Scopes, Outcome: web.OK, Basic: basic}
}

// credential takes the secret out of an Authorization header: the token of Bearer,
// the password of Basic.
func credential(header string) (secret string, basic, ok bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		return rest, false, rest != ""
	case "basic":
		raw, err := base64.StdEncoding.DecodeString(rest)
		_, password, found := strings.Cut(string(raw), ":")
		return password, true, err == nil && found && password != ""
	}
	return "", false, false
}
