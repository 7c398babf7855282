package function

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/tenant"
	"chatreports/shared/web"
)

// Authorize is API Gateway's authorizer. It lets every call through and says in
// its context who called: an HTTP API cannot shape an authorizer's refusals, so
// the function behind it refuses, in its dialect's words (web.Require).
func Authorize(d Deps) lambda.Handler {
	keys := tenant.NewKeys(d.State, time.Now)
	return lambda.NewHandler(func(ctx context.Context, e events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
		c, err := identify(ctx, d, keys, header(e.Headers, "authorization")).Context()
		return events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: true, Context: c}, err
	})
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

// header finds a header whatever its case.
func header(headers map[string]string, name string) string {
	if v, ok := headers[name]; ok {
		return v
	}
	for k, v := range headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}
