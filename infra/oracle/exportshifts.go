package oracle

import (
	"fmt"
	"slices"

	"chatreports/shared/event"
)

// shift is an unbroken time in which an agent was logged in, in whatever campaign.
type shift struct {
	agent string
	span
	by *event.Event
	on bool // still: what happens now is of it
}

// shifts is every agent's, as of now.
func (o *Oracle) shifts(now int64) []shift {
	var all []shift
	for agent, list := range o.ofType("agent.status_changed") {
		status := map[string]string{} // by campaign
		loggedIn := false
		var own []shift
		for _, e := range list {
			if e.At > now { // a clock that is ahead: it is not so yet
				break
			}
			status[e.Data.Campaign()] = e.Data.Status
			was := loggedIn
			loggedIn = false
			for _, s := range status {
				loggedIn = loggedIn || isLoggedIn(s)
			}
			n := len(own)
			switch {
			case loggedIn && !was && n > 0 && own[n-1].e == e.At:
				own[n-1].e = forever // nothing broke it
			case loggedIn && !was:
				own = append(own, shift{agent: agent, span: span{e.At, forever}, by: e})
			case !loggedIn && was:
				own[n-1].e = e.At
			}
		}
		if n := len(own); n > 0 && own[n-1].e == forever {
			own[n-1].e, own[n-1].on = now+1, true
		}
		all = append(all, slices.DeleteFunc(own, func(s shift) bool { return s.s == s.e })...)
	}
	return all
}

// inStatus is the time in which a series had a status that passes the test.
func inStatus(list []*event.Event, test func(string) bool) []span {
	var out []span
	for i, e := range list {
		end := int64(forever)
		if i+1 < len(list) {
			end = list[i+1].At
		}
		if test(e.Data.Status) {
			out = append(out, span{e.At, end})
		}
	}
	return union(out)
}

// onlineIn is the time an agent was online in a campaign: by the campaign's own series,
// if it had begun by the end of a shift, else in any.
func (o *Oracle) onlineIn(agent, campaign string, end int64) []span {
	if own, ok := o.statuses()[series{agent, campaign}]; ok && own[0].At <= end {
		return inStatus(own, isOnline)
	}
	var all []span
	for s, list := range o.statuses() {
		if s.agent == agent {
			all = append(all, inStatus(list, isOnline)...)
		}
	}
	return union(all)
}

// performance is a row for each shift that begins in the window, and campaign.
func (w *exported) performance() (rows []rowOut) {
	for _, s := range w.shifts(w.now) {
		if !w.holds(s.s) {
			continue
		}
		for _, campaign := range w.campaignsOf(s) {
			rows = append(rows, w.shiftRow(s, campaign))
		}
	}
	return rows
}

// campaignsOf is those in which the agent had a status but offline or a chat during the
// shift; one without an id if there is none.
func (w *exported) campaignsOf(s shift) []string {
	var list []string
	for series, events := range w.statuses() {
		if series.agent == s.agent && series.campaign != "" && len(both(inStatus(events, isLoggedIn), []span{s.span})) > 0 {
			list = append(list, series.campaign)
		}
	}
	for _, c := range w.told {
		if c.joinedIn(s) > 0 || len(both(c.staysOf(s.agent), []span{s.span})) > 0 {
			list = append(list, c.request.Data.Campaign())
		}
	}
	if len(list) == 0 {
		list = append(list, "")
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// joinedIn counts how often the shift's agent came into the chat in it.
func (c *told) joinedIn(s shift) (n int) {
	for _, j := range c.joins {
		if j.agent == s.agent && s.holds(j.at) {
			n++
		}
	}
	return n
}

func (c *told) staysOf(agent string) (list []span) {
	for _, s := range c.stays {
		if s.agent == agent {
			list = append(list, s.span)
		}
	}
	return list
}

func (w *exported) shiftRow(s shift, campaign string) rowOut {
	during := []span{{s.s, min(s.e, w.now)}}
	session := length(during)
	online := both(w.onlineIn(s.agent, campaign, during[0].e), during)
	breaks := 0
	for _, o := range online {
		if o.e < during[0].e {
			breaks++
		}
	}
	var chats, ignored, abandoned, good, moderate, bad int
	var inChats, inAny, unheard []span
	var chatting int64
	for _, c := range w.told {
		stays := both(c.staysOf(s.agent), during)
		inAny = append(inAny, stays...)
		if c.request.Data.Campaign() != campaign {
			continue
		}
		inChats = append(inChats, stays...)
		chatting += length(stays)
		for _, stay := range c.stays {
			if stay.agent == s.agent {
				unheard = append(unheard, both([]span{stay.unheard}, during)...)
			}
		}
		n := c.joinedIn(s)
		chats += n
		if n > 0 && len(c.messages("user")) == 0 {
			ignored++
		}
		if n > 0 && !slices.ContainsFunc(c.messages("agent"), func(m step) bool { return m.Data.Actor.ID == s.agent }) {
			abandoned++
		}
		for _, e := range c.steps {
			if !c.rated(e, s) {
				continue
			}
			switch {
			case e.Data.Score >= 4:
				good++
			case e.Data.Score == 3:
				moderate++
			default:
				bad++
			}
		}
	}
	r := rowOut{s.s, sorted(s.agent, campaign), s.by, cells{
		"chatcampaign_id": campaign, "agent_id": s.agent, "workshift_id": s.by.ID, "account_id": w.siteAccount("", campaign),
		"chatcampaign_name": w.name("campaign", campaign), "workshift_start": moment(s.s),
		"num_chats": fmt.Sprint(chats), "num_breaks": fmt.Sprint(breaks), "num_ignored": fmt.Sprint(ignored), "num_abandoned": fmt.Sprint(abandoned),
		"avg_concurrency":         twoPlaces(chatting, session),
		"first_response_duration": wholeSeconds(length(union(unheard))),
		"open_duration":           wholeSeconds(length(union(inChats))),
		"closed_duration":         wholeSeconds(session - length(union(inChats))),
		"online_duration":         wholeSeconds(length(online)),
		"offline_duration":        wholeSeconds(session - length(online)),
		"available_duration":      wholeSeconds(available(online, inAny, w.profile(s.agent).most)),
		"idle_duration":           wholeSeconds(session - length(union(inAny))),
		"session_duration":        wholeSeconds(session),
		"survey_num_good":         fmt.Sprint(good), "survey_num_bad": fmt.Sprint(bad), "survey_num_moderate": fmt.Sprint(moderate),
	}}
	if !s.on {
		r.cells["workshift_end"] = moment(s.e)
	}
	return r
}

// rated says whether a step is a rating within the shift, of a chat that the agent had come
// into before.
func (c *told) rated(e step, s shift) bool {
	return e.Type == "chat.rated" && s.holds(e.At) &&
		slices.ContainsFunc(c.joins, func(j joining) bool { return j.agent == s.agent && event.Compare(c.steps[j.step].Event, e.Event) < 0 })
}

// available is the time online in which there were fewer chats than the most there may be.
func available(online, chats []span, most *int64) int64 {
	if most == nil {
		return length(online)
	}
	var edges []int64
	for _, s := range slices.Concat(online, chats) {
		edges = append(edges, s.s, s.e)
	}
	slices.Sort(edges)
	var sum int64
	for i := range max(0, len(edges)-1) {
		var n int64
		for _, c := range chats {
			if c.holds(edges[i]) {
				n++
			}
		}
		if holds(online, edges[i]) && n < *most {
			sum += edges[i+1] - edges[i]
		}
	}
	return sum
}

// twoPlaces is a ratio with two decimal places, half up; of nothing it is empty.
func twoPlaces(a, b int64) string {
	if b <= 0 {
		return ""
	}
	n := (2*100*a + b) / (2 * b)
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}
