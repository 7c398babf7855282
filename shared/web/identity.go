package web

import (
	"context"
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

// Identity is who called.
type Identity struct {
	Tenant  tenant.Tenant
	KeyID   string
	Scopes  []string
	Outcome Outcome
	// Basic says that the credential came as HTTP Basic, which not every dialect takes.
	Basic bool
}

type identityKey struct{}

// WithIdentity says who called.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, id)
}

// Identify tells who called; nobody, if nothing before it said so.
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
