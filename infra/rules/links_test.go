package rules

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// link is [text](target) or ![text](target "title"); reference is [name]: target.
var (
	link      = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	reference = regexp.MustCompile(`(?m)^\s{0,3}\[[^\]]+\]:\s*(\S+)`)
	heading   = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
	fenced    = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```\\s*$")
	code      = regexp.MustCompile("`[^`\n]*`")
)

func TestLinksInMarkdownResolve(t *testing.T) {
	for _, name := range files(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		text := fenced.ReplaceAllString(read(t, name), "")
		text = code.ReplaceAllString(text, "")
		for _, m := range append(link.FindAllStringSubmatch(text, -1), reference.FindAllStringSubmatch(text, -1)...) {
			if problem := broken(t, name, m[1]); problem != "" {
				t.Errorf("%s: %s: %s", name, m[1], problem)
			}
		}
	}
}

// broken says what is wrong with a link in the file, or nothing. Links out of the repository are not followed.
func broken(t *testing.T, name, target string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		return err.Error()
	}
	if u.Scheme != "" || u.Host != "" {
		return ""
	}
	file := name
	if u.Path != "" {
		if strings.HasPrefix(u.Path, "/") {
			return "a link within the repository is relative"
		}
		file = path.Join(path.Dir(name), u.Path)
		if _, err := fs.Stat(root, file); err != nil {
			return "there is no " + file
		}
	}
	if u.Fragment == "" || path.Ext(file) != ".md" {
		return ""
	}
	if !anchors(read(t, file))[u.Fragment] {
		return file + " has no such heading"
	}
	return ""
}

// anchors are the names that GitHub gives to headings.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(m[1]) {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				b.WriteRune(r)
			case r == ' ':
				b.WriteByte('-')
			}
		}
		name := b.String()
		for i := 1; names[name]; i++ {
			name = b.String() + "-" + strconv.Itoa(i)
		}
		names[name] = true
	}
	return names
}
