// Package nearest finds what was probably meant by a name that is misspelt. In: the name, and those
// that are known. Out: the one of them that is a slip away, if one is.
package nearest

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// longest is the longest name that is compared, in bytes: no known one is longer.
const longest = 80

// Name is the one of the known names that a name was probably meant to be: the same in another case
// of letters, or a few letters away. Empty if there is none, or if it could be several. A digit is
// no slip: last3Months is not lastMonth.
func Name(name string, known []string) string {
	if len(name) > longest {
		return ""
	}
	meant, least, lengths, several := "", 0, 0, false
	for _, k := range known {
		if len(k) > longest || digits(k) != digits(name) {
			continue
		}
		away, near := Away(ends(name, k))
		if !near {
			continue
		}
		longer := max(len(k), len(name)) - min(len(k), len(name))
		switch {
		case meant == "" || away < least || away == least && longer < lengths:
			meant, least, lengths, several = k, away, longer, false
		case away == least && longer == lengths:
			several = several || k != meant
		}
	}
	if several {
		return ""
	}
	return meant
}

// Hint begins the sentence that refuses a name: "X was probably meant; ", or nothing.
func Hint(name string, known []string) string {
	if meant := Name(name, known); meant != "" {
		return meant + " was probably meant; "
	}
	return ""
}

// Away is how many letters one text is from another, whatever their case; near says that so many
// are a slip in a text as long as the first.
func Away(asked, text string) (letters int, near bool) {
	letters = levenshtein.ComputeDistance(strings.ToLower(asked), strings.ToLower(text))
	return letters, letters <= max(1, (len(asked)+1)/3)
}

// ends leaves out what both names have up to the last dot or slash of the known one: of chat.ended
// and chat.rated it is ended and rated that are compared.
func ends(name, known string) (string, string) {
	at := strings.LastIndexAny(known, "./") + 1
	if at < len(name) && strings.EqualFold(name[:at], known[:at]) {
		return name[at:], known[at:]
	}
	return name, known
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
