package browser

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"chatreports/shared/event"
)

func TestSigningInAndOut(t *testing.T) {
	ctx := start(t)
	s := open(t, time.Hour)
	do(ctx, t, "a key that there is not", chromedp.Navigate(s.url+"/"), chromedp.SendKeys(chromedp.CSS("#key"), "wrong"), click("form button"))
	until(ctx, t, `document.querySelector('[role=alert]')?.textContent.includes('No key has this secret')`)
	signIn(ctx, t, s)
	if title, cookies := js[string](ctx, t, "document.querySelector('h1').textContent"), js[string](ctx, t, "document.cookie"); title != "Overview" || cookies != "" {
		t.Errorf("signed in: %q, and a script reads the cookies %q", title, cookies)
	}
	do(ctx, t, "signing out", click(".sign button"))
	until(ctx, t, `document.getElementById('key')`)
}

// choose chooses an option of a field, as a person does.
func choose(ctx context.Context, t *testing.T, field, option string) {
	t.Helper()
	js[bool](ctx, t, fmt.Sprintf(`(() => { const f = document.querySelector('[name=%s]'); f.value = %s; f.dispatchEvent(new Event('change', { bubbles: true })); return true; })()`, field, option))
}

// TestChoosing chooses what a page shows, and looks whether the address and the figures say so.
func TestChoosing(t *testing.T) {
	ctx := start(t)
	s := open(t, 64*time.Hour)
	signIn(ctx, t, s)
	const requests = `Number(document.querySelector('#totals dd').dataset.value)`
	all := js[float64](ctx, t, requests)
	choose(ctx, t, "range", "'yesterday'")
	until(ctx, t, `location.search.includes('range=yesterday')`)
	day := js[float64](ctx, t, requests)
	if day <= 0 || day >= all {
		t.Errorf("yesterday has %v requests of %v", day, all)
	}
	do(ctx, t, "a zone", chromedp.SetValue(chromedp.CSS("[name=zone]"), "Asia/Kathmandu"), click(".choose button"))
	until(ctx, t, `location.search.includes('zone=Asia%2FKathmandu') && document.querySelector('.choose .range').textContent.includes('Asia/Kathmandu')`)
	day = js[float64](ctx, t, requests)
	choose(ctx, t, "compare", "'previous'")
	until(ctx, t, `location.search.includes('compare=previous') && document.querySelector('#totals small')?.textContent.startsWith('before: ')`)
	choose(ctx, t, "within", "'60'")
	until(ctx, t, `location.search.includes('within=60') && document.querySelector('#totals').textContent.includes('Answered within 60 s')`)
	choose(ctx, t, "department", "f.options[1].value")
	until(ctx, t, `new URLSearchParams(location.search).get('department')`)
	if part := js[float64](ctx, t, requests); part <= 0 || part >= day {
		t.Errorf("a department has %v requests of %v", part, day)
	}
	do(ctx, t, "a day", chromedp.Navigate(s.url+"/?from=2026-03-04&to=2026-03-04&zone=UTC"))
	until(ctx, t, `document.querySelector('.choose .range').textContent === '2026-03-04, UTC'`)
}

const chats = "#totals dd a[href*='measure=chats&']"

// TestFollowingAFigure goes from a figure to its rows, to a chat, and back.
func TestFollowingAFigure(t *testing.T) {
	ctx := start(t)
	s := open(t, 24*time.Hour)
	signIn(ctx, t, s)
	figure := tell(ctx, t, "a figure", chromedp.Text(chromedp.CSS(chats)))
	do(ctx, t, "its rows", click(chats))
	until(ctx, t, `document.getElementById('rows-table')`)
	if heading := tell(ctx, t, "the heading", chromedp.Text(chromedp.CSS("h1"))); heading != "Chats: "+figure {
		t.Errorf("the figure %s leads to %q", figure, heading)
	}
	do(ctx, t, "its chat", click("#rows-table a[href^='/dashboard/chat']"))
	until(ctx, t, `document.getElementById('events-table')`)
	if events := tell(ctx, t, "its events", chromedp.Text(chromedp.CSS("#events-table"))); !strings.Contains(events, "chat.requested") || !strings.Contains(events, "chat.accepted") {
		t.Errorf("the chat has the events %s", events)
	}
	js[bool](ctx, t, "history.go(-2), true")
	until(ctx, t, `document.getElementById('totals')`)
}

// TestTakingAlong loads a table as CSV, with the browser's own cookie.
func TestTakingAlong(t *testing.T) {
	ctx := start(t)
	s := open(t, 24*time.Hour)
	signIn(ctx, t, s)
	file := js[string](ctx, t, `(() => { const r = new XMLHttpRequest(); r.open('GET', document.querySelector('#volume .take a').href, false); r.send(); return r.status + r.getResponseHeader('Content-Type') + '\n' + r.responseText; })()`)
	if !strings.HasPrefix(file, "200text/csv") || !strings.Contains(file, "chatRequests,chats,missedChats,refusedChats") || strings.Count(file, "\n") < 28 {
		t.Errorf("the file is %.300s", file)
	}
	line := js[string](ctx, t, `document.querySelector('#volume .take code').textContent`)
	if !strings.HasPrefix(line, `curl -H "Authorization: Bearer $KEY" '`+s.url+"/api/v3/livechat/reports/chatVolume?") {
		t.Errorf("the line is %s", line)
	}
}

// TestThePresentGoesOn leaves a page open, and looks whether it sees who comes.
func TestThePresentGoesOn(t *testing.T) {
	ctx := start(t)
	s := open(t, time.Hour)
	signIn(ctx, t, s)
	if !js[bool](ctx, t, `window.same = !document.body.textContent.includes('a visitor of now')`) {
		t.Error("the page tells of somebody who has not come")
	}
	var events []event.Event
	for i, text := range []string{`"type":"chat.requested","data":{"visitorId":"a visitor of now","initiatedBy":"visitor","source":"visitor"}`, `"type":"chat.queued","data":{"routeTo":{"type":"site"}}`} {
		e, _, refused := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"%d","source":"test","subject":"of now","time":%q,%s}`, i, now.Add(time.Duration(i-9)*time.Second).Format(time.RFC3339), text), now)
		if refused != nil {
			t.Fatal(refused)
		}
		events = append(events, e)
	}
	s.send(t, events)
	until(ctx, t, `window.same && document.querySelector('[data-live]').textContent.includes('a visitor of now')`)
}

func TestNothingAndMistakes(t *testing.T) {
	ctx := start(t)
	s := open(t, 0)
	signIn(ctx, t, s)
	until(ctx, t, `document.querySelector('.empty')?.textContent.includes('Nothing has been counted yet')`)
	response, err := chromedp.RunResponse(ctx, chromedp.Navigate(s.url+"/?zone=Mars/Base"))
	if err != nil || response.Status != http.StatusBadRequest {
		t.Fatalf("a zone that there is not: %v %v", response, err)
	}
	until(ctx, t, `document.querySelector('[role=alert]').textContent.includes("'zone' is invalid")`)
	do(ctx, t, "home", click("main a"))
	until(ctx, t, `document.getElementById('totals')`)
}
