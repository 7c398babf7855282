package oracle

import (
	"cmp"
	"maps"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/event"
)

// botQuery is what a report of ChatBot is asked, and the events it needs.
type botQuery struct {
	*Oracle
	from, to         time.Time
	present          bool // the range ends now
	dimension        string
	sources, stories []string // empty: all
	names            bool
	chats            []*botChat
}

// botChat is a chat a bot was in, requested or not.
type botChat struct {
	at           int64 // when it counts
	interactions []*event.Event
	messages     []int64
}

var (
	botSources = []string{"app", "custom", "livechat", "livechat3", "messenger", "slack", "widget"}
	dateForm   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
)

// botParameters is what each report takes beyond from, to and period.
var botParameters = map[string][]string{
	"conversations": {"dimension", "group", "source", "storyId"}, "conversations.paid": {"dimension", "group", "source", "storyId"},
	"conversations.messages": {"dimension", "group", "source", "storyId"}, "conversations.average": {"dimension", "group", "source", "storyId"},
	"busiest-period": {"offset", "source", "storyId"}, "interactions": {"storyId"},
}

// ChatBot answers the report behind /reports/; a refusal has no body.
func (o *Oracle) ChatBot(report string, params url.Values, now time.Time) (status int, body any) {
	known, ok := botParameters[report]
	if !ok {
		return 404, nil
	}
	q := &botQuery{Oracle: o}
	list := map[string][]string{}
	for name, values := range params {
		name = strings.TrimSuffix(name, "[]")
		if !slices.Contains(append([]string{"from", "to", "period", "names"}, known...), name) {
			return 400, nil
		}
		for _, v := range values {
			if name == "source" || name == "storyId" {
				list[name] = append(list[name], strings.Split(v, ",")...)
			} else {
				list[name] = append(list[name], v)
			}
		}
	}
	first := func(name string) string {
		if len(list[name]) > 0 {
			return list[name][0]
		}
		return ""
	}
	q.sources, q.stories = list["source"], list["storyId"]
	for _, s := range q.sources {
		ok = ok && slices.Contains(botSources, s)
	}
	if !ok || report == "busiest-period" && (len(q.sources) > 1 || len(q.stories) > 1) || !q.setRange(first("from"), first("to"), first("period"), now.UTC()) {
		return 400, nil
	}
	q.dimension = cmp.Or(first("dimension"), "day")
	if q.dimension == "auto" {
		q.dimension = q.fitting()
	}
	if !slices.Contains([]string{"hour", "day", "month", "year"}, q.dimension) || !slices.Contains([]string{"", "storyId", "source"}, first("group")) {
		return 400, nil
	}
	q.names = first("names") == "true"
	q.gather()
	switch report {
	case "busiest-period":
		return q.busiest(first("offset"))
	case "interactions":
		return 200, q.popularity()
	}
	return 200, q.points(report, first("group"))
}

// setRange sets from and to.
func (q *botQuery) setRange(from, to, period string, now time.Time) bool {
	year, month, day := now.Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	thisMonth, thisYear := today.AddDate(0, 0, 1-day), time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	q.to = now.Truncate(time.Millisecond)
	switch cmp.Or(period, "last30days") {
	case "today":
		q.from = today
	case "yesterday":
		q.from, q.to = today.AddDate(0, 0, -1), today
	case "last7days":
		q.from = today.AddDate(0, 0, -6)
	case "last30days":
		q.from = today.AddDate(0, 0, -29)
	case "thisMonth":
		q.from = thisMonth
	case "lastMonth":
		q.from, q.to = thisMonth.AddDate(0, -1, 0), thisMonth
	case "last3Months":
		q.from, q.to = thisMonth.AddDate(0, -3, 0), thisMonth
	case "thisYear":
		q.from = thisYear
	case "lastYear":
		q.from, q.to = thisYear.AddDate(-1, 0, 0), thisYear
	default:
		return false
	}
	ok := true
	q.present = from == "" && to == "" && !slices.Contains([]string{"yesterday", "lastMonth", "last3Months", "lastYear"}, period)
	if from != "" || to != "" {
		q.from, q.to = time.Date(1974, 1, 1, 0, 0, 0, 0, time.UTC), now
	}
	if from != "" {
		q.from, ok = botTime(from)
	}
	if to != "" && ok {
		q.to, ok = botTime(to)
	}
	return ok && (q.from.Before(q.to) || from == "" && to == "")
}

func botTime(text string) (time.Time, bool) {
	if m := dateForm.FindStringSubmatch(text); m != nil {
		at, err := time.Parse("2006-1-2", m[1]+"-"+strings.TrimPrefix(m[2], "0")+"-"+strings.TrimPrefix(m[3], "0"))
		return at, err == nil
	}
	at, ok := readMoment(text)
	return at.UTC().Truncate(time.Millisecond), ok
}

var momentForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// readMoment reads RFC 3339.
func readMoment(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	return at, err == nil && momentForm.MatchString(text)
}

// fitting is the dimension of auto.
func (q *botQuery) fitting() string {
	switch {
	case !q.to.After(q.from.AddDate(0, 0, 2)):
		return "hour"
	case !q.to.After(q.from.AddDate(0, 0, 92)):
		return "day"
	case !q.to.After(q.from.AddDate(3, 0, 0)):
		return "month"
	}
	return "year"
}

// gather collects the chats that a bot was in.
func (q *botQuery) gather() {
	of := map[string]*botChat{}
	for _, e := range q.events {
		if e.Type == "bot.interaction" {
			if of[e.Subject] == nil {
				of[e.Subject] = &botChat{at: e.At}
				q.chats = append(q.chats, of[e.Subject])
			}
			of[e.Subject].interactions = append(of[e.Subject].interactions, e)
		}
	}
	for id, c := range of {
		if requested := q.chatByID[id]; requested != nil {
			c.at = requested.requestedAt
		}
		for _, e := range q.events {
			if e.Type == "message.sent" && e.Subject == id && !e.Data.Private {
				c.messages = append(c.messages, e.At)
			}
		}
	}
}

// passing is the interactions that pass the filters.
func (q *botQuery) passing(c *botChat, sources, stories []string) []*event.Event {
	var list []*event.Event
	for _, e := range c.interactions {
		if (len(sources) == 0 || slices.Contains(sources, e.Data.Source)) && (len(stories) == 0 || slices.Contains(stories, e.Data.StoryID)) {
			list = append(list, e)
		}
	}
	return list
}

// moments are the times at which a report counts one.
func (q *botQuery) moments(report string, sources, stories []string) (list []int64) {
	for _, c := range q.chats {
		passing := q.passing(c, sources, stories)
		switch {
		case len(passing) == 0:
		case report == "conversations.messages":
			list = append(list, c.messages...)
		case report == "conversations.paid":
			if slices.ContainsFunc(passing, func(e *event.Event) bool { return e.Data.InteractionType != "welcome" }) {
				list = append(list, c.at)
			}
		default:
			list = append(list, c.at)
		}
	}
	return list
}

// points is the answer of a report by time, in groups if asked.
func (q *botQuery) points(report, group string) any {
	whole := q.series(q.moments(report, q.sources, q.stories), report)
	if group == "" {
		return whole
	}
	values, chosen := botSources, q.sources
	if group == "storyId" {
		values, chosen = q.knownStories(), q.stories
	}
	groups := []any{}
	for _, v := range values {
		if len(chosen) > 0 && !slices.Contains(chosen, v) {
			continue
		}
		sources, stories := []string{v}, q.stories
		if group == "storyId" {
			sources, stories = q.sources, []string{v}
		}
		one := q.series(q.moments(report, sources, stories), report)
		one["group"] = v
		if q.names && group == "storyId" {
			one["groupName"] = q.name("story", v)
		}
		groups = append(groups, one)
	}
	return map[string]any{"data": groups, "summary": whole["summary"]}
}

// knownStories is every story announced, or of a chat that counts in the range or has
// messages in it, in order.
func (q *botQuery) knownStories() []string {
	set := map[string]bool{}
	for _, e := range q.events {
		if e.Type == "story.updated" {
			set[e.Subject] = true
		}
	}
	for _, c := range q.chats {
		if slices.ContainsFunc(append(c.messages, c.at), func(at int64) bool { return q.from.UnixMilli() <= at && at < q.to.UnixMilli() }) {
			for _, e := range q.passing(c, q.sources, q.stories) {
				set[e.Data.StoryID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// beginning is the start of the bucket of a dimension that holds a time, and the next one's.
func beginning(at time.Time, dimension string) (time.Time, time.Time) {
	year, month, day := at.Date()
	switch dimension {
	case "hour":
		start := at.Truncate(time.Hour)
		return start, start.Add(time.Hour)
	case "day":
		start := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(0, 0, 1)
	case "month":
		start := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		return start, start.AddDate(0, 1, 0)
	}
	start := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(1, 0, 0)
}

// series is the buckets of the range and their summary.
func (q *botQuery) series(moments []int64, report string) map[string]any {
	finer := map[string]string{"day": "hour", "month": "day", "year": "month"}[q.dimension]
	data := []any{}
	total := new(big.Rat)
	var values []*big.Rat
	// What has just begun is there, too.
	begins := func(at time.Time) bool { start, _ := beginning(at, q.dimension); return start.Equal(at) }
	for at := q.from; at.Before(q.to) || q.present && at.Equal(q.to) && (begins(at) || len(values) == 0); {
		start, next := beginning(at, q.dimension)
		end := next
		if end.After(q.to) {
			end = q.to
		}
		n := int64(0)
		for _, m := range moments {
			if at.UnixMilli() <= m && m < end.UnixMilli() {
				n++
			}
		}
		units := int64(1)
		if report == "conversations.average" && finer != "" {
			if at.Before(end) {
				units = 0
			}
			for u := at; u.Before(end); units++ {
				_, u = beginning(u, finer)
			}
		}
		value := big.NewRat(n, units)
		total.Add(total, value)
		values = append(values, value)
		data = append(data, map[string]any{"date": moment(start.UnixMilli()), "value": rounded(value)})
		at = next
	}
	byValue := func(a, b *big.Rat) int { return a.Cmp(b) }
	return map[string]any{"data": data, "summary": map[string]any{
		"total": rounded(total), "min": rounded(slices.MinFunc(values, byValue)), "max": rounded(slices.MaxFunc(values, byValue)),
		"avg": rounded(new(big.Rat).Quo(total, big.NewRat(int64(len(values)), 1))),
	}}
}

// rounded is a number to two places, half up.
func rounded(n *big.Rat) float64 {
	f, _ := strconv.ParseFloat(n.FloatString(2), 64)
	return f
}

// busiest is conversations by day of the week and hour, by a clock some minutes off UTC.
func (q *botQuery) busiest(offset string) (int, any) {
	minutes, err := strconv.Atoi(strings.Replace(cmp.Or(offset, "0"), " ", "+", 1))
	if err != nil || minutes < -720 || minutes > 720 {
		return 400, nil
	}
	var counts [7][24]int64
	var total int64
	for _, m := range q.moments("conversations", q.sources, q.stories) {
		if q.from.UnixMilli() <= m && m < q.to.UnixMilli() {
			local := time.UnixMilli(m).UTC().Add(time.Duration(minutes) * time.Minute)
			counts[local.Weekday()][local.Hour()]++
			total++
		}
	}
	days := []any{}
	for day, hours := range counts {
		list := []any{}
		for hour, n := range hours {
			list = append(list, map[string]any{"day": day, "hour": hour, "value": n, "usage": percent(n, total)})
		}
		days = append(days, list)
	}
	return 200, days
}

func percent(n, total int64) float64 {
	if total == 0 {
		return 0
	}
	return rounded(big.NewRat(100*n, total))
}
