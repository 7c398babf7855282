package dialect

import (
	"fmt"
	"strings"
)

// mostNamed is how many entities of one name are told.
const mostNamed = 3

// Whose says whose name it is that was given where a parameter wants an id: the name, else a part of
// it, of which of the known entities of a kind. Empty: of none. It is as a header can hold it.
func Whose(asked, kind, parameter string, known []string, name func(id string) string) string {
	words := func(text string) string { return strings.Join(strings.Fields(strings.ToLower(text)), " ") }
	said := words(asked)
	var whole, part []string
	for _, id := range known {
		called := name(id)
		told := Called(id, called)
		if called == asked {
			told = Printable(id) // the name was said already
		}
		switch own := words(called); {
		case said == "" || own == "":
		case own == said:
			whole = append(whole, told)
		case strings.Contains(" "+own+" ", " "+said+" "):
			part = append(part, told)
		}
	}
	is, of := "is the name", whole
	if whole == nil {
		is, of = "is in the name", part
	}
	switch text, more := Printable(asked), len(of)-mostNamed; {
	case of == nil:
		return ""
	case len(of) == 1:
		return fmt.Sprintf("%s %s of %s %s, and %s wants its id", text, is, kind, of[0], parameter)
	case more > 0:
		return fmt.Sprintf("%s %s of %ss %s and %d more, and %s wants an id", text, is, kind, strings.Join(of[:mostNamed], ", "), more, parameter)
	default:
		return fmt.Sprintf("%s %s of %ss %s, and %s wants an id", text, is, kind, strings.Join(of, ", "), parameter)
	}
}

// Called is an entity as a header tells it: by its id, with its name if it has one.
func Called(id, name string) string {
	if name != "" {
		id += " (" + name + ")"
	}
	return Printable(id)
}
