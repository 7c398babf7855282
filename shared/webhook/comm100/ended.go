package comm100

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"chatreports/shared/webhook"
)

// ended tells everything of a chat that has ended: when it was requested, taken up and
// closed, what was said, the rating and the wrap-up. Comm100 names operators and does not
// number them: an agent's id is the name.
func ended(t *webhook.Told, id string, p *payload, arrived time.Time) {
	c := &p.Chat
	end := c.End.Time
	if end.IsZero() {
		end = arrived.Truncate(time.Second)
	}
	lines := transcript(c.Transcript, end)
	agents := append([]string(nil), c.Operators...)
	for _, l := range lines {
		if l.joined != "" && !slices.Contains(agents, l.joined) {
			agents = append(agents, l.joined)
		}
	}
	start := c.Start.Time
	if start.IsZero() {
		start = end
		for _, l := range lines {
			if !l.at.IsZero() && l.at.Before(start) {
				start = l.at
			}
		}
	}
	requested(t, id, &p.Visitor, start.Add(-waiting(c.Waiting)))
	for _, agent := range agents {
		t.Add("chat.accepted", id, id+"/accepted/"+agent, start, webhook.Members{
			"agentId": agent, "agentName": agent, "departmentId": string(p.Visitor.Department), "departmentName": string(c.Department),
		})
		start = start.Add(time.Millisecond) // one after the other
	}
	said := map[string]int{}
	for _, l := range lines {
		if l.by == "" {
			continue
		}
		kind, who := "user", string(p.Visitor.ID)
		if slices.Contains(agents, l.by) {
			kind, who = "agent", l.by
		}
		key := messageKey(l.at, l.by, l.text)
		said[key]++
		message := id + "/" + key + "/" + strconv.Itoa(said[key])
		t.Add("message.sent", id, message, l.at, webhook.Members{
			"messageId": webhook.Digest(message), "actor": webhook.Actor(kind, who, l.by), "length": utf8.RuneCountInString(l.text),
		})
	}
	t.Add("chat.closed", id, id+"/closed", end, webhook.Members{"by": webhook.Actor("system", "comm100", "")})
	if c.Rating != nil {
		if score, err := strconv.Atoi(string(*c.Rating)); err == nil && score >= 0 { // −1: not rated
			t.Add("chat.rated", id, id+"/rated", end, webhook.Members{"score": score, "comment": c.RatingComment})
		}
	}
	if c.WrapUp != "" {
		wrapped(t, id, end, c.WrapUp, "", nil)
	}
}

// messageKey names a message within a chat, but for its like.
func messageKey(at time.Time, by, text string) string {
	return strconv.FormatInt(at.UnixMilli(), 10) + "/" + webhook.Digest(by+"\x00"+text)
}

var seconds = regexp.MustCompile(`([0-9]+)\s*([hms])`)

// waiting reads "6s" or "1m 6s".
func waiting(s string) (d time.Duration) {
	for _, part := range seconds.FindAllStringSubmatch(strings.ToLower(s), -1) {
		n, err := strconv.Atoi(part[1])
		if err != nil || n > 1e6 {
			return 0
		}
		d += time.Duration(n) * map[string]time.Duration{"h": time.Hour, "m": time.Minute, "s": time.Second}[part[2]]
	}
	return d
}

// line is one of a transcript.
type line struct {
	at     time.Time
	by     string // who wrote it; empty: nobody, it tells what happened
	text   string
	joined string // the agent who joined
}

// What the lines look like. Repetitions make them large, so each is made when it is needed.
var (
	spoken = lazy(`^\[([0-9]{1,2}):([0-9]{2}):([0-9]{2})\]\s*([^:]{1,100}):\s?(?s:(.*))$`)
	joined = lazy(`^Agent (.{1,100}) has joined the chat\.`)
	closed = lazy(`\(([0-9]{1,2}):([0-9]{2}):([0-9]{2})\)\s*$`)
)

func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// transcript reads lines with a ⊙ after each. They have the clock only of the site's zone:
// it is set by the end of the chat, which has both, to the quarter hour that zones are
// apart by; without that, by the last line. A clock that goes back has passed midnight.
func transcript(text string, end time.Time) []line {
	var lines []line
	var clocks []time.Duration // since midnight, of lines that have one; −1: none
	last := time.Duration(-1)
	for part := range strings.SplitSeq(text, "⊙") {
		part = strings.TrimSpace(part)
		l, clock := line{}, time.Duration(-1)
		if m := spoken().FindStringSubmatch(part); m != nil {
			clock = clockOf(m[1:4])
			l.by, l.text = strings.TrimSpace(m[4]), m[5]
		} else if m := joined().FindStringSubmatch(part); m != nil {
			l.joined = m[1]
		} else if m := closed().FindStringSubmatch(part); m != nil {
			clock = clockOf(m[1:4])
		}
		if clock >= 0 {
			last = clock
		}
		lines, clocks = append(lines, l), append(clocks, clock)
	}
	if last < 0 {
		return lines
	}
	// The wall clock's midnight of the day on which the last line was written, in UTC.
	utc := end.UTC()
	midnight := time.Date(utc.Year(), utc.Month(), utc.Day(), 0, 0, 0, 0, time.UTC)
	const quarter = 15 * time.Minute
	midnight = midnight.Add(-midnight.Add(last).Sub(utc).Round(quarter))
	later := last
	for i := len(lines) - 1; i >= 0; i-- {
		if clocks[i] < 0 {
			continue
		}
		if clocks[i] > later { // the day before
			midnight = midnight.Add(-24 * time.Hour)
		}
		later = clocks[i]
		lines[i].at = midnight.Add(clocks[i])
		if lines[i].at.After(end) {
			lines[i].at = end
		}
	}
	return lines
}

func clockOf(parts []string) time.Duration {
	var n [3]int
	for i, p := range parts {
		n[i], _ = strconv.Atoi(p) // digits, by the pattern
	}
	return time.Duration(n[0])*time.Hour + time.Duration(n[1])*time.Minute + time.Duration(n[2])*time.Second
}
