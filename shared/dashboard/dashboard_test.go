package dashboard_test

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

var now = time.Date(2026, 3, 5, 15, 20, 0, 0, time.UTC)

// centre is a system with two days and a half of a small contact centre.
func centre(t *testing.T) *trial.System {
	t.Helper()
	s, err := trial.Open(t.TempDir(), now, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Name: "Acme <Ltd>", Zone: "Asia/Kathmandu", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
		Keys: []tenant.Key{
			{ID: "all", Secret: "a secret", Scopes: tenant.Scopes()},
			{ID: "feed", Secret: "feeding", Scopes: []string{tenant.EventsWrite}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 4, Start: now.Add(-64 * time.Hour), End: now, Scale: 0.03, Agents: 4, Departments: 2, Campaigns: 2, RoundTheClock: true}).Events() {
		events = append(events, e)
	}
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
	return s
}

// get asks as a browser does that holds a key, or none.
func get(t *testing.T, s *trial.System, target, secret string) (int, http.Header, string) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer a secret"}}
	if strings.HasPrefix(target, "/dashboard/") || strings.HasPrefix(target, "/?") || target == "/" {
		header = http.Header{}
		if secret != "" {
			header.Set("Cookie", signIn(t, s, secret))
		}
	}
	return send(t, s, "GET", target, header, "")
}

func send(t *testing.T, s *trial.System, method, target string, header http.Header, body string) (int, http.Header, string) {
	t.Helper()
	response, err := s.Request(method, target, header, body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

// signIn is the cookie that signing in gives.
func signIn(t *testing.T, s *trial.System, secret string) string {
	t.Helper()
	_, header, _ := send(t, s, "POST", "/dashboard/sign-in", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "key="+url.QueryEscape(secret))
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie
}

// figure is a number on a page, and where it leads.
type figure struct {
	value float64
	href  string
}

// figures are those of a page.
func figures(t *testing.T, page string) (out []figure) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		value, ok := attribute(n, "data-value")
		if !ok || value == "" {
			continue
		}
		f := figure{}
		if f.value, err = strconv.ParseFloat(value, 64); err != nil {
			t.Errorf("a figure is %q", value)
		}
		for a := range n.Descendants() {
			if a.Data == "a" {
				f.href, _ = attribute(a, "href")
			}
		}
		out = append(out, f)
	}
	return out
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

var paths = []string{"/", "/dashboard/agents", "/dashboard/departments", "/dashboard/queues", "/dashboard/satisfaction", "/dashboard/bots", "/dashboard/conversions"}

// TestEveryFigureIsThatOfItsRows follows the figures of every page to the rows that they
// are made of, whose total is the report's own figure.
func TestEveryFigureIsThatOfItsRows(t *testing.T) {
	s := centre(t)
	_, _, directory := get(t, s, "/v1/directory/department", "")
	var departments []struct{ ID string }
	if err := json.Unmarshal([]byte(directory), &departments); err != nil || len(departments) == 0 {
		t.Fatal(directory)
	}
	for i, path := range paths {
		for _, query := range []string{"?range=last7", "?range=yesterday&zone=Europe/Berlin&compare=previous", "?from=2026-03-03&to=2026-03-04&department=" + departments[0].ID} {
			status, _, page := get(t, s, path+query, "a secret")
			if status != http.StatusOK {
				t.Fatalf("%s answers %d", path+query, status)
			}
			all := figures(t, page)
			if len(all) < 5 {
				t.Errorf("%s has %d figures", path+query, len(all))
			}
			followed := 0
			for n := i % 3; n < len(all); n += 1 + len(all)/20 {
				if strings.HasPrefix(all[n].href, "/dashboard/rows?") {
					follow(t, s, all[n])
					followed++
				}
			}
			if followed < 3 {
				t.Errorf("of %s only %d figures lead to rows", path+query, followed)
			}
		}
	}
}

// follow asks for the rows of a figure.
func follow(t *testing.T, s *trial.System, f figure) {
	t.Helper()
	status, _, body := get(t, s, "/v1/rows?"+strings.TrimPrefix(f.href, "/dashboard/rows?"), "")
	var told struct{ Total any }
	if err := json.Unmarshal([]byte(body), &told); status != http.StatusOK || err != nil {
		t.Errorf("%s answers %d %s", f.href, status, body)
		return
	}
	same := func(v any) bool { n, ok := v.(float64); return ok && math.Abs(n-f.value) < 1e-6 }
	match := same(told.Total)
	if parts, ok := told.Total.(map[string]any); ok { // percentiles
		for _, v := range parts {
			match = match || same(v)
		}
	}
	if !match {
		t.Errorf("the page says %v, and its rows at %s %v", f.value, f.href, told.Total)
	}
}

func TestAFigureLeadsToItsChats(t *testing.T) {
	s := centre(t)
	_, _, page := get(t, s, "/?range=last7", "a secret")
	at := ""
	for _, f := range figures(t, page) {
		if strings.Contains(f.href, "measure=chats&") && f.value > 0 {
			at = f.href
			break
		}
	}
	status, _, rows := get(t, s, at, "a secret")
	_, link, ok := strings.Cut(rows, `href="/dashboard/chat?id=`)
	if status != http.StatusOK || !ok {
		t.Fatalf("%s answers %d without a chat", at, status)
	}
	id, _, _ := strings.Cut(link, `&`)
	status, _, chat := get(t, s, "/dashboard/chat?id="+id, "a secret")
	if status != http.StatusOK || !strings.Contains(chat, "chat.requested") || !strings.Contains(chat, "chatRequests") {
		t.Errorf("chat %s: %d, without its events or what it counts for", id, status)
	}
}

func TestATableIsTakenAlong(t *testing.T) {
	s := centre(t)
	status, header, body := get(t, s, "/dashboard/table?report=chatVolume&group=day&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-05T00:00:00", "a secret")
	if status != http.StatusOK || !strings.HasPrefix(body, "chatRequests,chats,missedChats,refusedChats,time.from,time.to\r\n") || header.Get("Content-Disposition") != `attachment; filename="chatVolume.csv"` {
		t.Errorf("%d %v %s", status, header, body)
	}
	status, header, body = get(t, s, "/dashboard/rows?report=chatVolume&group=total&measure=chats&names=true&format=csv&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-05T00:00:00", "a secret")
	if status != http.StatusOK || !strings.HasPrefix(body, "kind,id,name,time,") || header.Get("Content-Disposition") != `attachment; filename="rows.csv"` {
		t.Errorf("%d %v %.300s", status, header, body)
	}
}

func TestSigningIn(t *testing.T) {
	s := centre(t)
	for _, path := range append([]string{"/dashboard/exports", "/dashboard/data", "/dashboard/live", "/dashboard/rows?report=chatVolume", "/dashboard/chat?id=x", "/dashboard/table?report=chatVolume"}, paths...) {
		want := http.StatusUnauthorized
		if path == "/dashboard/exports" || path == "/dashboard/data" || slices.Contains(paths, path) {
			want = http.StatusOK
		}
		if status, _, page := get(t, s, path, ""); status != want || !strings.Contains(page, `name="key"`) || strings.Contains(page, "Acme") {
			t.Errorf("%s answers %d, and shows something to somebody without a key: %s", path, status, page)
		}
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for secret, want := range map[string]int{"": 401, "wrong": 401, "feeding": 403, "a secret": 303} {
		status, header, _ := send(t, s, "POST", "/dashboard/sign-in", form, "key="+url.QueryEscape(secret))
		if status != want {
			t.Errorf("the key %q gives %d, want %d", secret, status, want)
		}
		cookie := header.Get("Set-Cookie")
		if got := cookie != ""; got != (want == 303) {
			t.Errorf("the key %q gives the cookie %q", secret, cookie)
		}
		if want == 303 && (!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || strings.Contains(cookie, "a secret")) {
			t.Errorf("the cookie is %q", cookie)
		}
	}
	status, header, page := get(t, s, "/", "a secret")
	if status != http.StatusOK || !strings.Contains(page, "Acme &lt;Ltd&gt;") {
		t.Errorf("signed in: %d", status)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	if _, header, _ = send(t, s, "POST", "/dashboard/sign-out", http.Header{}, ""); !strings.Contains(header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out leaves the cookie %q", header.Get("Set-Cookie"))
	}
}

func TestWhatAnAddressSaysWrong(t *testing.T) {
	s := centre(t)
	for query, want := range map[string]string{
		"?range=never":                   "range",
		"?zone=Mars/Base":                "zone",
		"?from=2026-03-04&to=2026-03-03": "before the first day",
		"?from=yesterday&to=2026-03-03":  "is no day",
		"?from=2026-03-04":               "&#39;to&#39;",
		"?colour=red":                    "colour",
	} {
		if status, _, page := get(t, s, "/"+query, "a secret"); status != http.StatusBadRequest || !strings.Contains(page, want) {
			t.Errorf("%s: %d %s", query, status, page)
		}
	}
	if status, _, _ := get(t, s, "/dashboard/nowhere", "a secret"); status != http.StatusNotFound {
		t.Errorf("a page that is not there: %d", status)
	}
	if status, _, page := get(t, s, "/dashboard/chat?id=nobody", "a secret"); status != http.StatusNotFound {
		t.Errorf("a chat that is not there: %d %s", status, page)
	}
}

func TestAssetsAreSmall(t *testing.T) {
	s := centre(t)
	_, _, page := get(t, s, "/", "a secret")
	sum := 0
	for _, name := range []string{"style.css", "script.js", "uplot.css", "uplot.js"} {
		status, header, body := send(t, s, "GET", "/dashboard/assets/"+name, http.Header{}, "")
		if status != http.StatusOK || !strings.Contains(page, "/dashboard/assets/"+name) || !strings.HasPrefix(header.Get("Content-Type"), "text/") {
			t.Errorf("%s: %d %s", name, status, header.Get("Content-Type"))
		}
		sum += len(body)
		if status, _, body = send(t, s, "GET", "/dashboard/assets/"+name, http.Header{"If-None-Match": {header.Get("Etag")}}, ""); status != http.StatusNotModified || body != "" {
			t.Errorf("%s is sent again to a browser that has it: %d", name, status)
		}
	}
	if sum > 80<<10 {
		t.Errorf("a page loads %d bytes beside itself", sum)
	}
}
