package main

import (
	"bufio"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"chatreports/shared/event"
)

// yearEnd is when the year of conversations that queries are asked of ends.
var yearEnd = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// year is a year of conversations: their events, and what they come to as lines of a table
// of documents, which is written as the events are read.
type year struct {
	events iter.Seq[event.Event]
	file   *os.File
	rows   *bufio.Writer
}

// columns are the table's.
const columns = "id,createdAt,updatedAt,endUserId,pageUrl,status,firstAgentId,lastAgentId,firstAgentMessageAt,firstCloseAt,firstEndUserMessageAt," +
	"numAgentMessages,numEndUserMessages,timeToAgentResponseMillis,timeToCloseMillis"

// aYear is one of so many conversations. Each is asked for, answered (nine of ten) and
// closed some minutes later, one of a hundred some days later; one of two hundred is tagged
// up to two months after that.
func aYear(n int, file string) (*year, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	y := &year{file: f, rows: bufio.NewWriterSize(f, 1<<16)}
	_, _ = fmt.Fprintln(y.rows, columns)
	r := rand.New(rand.NewPCG(1, 2))
	y.events = func(yield func(event.Event) bool) {
		for i := range n {
			for _, e := range y.conversation(r, i, n) {
				if !yield(e) {
					return
				}
			}
		}
	}
	return y, nil
}

const day = int64(24 * time.Hour / time.Millisecond)

// conversation is the i-th of n.
func (y *year) conversation(r *rand.Rand, i, n int) []event.Event {
	created := yearEnd.UnixMilli() - 365*day + 365*day*int64(i)/int64(n)
	id, agent, visitor := strconv.Itoa(947943100000000+i), strconv.Itoa(1+r.IntN(40)), fmt.Sprint("visitor-", r.IntN(n))
	page := fmt.Sprint("https://www.example.com/", r.IntN(50))
	var out []event.Event
	add := func(typ string, at int64, d event.Data) {
		out = append(out, event.Event{ID: fmt.Sprint(id, "-", len(out)), Source: "bench", Type: typ, Subject: id, At: at, Data: d})
	}
	add("chat.requested", created, event.Data{VisitorID: visitor, InitiatedBy: "visitor", Source: "visitor", PageURL: page})
	asked := created + 5_000
	add("message.sent", asked, event.Data{MessageID: "1", Actor: &event.Actor{Type: "user", ID: visitor}})
	answered := int64(0)
	if r.IntN(10) > 0 {
		answered = created + 20_000 + r.Int64N(60_000)
		add("message.sent", answered, event.Data{MessageID: "2", Actor: &event.Actor{Type: "agent", ID: agent}})
	}
	closed := created + 200_000 + r.Int64N(600_000)
	if r.IntN(100) == 0 {
		closed += r.Int64N(7 * day)
	}
	add("chat.closed", closed, event.Data{By: &event.Actor{Type: "agent", ID: agent}})
	updated := closed
	if r.IntN(200) == 0 {
		updated += r.Int64N(60 * day)
		add("chat.tagged", updated, event.Data{Tag: "late"})
	}
	by, first, to, messages := "", "", "", 0
	if answered > 0 {
		by, first, to, messages = agent, fmt.Sprint(answered), fmt.Sprint(answered-created), 1
	}
	_, _ = fmt.Fprintf(y.rows, "%s,%d,%d,%s,%s,closed,%s,%s,%s,%d,%d,%d,1,%s,%d\n",
		id, created, updated, visitor, page, by, by, first, closed, asked, messages, to, closed-created)
	return out
}

// close ends the table.
func (y *year) close() error {
	if err := y.rows.Flush(); err != nil {
		return err
	}
	return y.file.Close()
}
