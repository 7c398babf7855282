// Package lookup tells what is known of entities: which agents, departments, campaigns, …
// there are, with their names, and everything of one chat. In: a request. Out: a list, or
// the chat's events, what follows from them, and what the chat counts for. It knows no
// vendor's report.
package lookup

import (
	"context"
	"net/http"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/extract"
	"chatreports/shared/table"
)

// Prefixes of the two paths; a kind, or a chat's id, follows.
const (
	DirectoryPrefix = "/v1/directory/"
	ChatPrefix      = "/v1/chats/"
)

// API answers both questions.
type API struct{ journal, state table.Table }

// New returns the API over both tables.
func New(journal, state table.Table) *API { return &API{journal, state} }

// Shape is how it tells a refusal.
func (a *API) Shape() dialect.Shape { return dialect.Ours }

// Answer answers one request.
func (a *API) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	if kind, ok := strings.CutPrefix(r.Path, DirectoryPrefix); ok {
		return a.directory(ctx, r, strings.TrimSuffix(kind, "/"))
	}
	if id, ok := strings.CutPrefix(r.Path, ChatPrefix); ok && id != "" {
		return a.chat(ctx, r, id)
	}
	return nil, dialect.Refuse(http.StatusNotFound, "not_found", "There is nothing at %s.", dialect.Clip(r.Path))
}

// source reads names as of now.
func (a *API) source(ctx context.Context, r *dialect.Request) (*extract.Source, error) {
	now := r.Now.UnixMilli()
	ground := &extract.Ground{Journal: a.journal, State: a.state}
	return ground.Open(ctx, &extract.Window{Tenant: r.Tenant, From: now, To: now, Now: now})
}
