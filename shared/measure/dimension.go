package measure

import "chatreports/shared/tuple"

// Dim is a dimension: what a contribution counts for. Its number is stored with
// every contribution, its name in the keys of blocks: both are for good.
type Dim uint8

const (
	None Dim = 0
	Site Dim = 1 // the tenant as a whole; its one value is ""

	Agent      Dim = 2
	Department Dim = 3
	// AgentDepartment is an agent while in a department: its values are
	// Pair(agent, department).
	AgentDepartment Dim = 4

	Campaign   Dim = 5
	Segment    Dim = 6
	Queue      Dim = 7 // Pair(type, id) of a route
	Invitation Dim = 8
	Conversion Dim = 9 // a conversion's action

	Named Dim = 10 // the kind of what events name
	User  Dim = 11 // a visitor, by the name events give
)

// dimensions says what is known of each. Values that are pairs hold a '/'.
var dimensions = [...]struct {
	name string
	pair bool
}{
	None:            {name: "none"},
	Site:            {name: "site"},
	Agent:           {name: "agent"},
	Department:      {name: "department"},
	AgentDepartment: {name: "agentDepartment", pair: true},
	Campaign:        {name: "campaign"},
	Segment:         {name: "segment"},
	Queue:           {name: "queue", pair: true},
	Invitation:      {name: "invitation"},
	Conversion:      {name: "conversion"},
	Named:           {name: "named"},
	User:            {name: "user"},
}

func (d Dim) String() string { return dimensions[d].name }

func (d Dim) pair() bool { return dimensions[d].pair }

// Pair joins two ids into one value, reversibly.
func Pair(a, b string) string { return tuple.Join(a, b) }

// Unpair takes a pair apart.
func Unpair(v string) (a, b string) {
	p := tuple.Split(v)
	if len(p) != 2 {
		return v, ""
	}
	return p[0], p[1]
}

// Series is what blocks are kept for: one dimension, or two crossed. Its name is
// stored in the keys of blocks.
type Series [2]Dim

func (s Series) String() string {
	if s[1] == None {
		return s[0].String()
	}
	return s[0].String() + "-" + s[1].String()
}

// Depth is how many '/' end or divide the values of the series in a key.
func (s Series) Depth() int {
	n := 1
	if s[1] != None {
		n++
	}
	if s[0].pair() {
		n++
	}
	return n
}
