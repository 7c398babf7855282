package dashboard

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
)

// atOnce is how many rows one question for rows answers with, most of them how many a file may
// have: what a function may answer with holds that many.
const (
	atOnce   = 1000
	mostRows = 20_000
)

// allRows answers with all rows of a figure as one file of CSV, page after page. A file that
// would not have all is refused.
func (a *asker) allRows(w http.ResponseWriter, q url.Values) error {
	var all bytes.Buffer
	var answer *dialect.Answer
	for n := 0; answer == nil || answer.Next != ""; n++ {
		if n == mostRows/atOnce {
			return dialect.Refuse(http.StatusRequestEntityTooLarge, "too_many_rows", "The figure is made of more than %d rows. Choose fewer days, or ask /v1/rows for one page after another.", mostRows)
		}
		page := maps.Clone(q)
		page.Set("limit", strconv.Itoa(atOnce))
		if answer != nil {
			next, err := url.Parse(answer.Next)
			if err != nil {
				return fmt.Errorf("reading where the next rows are: %w", err)
			}
			page.Set("cursor", next.Query().Get("cursor"))
		}
		var body []byte
		var err error
		if answer, body, err = a.body(a.Explain, "/v1/rows", page); err != nil {
			return err
		}
		if n > 0 {
			_, body, _ = bytes.Cut(body, []byte("\n")) // the heads, which are the same on every page
		}
		all.Write(body)
	}
	return save(w, answer.ContentType, all.Bytes(), "rows")
}

// when says which time a question for rows is of, as people write it.
func when(q url.Values) string {
	zone := q.Get("timezone")
	if zone == "" {
		zone = "UTC"
	}
	from, err := time.Parse(calendar.WallLayout, q.Get("timeFrom"))
	to, other := time.Parse(calendar.WallLayout, q.Get("timeTo"))
	switch bucket := q.Get("bucket"); {
	case err != nil || other != nil:
		return ""
	case bucket == "":
		return between(from, to) + ", " + zone
	case strings.Contains(q.Get("group"), "Distribution"):
		return bucket + ", " + between(from, to) + ", " + zone
	default:
		return q.Get("group") + " of " + wall(bucket) + ", " + zone
	}
}

// between is a range of time, told by its first and last day where it is of whole days.
func between(from, to time.Time) string {
	if from.Equal(from.Truncate(24*time.Hour)) && to.Equal(to.Truncate(24*time.Hour)) {
		const long = "2 Jan 2006"
		first, last := from.Format(long), to.AddDate(0, 0, -1).Format(long)
		if first == last {
			return first
		}
		return first + " to " + last
	}
	const long = "2 Jan 2006 15:04"
	return from.Format(long) + " to " + to.Format(long)
}

// wall is a time of clocks on the wall as people write it: a day where it is midnight.
func wall(text string) string {
	t, err := time.Parse(calendar.WallLayout, text)
	switch {
	case err != nil:
		return text
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.Format("Mon 2 Jan 2006")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}
