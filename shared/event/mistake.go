package event

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/nearest"
)

// wrongType refuses a value for what it is, and says what it should be.
func wrongType(field string, raw json.RawMessage, should string) *Refusal {
	return refuse(CodeWrongType, field, "is %s; it should be %s", told(raw), should)
}

// told is a JSON value as a message tells it.
func told(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s)
		return strconv.Quote(clip(s))
	}
	return clip(string(raw))
}

// missing refuses an object without a member that it must have, and says what was found instead:
// null, or an unknown member whose name is nearly the same. prefix stands before names in paths.
func missing(prefix, name, should string, members map[string]json.RawMessage, known []string) *Refusal {
	found := ""
	if _, ok := members[name]; ok {
		found = "; it is null"
	} else if instead := misspelt(name, members, known); instead != "" {
		found = fmt.Sprintf("; '%s%s' was found in its place", prefix, instead)
	}
	return refuse(CodeMissingField, prefix+name, "is required%s%s", should, found)
}

// mostCompared is how many unknown members are compared with a missing one.
const mostCompared = 100

// misspelt is the unknown member that was probably meant to be the missing one; empty if none is.
func misspelt(missing string, members map[string]json.RawMessage, known []string) string {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	return nearest.Name(missing, unknown[:min(len(unknown), mostCompared)])
}

// unknownType refuses a type that there is not.
func unknownType(field, typ string) *Refusal {
	known := TypeNames()
	return refuse(CodeUnknownType, field, "is %q; %sknown types: %s", clip(typ), nearest.Hint(typ, known), strings.Join(known, ", "))
}
