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

// MaxTries is how often a call is tried.
const MaxTries = maxTries
