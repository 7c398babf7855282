// Package browser looks at the dashboard with a real browser: CHATREPORTS_CHROMIUM names
// it, and without one these tests are left out.
package browser

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"chatreports/infra/loadgen/sim"
	"chatreports/infra/trial"
	"chatreports/shared/event"
	"chatreports/shared/tenant"
)

const (
	secret = "a secret"
	// patience is how long anything may take on a machine that has much else to do.
	patience = 3 * time.Minute
)

var now = time.Date(2026, 3, 5, 15, 20, 0, 0, time.UTC)

// site is a system that browsers reach.
type site struct {
	*trial.System
	url string
	mu  sync.Mutex
}

// open serves a system with so much of a small contact centre's time.
func open(t *testing.T, history time.Duration) *site {
	t.Helper()
	system, err := trial.Open(t.TempDir(), now, tenant.Entry{
		Tenant: tenant.Tenant{ID: "acme", Name: "Acme Ltd", Zone: "Europe/Berlin", Edition: tenant.Enterprise, AutoAllocation: true, Chatbot: true},
		Keys:   []tenant.Key{{ID: "all", Secret: secret, Scopes: tenant.Scopes()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	s := &site{System: system}
	var events []event.Event
	for e := range sim.New(sim.Config{Seed: 4, Start: now.Add(-history), End: now, Scale: 0.03, Agents: 4, Departments: 2, Campaigns: 2, RoundTheClock: true}).Events() {
		events = append(events, e)
	}
	s.send(t, events)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *site) send(t *testing.T, events []event.Event) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
}

// ServeHTTP hands a request on: one at a time, since it is folded what each has brought.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		var response *http.Response
		if response, err = s.Request(r.Method, r.URL.RequestURI(), r.Header, string(body)); err == nil {
			defer response.Body.Close()
			maps.Copy(w.Header(), response.Header)
			w.WriteHeader(response.StatusCode)
			_, err = io.Copy(w, response.Body)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// start starts a browser.
func start(t *testing.T) context.Context {
	t.Helper()
	program := os.Getenv("CHATREPORTS_CHROMIUM")
	if program == "" {
		t.Skip("CHATREPORTS_CHROMIUM names no browser: CHATREPORTS_CHROMIUM=$(command -v chromium) go test ./infra/browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // it lives as long as the context of its first call
		t.Fatal(err)
	}
	return ctx
}

// step is one thing that is done in the browser.
type step = chromedp.Action[chromedp.Void]

// do does something in the browser, or fails the test.
func do(ctx context.Context, t *testing.T, what string, steps ...step) {
	t.Helper()
	tell(ctx, t, what, chromedp.Steps(steps...))
}

// tell asks the browser something, or fails the test.
func tell[T any](ctx context.Context, t *testing.T, what string, a chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	told, err := chromedp.Run(ctx, a)
	if err != nil {
		at, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location + " " + document.body.innerText`))
		t.Fatalf("%s: %v, at %.2000s", what, err, at)
	}
	return told
}

// js is what an expression of JavaScript comes to.
func js[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	return tell(ctx, t, expression, chromedp.Evaluate[T](expression))
}

// until waits until the page is there and an expression is true, whatever page that is.
func until(ctx context.Context, t *testing.T, expression string) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+expression+")")); err == nil && is {
			return
		}
	}
	at, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location + " " + document.body.innerText`))
	t.Fatalf("it does not come to %s, at %.2000s", expression, at)
}

// signIn signs in, as people do.
func signIn(ctx context.Context, t *testing.T, s *site) {
	t.Helper()
	do(ctx, t, "signing in", chromedp.Navigate(s.url+"/"), chromedp.SendKeys(chromedp.CSS("#key"), secret), click("form button"))
	until(ctx, t, "document.querySelector('nav')")
}

func click(selector string) step { return chromedp.Click(chromedp.CSS(selector)) }

// look sets how wide the page is, and light or dark.
func look(width int64, scheme string) step {
	return chromedp.Steps(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}
