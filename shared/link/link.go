// Package link keeps public links: whoever holds one reads one report of one tenant, as
// it was set when the link was made, without a key. In: what a link is to be for; later a
// token, or a link's id. Out: a token, told once; or the link. Of a token only the SHA-256
// is stored. It knows no report, no HTTP and no clock.
package link

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/table"
)

// Link is one public link.
type Link struct {
	// ID names the link among those of its tenant, and opens nothing.
	ID     string
	Tenant string
	// Report and Settings are what it is for, as the report has them.
	Report   string
	Settings []Setting
	// Key is the id of the key by which it was made.
	Key     string
	Created time.Time
	// Expires is when it stops; the zero time: never.
	Expires time.Time
	// Used is when it was last used, to within a minute; the zero time: never.
	Used time.Time

	item table.Item // as it was read
}

// Setting is one parameter of the report.
type Setting struct {
	_           struct{} `cbor:",toarray"`
	Name, Value string
}

// record is a link as it is stored, under the hash of its token. Times are Unix
// milliseconds.
type record struct {
	Tenant   string    `cbor:"1,keyasint,omitempty"`
	ID       string    `cbor:"2,keyasint,omitempty"`
	Report   string    `cbor:"3,keyasint,omitempty"`
	Settings []Setting `cbor:"4,keyasint,omitempty"`
	Key      string    `cbor:"5,keyasint,omitempty"`
	Created  int64     `cbor:"6,keyasint,omitempty"`
	Expires  int64     `cbor:"7,keyasint,omitempty"`
	Used     int64     `cbor:"8,keyasint,omitempty"`
}

// pointer is what stands under the id of a link: where the link is.
type pointer struct {
	Hash string `cbor:"1,keyasint,omitempty"`
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func linkKey(hash string) table.Key {
	return table.Key{Part: table.Join("link", hash), Sort: "-"}
}

func pointerPart(tenant string) string { return table.Join(tenant, "link") }

func pointerKey(tenant, id string) table.Key {
	return table.Key{Part: pointerPart(tenant), Sort: table.Join(id)}
}

const (
	// Most is how many links a tenant may have.
	Most = 1000
	// Shown is how long a link is still listed after it has expired.
	Shown = 30 * 24 * time.Hour
	// idLength is that of an id; a token is longer.
	idLength = 10
)

// ErrTooMany says that a tenant has as many links as it may have.
var ErrTooMany = errors.New("link: the tenant has as many links as it may have")

// Links are the links of all tenants.
type Links struct{ state table.Table }

// New returns the links kept in the state's table.
func New(state table.Table) *Links { return &Links{state} }

// Make stores a new link of a tenant for a report with its settings, made by a key at
// Created. It gives the link its id, and tells the token: 130 random bits, which nobody
// can be told again.
func (s *Links) Make(ctx context.Context, l Link) (token string, made Link, err error) {
	n := 0
	for _, err := range s.state.Query(ctx, table.Range{Part: pointerPart(l.Tenant), Limit: Most}) {
		if err != nil {
			return "", Link{}, fmt.Errorf("counting the links of %q: %w", l.Tenant, err)
		}
		n++
	}
	if n >= Most {
		return "", Link{}, ErrTooMany
	}
	token, l.ID = rand.Text(), rand.Text()[:idLength]
	hash := hashOf(token)
	at, err := stored.Marshal(pointer{hash})
	if err != nil {
		return "", Link{}, err
	}
	item, err := l.encode(hash)
	if err != nil {
		return "", Link{}, err
	}
	item.Version = 1
	err = s.state.Write(ctx,
		table.Op{Item: item, If: table.Absent},
		table.Op{Item: table.Item{Key: pointerKey(l.Tenant, l.ID), Value: at, Version: 1, Expires: item.Expires}, If: table.Absent})
	if err != nil {
		return "", Link{}, fmt.Errorf("storing a link of %q: %w", l.Tenant, err)
	}
	return token, l, nil
}

// Find returns the link that a token opens. ok is false if there is none, or not any
// more: one read, whichever it is.
func (s *Links) Find(ctx context.Context, token string, now time.Time) (l Link, ok bool, err error) {
	items, err := s.state.Get(ctx, linkKey(hashOf(token)))
	if err != nil {
		return Link{}, false, fmt.Errorf("looking up a link: %w", err)
	}
	l, err = decode(items[0])
	return l, err == nil && items[0].Version > 0 && !l.Expired(now), err
}

// Expired says whether the link has stopped by then.
func (l *Link) Expired(now time.Time) bool { return !l.Expires.IsZero() && !now.Before(l.Expires) }

// noteEvery is how often a link's use is stored at most.
const noteEvery = time.Minute

// Note stores that a link that was found is used, unless that was stored within the last
// minute. A link that is revoked meanwhile stays revoked.
func (s *Links) Note(ctx context.Context, l Link, now time.Time) error {
	if now.Sub(l.Used) < noteEvery {
		return nil
	}
	l.Used = now
	item, err := l.encode(table.Split(l.item.Part)[1])
	if err != nil {
		return err
	}
	item.Version = l.item.Version + 1
	err = s.state.Write(ctx, table.Op{Item: item, If: table.Unchanged(l.item)})
	if _, other := errors.AsType[*table.ConflictError](err); other { // somebody else noted it, or it is gone
		return nil
	}
	if err != nil {
		return fmt.Errorf("noting that a link was used: %w", err)
	}
	return nil
}

// List returns the links of a tenant in the order in which they were made, those too that
// expired a short time ago.
func (s *Links) List(ctx context.Context, tenant string, now time.Time) ([]Link, error) {
	keys, err := s.Stored(ctx, tenant)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	items, err := s.state.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("reading the links of %q: %w", tenant, err)
	}
	var links []Link
	for _, item := range items {
		l, err := decode(item)
		if err != nil {
			return nil, err
		}
		if item.Version > 0 && (l.Expires.IsZero() || now.Before(l.Expires.Add(Shown))) {
			links = append(links, l)
		}
	}
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return links, nil
}

// Revoke ends a link of a tenant for good, named by its token or by its id. ok is false if
// the tenant has no such link.
func (s *Links) Revoke(ctx context.Context, tenant, name string) (ok bool, err error) {
	items, err := s.state.Get(ctx, linkKey(hashOf(name)), pointerKey(tenant, name))
	if err != nil {
		return false, fmt.Errorf("looking up a link of %q: %w", tenant, err)
	}
	byToken, err := decode(items[0])
	if err != nil {
		return false, err
	}
	at, err := decodePointer(items[1])
	if err != nil {
		return false, err
	}
	hash, id := at.Hash, name
	if items[0].Version > 0 && byToken.Tenant == tenant {
		hash, id = hashOf(name), byToken.ID
	}
	if hash == "" {
		return false, nil
	}
	err = s.state.Write(ctx,
		table.Op{Verb: table.Delete, Item: table.Item{Key: linkKey(hash)}},
		table.Op{Verb: table.Delete, Item: table.Item{Key: pointerKey(tenant, id)}})
	if err != nil {
		return false, fmt.Errorf("revoking a link of %q: %w", tenant, err)
	}
	return true, nil
}

// Stored lists where the links of a tenant are, those too that have expired.
func (s *Links) Stored(ctx context.Context, tenant string) (keys []table.Key, err error) {
	for item, err := range s.state.Query(ctx, table.Range{Part: pointerPart(tenant)}) {
		if err != nil {
			return nil, fmt.Errorf("listing the links of %q: %w", tenant, err)
		}
		p, err := decodePointer(item)
		if err != nil {
			return nil, err
		}
		keys = append(keys, linkKey(p.Hash))
	}
	return keys, nil
}
