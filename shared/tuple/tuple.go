// Package tuple writes a list of strings as one, reversibly: in keys of records,
// and in values and keys of what is counted. In: strings. Out: one string, or the
// strings again. Everything stored depends on its bytes: they never change.
package tuple

import (
	"strings"
	"unicode/utf8"
)

const hex = "0123456789ABCDEF"

// Join writes values one after the other, separated by '/'. In each value the
// bytes '/', '%', all control bytes, bytes that are not UTF-8 and the
// noncharacter U+10FFFF (which table.Prefix needs) are written as %XX, so that no
// two lists of values give the same string ("1","23" and "12","3" do not collide),
// the string is UTF-8, and Split gives the values back. An empty value is written
// as "%".
func Join(values ...string) string {
	var b strings.Builder
	n := len(values)
	for _, v := range values {
		n += len(v)
	}
	b.Grow(n)
	for i, v := range values {
		if i > 0 {
			b.WriteByte('/')
		}
		if v == "" {
			b.WriteByte('%')
		}
		if plain(v) {
			b.WriteString(v)
			continue
		}
		for j := 0; j < len(v); {
			r, n := utf8.DecodeRuneInString(v[j:])
			if r == '/' || r == '%' || r < 0x20 || r == 0x7f || r == utf8.MaxRune || r == utf8.RuneError && n == 1 {
				for _, c := range []byte(v[j : j+n]) {
					b.Write([]byte{'%', hex[c>>4], hex[c&15]})
				}
			} else {
				b.WriteString(v[j : j+n])
			}
			j += n
		}
	}
	return b.String()
}

// plain says that v is ASCII with nothing to escape.
func plain(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < 0x20 || c >= 0x7f || c == '/' || c == '%' {
			return false
		}
	}
	return true
}

// Split takes apart what Join built.
func Split(joined string) []string {
	if joined == "" {
		return nil
	}
	parts := strings.Split(joined, "/")
	for i, p := range parts {
		if p == "%" {
			parts[i] = ""
			continue
		}
		if !strings.Contains(p, "%") {
			continue
		}
		var b strings.Builder
		for j := 0; j < len(p); j++ {
			if p[j] == '%' && j+2 < len(p) {
				b.WriteByte(unhex(p[j+1])<<4 | unhex(p[j+2]))
				j += 2
				continue
			}
			b.WriteByte(p[j])
		}
		parts[i] = b.String()
	}
	return parts
}

func unhex(c byte) byte {
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}
