package document

import (
	"encoding/binary"
	"errors"
	"math"

	"chatreports/shared/fact"
)

// version is the first byte of a document. In the form it stands for there follow the
// id, the time of the request, a number whose bits say which of the fields are there,
// and these, in the order of fields. A new field is put at the end: who does not know
// its bit does not read what stands for it.
const version = 1

// fields shows a coder every field but the id and the time of the request. Their order
// is stored.
func (d *Document) fields(c coder) {
	c.text(&d.PlaybookID)
	c.text(&d.EndUserID)
	c.text(&d.EndUserType)
	c.flag(&d.EndUserBegan)
	c.text(&d.PageURL)
	c.flag(&d.Offline)
	c.number(&d.CQLScore)
	c.list(&d.Tags)
	c.number((*int64)(&d.Status))
	c.number((*int64)(&d.BotStatus))
	c.text(&d.FirstAgentID)
	c.text(&d.LastAgentID)
	c.text(&d.FirstBotID)
	c.number(&d.AgentMessages)
	c.number(&d.BotMessages)
	c.number(&d.UserMessages)
	c.moment(&d.FirstAgentMessage)
	c.moment(&d.FirstBotMessage)
	c.moment(&d.FirstUserMessage)
	c.moment(&d.FirstClose)
	c.list(&d.Agents)
	c.list(&d.Departments)
	c.text(&d.CampaignID)
}

// coder writes fields, or reads them.
type coder interface {
	text(*string)
	flag(*bool)
	number(*int64)
	moment(*fact.Moment)
	list(*[]string)
}

// Encode is the stored form of the document.
func (d *Document) Encode() string {
	w := writer{created: d.CreatedAt}
	d.fields(&w)
	out := make([]byte, 0, len(w.out)+len(d.ID)+24)
	out = append(out, version)
	out = appendText(out, d.ID)
	out = binary.AppendVarint(out, d.CreatedAt)
	out = binary.AppendVarint(out, d.UpdatedAt-d.CreatedAt)
	out = binary.AppendUvarint(out, w.there)
	return string(append(out, w.out...))
}

// Decode reads what Encode wrote.
func (d *Document) Decode(stored string) error {
	r := reader{in: stored}
	if r.byte() != version {
		return errors.New("document: it is of a version that is not known")
	}
	*d = Document{ID: r.string(), CreatedAt: r.varint()}
	d.UpdatedAt = d.CreatedAt + r.varint()
	r.created, r.there = d.CreatedAt, r.uvarint()
	d.fields(&r)
	if r.broken {
		return errors.New("document: its bytes end too early")
	}
	if d.Status < Pending || d.Status > Closed || d.BotStatus < NoResponse || d.BotStatus > BotAssisted {
		return errors.New("document: it has a status that is not known")
	}
	return nil
}

type writer struct {
	created int64
	out     []byte
	there   uint64
	next    int
}

// put notes whether the next field is there.
func (w *writer) put(there bool) bool {
	if there {
		w.there |= 1 << w.next
	}
	w.next++
	return there
}

func (w *writer) text(s *string) {
	if w.put(*s != "") {
		w.out = appendText(w.out, *s)
	}
}

func (w *writer) flag(b *bool) { w.put(*b) }

func (w *writer) number(n *int64) {
	if w.put(*n != 0) {
		w.out = binary.AppendVarint(w.out, *n)
	}
}

func (w *writer) moment(m *fact.Moment) {
	if w.put(m.Came()) {
		w.out = binary.AppendVarint(w.out, m.Millis()-w.created)
	}
}

func (w *writer) list(l *[]string) {
	if w.put(len(*l) > 0) {
		w.out = binary.AppendUvarint(w.out, uint64(len(*l)))
		for _, s := range *l {
			w.out = appendText(w.out, s)
		}
	}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader reads from the front of in. Texts are parts of it.
type reader struct {
	in      string
	created int64
	there   uint64
	broken  bool
}

func (r *reader) is() bool {
	there := r.there&1 != 0
	r.there >>= 1
	return there
}

func (r *reader) text(s *string) {
	if r.is() {
		*s = r.string()
	}
}

func (r *reader) flag(b *bool) { *b = r.is() }

func (r *reader) number(n *int64) {
	if r.is() {
		*n = r.varint()
	}
}

func (r *reader) moment(m *fact.Moment) {
	if r.is() {
		*m = fact.MomentOf(r.created + r.varint())
	}
}

func (r *reader) list(l *[]string) {
	if !r.is() {
		return
	}
	n := r.uvarint()
	if n > uint64(len(r.in)) { // each takes a byte at least
		r.broken = true
		return
	}
	*l = make([]string, n)
	for i := range *l {
		(*l)[i] = r.string()
	}
}

func (r *reader) byte() byte {
	if r.in == "" {
		r.broken = true
		return 0
	}
	b := r.in[0]
	r.in = r.in[1:]
	return b
}

func (r *reader) uvarint() (n uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.broken = true
	return 0
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > math.MaxInt32 || int(n) > len(r.in) {
		r.broken = true
		r.in = ""
		return ""
	}
	s := r.in[:n]
	r.in = r.in[n:]
	return s
}
