package explain

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"net/url"
	"slices"

	"chatreports/shared/report"
	"chatreports/shared/tuple"
)

// cursor is a place among the rows: after the first N of those that have its time
// and id.
type cursor struct {
	question string
	At       int64
	ID       string
	N        int
}

// pass moves the cursor behind a row.
func (c *cursor) pass(r *report.Row) {
	if id := tuple.Join(r.ID, r.Kind); c.At != r.At || c.ID != id {
		c.At, c.ID, c.N = r.At, id, 0
	}
	c.N++
}

// compare compares the cursor's time and id with a row's.
func (c *cursor) compare(r *report.Row) int {
	if c.ID == "" {
		return -1
	}
	id := tuple.Split(c.ID)
	return cmp.Or(cmp.Compare(c.At, r.At), cmp.Compare(id[0], r.ID), cmp.Compare(id[1], r.Kind))
}

func (c *cursor) String() string {
	raw, err := json.Marshal([]any{c.question, c.At, c.ID, c.N})
	if err != nil {
		panic("explain: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readCursor(s string) (c cursor, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(raw, &[]any{&c.question, &c.At, &c.ID, &c.N}) != nil {
		return c, false
	}
	return c, len(tuple.Split(c.ID)) == 2 && c.N > 0 && c.String() == s
}

// fingerprint is a question without its paging, and without how it is answered.
func fingerprint(query url.Values) string {
	q := url.Values{}
	for name, v := range query {
		if !slices.Contains([]string{"cursor", "limit", "names", "format", "spreadsheetSafe"}, name) {
			q[name] = v
		}
	}
	h := fnv.New64a()
	h.Write([]byte(q.Encode()))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
