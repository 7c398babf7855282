package drift

import (
	"encoding/json"
	"fmt"

	"chatreports/shared/dialect"
)

// Within narrows a query to the conversations that were requested at from or later and
// before to, in Unix milliseconds: as a schedule asks it of one period after the other, which
// is why it has no cursor.
func Within(raw []byte, from, to int64) ([]byte, *dialect.Refusal) {
	q, refused := read(raw)
	if refused != nil {
		return nil, refused
	}
	if q.after != nil {
		return nil, wrongQuery("cursor", "a query that is asked again and again has none")
	}
	b, refused := readBody(raw)
	if refused != nil {
		return nil, refused
	}
	for _, end := range []struct {
		operation string
		at        int64
	}{{opGTE, from}, {opLT, to}} {
		b.Filters = append(b.Filters, fmt.Appendf(nil, `{"property": "createdAt", "operation": %q, "values": [%d]}`, end.operation, end.at))
	}
	narrowed, err := json.Marshal(b)
	if err != nil {
		panic("drift: " + err.Error()) // it was JSON
	}
	return narrowed, nil
}
