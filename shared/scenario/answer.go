package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// Zeros stands in a list for one or more rows in which no figure is but 0.
const Zeros = "zeros"

// openEnd ends a string that stands for every one beginning so.
const openEnd = "…"

// Values is a body as JSON gives it back.
func Values(body any) (any, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(raw, &out)
}

// Differ says where an answer differs from the one wanted, or is empty. All
// members must be there and no others; numbers agree to one part in a billion.
func Differ(got, want any) string { return differ("", got, want) }

func differ(at string, got, want any) string {
	switch w := want.(type) {
	case float64:
		if g, ok := got.(float64); ok && math.Abs(g-w) <= 1e-9*math.Max(1, math.Abs(w)) {
			return ""
		}
	case string:
		if g, ok := got.(string); ok && (g == w || strings.HasSuffix(w, openEnd) && strings.HasPrefix(g, strings.TrimSuffix(w, openEnd))) {
			return ""
		}
	case []any:
		g, ok := got.([]any)
		if !ok {
			break
		}
		return differLists(at, g, w)
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		for k := range g {
			if _, ok := w[k]; !ok {
				return fmt.Sprintf("%s has a member %q that it should not have", at, k)
			}
		}
		for k := range w {
			if _, ok := g[k]; !ok {
				return fmt.Sprintf("%s lacks the member %q", at, k)
			}
			if d := differ(at+"."+k, g[k], w[k]); d != "" {
				return d
			}
		}
		return ""
	default:
		if reflect.DeepEqual(got, want) {
			return ""
		}
	}
	return fmt.Sprintf("%s is %v, want %v", at, got, want)
}

func differLists(at string, got, want []any) string {
	n := 0
	for i, w := range want {
		if w == Zeros {
			first := n
			for n < len(got) && isZero(got[n]) {
				n++
			}
			if n == first {
				return fmt.Sprintf("%s[%d] should be zeros: %s", at, n, rest(got, n))
			}
			continue
		}
		if n == len(got) {
			return fmt.Sprintf("%s has %d items; it lacks %v", at, len(got), want[i])
		}
		if d := differ(fmt.Sprintf("%s[%d]", at, n), got[n], w); d != "" {
			return d + fmt.Sprintf(" in %v", got[n])
		}
		n++
	}
	if n < len(got) {
		return fmt.Sprintf("%s has more than it should: %s", at, rest(got, n))
	}
	return ""
}

func rest(list []any, n int) string {
	if n == len(list) {
		return "there is nothing more"
	}
	return fmt.Sprint(list[n])
}

// isZero says whether all figures of a row are 0; its time is no figure.
func isZero(row any) bool {
	m, ok := row.(map[string]any)
	if !ok {
		return false
	}
	for k, v := range m {
		if k != "time" && v != float64(0) {
			return false
		}
	}
	return true
}

// write writes an answer, a list with one item a line. Of a long one runs of rows
// without figures become Zeros.
func write(body any) (string, error) {
	list, ok := body.([]any)
	if !ok {
		text, err := line(body)
		return text + "\n", err
	}
	if len(list) == 0 {
		return "[]\n", nil
	}
	var lines []string
	for i, item := range list {
		if len(list) > 30 && isZero(item) {
			if i == 0 || !isZero(list[i-1]) {
				lines = append(lines, `"`+Zeros+`"`)
			}
			continue
		}
		text, err := line(item)
		if err != nil {
			return "", err
		}
		lines = append(lines, text)
	}
	return "[\n  " + strings.Join(lines, ",\n  ") + "\n]\n", nil
}

func line(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
