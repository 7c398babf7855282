package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// Zeros stands in a list for one or more rows in which no figure is but 0 or null.
const Zeros = "zeros"

// openEnd ends a string that stands for every one beginning so.
const openEnd = "…"

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// isJSON says whether a content type is JSON's.
func isJSON(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// value is the body as JSON gives it.
func (a *Answer) value() (v any, err error) {
	if kind := a.Header.Get("Content-Type"); !isJSON(kind) {
		return nil, fmt.Errorf("the body is %q and not JSON; what is not JSON has its Content-Type before it", kind)
	}
	return v, json.Unmarshal(a.Body, &v)
}

// Differ says where an answer differs from the one expected, or is empty.
func (s *Step) Differ(a Answer) string {
	w := &s.want
	if a.Status != w.status {
		return fmt.Sprintf("status %d, want %d: %s", a.Status, w.status, a.Body)
	}
	for _, f := range w.header {
		if got := strings.Join(a.Header.Values(f.name), ", "); !matches(got, f.value) {
			return fmt.Sprintf("the header %s is %q, want %q", f.name, got, f.value)
		}
	}
	switch {
	case w.empty && len(a.Body) > 0:
		return fmt.Sprintf("the body is %s, want none", a.Body)
	case w.empty:
		return ""
	case w.isText:
		return differLines(string(a.Body), w.text)
	}
	got, err := a.value()
	if err != nil {
		return err.Error()
	}
	return Differ(got, w.json)
}

// DifferReference is Differ for one who answers a report's question without HTTP
// and refuses in other words: of a refusal only the status is compared.
func (s *Step) DifferReference(status int, body any) string {
	if status != s.want.status {
		return fmt.Sprintf("status %d, want %d: %v", status, s.want.status, body)
	}
	if status != http.StatusOK {
		return ""
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	var got any
	if err := json.Unmarshal(raw, &got); err != nil {
		return err.Error()
	}
	return Differ(got, s.want.json)
}

// DifferText is DifferReference for a text; what is refused is not compared.
func (s *Step) DifferText(text string) string {
	if s.want.status != http.StatusOK {
		return ""
	}
	return differLines(text, s.want.text)
}

// matches says whether a string is the one wanted, or begins so.
func matches(got, want string) bool {
	return got == want || strings.HasSuffix(want, openEnd) && strings.HasPrefix(got, strings.TrimSuffix(want, openEnd))
}

// differLines names the first line of a text that is not as wanted.
func differLines(got, want string) string {
	if got == want {
		return ""
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	i := 0
	for g[i] == w[i] {
		i++
	}
	return fmt.Sprintf("line %d is %q, want %q", i+1, g[i], w[i])
}

// Differ says where a JSON value differs from the one wanted, or is empty. All
// members must be there and no others; numbers agree to one part in a billion.
func Differ(got, want any) string { return differ("", got, want) }

func differ(at string, got, want any) string {
	switch w := want.(type) {
	case float64:
		if g, ok := got.(float64); ok && math.Abs(g-w) <= 1e-9*math.Max(1, math.Abs(w)) {
			return ""
		}
	case string:
		if g, ok := got.(string); ok && matches(g, w) {
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
		if k != "time" && v != float64(0) && v != nil {
			return false
		}
	}
	return true
}

// write writes an answer as the part's text: the headers that were expected, and
// the content type of what is not JSON.
func (s *Step) write(a Answer) (string, error) {
	kind := a.Header.Get("Content-Type")
	var fields []field
	typed := false
	for _, f := range s.want.header {
		if got := strings.Join(a.Header.Values(f.name), ", "); !matches(got, f.value) {
			f.value = got
		}
		fields = append(fields, f)
		typed = typed || f.name == "Content-Type"
	}
	isText := len(a.Body) > 0 && !isJSON(kind)
	if isText && !typed {
		fields = append(fields, field{"Content-Type", kind})
	}
	text := ""
	if a.Status != http.StatusOK || len(fields) > 0 {
		text = strconv.Itoa(a.Status) + "\n"
	}
	for _, f := range fields {
		text += strings.TrimSuffix(f.name+": "+f.value, " ") + "\n"
	}
	switch {
	case len(a.Body) == 0:
		return text, nil
	case isText:
		return text + "\n" + writeText(string(a.Body)), nil
	}
	v, err := a.value()
	if err != nil {
		return "", err
	}
	body, err := write(v)
	return text + body, err
}

// write writes a JSON value, a list with one item a line. Of a long one runs of rows
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
