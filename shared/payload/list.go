package payload

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/tenant"
)

// Entry says where a delivery is kept.
type Entry struct {
	Key             string
	Tenant, Webhook string
	Day             time.Time // UTC, on which it came
	Bytes           int64

	name string // the key from the webhook on
}

// List yields what is kept of a tenant's webhook, or of all if none is named, of the UTC days
// from <= day < to: by day, webhook and arrival. On failure it yields the error and ends.
func List(ctx context.Context, s object.Store, tenant, webhook string, from, to time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for day := from; day.Before(to); day = day.AddDate(0, 0, 1) {
			for e, err := range ofDay(ctx, s, tenant, webhook, day) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// listing is what is kept of a day in one class, from its head on.
type listing struct {
	head Entry
	next func() (object.Info, error, bool)
}

// advance goes to the next head, or says that there is none.
func (l *listing) advance(of Entry) (more bool, err error) {
	info, err, more := l.next()
	if !more || err != nil {
		return false, err
	}
	of.Key, of.Bytes = info.Key, info.Bytes
	of.name = strings.SplitN(info.Key, "/", 5)[4] // payloads, the class, the tenant and the day come before
	of.Webhook, _, _ = strings.Cut(of.name, "/")
	l.head = of
	return true, nil
}

// ofDay merges what is kept in all classes: a tenant may have moved from one to another.
func ofDay(ctx context.Context, s object.Store, who, webhook string, day time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		of := Entry{Tenant: who, Day: day}
		var lists []*listing
		for _, days := range tenant.PayloadDays() {
			next, stop := iter.Pull2(s.List(ctx, Class(days)+within(who, webhook, day)))
			defer stop()
			l := &listing{next: next}
			more, err := l.advance(of)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if more {
				lists = append(lists, l)
			}
		}
		for len(lists) > 0 {
			first := slices.MinFunc(lists, func(a, b *listing) int { return strings.Compare(a.head.name, b.head.name) })
			if !yield(first.head, nil) {
				return
			}
			more, err := first.advance(of)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if !more {
				lists = slices.DeleteFunc(lists, func(l *listing) bool { return l == first })
			}
		}
	}
}
