package drift

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"

	"chatreports/shared/dialect"
	"chatreports/shared/document"
)

// row is a conversation that matches, with its metrics as JSON.
type row struct {
	position
	metrics []string
}

// found are the conversations that match.
type found []row

// notThere is what a metric is that a conversation does not have.
const notThere = "NaN"

// row is a conversation as the query tells it.
func (q *query) row(d *document.Document) row {
	r := row{position: q.order.position(d), metrics: make([]string, len(q.metrics))}
	for i, m := range q.metrics {
		r.metrics[i] = notThere
		switch {
		case m.property == nil:
		case m.kind == id:
			if s := m.text(d); isNumber(s) {
				r.metrics[i] = s
			}
		default:
			if n, ok := m.whole(d); ok {
				r.metrics[i] = strconv.FormatInt(n, 10)
			}
		}
	}
	return r
}

var asNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)

// isNumber says whether an id is told as a number.
func isNumber(id string) bool { return asNumber.MatchString(id) }

// answer is the answer in a format.
func (q *query) answer(f found, format dialect.Format) *dialect.Answer {
	f, next := q.page(f)
	if format.CSV() {
		return format.Answer(q.table(f))
	}
	return &dialect.Answer{ContentType: "application/json", Write: func(w io.Writer) error { return f.write(w, next) }}
}

// page is the first page of what was found, and the cursor of the next, if there is one.
func (q *query) page(f found) (page found, next string) {
	if q.limit == 0 || len(f) <= q.limit {
		return f, ""
	}
	return f[:q.limit], q.order.cursor(&f[q.limit-1].position)
}

const flushFrom = 16 << 10

// write writes {"count": …, "data": […]}, and where there is more the cursor of the next
// page.
func (f found) write(w io.Writer, next string) error {
	b := append([]byte(`{"count":`), strconv.Itoa(len(f))...)
	b = append(b, `,"data":[`...)
	for i := range f {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"conversationId":`...)
		b = appendID(b, f[i].ID)
		b = append(b, `,"metrics":[`...)
		for j, m := range f[i].metrics {
			if j > 0 {
				b = append(b, ',')
			}
			if m == notThere {
				b = append(b, `"NaN"`...)
				continue
			}
			b = append(b, m...)
		}
		b = append(b, "]}"...)
		if len(b) >= flushFrom {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b = append(b, ']')
	if next != "" {
		b = append(append(append(b, `,"cursor":"`...), next...), '"')
	}
	_, err := w.Write(append(b, "}\n"...))
	return err
}

func appendID(b []byte, id string) []byte {
	if isNumber(id) {
		return append(b, id...)
	}
	raw, err := json.Marshal(id)
	if err != nil {
		panic("drift: " + err.Error())
	}
	return append(b, raw...)
}

// table is the answer as rows, for CSV: a metric that is not there is an empty cell.
func (q *query) table(f found) *dialect.Table {
	t := &dialect.Table{Columns: []string{"conversationId"}}
	for _, m := range q.metrics {
		name := m.name
		for n := 2; slices.Contains(t.Columns, name); n++ { // asked for more than once
			name = m.name + "_" + strconv.Itoa(n)
		}
		t.Columns = append(t.Columns, name)
	}
	t.Rows = func(yield func(dialect.Row) bool) {
		for i := range f {
			r := dialect.Row{{Name: "conversationId", Value: f[i].ID}}
			for j, m := range f[i].metrics {
				if m != notThere {
					r.Add(t.Columns[j+1], m)
				}
			}
			if !yield(r) {
				return
			}
		}
	}
	return t
}
