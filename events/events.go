// Package events holds recorded and exemplary events as files, for tests, for
// demonstrations and as what a reader can send by hand: one sample per event type,
// a batch that tells a consistent story, and a slice of real conversations.
package events

import "embed"

// Files is this directory: samples/TYPE.json, samples/batch.json and
// ubuntu-irc/events.ndjson (its licence is in ubuntu-irc/README.md).
//
//go:embed samples/*.json ubuntu-irc/events.ndjson ubuntu-irc/README.md
var Files embed.FS
