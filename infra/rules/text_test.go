package rules

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// written tells whether the file is text written for this repository, and not data (messages of others, checksums).
func written(name string) bool {
	return strings.HasPrefix(name, ".ci/") || !strings.Contains(name, "/") && name != "go.sum" ||
		slices.Contains(strings.Fields(".go .md .yaml .yml .toml .json .txt .txtar .sh .py .html .css .js"), path.Ext(name))
}

var (
	// A path that is only on the machine where the text was written. (The patterns are put together from parts,
	// so that they do not find themselves.)
	machinePath = regexp.MustCompile(`(^|[\s"'` + "`" + `(=:,@])/(wor` + `k|roo` + `t|hom` + `e|User` + `s)(/[^\s"'` + "`" + `)]*|["'` + "`" + `)\s,]|$)`)

	// Whoever builds this takes packages from where their own machine is set up to.
	mirror = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
		`proxy\.gol` + `ang\.org`, `sum\.gol` + `ang\.org`, `gop` + `roxy\.(io|cn)`,
		`registry\.n` + `pmjs\.org`, `registry\.y` + `arnpkg\.com`,
		`pypi\.o` + `rg/simple`, `files\.pyth` + `onhosted\.org`,
		`(static|index)\.cra` + `tes\.io`, `deb\.deb` + `ian\.org`,
		`repo1?\.mav` + `en\.(apache\.)?org`,
		`[a-z0-9.-]*(artif` + `actory|nex` + `us|jfr` + `og)[a-z0-9-]*\.[a-z0-9.-]+/`,
	}, "|") + `)`)
)

func TestNoTextNamesAMachine(t *testing.T) {
	for _, name := range files(t) {
		if !written(name) {
			continue
		}
		n := 0
		for line := range strings.Lines(read(t, name)) {
			n++
			line = strings.TrimSuffix(line, "\n")
			if found := machinePath.FindString(line); found != "" {
				t.Errorf("%s:%d names a path of one machine: %q", name, n, found)
			}
			if found := mirror.FindString(line); found != "" {
				t.Errorf("%s:%d names where packages come from: %q", name, n, found)
			}
		}
	}
}

func TestThePatternsFindWhatTheyShould(t *testing.T) {
	for _, c := range []struct {
		line string
		want bool
	}{
		{"cd /wor" + "k/main", true},
		{`"/roo` + `t/.cache"`, true},
		{"/hom" + "e", true},
		{"see /Use" + "rs/ann/x", true},
		{"`/roo" + "t`", true},
		{"/api/v3/livechat/reports/workload", false},
		{"https://example.com/home", false},
		{"/workload", false},
		{"/roots/a", false},
		{"infra/work/x", false},
	} {
		if got := machinePath.MatchString(c.line); got != c.want {
			t.Errorf("a path in %q: found is %v", c.line, got)
		}
	}
	for _, c := range []struct {
		line string
		want bool
	}{
		{"GOPROXY=https://proxy.gol" + "ang.org", true},
		{"https://build.example.com/artif" + "actory/x", false}, // a path, and no host of ours to know
		{"https://artif" + "actory.example.com/npm", true},
		{"https://pkg.go.dev/net/http", false},
	} {
		if got := mirror.MatchString(c.line); got != c.want {
			t.Errorf("a mirror in %q: found is %v", c.line, got)
		}
	}
}
