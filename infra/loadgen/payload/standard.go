package payload

import (
	"encoding/json"

	"chatreports/shared/event"
)

// standard says events as they are.
type standard struct{}

func (standard) say(e *event.Event) []members {
	var m members
	raw, err := e.Marshal()
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return []members{m}
}
