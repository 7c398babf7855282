// Package rfc3339 reads moments as RFC 3339 writes them, T and Z in either case.
package rfc3339

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"
)

// What is not read is of another form, or names a day or time that there is not; a leap
// second is none.
var (
	ErrForm = errors.New("not of the form 2026-03-01T09:30:00Z")
	ErrNone = errors.New("no such day or time")
)

// form is what time.Parse does not insist on: two digits each, a point, an offset
// of less than a day.
var form = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
})

// Parse reads one moment.
func Parse(s string) (time.Time, error) {
	if !form().MatchString(s) {
		return time.Time{}, ErrForm
	}
	t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	if err != nil {
		return time.Time{}, ErrNone
	}
	return t, nil
}
