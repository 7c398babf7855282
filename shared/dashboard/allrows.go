package dashboard

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"chatreports/shared/dialect"
)

// atOnce is how many rows one question for rows answers with, mostRows how many a file may
// have: that many are read, and sent, in the time that a function has.
const (
	atOnce   = 1000
	mostRows = 10_000
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
