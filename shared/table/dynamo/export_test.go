package dynamo

import (
	"testing"
	"time"
)

// HurryRetries makes the pauses between tries short for one test.
func HurryRetries(t *testing.T) {
	before := unit
	unit = 50 * time.Microsecond
	t.Cleanup(func() { unit = before })
}

// HurryAnswers makes the time short in which an answer has to begin, for one test.
func HurryAnswers(t *testing.T) {
	before := answers
	answers = 200 * time.Millisecond
	t.Cleanup(func() { answers = before })
}

// MaxTries is how often a call is tried.
const MaxTries = maxTries
