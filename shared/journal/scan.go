package journal

import (
	"bytes"
	"cmp"
	"unicode/utf8"

	"chatreports/shared/event"
)

// scanner reads an event in the form in which it is written today, without reflection: most
// of what rows take is reading events. In that form no member is there twice and none that
// may be left out is empty. Whatever else it comes upon, of another version or damaged, it
// declines: then stored.Unmarshal reads it, or says what is wrong.
type scanner struct {
	left     []byte
	declined bool
	decoder  *Decoder // nil: nothing is kept
}

// Kinds of CBOR's values: the upper three bits of the first byte.
const (
	positive = iota
	negative
	octets
	characters
	array
	pairs
)

// head takes the beginning of a value: its kind, and its number or length.
func (s *scanner) head() (kind byte, n uint64) {
	if len(s.left) == 0 {
		s.declined = true
		return 0, 0
	}
	first := s.left[0]
	s.left = s.left[1:]
	if kind, n = first>>5, uint64(first&31); n < 24 {
		return kind, n
	}
	size := 1 << (n - 24)
	if size > 8 || size > len(s.left) {
		s.declined = true
		return 0, 0
	}
	n = 0
	for _, b := range s.left[:size] {
		n = n<<8 | uint64(b)
	}
	s.left = s.left[size:]
	return kind, n
}

// most is how many elements a list may have for stored.Unmarshal to read it.
const most = 1 << 17

// size takes the head of a value of a kind that has a length. No value is longer than what is
// left has bytes.
func (s *scanner) size(want byte) int {
	kind, n := s.head()
	if kind != want || n > uint64(len(s.left)) || n > most && want > characters {
		s.declined = true
		return 0
	}
	return int(n)
}

func (s *scanner) bytes(kind byte) []byte {
	n := s.size(kind)
	b := s.left[:n]
	s.left = s.left[n:]
	return b
}

func (s *scanner) string() string {
	b := s.bytes(characters)
	switch {
	case !utf8.Valid(b):
		s.declined = true
		return ""
	}
	return s.decoder.text(b)
}

// The following each take the value of a member. One that is there already, or that would
// not be there, declines.

func (s *scanner) text(to *string) {
	before := *to
	*to = s.string()
	s.declined = s.declined || before != "" || *to == ""
}

func (s *scanner) textOrNull(to **string) {
	text := s.string()
	s.declined = s.declined || *to != nil
	*to = &text
}

func (s *scanner) integer() int64 {
	kind, n := s.head()
	if kind > negative || n > 1<<63-1 {
		s.declined = true
		return 0
	}
	if kind == negative {
		return -1 - int64(n)
	}
	return int64(n)
}

func (s *scanner) number(to *int64) {
	before := *to
	*to = s.integer()
	s.declined = s.declined || before != 0 || *to == 0
}

func (s *scanner) numberOrNull(to **int64) {
	n := s.integer()
	s.declined = s.declined || *to != nil
	*to = &n
}

// next takes one byte.
func (s *scanner) next() byte {
	if len(s.left) == 0 {
		s.declined = true
		return 0
	}
	b := s.left[0]
	s.left = s.left[1:]
	return b
}

// Values of one byte.
const (
	no   = 0xf4
	yes  = 0xf5
	null = 0xf6
)

func (s *scanner) truth(to *bool) {
	s.declined = s.next() != yes || s.declined || *to
	*to = true
}

func (s *scanner) truthOrNull(to **bool) {
	b := s.next()
	truth := b == yes
	s.declined = s.declined || *to != nil || b != yes && b != no
	*to = &truth
}

func (s *scanner) texts() []string {
	list := make([]string, s.size(array))
	for i := range list {
		list[i] = s.string()
	}
	return list
}

func (s *scanner) list(to *[]string) {
	before := *to
	*to = s.texts()
	s.declined = s.declined || before != nil || len(*to) == 0
}

func (s *scanner) listOrNull(to **[]string) {
	list := s.texts()
	s.declined = s.declined || *to != nil
	*to = &list
}

// event takes all of an event's value into e, which is empty but for what its key says.
func (s *scanner) event(e *event.Event) (nanos int64, ok bool) {
	var source, subject string
	before := uint64(0)
	for range s.size(pairs) {
		kind, key := s.head()
		if s.declined || kind != positive || key <= before {
			return 0, false
		}
		before = key
		switch key {
		case 1:
			if e.Type = types[string(s.bytes(characters))]; e.Type == "" {
				return 0, false
			}
		case 2:
			s.data(&e.Data)
		case 3:
			nanos = s.integer()
		case 4:
			s.text(&source)
		case 5:
			s.text(&subject)
		default:
			return 0, false
		}
	}
	e.Source, e.Subject = cmp.Or(source, e.Source), cmp.Or(subject, e.Subject)
	return nanos, !s.declined && e.Type != "" && len(s.left) == 0
}

// typeOf is the type of an event, and false if only reading all of it would tell.
func typeOf(value []byte) (string, bool) {
	s := scanner{left: value}
	n := s.size(pairs)
	kind, key := s.head()
	if n == 0 || kind != positive || key != 1 {
		return "", false
	}
	typ, ok := types[string(s.bytes(characters))]
	return typ, ok && !s.declined
}

// types are all there are.
var types = func() map[string]string {
	all := map[string]string{}
	for _, name := range event.TypeNames() {
		all[name] = name
	}
	return all
}()

func (s *scanner) data(d *event.Data) {
	for range s.size(pairs) {
		name := s.bytes(characters)
		if s.declined {
			return
		}
		s.member(d, name)
	}
}

func (s *scanner) actor(to **event.Actor) {
	var a event.Actor
	for range s.size(pairs) {
		switch name := s.bytes(characters); string(name) {
		case "type":
			s.text(&a.Type)
		case "id":
			s.text(&a.ID)
		case "name":
			s.text(&a.Name)
		case "subType":
			s.text(&a.SubType)
		default:
			s.declined = true
		}
		if s.declined {
			return
		}
	}
	s.declined = s.declined || *to != nil || a.Type == ""
	*to = s.decoder.actor(a)
}

func (s *scanner) route(to **event.Route) {
	var r event.Route
	for range s.size(pairs) {
		switch name := s.bytes(characters); string(name) {
		case "type":
			s.text(&r.Type)
		case "id":
			s.text(&r.ID)
		default:
			s.declined = true
		}
		if s.declined {
			return
		}
	}
	s.declined = s.declined || *to != nil || r.Type == ""
	*to = &r
}

func (s *scanner) answers(to *[]event.Answer) {
	s.declined = s.declined || *to != nil
	list := make([]event.Answer, s.size(array))
	for i := range list {
		s.answer(&list[i])
	}
	s.declined = s.declined || len(list) == 0
	*to = list
}

// answer takes one. Two of its members are always there, as may be that no options are.
func (s *scanner) answer(a *event.Answer) {
	options := false
	for range s.size(pairs) {
		switch name := s.bytes(characters); string(name) {
		case "fieldId":
			s.text(&a.FieldID)
		case "fieldName":
			s.text(&a.FieldName)
		case "group":
			s.text(&a.Group)
		case "options":
			s.declined = s.declined || options
			if options = true; len(s.left) > 0 && s.left[0] == null {
				s.left = s.left[1:]
			} else {
				a.Options = s.texts()
			}
		default:
			s.declined = true
		}
		if s.declined {
			return
		}
	}
	s.declined = s.declined || a.FieldID == "" || a.FieldName == ""
}

func (s *scanner) interactions(to *[]event.Interaction) {
	s.declined = s.declined || *to != nil
	list := make([]event.Interaction, s.size(array))
	for i := range list {
		one := &list[i]
		for range s.size(pairs) {
			switch name := s.bytes(characters); string(name) {
			case "id":
				s.text(&one.ID)
			case "name":
				s.text(&one.Name)
			case "type":
				s.text(&one.Type)
			case "parentId":
				s.text(&one.ParentID)
			default:
				s.declined = true
			}
			if s.declined {
				return
			}
		}
	}
	*to = list
}

func (s *scanner) rest(d *event.Data) {
	b := s.bytes(octets)
	s.declined = s.declined || d.Rest != nil || len(b) == 0
	d.Rest = bytes.Clone(b)
}
