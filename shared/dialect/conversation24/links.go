package conversation24

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/link"
	"chatreports/shared/nearest"
	"chatreports/shared/tenant"
)

// Link is a public link as its tenant is told of it. Token and URL are told once, when it
// is made.
type Link struct {
	ID     string `json:"id"`
	Report string `json:"report"`
	settings
	CreatedAt string  `json:"createdAt"`
	ExpiresAt *string `json:"expiresAt"`
	Expired   bool    `json:"expired"`
	// UsedAt is when it was last used, to within a minute.
	UsedAt *string `json:"usedAt"`
	// Key is the id of the key by which it was made.
	Key   string `json:"key"`
	Token string `json:"token,omitempty"`
	URL   string `json:"url,omitempty"`
}

// settings are the report's parameters that a link was made with.
type settings struct {
	From            string `json:"from,omitempty"`
	To              string `json:"to,omitempty"`
	Campaign        string `json:"campaign,omitempty"`
	Format          string `json:"format,omitempty"`
	SpreadsheetSafe bool   `json:"spreadsheetSafe,omitempty"`
	Names           bool   `json:"names,omitempty"`
}

const expiresAt = "expiresAt"

// Link makes a public link to a report. The body is a JSON object of the report's
// parameters and expiresAt, all of them optional; base is what the link's address begins
// with, key who makes it.
func (a *API) Link(ctx context.Context, r *dialect.Request, report, base, key string) (any, error) {
	of, refused := find(report)
	if refused != nil {
		return nil, refused
	}
	query, refused := of.members(r.Body)
	if refused != nil {
		return nil, refused
	}
	expires, refused := expiry(query, r)
	if refused != nil {
		return nil, refused
	}
	query.Del(expiresAt)
	asked := *r
	asked.Query = query
	if _, refused := of.read(&asked); refused != nil {
		return nil, refused
	}
	l := link.Link{Tenant: r.Tenant.ID, Report: of.name, Key: key, Created: r.Now, Expires: expires}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		l.Settings = append(l.Settings, link.Setting{Name: name, Value: query.Get(name)})
	}
	token, l, err := a.links.Make(ctx, l)
	if errors.Is(err, link.ErrTooMany) {
		return nil, dialect.Refuse(http.StatusConflict, "too_many_links", "There are %d public links, and there may be no more: revoke some that are not needed.", link.Most)
	}
	if err != nil {
		return nil, err
	}
	made := told(&l, r.Now)
	made.Token, made.URL = token, base+PublicPath+token
	return made, nil
}

// PublicPath is what the paths of links begin with.
const PublicPath = "/public/"

// members reads the body's members as parameters.
func (e *report) members(body []byte) (url.Values, *dialect.Refusal) {
	known := append(e.parameters().Names(), expiresAt)
	query := url.Values{}
	if len(bytes.TrimSpace(body)) == 0 {
		return query, nil
	}
	malformed := func(format string, args ...any) *dialect.Refusal {
		return dialect.Refuse(http.StatusBadRequest, "malformed_body", format, args...)
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return nil, malformed("The body is no JSON object; it would be one of %s, all of them optional.", strings.Join(known, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, name) {
			meant := nearest.Name(name, known)
			if meant != "" {
				meant = fmt.Sprintf(": '%s' was probably meant", meant)
			}
			refused := malformed("Member '%s' is unknown%s. Known members: %s.", dialect.Clip(name), meant, strings.Join(known, ", "))
			refused.Code, refused.Field, refused.Known = "unknown_member", dialect.Clip(name), known
			return nil, refused
		}
		switch v := members[name].(type) {
		case nil:
		case string:
			query.Set(name, v)
		case bool:
			query.Set(name, strconv.FormatBool(v))
		default:
			return nil, dialect.Invalid(name, "it is neither a string nor a truth value")
		}
	}
	return query, nil
}

// expiry reads when a link stops. An empty time is refused: taken for none it would make a link
// that stays.
func expiry(query url.Values, r *dialect.Request) (time.Time, *dialect.Refusal) {
	if !query.Has(expiresAt) {
		return time.Time{}, nil
	}
	text := query.Get(expiresAt)
	zone, err := calendar.ParseZone(r.Tenant.Zone)
	if err != nil {
		return time.Time{}, badZone()
	}
	at, err := dialect.Instant(zone, text)
	if err != nil {
		return time.Time{}, dialect.Invalid(expiresAt, "%s", err)
	}
	if !at.After(r.Now) {
		return time.Time{}, dialect.Invalid(expiresAt, "%s is past; without it the link does not expire", text)
	}
	return at, nil
}

// Links lists the links of the tenant.
func (a *API) Links(ctx context.Context, r *dialect.Request) (any, error) {
	kept, err := a.links.List(ctx, r.Tenant.ID, r.Now)
	out := make([]Link, len(kept))
	for i := range kept {
		out[i] = told(&kept[i], r.Now)
	}
	return map[string][]Link{"links": out}, err
}

func told(l *link.Link, now time.Time) Link {
	out := Link{ID: l.ID, Report: l.Report, CreatedAt: dialect.FormatMoment(l.Created.UnixMilli()), Expired: l.Expired(now), Key: l.Key}
	out.ExpiresAt, out.UsedAt = moment(l.Expires), moment(l.Used)
	for _, s := range l.Settings {
		switch s.Name {
		case "from":
			out.From = s.Value
		case "to":
			out.To = s.Value
		case "campaign":
			out.Campaign = s.Value
		case "format":
			out.Format = s.Value
		case "spreadsheetSafe":
			out.SpreadsheetSafe = s.Value == "true"
		case dialect.Naming.Name:
			out.Names = s.Value == "true"
		}
	}
	return out
}

func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := dialect.FormatMoment(t.UnixMilli())
	return &s
}

// Revoke ends a link of the tenant, named by its token or its id.
func (a *API) Revoke(ctx context.Context, r *dialect.Request, name string) error {
	ok, err := a.links.Revoke(ctx, r.Tenant.ID, name)
	if err == nil && !ok {
		return dialect.Refuse(http.StatusNotFound, "unknown_link", "There is no such link; GET %slinks lists those there are.", Path)
	}
	return err
}

// Open is the question that a public link asks, with the link. Whatever is no link, and
// what is one no more, revoked, expired or of a tenant that has no key left, are refused in
// the same words.
func (a *API) Open(ctx context.Context, token string, now time.Time) (*dialect.Request, link.Link, error) {
	l, ok, err := a.links.Find(ctx, token, now)
	var t tenant.Tenant
	if err == nil && ok {
		t, ok, err = tenant.Active(ctx, a.state, l.Tenant)
	}
	if err != nil {
		return nil, link.Link{}, err
	}
	if !ok {
		return nil, link.Link{}, dialect.Refuse(http.StatusNotFound, "unknown_link", "There is no such link, or not any more.")
	}
	query := url.Values{}
	for _, s := range l.Settings {
		query.Set(s.Name, s.Value)
	}
	return &dialect.Request{Tenant: &t, Path: Path + l.Report, Query: query, Now: now}, l, nil
}

// Note stores that a link is used now.
func (a *API) Note(ctx context.Context, l link.Link, now time.Time) error {
	return a.links.Note(ctx, l, now)
}
