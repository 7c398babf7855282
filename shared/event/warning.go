package event

import (
	"fmt"
	"strings"

	"chatreports/shared/nearest"
)

// Warning says that a member of an event that was taken counts for nothing. ID is the
// event's, Field the member's path.
type Warning struct {
	ID      string `json:"id"`
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// CodeUnknownMember is of a member that the type does not know.
const CodeUnknownMember = "unknown_member"

// maxWarnings is how many unknown members of one event are listed: an answer must not
// grow with what is sent.
const maxWarnings = 10

// warn notes an unknown member.
func (r *reader) warn(path, name string, known []string) {
	if len(r.warnings) == maxWarnings {
		r.more++
		return
	}
	field := path + "." + clip(name)
	message := fmt.Sprintf("'%s' is not known by %s, and counts for nothing", field, r.typ)
	switch meant := nearest.Name(name, known); {
	case meant != "":
		message += fmt.Sprintf("; '%s.%s' was probably meant", path, meant)
	case len(known) > 0:
		message += fmt.Sprintf("; '%s' may have %s", path, strings.Join(known, ", "))
	}
	r.warnings = append(r.warnings, Warning{Code: CodeUnknownMember, Field: field, Message: message})
}

// finished are the warnings with the event's id.
func (r *reader) finished(id string) []Warning {
	for i := range r.warnings {
		r.warnings[i].ID = id
	}
	if r.more > 0 {
		r.warnings[maxWarnings-1].Message += fmt.Sprintf("; nor are %d others", r.more)
	}
	return r.warnings
}
