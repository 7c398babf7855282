package zic

import (
	_ "embed" // tzdata.zi
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The rules of IANA's database in the short form that zic(8) reads. In the public domain; infra/zones gets it.
//
//go:embed tzdata.zi
var text string

// rule moves the clocks once in each of some years.
type rule struct {
	first, last int
	month       time.Month
	day         string // 8, lastSu, Su>=8 or Su<=25
	at          clock
	save        int64 // seconds added to standard time
}

// clock is a time of day in seconds, of the wall clock ('w'), of standard time ('s') or of UTC ('u').
type clock struct {
	seconds int64
	by      byte
}

// line is for how long what held in a zone.
type line struct {
	standard int64  // seconds east of UTC
	rules    string // a name of rules
	save     int64  // without rules
	until    bool
	year     int
	month    time.Month
	day      string
	at       clock
}

type database struct {
	rules map[string][]rule
	zones map[string][]line
	links map[string]string
}

var read = sync.OnceValue(func() database {
	db := database{rules: map[string][]rule{}, zones: map[string][]line{}, links: map[string]string{}}
	zone := ""
	for text := range strings.Lines(text) {
		words := strings.Fields(text)
		switch words[0] {
		case "#":
		case "R":
			db.rules[words[1]] = append(db.rules[words[1]], ruleOf(words[2:]))
		case "L":
			db.links[words[2]] = words[1]
		case "Z":
			zone, words = words[1], words[2:]
			fallthrough
		default:
			db.zones[zone] = append(db.zones[zone], lineOf(words))
		}
	}
	return db
})

// ruleOf reads FROM TO - IN ON AT SAVE LETTERS.
func ruleOf(words []string) rule {
	r := rule{first: number(words[0]), month: month(words[3]), day: words[4], at: clockOf(words[5]), save: clockOf(words[6]).seconds}
	switch words[1] {
	case "o":
		r.last = r.first
	case "ma":
		r.last = lastYear
	default:
		r.last = number(words[1])
	}
	return r
}

// lineOf reads STDOFF RULES FORMAT [YEAR [MONTH [DAY [TIME]]]].
func lineOf(words []string) line {
	l := line{standard: clockOf(words[0]).seconds, month: time.January, day: "1", at: clock{by: 'w'}}
	switch {
	case words[1] == "-":
	case strings.ContainsAny(words[1][:1], "-0123456789"):
		l.save = clockOf(words[1]).seconds
	default:
		l.rules = words[1]
	}
	until := words[3:]
	if len(until) > 0 {
		l.until, l.year = true, number(until[0])
	}
	if len(until) > 1 {
		l.month = month(until[1])
	}
	if len(until) > 2 {
		l.day = until[2]
	}
	if len(until) > 3 {
		l.at = clockOf(until[3])
	}
	return l
}

func number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		panic(fmt.Errorf("tzdata.zi: %w", err))
	}
	return n
}

// month knows a month by the beginning of its name.
func month(word string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(m.String(), word) {
			return m
		}
	}
	panic("tzdata.zi: no month " + word)
}

// clockOf reads [-]h[:mm[:ss]] and the letter behind it.
func clockOf(word string) clock {
	c := clock{by: 'w'}
	if last := word[len(word)-1]; last >= 'a' {
		word, c.by = word[:len(word)-1], last
	}
	rest, negative := strings.CutPrefix(word, "-")
	unit := int64(3600)
	for part := range strings.SplitSeq(rest, ":") {
		if part != "" { // a lone "-" is midnight
			c.seconds += int64(number(part)) * unit
		}
		unit /= 60
	}
	if negative {
		c.seconds = -c.seconds
	}
	return c
}

// dayOf is the midnight of a day that is said as rules say it, in seconds of a clock without a zone.
func dayOf(year int, month time.Month, day string) int64 {
	at := func(d int) time.Time { return time.Date(year, month, d, 0, 0, 0, 0, time.UTC) }
	weekday := func(word string) time.Weekday {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.HasPrefix(d.String(), word) {
				return d
			}
		}
		panic("tzdata.zi: no day " + word)
	}
	if name, ok := strings.CutPrefix(day, "last"); ok {
		d := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		return d.AddDate(0, 0, -int(d.Weekday()-weekday(name)+7)%7).Unix()
	}
	if name, from, ok := strings.Cut(day, ">="); ok {
		d := at(number(from))
		return d.AddDate(0, 0, int(weekday(name)-d.Weekday()+7)%7).Unix()
	}
	if name, to, ok := strings.Cut(day, "<="); ok {
		d := at(number(to))
		return d.AddDate(0, 0, -int(d.Weekday()-weekday(name)+7)%7).Unix()
	}
	return at(number(day)).Unix()
}
