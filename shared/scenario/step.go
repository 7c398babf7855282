package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Paths of the short forms.
const (
	reportsPath = "/api/v3/livechat/reports/"
	// BotsPath is what the paths of ChatBot's reports begin with.
	BotsPath   = "/reports/"
	eventsPath = "/v1/events"
)

// Step is one request with the answer expected.
type Step struct {
	Name string // as written
	Request
	want    want
	file    int    // of the answer
	remarks string // lines of the answer that begin with '#'
}

// Request is one HTTP request.
type Request struct {
	Method, Target string // Target is path?query
	Header         http.Header
	Body           string

	given http.Header // the headers that the text names
}

// Report tells what a question to a report is, without its HTTP: the path and the
// query. ok is false for other requests, and for those with headers of their own.
func (r *Request) Report() (path string, query url.Values, ok bool) {
	path, raw, _ := strings.Cut(r.Target, "?")
	query, err := url.ParseQuery(raw)
	return path, query, err == nil && r.Method == http.MethodGet && len(r.given) == 0 &&
		(strings.HasPrefix(path, reportsPath) || strings.HasPrefix(path, BotsPath))
}

// Export is the name of the export asked for, in plain words, and its parameters.
func (r *Request) Export() (name string, query url.Values, ok bool) {
	u, err := url.Parse(r.Target)
	if err != nil {
		return "", nil, false
	}
	name, ok = strings.CutPrefix(u.Path, "/v1/exports/")
	query = u.Query()
	return name, query, ok && r.Method == http.MethodGet && !strings.Contains(name, "/") && name != "links" && !query.Has("spreadsheetSafe") && !query.Has("names") &&
		(query.Get("format") == "" || query.Get("format") == "csv")
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// step reads the request in part i, and the answer: in the same part, or in the
// one that follows if that is called so.
func (s *Scenario) step(i int, with url.Values) (Step, error) {
	files := s.archive.Files
	method, target, _ := strings.Cut(files[i].Name, " ")
	step := Step{Name: files[i].Name, file: i, Request: Request{Method: method, Target: target}}
	if !slices.Contains(methods, method) || target == "" {
		return step, fmt.Errorf("a part is called 'given', 'answer' after a request, or METHOD PATH with one of %s", strings.Join(methods, ", "))
	}
	request := ""
	if i+1 < len(files) && files[i+1].Name == "answer" {
		request, step.file = string(files[i].Data), i+1
	} else if method != http.MethodGet && method != http.MethodHead {
		return step, fmt.Errorf("the part holds the request; its answer is a part 'answer' that follows it")
	}
	if err := s.request(&step.Request, request, with); err != nil {
		return step, err
	}
	var err error
	step.want, step.remarks, err = parseWant(string(files[step.file].Data))
	return step, err
}

// request reads headers and body.
func (s *Scenario) request(r *Request, text string, with url.Values) (err error) {
	r.given, r.Body = cutHeader(withoutRemarks(text))
	if body, ok := strings.CutSuffix(r.Body, "\\\n"); ok { // no line feed at the end
		r.Body = body
	}
	switch {
	case r.Target == "events":
		r.Target = eventsPath
		r.Body, err = s.batch(r.Body)
		r.Header = http.Header{"Content-Type": {"application/cloudevents-batch+json"}}
	case r.Target[0] != '/':
		r.Target, err = reportTarget(r.Target, with)
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Bearer "+ownKey)
	maps.Copy(r.Header, r.given)
	for name, values := range r.Header { // 'Authorization:' takes it away
		if slices.Equal(values, []string{""}) {
			delete(r.Header, name)
		}
	}
	return err
}

// reportTarget is the target of a report's short form, with the parameters of all.
func reportTarget(name string, with url.Values) (string, error) {
	path, raw, _ := strings.Cut(name, "?")
	own, err := url.ParseQuery(raw)
	query := url.Values{}
	maps.Copy(query, with)
	maps.Copy(query, own)
	for name, values := range query { // 'group=' takes back what 'with' says
		if slices.Equal(values, []string{""}) {
			delete(query, name)
		}
	}
	if len(query) == 0 {
		return reportsPath + path, err
	}
	return reportsPath + path + "?" + query.Encode(), err
}

// batch writes lines as in 'given' as one batch of events. They may be wrong: the
// answer says so.
func (s *Scenario) batch(text string) (string, error) {
	day := ""
	var events []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case isDay(line):
			day = line
		default:
			raw, err := s.eventJSON(day, line)
			if err != nil {
				return "", fmt.Errorf("%q: %w", line, err)
			}
			events = append(events, string(raw))
		}
	}
	return "[" + strings.Join(events, ",") + "]", nil
}

// want is an answer as expected.
type want struct {
	status int
	header []field
	json   any    // as JSON gives it
	text   string // if the content type expected is not JSON's
	isText bool
	empty  bool
}

// field is one line of a header.
type field struct{ name, value string }

var fieldLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*):(?: (.*))?$`)

// parseWant reads an answer: status, headers, body.
func parseWant(text string) (w want, remarks string, err error) {
	w.status = http.StatusOK
	for line := range strings.Lines(text) {
		if line[0] == '#' {
			remarks += line
		}
	}
	text = strings.TrimLeft(withoutRemarks(text), " \t\n")
	if first, rest, _ := strings.Cut(text, "\n"); isStatus(first) {
		if w.status, err = strconv.Atoi(first); err != nil {
			return w, "", err
		}
		w.header, text = cutFields(rest)
	}
	for _, f := range w.header {
		if f.name == "Content-Type" && f.value != "" {
			w.isText = !isJSON(f.value)
		}
	}
	switch w.empty = strings.TrimSpace(text) == ""; {
	case w.empty:
	case w.isText:
		w.text, err = readText(text)
	default:
		err = json.Unmarshal([]byte(text), &w.json)
	}
	return w, remarks, err
}

func isStatus(s string) bool {
	return len(s) == 3 && strings.Trim(s, "0123456789") == ""
}

func withoutRemarks(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line[0] != '#' {
			b.WriteString(line)
		}
	}
	return b.String()
}

// cutFields cuts header lines, and an empty line behind them, off a text.
func cutFields(text string) (fields []field, rest string) {
	for {
		line, after, _ := strings.Cut(text, "\n")
		if line == "" {
			return fields, after
		}
		m := fieldLine.FindStringSubmatch(line)
		if m == nil {
			return fields, text
		}
		fields, text = append(fields, field{http.CanonicalHeaderKey(m[1]), strings.TrimSpace(m[2])}), after
	}
}

func cutHeader(text string) (http.Header, string) {
	fields, rest := cutFields(text)
	header := http.Header{}
	for _, f := range fields {
		header.Add(f.name, f.value)
	}
	return header, rest
}
