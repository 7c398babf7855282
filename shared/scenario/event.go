package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// eventJSON writes "TIME TYPE SUBJECT [@ID[/SOURCE]] [member=value …] [{…}]" as the
// event that a client would send, whatever is wrong with it.
func (s *Scenario) eventJSON(day, line string) ([]byte, error) {
	s.lines++
	line, object := cutObject(line)
	words := strings.Fields(line)
	if len(words) < 3 {
		return nil, fmt.Errorf("an event is a time, a type and a subject, and then its data")
	}
	at := words[0]
	if !strings.Contains(at, "T") {
		if day == "" {
			return nil, fmt.Errorf("a time of day needs a line with the day before it")
		}
		if strings.Count(at, ":") == 1 {
			at += ":00"
		}
		at = day + "T" + at + "Z"
	}
	id, source := fmt.Sprintf("e%03d", s.lines), "scenario"
	typ, subject := words[1], words[2]
	words = words[3:]
	if len(words) > 0 && words[0][0] == '@' {
		name, from, ok := strings.Cut(words[0][1:], "/")
		if id = name; ok {
			source = from
		}
		words = words[1:]
	}
	data := defaults(typ, subject, id)
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not member=value", w)
		}
		data[name] = member(name, value)
	}
	if object != "" {
		var more map[string]any
		if err := json.Unmarshal([]byte(object), &more); err != nil {
			return nil, err
		}
		maps.Copy(data, more)
	}
	return json.Marshal(map[string]any{
		"specversion": "1.0", "id": id, "source": source, "type": typ, "subject": subject, "time": at, "data": data,
	})
}

// cutObject cuts a JSON object off the end of a line.
func cutObject(line string) (before, object string) {
	if i := strings.Index(line, " {"); i >= 0 {
		return line[:i], line[i+1:]
	}
	return line, ""
}

// Members that are not written as plain strings.
var (
	numbers = []string{"length", "score", "cqlScore", "value", "private", "enabled", "maxConcurrentChats", "disabled", "offline", "issueResolved"}
	lists   = []string{"segmentIds", "departmentIds"}
	pairs   = []string{"actor", "by", "routeTo"}
)

// member is a value by the name of its member: a number or a truth value, a list
// with commas, a pair type:id, else a string.
func member(name, value string) any {
	switch {
	case slices.Contains(numbers, name):
		return json.RawMessage(value)
	case slices.Contains(lists, name):
		if value == "" {
			return []string{}
		}
		return strings.Split(value, ",")
	case slices.Contains(pairs, name):
		typ, id, ok := strings.Cut(value, ":")
		if !ok {
			return map[string]string{"type": typ}
		}
		return map[string]string{"type": typ, "id": id}
	}
	return value
}

// defaults are the required members that a line need not mention.
func defaults(typ, subject, id string) map[string]any {
	switch typ {
	case "chat.requested":
		return map[string]any{"visitorId": "visitor-" + subject, "initiatedBy": "visitor", "source": "visitor"}
	case "message.sent":
		return map[string]any{"messageId": id, "length": 1}
	case "chat.closed", "chat.assigned":
		return map[string]any{"by": map[string]string{"type": "system", "id": "system"}}
	case "chat.reopened":
		return map[string]any{"by": map[string]string{"type": "user", "id": "visitor"}}
	case "chat.wrapped_up", "survey.submitted":
		return map[string]any{"fields": []any{}}
	case "bot.interaction":
		return map[string]any{"storyId": "story", "source": "widget"}
	case "page.viewed":
		return map[string]any{"pageUrl": "https://example.com/"}
	}
	return map[string]any{}
}
