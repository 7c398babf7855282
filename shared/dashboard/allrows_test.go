package dashboard_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chatreports/infra/trial"
	"chatreports/shared/calendar"
	"chatreports/shared/event"
)

// TestAFileHasAllRowsOfAFigure takes a figure along that is made of more rows than one question
// answers with, as the page of its rows offers it.
func TestAFileHasAllRowsOfAFigure(t *testing.T) {
	s := centre(t)
	const many = 2300
	request(t, s, now.Add(-2*many*time.Second), 0, many)
	const target = "/dashboard/rows?report=chatVolume&group=day&bucket=2026-03-05T00:00:00&measure=chatRequests&names=true&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00"
	_, _, page := get(t, s, target, "a secret")
	if want := "is made of: day of Thu 5 Mar 2026, UTC."; !strings.Contains(page, want) {
		t.Errorf("the page does not say %q", want)
	}
	_, heading, _ := strings.Cut(page, "<h1>Chat requests: ")
	heading, _, _ = strings.Cut(heading, "<")
	_, link, _ := strings.Cut(page, `<details class="take">`)
	_, link, _ = strings.Cut(link, `<a href="`)
	link, _, _ = strings.Cut(link, `"`)
	status, _, body := get(t, s, html.UnescapeString(link), "a secret")
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || status != http.StatusOK {
		t.Fatal(status, err)
	}
	ids := map[string]bool{}
	for _, line := range lines[1:] {
		ids[line[1]] = true
	}
	if said := strings.ReplaceAll(heading, "\u202f", ""); len(ids) <= many || fmt.Sprint(len(ids)) != said || len(lines) != len(ids)+1 {
		t.Errorf("the figure is %s, and its file has %d lines of %d chats", said, len(lines), len(ids))
	}
	if at, err := url.Parse(html.UnescapeString(link)); err != nil || at.Query().Has("cursor") {
		t.Errorf("the file begins in the middle: %s, %v", link, err)
	}
}

// request has chats requested, a second after another; first and those after it are their numbers.
func request(t *testing.T, s *trial.System, from time.Time, first, many int) {
	t.Helper()
	var events []event.Event
	for i := first; i < first+many; i++ {
		e, _, refused := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"m%[1]d","source":"test","subject":"m%[1]d","type":"chat.requested","time":%[2]q,"data":{"visitorId":"v%[1]d","initiatedBy":"visitor","source":"visitor"}}`,
			i, from.Add(time.Duration(i)*time.Second).Format(time.RFC3339)), now)
		if refused != nil {
			t.Fatal(refused)
		}
		events = append(events, e)
	}
	if err := s.Send(events); err != nil {
		t.Fatal(err)
	}
}

// TestAFileOfMoreRowsThanOneMayHaveIsRefused asks for as many rows as a file may have, and for one
// more: it says what to do, and is no file that lacks some.
func TestAFileOfMoreRowsThanOneMayHaveIsRefused(t *testing.T) {
	s := centre(t)
	const most = 10_000
	day := time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)
	request(t, s, day, 0, most)
	const target = "/dashboard/rows?report=chatVolume&group=day&bucket=2026-02-10T00:00:00&measure=chatRequests&timeFrom=2026-02-10T00:00:00&timeTo=2026-02-11T00:00:00&format=csv"
	status, header, body := get(t, s, target, "a secret")
	if n := strings.Count(body, "\n"); status != http.StatusOK || n != most+1 || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("of %d rows the file is %d with %d lines, %v", most, status, n, header)
	}
	request(t, s, day, most, 1)
	status, header, body = get(t, s, target, "a secret")
	if status != http.StatusRequestEntityTooLarge || header.Get("Content-Disposition") != "" || !strings.Contains(body, "The figure is made of more than 10000 rows. Choose fewer days, or ask /v1/rows for one page after another.") {
		t.Errorf("of one more it is %d, %v: %.2000s", status, header, body)
	}
}

// TestTimesAreOfTheZone reads the times of a figure's rows, and of a chat, which have UTC's as
// their titles.
func TestTimesAreOfTheZone(t *testing.T) {
	s := centre(t)
	zone, err := calendar.ParseZone("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	read := func(target string) string {
		_, _, page := get(t, s, target, "a secret")
		if !strings.Contains(page, "Time (Asia/Kathmandu)") {
			t.Errorf("%s does not say of which zone times are", target)
		}
		found := regexp.MustCompile(`title="([^"]*Z)">([^<]*)<`).FindAllStringSubmatch(page, -1)
		for _, m := range found {
			at, err := time.Parse(time.RFC3339, m[1])
			if want := at.In(zone.Location).Format("2006-01-02 15:04:05.000"); err != nil || m[2] != want {
				t.Errorf("%s says %s of %s, want %s", target, m[2], m[1], want)
			}
		}
		if len(found) < 5 {
			t.Errorf("%s has %d times", target, len(found))
		}
		return page
	}
	page := read("/dashboard/rows?report=chatVolume&group=total&measure=chats&names=true&timezone=Asia/Kathmandu&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00")
	_, link, _ := strings.Cut(page, `href="/dashboard/chat?`)
	link, _, _ = strings.Cut(link, `"`)
	page = read("/dashboard/chat?" + html.UnescapeString(link))
	_, known, _ := strings.Cut(page, "<dt>Requested at</dt><dd>")
	known, _, _ = strings.Cut(known, "<")
	if at, err := time.ParseInLocation("2006-01-02 15:04:05.000", known, zone.Location); err != nil || !strings.Contains(page, `title="`+at.UTC().Format("2006-01-02T15:04:05.000Z")+`"`) {
		t.Errorf("the chat was requested at %q, which none of its events is at: %v", known, err)
	}
}

// TestWaysLeadSomewhere follows all that the page of exports offers.
func TestWaysLeadSomewhere(t *testing.T) {
	s := centre(t)
	_, _, page := get(t, s, "/dashboard/exports", "a secret")
	_, table, _ := strings.Cut(page, `id="ways-table"`)
	table, _, _ = strings.Cut(table, "</table>")
	links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(table, -1)
	for _, m := range links {
		at, part, _ := strings.Cut(html.UnescapeString(m[1]), "#")
		if status, _, body := get(t, s, at, "a secret"); status != http.StatusOK || part != "" && !strings.Contains(body, `id="`+part+`"`) {
			t.Errorf("%s answers %d", m[1], status)
		}
	}
	if len(links) < 6 {
		t.Errorf("there are %d ways", len(links))
	}
}
