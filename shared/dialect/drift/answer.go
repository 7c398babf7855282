package drift

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"

	"chatreports/shared/dialect"
	"chatreports/shared/naming"
)

// row is a conversation that matches, with its document as it is stored: what it tells is
// only made when it is written.
type row struct {
	position
	stored string
}

// found are the conversations that match.
type found []row

// notThere is what a metric is that a conversation does not have.
const notThere = "NaN"

// tell gives the metrics of a conversation as JSON, until it is called again.
func (q *query) tell(r *row) ([]string, error) {
	reader := &q.telling
	if err := reader.Open(r.stored); err != nil {
		return nil, err
	}
	if err := reader.Read(reader.Wanted); err != nil {
		return nil, err
	}
	d := &reader.Document
	q.told, q.of = q.told[:0], q.of[:0]
	for _, m := range q.metrics {
		told, of := notThere, entity{}
		switch {
		case m.property == nil:
		case m.kind == id:
			s := m.text(d)
			if isNumber(s) {
				told = s
			}
			of = entity{m.whose, s}
		default:
			if n, ok := m.whole(d); ok {
				told = strconv.FormatInt(n, 10)
			}
		}
		q.told, q.of = append(q.told, told), append(q.of, of)
	}
	return q.told, nil
}

var asNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)

// isNumber says whether an id is told as a number.
func isNumber(id string) bool { return asNumber.MatchString(id) }

// answer is a page of what was found in a format.
func (q *query) answer(f found, next string, format dialect.Format) *dialect.Answer {
	if format.CSV() {
		return format.Answer(q.table(f))
	}
	return &dialect.Answer{ContentType: "application/json", Write: func(w io.Writer) error { return q.write(w, f, next) }}
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
func (q *query) write(w io.Writer, f found, next string) error {
	b := append([]byte(`{"count":`), strconv.Itoa(len(f))...)
	b = append(b, `,"data":[`...)
	for i := range f {
		metrics, err := q.tell(&f[i])
		if err != nil {
			return err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"conversationId":`...)
		b = appendID(b, f[i].ID)
		b = append(b, `,"metrics":[`...)
		for j, m := range metrics {
			if j > 0 {
				b = append(b, ',')
			}
			if m == notThere {
				b = append(b, `"NaN"`...)
				continue
			}
			b = append(b, m...)
		}
		b = append(q.appendNames(append(b, ']')), '}')
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

// unique is the name of a column more; what is asked for more than once is numbered.
func unique(columns []string, name string) string {
	out := name
	for n := 2; slices.Contains(columns, out); n++ {
		out = name + "_" + strconv.Itoa(n)
	}
	return out
}

// table is the answer as rows, for CSV: a metric that is not there is an empty cell.
func (q *query) table(f found) *dialect.Table {
	t := &dialect.Table{Columns: []string{"conversationId"}}
	columns, names := make([]string, len(q.metrics)), make([]string, len(q.metrics))
	for i, m := range q.metrics {
		columns[i] = unique(t.Columns, m.name)
		t.Columns = append(t.Columns, columns[i])
		if q.named && m.property != nil && m.whose != "" {
			names[i] = unique(t.Columns, naming.Property(m.name))
			t.Columns = append(t.Columns, names[i])
		}
	}
	t.Rows = func(yield func(dialect.Row) bool) {
		for i := range f {
			r := dialect.Row{{Name: "conversationId", Value: f[i].ID}}
			metrics, err := q.tell(&f[i])
			if err != nil { // it was read before
				panic("drift: " + err.Error())
			}
			for j, m := range metrics {
				if m != notThere {
					r.Add(columns[j], m)
				}
				if names[j] != "" {
					r.Add(names[j], q.called[q.of[j]])
				}
			}
			if !yield(r) {
				return
			}
		}
	}
	return t
}
