package oracle

import (
	"cmp"
	"fmt"
	"math/big"
	"strings"

	"chatreports/shared/event"
)

// conversations is a row for each chat that an agent joined, by the first joining.
func (w *exported) conversations() (rows []rowOut) {
	for _, c := range w.told {
		if len(c.joins) > 0 && w.holds(c.joins[0].at) {
			rows = append(rows, rowOut{c.joins[0].at, c.id, c.request, w.conversation(c)})
		}
	}
	return rows
}

func (w *exported) conversation(c *told) cells {
	d := &c.request.Data
	account := w.siteAccount(d.HostID, d.Campaign())
	row := cells{
		"chatcampaign_id": d.Campaign(), "conversation_start": moment(c.joins[0].at), "session_id": w.session(c),
		"visitor_id": d.VisitorID, "account_id": account, "host_id": d.HostID,
		"requestType": "proactive", "requestSource": w.entryPoint(d.EntrypointID, d.InvitationID), "decisionTime": w.decision(c),
		"transcriptUrl": link(w.tenant.TranscriptLink, c.id), "acceptUrl": d.PageURL,
		"visitor_identifier": cmp.Or(w.name("visitor", d.VisitorID), d.VisitorID),
		"handlingType":       w.handling(c, account),
	}
	if d.Source == "visitor" {
		row["requestType"] = "reactive"
	}
	for name, j := range map[string]joining{"assigned": c.joins[0], "last": c.joins[len(c.joins)-1]} {
		theirs := w.agentAccount(j.agent)
		row[name+"_agent_id"], row[name+"_agent_account_id"], row[name+"_agent_account_name"] = j.agent, theirs, w.accountName(theirs)
	}
	c.lengths(row, w.now)
	c.responseTimes(row)
	c.outcome(row)
	w.goals(c, row)
	return row
}

// session is the newest that the visitor began at or before the request.
func (w *exported) session(c *told) string {
	id := ""
	for _, e := range w.events {
		if e.Type == "visit.started" && e.Subject == c.request.Data.VisitorID && e.At <= c.request.At && e.Data.SessionID != "" {
			id = e.Data.SessionID
		}
	}
	return id
}

// decision is the time from when the visitor saw what they clicked to the request; it may
// be anything, if the request does not say.
func (w *exported) decision(c *told) string {
	d := &c.request.Data
	last := func(test func(*event.Event) bool) string {
		text := ""
		for _, e := range w.events {
			if e.Subject == d.VisitorID && e.At <= c.request.At && test(e) {
				text = wholeSeconds(c.request.At - e.At)
			}
		}
		return text
	}
	viewed := func(e *event.Event) bool {
		return e.Type == "entrypoint.viewed" && (e.Data.EntrypointID == d.EntrypointID || d.EntrypointID+d.InvitationID == "")
	}
	sent := func(e *event.Event) bool {
		return e.Type == "invitation.sent" && d.InvitationID != "" && e.Data.InvitationID == d.InvitationID
	}
	return cmp.Or(last(viewed), last(sent))
}

// handling compares the accounts of all who joined with the website's.
func (w *exported) handling(c *told, account string) string {
	own, others := false, false
	for _, j := range c.joins {
		if w.agentAccount(j.agent) == account {
			own = true
		} else {
			others = true
		}
	}
	switch {
	case own && others:
		return "hybrid"
	case own:
		return "self"
	}
	return "external"
}

// lengths fills in messages and durations.
func (c *told) lengths(row cells, now int64) {
	start, end := c.joins[0].at, c.ended
	if c.open {
		end = now
	}
	row["duration_total_secs"] = wholeSeconds(end - start)
	row["duration_conversation_secs"], row["duration_afterclose_secs"] = "0", "0"
	var total, longest int64
	all := c.messages()
	for _, m := range all {
		total += m.Data.Length
		longest = max(longest, m.Data.Length)
	}
	if n := len(all); n > 0 {
		row["duration_conversation_secs"] = wholeSeconds(all[n-1].At - start)
	}
	row["num_messages"] = fmt.Sprint(len(all))
	row["maxMessageLength"] = fmt.Sprint(longest)
	row["avgMessageLength"] = "0"
	if len(all) > 0 {
		row["avgMessageLength"] = strings.TrimSuffix(strings.TrimRight(twoPlaces(total, int64(len(all))), "0"), ".")
	}
	if theirs := c.messages("user"); len(theirs) > 0 && !c.open {
		row["duration_afterclose_secs"] = wholeSeconds(end - theirs[len(theirs)-1].At)
	}
}

// responseTimes fills in how fast the agents answered; what there is none of is empty.
func (c *told) responseTimes(row cells) {
	if m := c.messages("agent"); len(m) > 0 {
		row["firstResponseTime"] = wholeSeconds(m[0].At - c.joins[0].at)
	}
	var asked *event.Event
	for _, m := range c.messages("user", "agent") {
		if asked == nil && m.Data.Actor.Type == "user" {
			asked = m.Event
		}
		if asked != nil && m.Data.Actor.Type == "agent" {
			row["firstReplyTime"] = wholeSeconds(m.At - asked.At)
			break
		}
	}
	var sum, most int64
	for _, s := range c.samples {
		sum += s.ms
		most = max(most, s.ms)
	}
	if n := int64(len(c.samples)); n > 0 {
		row["avgResponseTime"], row["maxResponseTime"] = wholeSeconds(sum/n), wholeSeconds(most)
	}
}

// outcome fills in how it ended and what the visitor said of it.
func (c *told) outcome(row cells) {
	row["blocked"] = "no"
	for _, s := range c.steps {
		switch d := &s.Data; s.Type {
		case "chat.closed":
			row["successcode"] = cmp.Or(d.SuccessCode, row["successcode"])
		case "chat.rated":
			row["survey_result"], row["survey_comment"] = fmt.Sprint(d.Score), d.Comment
		case "chat.blocked":
			row["blocked"], row["block_reason"] = "yes", d.Reason
		}
	}
}

// goals fills in the conversions of the chat.
func (w *exported) goals(c *told, row cells) {
	var actions []string
	sum := new(big.Rat)
	for _, e := range w.conversions {
		if e.Data.ChatID == c.id {
			actions = append(actions, e.Data.ActionID)
			sum.Add(sum, big.NewRat(int64(e.Data.Value), 1_000_000))
		}
	}
	if len(actions) > 0 {
		row["goals"] = strings.Join(actions, ",")
		row["totalGoalValue"] = strings.TrimSuffix(strings.TrimRight(sum.FloatString(6), "0"), ".")
	}
}
