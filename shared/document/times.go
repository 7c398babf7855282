package document

import (
	"math"

	"chatreports/shared/fact"
)

// Time is one of the times of a document. The numbers are stored.
type Time int

// Times of a document. The first two every one has.
const (
	Created           Time = 0 // when the chat was requested
	Updated           Time = 1
	FirstAgentMessage Time = 2
	FirstBotMessage   Time = 3
	FirstUserMessage  Time = 4
	FirstClose        Time = 5
	// Times is how many there are.
	Times = 6
)

// Time is one of its times.
func (d *Document) Time(t Time) fact.Moment {
	switch t {
	case Created:
		return fact.MomentOf(d.CreatedAt)
	case Updated:
		return fact.MomentOf(d.UpdatedAt)
	case FirstAgentMessage:
		return d.FirstAgentMessage
	case FirstBotMessage:
		return d.FirstBotMessage
	case FirstUserMessage:
		return d.FirstUserMessage
	default:
		return d.FirstClose
	}
}

// Span is a time in Unix milliseconds, both ends included.
type Span struct{ From, To int64 }

// Anytime is the Span that bounds nothing: even a document without that time is in it.
var Anytime = Span{math.MinInt64, math.MaxInt64}

// Bounds are what each time of a document must lie in.
type Bounds [Times]Span

// Unbounded are the Bounds that any document is within.
func Unbounded() (b Bounds) {
	for t := range b {
		b[t] = Anytime
	}
	return b
}

// Hold says whether a document is within the bounds.
func (b *Bounds) Hold(d *Document) bool {
	for t, s := range b {
		if m := d.Time(Time(t)); s != Anytime && (!m.Came() || m.Millis() < s.From || m.Millis() > s.To) {
			return false
		}
	}
	return true
}
