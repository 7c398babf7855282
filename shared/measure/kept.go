package measure

// How a measure adds up, what it is kept with, and how it is made of others. All
// numbers are for good.

// Shape is how contributions of a measure add up.
type Shape uint8

const (
	// Sum: N counted at a time.
	Sum Shape = 0
	// Samples: N samples of Value milliseconds at a time: their number, their
	// exact total, and how many had each whole second.
	Samples Shape = 1
	// Level: N from At to Until, spread over exactly what it covers.
	Level Shape = 2
	// Step: a level kept as a function of time at millisecond resolution, for
	// maxima and for the time at least one was there.
	Step Shape = 3
	// Keyed: N under a string key at a time.
	Keyed Shape = 4
	// Peak: the largest value of a function in each quarter hour: contributions cover
	// whole quarters, and in each their N add up to it.
	Peak Shape = 5
	// Computed: made on read of other measures; nothing is kept.
	Computed Shape = 6
)

var shapeNames = [...]string{
	Sum: "sum", Samples: "samples", Level: "level", Step: "step", Keyed: "keyed", Peak: "peak", Computed: "computed",
}

func (s Shape) String() string { return shapeNames[s] }

// Group is what a measure is asked for together with. Where there is much of a
// group, it lies in blocks of its own, because a report reads whole blocks:
// shared/cell says in which.
type Group uint8

const (
	Others   Group = 0
	Volume   Group = 1 // requests and what became of them
	Queueing Group = 2 // requests in queues
	Attended Group = 3 // what agents did
	Waits    Group = 4 // how long requests waited
	Visitors Group = 5 // keys that are visitors
	Pages    Group = 6 // keys that are pages
	Lines    Group = 7 // functions of queues
	Files    Group = 8 // keys that are documents
	Stories  Group = 9 // keys that are stories of bots
	// Interactions have keys that are interactions of bots.
	Interactions Group = 10
)

// Open is what a measure is asked for together with while it has no end.
type Open uint8

const (
	NeverOpen    Open = 0 // it always has an end
	OpenQueues   Open = 1 // who waits
	OpenStatuses Open = 2 // agents' statuses
	OpenLengths  Open = 3 // chats' lengths
	OpenOthers   Open = 4
)

// Rule is how many facts together make up a measure that is no sum over facts.
type Rule uint8

const (
	// OfFacts: they do not; each fact contributes its own part.
	OfFacts Rule = 0
	// Both: the time in which both bases are above zero.
	Both Rule = 1
	// Largest: the largest value of the base in each quarter hour.
	Largest Rule = 2
)

var ruleNames = [...]string{OfFacts: "of", Both: "both", Largest: "largest"}

func (r Rule) String() string { return ruleNames[r] }
