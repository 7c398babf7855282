package oracle

import (
	"cmp"
	"fmt"
	"strings"

	"chatreports/shared/event"
)

// createdRows: one for each interaction, at its start.
func (o *Oracle) createdRows(c *told) (rows []rowOut) {
	for i, p := range c.parts {
		r := o.row(c, i, p.opening)
		d := &p.opening.Data
		r.cells["user_id"] = c.request.Data.VisitorID
		r.cells["conv_url"] = link(o.tenant.ConversationLink, c.id)
		group := c.firstGroupOf(i)
		r.cells["group_id"], r.cells["group_name"] = group, o.name("group", group)
		offline := !o.atWork(p.opening.At)
		if i == 0 {
			r.cells["actor_type"] = strings.ToUpper(kindOfActor(d.InitiatedBy))
			if d.Offline != nil {
				offline = *d.Offline
			}
		} else {
			r.cells["actor_type"] = strings.ToUpper(whoever(d.By).Type)
			r.cells["reopen_cause"] = reopenCause(d)
		}
		r.cells["is_conv_offline"] = truth(offline)
		rows = append(rows, r)
	}
	return rows
}

// kindOfActor is what kind of actor began a chat.
func kindOfActor(initiatedBy string) string {
	if initiatedBy == "visitor" {
		return "user"
	}
	return initiatedBy
}

// firstGroupOf is the group of the interaction's first assignment, else the one carried
// over, else, of the first interaction, the department asked for.
func (c *told) firstGroupOf(part int) string {
	carried := ""
	for _, s := range c.steps {
		if s.part < part {
			carried = s.group
		}
		if s.part == part && s.assigns() && s.group != "" {
			return s.group
		}
	}
	if part == 0 {
		return c.request.Data.DepartmentID
	}
	return carried
}

// assigns says whether an event is an assignment.
func (s *step) assigns() bool {
	d := &s.Data
	switch s.Type {
	case "chat.assigned":
		return d.AgentID+d.GroupID != ""
	case "chat.accepted":
		return true
	case "chat.transferred":
		return d.ToAgentID+d.ToDepartmentID != ""
	}
	return false
}

func reopenCause(d *event.Data) string {
	cause := strings.ToUpper(d.Cause)
	if cause == "" {
		cause = map[string]string{"agent": "AGENT_REOPEN", "user": "USER_MESSAGE", "bot": "BOT"}[d.By.Type]
	}
	if cause == "BOT" && d.By.SubType == "freddy" {
		return "FREDDY BOT"
	}
	return cause
}

// messageRows: every message that is not private.
func (o *Oracle) messageRows(c *told) (rows []rowOut) {
	for _, s := range c.messages() {
		r := o.row(c, s.part, s.Event)
		o.acted(r, s.Data.Actor)
		o.assigned(r, s.assignment)
		if s.Data.Actor.Type == "system" {
			r.cells["actor_sub_type"] = cmp.Or(s.Data.Routing, s.Data.Actor.SubType)
		}
		rows = append(rows, r)
	}
	return rows
}

// resolution is a row of a resolved interaction, at its close, with the closer as actor.
func (o *Oracle) resolution(c *told, part int) rowOut {
	closed := c.parts[part].closed
	r := o.row(c, part, closed.Event)
	o.acted(r, closed.Data.By)
	o.assigned(r, closed.atResolution())
	return r
}

func (o *Oracle) resolvedRows(c *told) (rows []rowOut) {
	for i, p := range c.parts {
		if p.closed == nil {
			continue
		}
		r := o.resolution(c, i)
		r.cells["created_at"], r.cells["resolved_at"] = moment(c.request.At), moment(p.closed.At)
		r.cells["resolve_type"] = resolveType(&p.closed.Data)
		rows = append(rows, r)
	}
	return rows
}

func resolveType(d *event.Data) string {
	how := d.ResolveType
	if how == "" {
		how = map[string]string{"agent": "agent", "system": "auto", "bot": "bot"}[d.By.Type]
	}
	if how == "bot" && d.By.SubType == "freddy" {
		return "FREDDY BOT RESOLVE"
	}
	return map[string]string{"agent": "AGENT_RESOLVE", "auto": "AUTO_RESOLVE", "bot": "BOTS_RESOLVE"}[how]
}

// labelRows: of resolved interactions, the first of each category and sub-category.
func (o *Oracle) labelRows(c *told) (rows []rowOut) {
	type label struct {
		part               int
		category, narrower string
	}
	seen := map[label]bool{}
	for _, s := range c.steps {
		if s.Type != "chat.labelled" || c.parts[s.part].closed == nil {
			continue
		}
		d := &s.Data
		l := label{s.part, d.CategoryID, d.SubCategoryID}
		if seen[l] {
			continue
		}
		seen[l] = true
		r := o.resolution(c, s.part)
		r.at, r.by, r.cells["created_at"] = s.At, s.Event, moment(s.At)
		r.cells["user_name"] = o.name("visitor", c.request.Data.VisitorID)
		r.cells["label_category_id"], r.cells["label_category_name"] = d.CategoryID, o.name("category", d.CategoryID)
		r.cells["label_sub_category_id"], r.cells["label_sub_category_name"] = d.SubCategoryID, o.name("subcategory", d.SubCategoryID)
		r.cells["labelled_by_type"] = "AUTO_RESOLVE"
		if d.By.Type == "agent" {
			r.cells["labelled_by_type"] = "AGENT"
		}
		rows = append(rows, r)
	}
	return rows
}

// ratingRows: every rating.
func (o *Oracle) ratingRows(c *told) (rows []rowOut) {
	for _, s := range c.steps {
		if s.Type != "chat.rated" {
			continue
		}
		d := &s.Data
		r := o.row(c, s.part, s.Event)
		o.assigned(r, s.assignment)
		if c.parts[s.part].closed != nil {
			r = o.resolution(c, s.part)
			r.at, r.by, r.cells["created_at"] = s.At, s.Event, moment(s.At)
		}
		who := event.Actor{Type: "user", ID: c.request.Data.VisitorID}
		if d.By != nil && d.By.ID != "" {
			who = *d.By
		}
		r.cells["csat_id"], r.cells["value"] = d.CSATID, fmt.Sprint(d.Score)
		r.cells["csat_submitter_user_id"], r.cells["csat_submitter_user_name"] = who.ID, o.name(kindOf(who.Type), who.ID)
		r.cells["csat_response"], r.cells["has_response"] = d.Comment, truth(d.Comment != "")
		if d.IssueResolved != nil {
			r.cells["issue_resolved"] = truth(*d.IssueResolved)
		}
		r.cells["csat_reopen"] = truth(s.part+1 < len(c.parts) && c.parts[s.part+1].opening.Data.Cause == "customer_dissatisfaction")
		rows = append(rows, r)
	}
	return rows
}

// firstResponseRows: of each interaction, the first message of an agent.
func (o *Oracle) firstResponseRows(c *told) (rows []rowOut) {
	responded := map[int]bool{}
	for _, s := range c.messages("agent") {
		if responded[s.part] {
			continue
		}
		responded[s.part] = true
		r := o.row(c, s.part, s.Event)
		o.acted(r, s.Data.Actor)
		o.assigned(r, s.assignment)
		start := c.start(s.part)
		r.cells["total_first_response_time_in_seconds"] = wholeSeconds(s.At - start)
		r.cells["value_in_seconds"] = wholeSeconds(o.worked(start, s.At))
		rows = append(rows, r)
	}
	return rows
}

// responseRows: of each resolved interaction, the responses before its close, summed.
func (o *Oracle) responseRows(c *told) (rows []rowOut) {
	for i, p := range c.parts {
		if p.closed == nil {
			continue
		}
		var sum int64
		last := ""
		for _, s := range c.samples {
			if s.part == i && !s.closed {
				sum += s.ms
				last = s.agent
			}
		}
		if last == "" {
			continue
		}
		r := o.row(c, i, p.closed.Event)
		o.acted(r, &event.Actor{Type: "agent", ID: last})
		o.assigned(r, p.closed.atResolution())
		r.cells["value_in_seconds"] = wholeSeconds(sum)
		rows = append(rows, r)
	}
	return rows
}

// resolutionRows: of each resolved interaction, how long it took.
func (o *Oracle) resolutionRows(c *told) (rows []rowOut) {
	for i, p := range c.parts {
		if p.closed == nil {
			continue
		}
		r := o.resolution(c, i)
		r.cells["actor_sub_type"] = p.closed.routing
		r.cells["value_in_seconds"] = wholeSeconds(p.closed.At - c.start(i))
		rows = append(rows, r)
	}
	return rows
}

// agentAssignedRows: every assignment to an agent, and whatever else changes the agent.
func (o *Oracle) agentAssignedRows(c *told) (rows []rowOut) {
	before := ""
	for _, s := range c.steps {
		changes := s.agent != "" && s.agent != before
		if s.Type == "chat.assigned" && s.Data.AgentID != "" || s.Type != "chat.assigned" && changes {
			rows = append(rows, o.assignmentRow(c, s))
		}
		before = s.agent
	}
	return rows
}

// groupAssignedRows: every assignment to a group, and whatever else names a different one.
func (o *Oracle) groupAssignedRows(c *told) (rows []rowOut) {
	before := ""
	for _, s := range c.steps {
		named := ""
		switch s.Type {
		case "chat.accepted":
			named = s.Data.DepartmentID
		case "chat.transferred":
			named = s.Data.ToDepartmentID
		}
		if s.Type == "chat.assigned" && s.Data.GroupID != "" || named != "" && named != before {
			rows = append(rows, o.assignmentRow(c, s))
		}
		before = s.group
	}
	return rows
}

func (o *Oracle) assignmentRow(c *told, s step) rowOut {
	r := o.row(c, s.part, s.Event)
	d := &s.Data
	who := d.By
	switch {
	case s.Type == "chat.accepted":
		who = &event.Actor{Type: "agent", ID: d.AgentID}
	case s.Type == "chat.transferred" && d.FromAgentID != "":
		who = &event.Actor{Type: "agent", ID: d.FromAgentID}
	case s.Type == "chat.transferred":
		who = &event.Actor{Type: "system"}
	}
	o.acted(r, who)
	o.assigned(r, s.assignment)
	r.cells["actor_sub_type"] = s.routing
	r.cells["value_in_seconds"] = wholeSeconds(s.At - c.start(s.part))
	return r
}
