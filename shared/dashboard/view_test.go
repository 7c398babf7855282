package dashboard_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chatreports/shared/event"
)

// report is what a report of Comm100 answers.
func report[T any](t *testing.T, get func(target string) string, question string) (told T) {
	t.Helper()
	body := get("/api/v3/livechat/reports/" + question)
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		t.Fatalf("%s answers %s", question, body)
	}
	return told
}

func TestTotalsStandBesideThoseBefore(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	const before = "chatVolume?group=total&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-04T00:00:00"
	told := report[[]struct{ ChatRequests int }](t, asked, before)
	_, _, page := get(t, s, "/?range=yesterday&zone=UTC&compare=previous", "a secret")
	if want := fmt.Sprintf("before: %d<", told[0].ChatRequests); told[0].ChatRequests == 0 || !strings.Contains(page, want) {
		t.Errorf("the page does not say %q", want)
	}
	if _, _, page = get(t, s, "/?range=yesterday&zone=UTC", "a secret"); strings.Contains(page, "before: ") {
		t.Error("the page compares though nobody asked for it")
	}
}

// TestWhatIsInTimeCanBeChosen chooses a service level, and compares with last year, of which
// there is nothing.
func TestWhatIsInTimeCanBeChosen(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	levels := map[string]bool{}
	for _, within := range []string{"", "&within=1", "&within=300"} {
		question := "waitTime?group=total&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00" + within
		if within == "" {
			question += "&within=20"
		}
		want := fmt.Sprintf("%.1f %%", report[[]struct{ AnsweredWithin float64 }](t, asked, question)[0].AnsweredWithin*100)
		levels[want] = true
		for _, path := range []string{"/", "/dashboard/queues"} {
			_, _, page := get(t, s, path+"?from=2026-03-03&to=2026-03-05&zone=UTC&compare=lastYear"+within, "a secret")
			if !strings.Contains(page, ">"+want+"</a> <small class=\"same\" data-previous=\"\">a year ago: –</small>") {
				t.Errorf("%s with %q does not say %s: %.3000s", path, within, want, page[strings.Index(page, "<dl"):])
			}
		}
	}
	if len(levels) != 3 {
		t.Errorf("whatever is chosen, it is %v", levels)
	}
}

// TestWhoIsMeantIsNamed looks for names, with ids beside them, wherever somebody is told of.
func TestWhoIsMeantIsNamed(t *testing.T) {
	s := centre(t)
	_, _, directory := get(t, s, "/v1/directory/agent", "")
	var agents []struct{ ID, Name string }
	if err := json.Unmarshal([]byte(directory), &agents); err != nil || len(agents) == 0 || agents[0].Name == "" {
		t.Fatal(directory)
	}
	id, name := agents[0].ID, agents[0].Name
	_, _, page := get(t, s, "/dashboard/agents?range=last7&agent="+id, "a secret")
	for _, want := range []string{`<th scope="row" data-key="` + id + `" title="` + id + `">` + name, "agent " + name + ", id " + id, `data-entity="` + id + `" title="` + id + `">` + name} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	_, _, rows := get(t, s, "/dashboard/rows?report=workload&group=agent&entity="+id+"&measure=chats&names=true&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00", "a secret")
	_, link, ok := strings.Cut(rows, `href="/dashboard/chat?id=`)
	if !ok || !strings.Contains(rows, `<span title="`+id+`">`+name+`</span>`) || !strings.Contains(rows, "for agent "+name+", id "+id) {
		t.Errorf("the rows of %s do not name them: %s", name, rows)
	}
	chat, _, _ := strings.Cut(link, `&`)
	if _, _, page = get(t, s, "/dashboard/chat?id="+chat, "a secret"); !strings.Contains(page, name+" ("+id+")") {
		t.Errorf("chat %s does not name %s", chat, name)
	}
}

// TestAFilterThatAReportDoesNotKnow filters by a campaign, which the reports of agents do
// not know.
func TestAFilterThatAReportDoesNotKnow(t *testing.T) {
	s := centre(t)
	const note = "workload knows no filter by campaign."
	if _, _, page := get(t, s, "/dashboard/agents?campaign=c1", "a secret"); !strings.Contains(page, note) {
		t.Errorf("the page does not say %q", note)
	}
	if _, _, page := get(t, s, "/dashboard/agents", "a secret"); strings.Contains(page, "knows no filter") {
		t.Error("the page tells of a filter that there is not")
	}
}

// TestWhatIsOfNoneHasARow: rows of departments and of no department add up to the requests or
// more, and where they do not the page says why.
func TestWhatIsOfNoneHasARow(t *testing.T) {
	s := centre(t)
	if err := s.Send(requests(t)); err != nil {
		t.Fatal(err)
	}
	const target = "/dashboard/departments?range=last7"
	_, _, page := get(t, s, target, "a secret")
	if !strings.Contains(page, "Rows may add up to more or less than the total: ") || strings.Contains(page, ">of none<") {
		t.Error("the page does not say how rows add up, or has a row that nobody asked for")
	}
	_, _, page = get(t, s, target+"&none=true", "a secret")
	if !strings.Contains(page, `<th scope="row" data-key="" title="">of none</th>`) || !strings.Contains(page, "Rows may add up to more than the total: ") {
		t.Error("the page has no row of what is of no department, or does not say how rows add up")
	}
	_, row, _ := strings.Cut(page, `title="">of none</th>`)
	_, link, _ := strings.Cut(row, `"><a href="`)
	link, _, _ = strings.Cut(link, `"`)
	link = html.UnescapeString(link)
	if _, _, rows := get(t, s, link, "a secret"); !strings.Contains(link, "entity=&") || !strings.Contains(rows, "chat waits") || !strings.Contains(rows, "for what is of no department") {
		t.Errorf("%s does not lead to the chat", link)
	}
}

// TestLinesSayWhatTheirKeyIs: beside the lines of each panel stands once what KEY is, and nowhere the
// secret itself.
func TestLinesSayWhatTheirKeyIs(t *testing.T) {
	s := centre(t)
	_, _, home := get(t, s, "/", "a secret")
	_, rows, _ := strings.Cut(home, `href="/dashboard/rows?`)
	rows, _, _ = strings.Cut(rows, `"`)
	rows = "/dashboard/rows?" + html.UnescapeString(rows)
	_, _, page := get(t, s, rows, "a secret")
	_, chat, _ := strings.Cut(page, `href="/dashboard/chat?`)
	chat, _, _ = strings.Cut(chat, `"`)
	for _, path := range []string{"/", "/dashboard/agents", "/dashboard/bots", "/dashboard/exports", "/dashboard/data", rows, "/dashboard/chat?" + html.UnescapeString(chat)} {
		_, _, page := get(t, s, path, "a secret")
		panels := strings.Count(page, `<details class="take">`)
		if keys := strings.Count(page, "<code>export KEY=…</code>"); panels == 0 || keys != panels || strings.Count(page, "Bearer $KEY") < panels {
			t.Errorf("%s has lines in %d places, and says in %d what KEY is", path, panels, keys)
		}
		if strings.Contains(page, "a secret\"") || strings.Contains(page, "Bearer a secret") {
			t.Errorf("%s tells the secret", path)
		}
	}
}

// TestRowsAreHeadedByTheirFigure follows percentiles, which are two figures of one property, and a length of
// many seconds, which are told with all their digits.
func TestRowsAreHeadedByTheirFigure(t *testing.T) {
	s := centre(t)
	_, _, page := get(t, s, "/?range=last7", "a secret")
	_, median, _ := strings.Cut(page, `data-name="waitTimePercentiles.p50">Wait, median</dt>`)
	_, link, _ := strings.Cut(median, `href="`)
	link, text, _ := strings.Cut(link, `">`)
	text, _, _ = strings.Cut(text, "<")
	if _, _, rows := get(t, s, html.UnescapeString(link), "a secret"); !strings.Contains(rows, "<h1>Wait, median: "+text+"; Wait, 9 of 10 within: ") {
		t.Errorf("the rows of %s are headed %.200s", text, rows[strings.Index(rows, "<h1>"):])
	}
	const long = "/dashboard/rows?report=leaderboard&group=total&measure=loggedInTime&timeFrom=2026-03-01T00:00:00&timeTo=2026-03-06T00:00:00"
	if _, _, rows := get(t, s, long, "a secret"); !strings.Contains(rows, "\u202f") || !strings.Contains(rows, "<h1>Signed in: ") {
		t.Errorf("a length is told as %.3000s", rows[strings.Index(rows, "<h1>"):])
	}
}

func TestAFilterThatIsProbablyMistypedIsToldOf(t *testing.T) {
	s := centre(t)
	const warning = "No department nowhere is known, and none has a figure in this answer"
	if _, _, page := get(t, s, "/dashboard/departments?range=last7&department=nowhere", "a secret"); !strings.Contains(page, warning) {
		t.Errorf("the page does not say %q", warning)
	}
}

func TestTheAverageRatingIsThatOfTheScores(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	told := report[[]map[string]any](t, asked, "rating?group=total&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-06T00:00:00")
	sum, n := 0.0, 0.0
	for score := 1.0; score <= 5; score++ {
		times, _ := told[0][fmt.Sprintf("score%.0f", score)].(float64)
		sum, n = sum+score*times, n+times
	}
	if n == 0 {
		t.Fatal("nobody has rated")
	}
	_, _, page := get(t, s, "/dashboard/satisfaction?from=2026-03-03&to=2026-03-05&zone=UTC", "a secret")
	if all := figures(t, page); math.Abs(all[0].value-sum/n) > 1e-9 || all[1].value != n {
		t.Errorf("the page says %v of %v, the scores %v of %v", all[0].value, all[1].value, sum/n, n)
	}
	status, _, page := get(t, s, "/dashboard/satisfaction?from=2020-03-03&to=2020-03-05", "a secret")
	if status != http.StatusOK || strings.Contains(page, "NaN") {
		t.Errorf("where nobody has rated: %d, with NaN", status)
	}
}

func TestThePresentIsAFragment(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	told := report[struct{ OngoingChats, LoggedInAgents int }](t, asked, "realtime/rightNow")
	status, _, fragment := get(t, s, "/dashboard/live?page=/", "a secret")
	several := func(n int) string {
		if n == 1 {
			return ""
		}
		return "s"
	}
	for _, want := range []string{
		fmt.Sprintf("<strong>%d</strong> chat%s going on", told.OngoingChats, several(told.OngoingChats)), fmt.Sprintf("<strong>%d</strong> agent%s signed in", told.LoggedInAgents, several(told.LoggedInAgents)),
	} {
		if status != http.StatusOK || !strings.Contains(fragment, want) {
			t.Errorf("%d, without %q: %s", status, want, fragment)
		}
	}
	if strings.Contains(fragment, "<html") {
		t.Error("the present is a page, and should be a part of one")
	}
}

// TestWhoWaitsAndWhoIsThere compares what is told of the present by name with the reports.
func TestWhoWaitsAndWhoIsThere(t *testing.T) {
	s := centre(t)
	if err := s.Send(requests(t)); err != nil {
		t.Fatal(err)
	}
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	_, _, page := get(t, s, "/", "a secret")
	waiting, named, there := 0, 0, 0
	for _, q := range report[[]struct {
		Queue []struct{ VisitorID, VisitorName string }
	}](t, asked, "realtime/queue?names=true") {
		for _, v := range q.Queue {
			who := v.VisitorID
			if v.VisitorName != "" {
				named++
				who = v.VisitorName
			}
			if waiting++; !strings.Contains(page, `title="`+v.VisitorID+`">`+who+"<") {
				t.Errorf("%s waits, and the page does not say so", who)
			}
		}
	}
	for _, a := range report[[]struct{ CurrentStatus string }](t, asked, "realtime/agents") {
		if a.CurrentStatus != "Offline" {
			there++
		}
	}
	_, table, _ := strings.Cut(page, `id="agents-now-table"`)
	table, _, _ = strings.Cut(table, "</table>")
	if got := strings.Count(table, "<tr>") - 1; waiting == 0 || named == 0 || there == 0 || got != there {
		t.Errorf("%d wait; %d agents are there, and the page says %d", waiting, there, got)
	}
}

// requests is a visitor who waits.
func requests(t *testing.T) (events []event.Event) {
	t.Helper()
	for i, text := range []string{
		`"type":"chat.requested","data":{"visitorId":"patient one","visitorName":"Ana","initiatedBy":"visitor","source":"visitor"}`,
		`"type":"chat.queued","data":{"routeTo":{"type":"site"}}`,
	} {
		e, _, refused := event.Parse(fmt.Appendf(nil, `{"specversion":"1.0","id":"w%d","source":"test","subject":"waits","time":%q,%s}`, i, now.Add(time.Duration(i-60)*time.Second).Format(time.RFC3339), text), now)
		if refused != nil {
			t.Fatal(refused)
		}
		events = append(events, e)
	}
	return events
}

func TestWhatIsMadeAndOpenAndDelivered(t *testing.T) {
	s := centre(t)
	if _, _, page := get(t, s, "/dashboard/exports", "a secret"); !strings.Contains(page, "Nothing has had to be made") || !strings.Contains(page, "There is no public link") || !strings.Contains(page, "declares no schedule") {
		t.Error("where there is nothing, the page does not say so")
	}
	key := http.Header{"Authorization": {"Bearer a secret"}, "Content-Type": {"application/json"}}
	if status, _, body := send(t, s, "POST", "/v2/reports/raw", key, `{"start":"2026-03-03","end":"2026-03-05","event":"Message-Sent","format":"csv"}`); status != http.StatusAccepted {
		t.Fatal(status, body)
	}
	if status, _, body := send(t, s, "POST", "/v1/exports/conversations/links", key, `{"campaign":"c7"}`); status != http.StatusCreated {
		t.Fatal(status, body)
	}
	_, _, page := get(t, s, "/dashboard/live?page=/dashboard/exports", "a secret")
	for _, want := range []string{"Message-Sent", "2026-03-03 to 2026-03-05", "completed", "campaign=c7", ">all<", "never"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q: %s", want, page)
		}
	}
}

func TestWhatWasWrongIsCounted(t *testing.T) {
	s := centre(t)
	if _, _, page := get(t, s, "/dashboard/data", "a secret"); !strings.Contains(page, "no event was refused") || strings.Contains(page, "Nothing has been counted yet") {
		t.Error("where nothing was wrong, the page does not say so")
	}
	const known = `{"specversion":"1.0","id":"k","source":"s","type":"chat.accepted","subject":"c","time":"2026-03-05T11:00:00Z","data":{"agentId":"7"}}`
	for _, body := range []string{
		known,
		strings.Replace(known, `"7"`, `"8"`, 1),
		strings.Replace(strings.Replace(known, `"k"`, `"w"`, 1), `"agentId"`, `"agentID":"x","agentId"`, 1),
		strings.Replace(known, "chat.accepted", "chat.acepted", 1),
		strings.Replace(known, "2026-03-05", "2027-03-05", 1),
		strings.Replace(known, "2026-03-05", "2028-03-05", 1),
		`{"specversion":"1.0","id":"r","source":"s","type":"event.retracted","subject":"c","time":"2026-03-05T11:00:00Z","data":{"type":"chat.accepted","id":"k"}}`,
	} {
		send(t, s, "POST", "/v1/events", http.Header{"Authorization": {"Bearer a secret"}, "Content-Type": {"application/cloudevents+json"}}, body)
	}
	_, _, page := get(t, s, "/dashboard/data", "a secret")
	want := ""
	for _, figure := range []string{"3", "time_in_future: 2, unknown_type: 1", "1", "1", "1"} {
		want += `<td class="text">` + figure + "</td>"
	}
	if !strings.Contains(page, want) {
		t.Errorf("the page does not say %s: %s", want, page)
	}
}
