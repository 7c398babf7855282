package oracle

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/event"
)

// Conversation is a chat as Drift's queries see it: its properties by name, numbers and
// times as float64, ids and texts as string, the rest as bool and []string. What it does
// not have is not in it.
type Conversation map[string]any

// Filter is one of Drift's filters, its values as encoding/json reads them.
type Filter struct {
	Property, Operation string
	Values              []any
}

// Drift answers a query that is right: the conversations that pass every filter, in order.
func (o *Oracle) Drift(filters ...Filter) []Conversation {
	var out []Conversation
	for _, c := range o.conversations() {
		if !slices.ContainsFunc(filters, func(f Filter) bool { return !f.passes(c) }) {
			out = append(out, c)
		}
	}
	return out
}

func (o *Oracle) conversations() []Conversation {
	ofChat := map[string][]*event.Event{}
	for _, e := range o.stand {
		if kind, _ := e.Entity(); kind == "chat" && e.Type != "conversion.recorded" {
			ofChat[e.Subject] = append(ofChat[e.Subject], e)
		}
	}
	var out []Conversation
	for _, c := range o.chats {
		out = append(out, conversationOf(c, ofChat[c.id]))
	}
	slices.SortFunc(out, func(a, b Conversation) int {
		if d := a["createdAt"].(float64) - b["createdAt"].(float64); d != 0 {
			return int(max(-1, min(1, d)))
		}
		return strings.Compare(a["id"].(string), b["id"].(string))
	})
	return out
}

// conversationOf reads the events of a chat, repeats of a message among them.
func conversationOf(c *chat, events []*event.Event) Conversation {
	at := func(e *event.Event) float64 { return float64(e.At) }
	d := &c.req.Data
	out := Conversation{
		"id": c.id, "createdAt": at(c.req), "updatedAt": at(events[len(events)-1]), "endUserId": d.VisitorID,
		"endUserInitiated": d.InitiatedBy == "visitor", "endUserType": "NONE",
		"offline": d.Offline != nil && *d.Offline, "cqlScore": 0.0,
		"numAgentMessages": 0.0, "numBotMessages": 0.0, "numEndUserMessages": 0.0,
	}
	set := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	set("endUserType", strings.ToUpper(d.VisitorType))
	set("pageUrl", d.PageURL)
	set("relatedPlaybookId", d.PlaybookID)
	first := func(name string, value any) {
		if _, ok := out[name]; !ok && value != "" {
			out[name] = value
		}
	}
	var tags []string
	said := map[string]bool{}
	accepted, bot, lost, reopened, closedLast := false, false, false, false, false
	for _, e := range events {
		switch d := &e.Data; e.Type {
		case "chat.requested":
			closedLast = closedLast && e != c.req
		case "chat.accepted":
			accepted = true
		case "bot.interaction":
			bot = true
		case "chat.abandoned", "chat.missed":
			lost = true
		case "chat.switched_to_message":
			lost = true
			out["offline"] = true
		case "chat.closed":
			closedLast = true
			first("firstCloseAt", at(e))
		case "chat.reopened":
			closedLast, reopened = false, true
		case "chat.tagged":
			if !slices.Contains(tags, d.Tag) {
				tags = append(tags, d.Tag)
			}
		case "chat.untagged":
			tags = slices.DeleteFunc(tags, func(t string) bool { return t == d.Tag })
		case "chat.scored":
			out["cqlScore"] = float64(d.CQLScore)
		case "message.sent":
			if d.Private || d.MessageID != "" && said[d.MessageID] {
				continue
			}
			said[d.MessageID] = true
			switch d.Actor.Type {
			case "agent":
				out["numAgentMessages"] = out["numAgentMessages"].(float64) + 1
				first("firstAgentMessageAt", at(e))
				first("firstAgentId", d.Actor.ID)
				set("lastAgentId", d.Actor.ID)
			case "bot":
				bot = true
				out["numBotMessages"] = out["numBotMessages"].(float64) + 1
				first("firstBotMessageAt", at(e))
				first("firstBotId", d.Actor.ID)
			case "user":
				out["numEndUserMessages"] = out["numEndUserMessages"].(float64) + 1
				first("firstEndUserMessageAt", at(e))
			}
		}
	}
	if len(tags) > 0 {
		out["tags"] = tags
	}
	for of, when := range map[string]string{"timeToCloseMillis": "firstCloseAt", "timeToAgentResponseMillis": "firstAgentMessageAt"} {
		if t, ok := out[when].(float64); ok {
			out[of] = max(0, t-at(c.req))
		}
	}
	_, agent := out["firstAgentMessageAt"]
	out["botStatus"] = map[[2]bool]string{{false, false}: "NO_RESPONSE", {true, false}: "HUMAN_ONLY", {false, true}: "BOT_ONLY", {true, true}: "BOT_ASSISTED"}[[2]bool{agent, bot}]
	switch {
	case closedLast, lost && !accepted && !agent && !bot:
		out["status"] = "closed"
	case accepted || agent || bot || reopened:
		out["status"] = "open"
	default:
		out["status"] = "pending"
	}
	return out
}

var numericIDs = []string{"id", "endUserId", "relatedPlaybookId", "firstAgentId", "lastAgentId", "firstBotId"}

// passes says whether a conversation passes the filter.
func (f *Filter) passes(c Conversation) bool {
	if operation, not := strings.CutPrefix(f.Operation, "NOT_"); not {
		positive := Filter{f.Property, operation, f.Values}
		return !positive.passes(c)
	}
	has, ok := c[f.Property]
	if !ok {
		return false
	}
	if list, ok := has.([]string); ok {
		return slices.ContainsFunc(list, func(s string) bool {
			one := Filter{"tag", f.Operation, f.Values}
			return one.passes(Conversation{"tag": s})
		})
	}
	isID := slices.Contains(numericIDs, f.Property)
	same := func(v any) bool {
		switch h := has.(type) {
		case float64:
			n, ok := numberIn(v)
			return ok && n == h
		case bool:
			return v == h || v == strconv.FormatBool(h)
		}
		if n, ok := v.(float64); ok && isID {
			v = strconv.FormatFloat(n, 'f', -1, 64)
		}
		return v == has
	}
	ranged := func(v any, fits func(order int) bool) bool {
		if _, text := has.(string); text && !isID {
			return false
		}
		h, isNumber := exactly(has)
		n, ok := exactly(v)
		return ok && isNumber && fits(h.Cmp(n))
	}
	switch f.Operation {
	case "HAS_PROPERTY":
		return true
	case "EQ":
		return same(f.Values[0])
	case "IN":
		return slices.ContainsFunc(f.Values, same)
	case "CONTAINS":
		return strings.Contains(has.(string), f.Values[0].(string))
	case "GT":
		return ranged(f.Values[0], func(order int) bool { return order > 0 })
	case "GTE":
		return ranged(f.Values[0], func(order int) bool { return order >= 0 })
	case "LT":
		return ranged(f.Values[0], func(order int) bool { return order < 0 })
	case "LTE":
		return ranged(f.Values[0], func(order int) bool { return order <= 0 })
	case "BETWEEN":
		return ranged(f.Values[0], func(order int) bool { return order >= 0 }) && ranged(f.Values[1], func(order int) bool { return order <= 0 })
	}
	panic("oracle: no operation " + f.Operation)
}

// exactly is a value as a number, be it longer than a float64 can tell.
func exactly(v any) (*big.Rat, bool) {
	if s, ok := v.(string); ok {
		if n, ok := new(big.Rat).SetString(s); ok && !strings.ContainsAny(s, "eEpPxX/_+") {
			return n, true
		}
	}
	n, ok := numberIn(v)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetFloat64(n), true
}

// numberIn is a value as a number: itself, its text, or of a date midnight in UTC.
func numberIn(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return float64(t.UnixMilli()), true
		}
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	}
	return 0, false
}
