package gateway

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/dialect/chatbot"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/function"
	"chatreports/shared/table/embedded"
)

func TestTheMostSpecificRouteTakesARequest(t *testing.T) {
	var rs routes
	for _, key := range []string{
		"ANY /a", "GET /a", "ANY /a/{id}", "ANY /a/b", "ANY /a/{id}/c", "ANY /a/{rest+}", "ANY /{all+}", "POST /only", "ANY $default",
	} {
		method, path, _ := strings.Cut(key, " ")
		rs = append(rs, route{Route: stack.Route{Method: method, Path: path}, segments: strings.Split(strings.TrimPrefix(path, "/"), "/")})
	}
	for request, want := range map[string]string{
		"GET /a":     "GET /a",
		"PUT /a":     "ANY /a",
		"GET /a/b":   "ANY /a/b",
		"GET /a/x":   "ANY /a/{id} map[id:x]",
		"GET /a/x/c": "ANY /a/{id}/c map[id:x]",
		"GET /a/x/d": "ANY /a/{rest+} map[rest:x/d]",
		"GET /a/":    "ANY /a/{id} map[id:]",
		"GET /x/y":   "ANY /{all+} map[all:x/y]",
		"GET /only":  "ANY /{all+} map[all:only]",
		"POST /only": "POST /only",
		"GET /":      "$default",
	} {
		method, path, _ := strings.Cut(request, " ")
		r, parameters := rs.find(method, path)
		got := r.Key()
		if parameters != nil {
			got += fmt.Sprint(" ", parameters)
		}
		if got != want {
			t.Errorf("%s goes to %s, want %s", request, got, want)
		}
	}
	if r, _ := rs[:1].find("GET", "/z"); r != nil {
		t.Errorf("/z goes to %s, want nowhere", r.Key())
	}
}

// TestTheTemplateServesWhatThereIs keeps the template, the functions' folders and
// the reports together.
func TestTheTemplateServesWhatThereIs(t *testing.T) {
	description, err := stack.Deployed()
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for code := range builders {
		left[code] = true
	}
	for _, f := range description.Functions {
		if builders[f.Code] == nil {
			t.Errorf("the local system does not know %s", f.Code)
		}
		delete(left, f.Code)
	}
	for code := range left {
		t.Errorf("%s is not in the template", code)
	}
	mains, err := filepath.Glob("../../../functions/*/main.go")
	if err != nil || len(mains) != len(builders) {
		t.Errorf("there are %d mains and %d functions that the local system knows, error %v", len(mains), len(builders), err)
	}
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	log := slog.New(slog.DiscardHandler)
	functions, err := Build(description, function.Deps{Journal: db.Table("journal"), State: db.Table("state"), Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	rs := New(functions, log).routes
	for _, path := range comm100.Paths() {
		r, _ := rs.find("GET", path)
		if r == nil || r.function.Code != "functions/report" || strings.HasSuffix(r.Path, "/reports/{proxy+}") {
			t.Errorf("%s has no route of its own: %+v", path, r)
		}
	}
	for _, report := range comm100.Reports() {
		r, _ := rs.find("GET", comm100.Prefix+report.Path)
		if r == nil || !strings.EqualFold(r.function.Name, "Report"+report.Family+"Function") {
			t.Errorf("%s is of the %s; its route is %+v", report.Path, report.Family, r)
		}
	}
	for _, path := range chatbot.Paths() {
		if r, _ := rs.find("GET", path); r == nil || r.function.Code != "functions/report-bots" {
			t.Errorf("%s has no route of its own: %+v", path, r)
		}
	}
	for _, path := range []string{"/reports/raw", "/reports/raw/", "/reports/raw/x", "/reports/raw/x/", "/v2/reports/raw", "/v2/reports/raw/", "/v2/reports/raw/x", "/v2/reports/raw/x/"} {
		if r, _ := rs.find("POST", path); r == nil || r.function.Code != "functions/extracts" {
			t.Errorf("%s has no route of its own: %+v", path, r)
		}
	}
}

func TestAFunctionNobodyKnowsIsNamed(t *testing.T) {
	_, err := Build(stack.Stack{Functions: []stack.Function{{Name: "F", Code: "functions/nope"}}}, function.Deps{})
	if want := "template.yaml has a function F in functions/nope that the local system does not know"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %q", err, want)
	}
}
