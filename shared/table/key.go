package table

import "strings"

const hex = "0123456789ABCDEF"

// Join builds one key part out of values, separated by '/'. In each value the
// bytes '/', '%' and all control bytes are written as %XX, so that no two lists
// of values give the same key ("1","23" and "12","3" do not collide) and Split
// gives the values back. An empty value is written as "%".
func Join(values ...string) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte('/')
		}
		if v == "" {
			b.WriteByte('%')
			continue
		}
		for j := 0; j < len(v); j++ {
			switch c := v[j]; {
			case c == '/' || c == '%' || c < 0x20 || c == 0x7f:
				b.WriteByte('%')
				b.WriteByte(hex[c>>4])
				b.WriteByte(hex[c&15])
			default:
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// Split takes apart what Join built.
func Split(key string) []string {
	parts := strings.Split(key, "/")
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
