package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"chatreports/shared/tenant"
)

// Outcome is what came of a caller's credential.
type Outcome string

// Outcomes. The zero Identity is Missing.
const (
	Missing     Outcome = "missing"     // there was none
	Malformed   Outcome = "malformed"   // it is of no form that is taken
	Unknown     Outcome = "unknown"     // no key has this secret, or not any more
	Unavailable Outcome = "unavailable" // it could not be looked up
	OK          Outcome = "ok"
)

// Identity is who called, as the authorizer found out.
type Identity struct {
	Tenant  tenant.Tenant
	KeyID   string
	Scopes  []string
	Outcome Outcome
	// Basic says that the credential came as HTTP Basic, which not every dialect takes.
	Basic bool

	// idOnly says that the tenant's settings did not fit: only its id is known.
	idOnly bool
}

type identityKey struct{}

// WithIdentity says who called.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// Identify tells who called; without an authorizer before it, nobody.
func Identify(ctx context.Context) Identity {
	id, ok := ctx.Value(identityKey{}).(Identity)
	if !ok {
		id.Outcome = Missing
	}
	return id
}

// Has says whether the caller's key has a scope.
func (id Identity) Has(scope string) bool {
	return id.Outcome == OK && slices.Contains(id.Scopes, scope)
}

// maxSettings is how large a tenant's settings may be to travel in the
// authorizer's context; larger ones are read again by the function.
const maxSettings = 4 << 10

// Context is the identity as the authorizer passes it on: strings only, since
// API Gateway takes nothing deeper. A webhook's token stays behind.
func (id Identity) Context() (map[string]any, error) {
	c := map[string]any{"outcome": string(id.Outcome)}
	if id.Basic {
		c["scheme"] = "basic"
	}
	if id.Outcome != OK {
		return c, nil
	}
	t := id.Tenant
	t.Webhooks = nil
	settings, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	scopes, err := json.Marshal(id.Scopes)
	if err != nil {
		return nil, err
	}
	c["key"], c["scopes"], c["tenantId"] = id.KeyID, string(scopes), t.ID
	if len(settings) <= maxSettings {
		c["tenant"] = string(settings)
	}
	return c, nil
}

// identityOf reads what Context wrote.
func identityOf(c map[string]any) Identity {
	text := func(name string) string { s, _ := c[name].(string); return s }
	id := Identity{Outcome: Outcome(text("outcome")), Basic: text("scheme") == "basic"}
	switch id.Outcome {
	case Malformed, Unknown, Unavailable:
		return id
	case OK:
	default:
		return Identity{Outcome: Missing}
	}
	id.KeyID, id.Tenant.ID = text("key"), text("tenantId")
	if json.Unmarshal([]byte(text("scopes")), &id.Scopes) != nil || id.Tenant.ID == "" {
		return Identity{Outcome: Unavailable}
	}
	settings := text("tenant")
	if id.idOnly = settings == ""; !id.idOnly && json.Unmarshal([]byte(settings), &id.Tenant) != nil {
		return Identity{Outcome: Unavailable}
	}
	return id
}

// Settle reads the tenant's settings where the authorizer could not pass them on.
func Settle(read func(ctx context.Context, id string) (tenant.Tenant, bool, error), log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := Identify(r.Context())
		if !id.idOnly {
			next.ServeHTTP(w, r)
			return
		}
		t, ok, err := read(r.Context(), id.Tenant.ID)
		if err == nil && !ok {
			err = errors.New("there is no such tenant")
		}
		id.Tenant, id.idOnly = t, false
		if err != nil {
			log.ErrorContext(r.Context(), "reading the caller's tenant", "error", err)
			id = Identity{Outcome: Unavailable}
		}
		next.ServeHTTP(w, r.WithContext(WithIdentity(r.Context(), id)))
	})
}
