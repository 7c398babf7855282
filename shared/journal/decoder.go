package journal

import (
	"hash/maphash"

	"chatreports/shared/event"
)

// Decoder reads events of many entities one after another, and keeps once what many of them
// say alike: names, ids, who did something. It is used by one goroutine at a time. Nil is one
// that keeps nothing.
type Decoder struct {
	seed   maphash.Seed
	texts  [1 << 10]string
	actors [1 << 8]*event.Actor
	event  event.Event // the one read last
}

// NewDecoder returns one that has read nothing.
func NewDecoder() *Decoder { return &Decoder{seed: maphash.MakeSeed()} }

// longest is how long a text may be to be kept.
const longest = 64

// text is a string of those bytes.
func (d *Decoder) text(b []byte) string {
	if d == nil || len(b) > longest {
		return string(b)
	}
	kept := &d.texts[maphash.Bytes(d.seed, b)%uint64(len(d.texts))]
	if *kept != string(b) {
		*kept = string(b)
	}
	return *kept
}

// actor is an actor like that, which nobody changes.
func (d *Decoder) actor(a event.Actor) *event.Actor {
	kept := new(*event.Actor)
	if d != nil {
		kept = &d.actors[maphash.String(d.seed, a.ID)%uint64(len(d.actors))]
	}
	if *kept == nil || **kept != a {
		one := a
		*kept = &one
	}
	return *kept
}
