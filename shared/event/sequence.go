package event

import "iter"

// Sequence gives the events of one entity that count, in the order in which they fold, as
// often as they are asked for, and of them those whose type is wanted. One is the reader's
// until the next one comes; what it points to may be kept.
type Sequence func(wanted func(typ string) bool) iter.Seq[*Event]

// InSequence gives events that are in memory.
func InSequence(events []Event) Sequence {
	return func(wanted func(typ string) bool) iter.Seq[*Event] {
		return func(yield func(*Event) bool) {
			for i := range events {
				if e := &events[i]; wanted(e.Type) && !yield(e) {
					return
				}
			}
		}
	}
}

// First is the first event of a type; nil: there is none.
func (s Sequence) First(typ string) *Event {
	for e := range s(func(t string) bool { return t == typ }) {
		return e
	}
	return nil
}
