package oracle

import (
	"strings"

	"chatreports/shared/event"
)

// directory is what is known of entities by all events together: the newest counts, for
// rows of any time.
type directory struct {
	given     map[entity]*newest // by any event that names the entity
	announced map[entity]string  // by its own .updated
	agentOf   map[string]*profile
	accounts  map[entity]string // of hosts and campaigns
	hosts     map[string]*host  // announced, or named by any event

	namedAgents map[string]bool // by any event
}

// entity is a kind (agent, visitor, bot, system, group, channel, campaign, invitation,
// entrypoint, category, subcategory, host) and an id.
type entity struct{ kind, id string }

// profile is an agent's .updated events, merged.
type profile struct {
	username, first, last, email, account string
	groups                                []string
	disabled                              bool
	most                                  *int64 // maxConcurrentChats
}

// host is a host's .updated events, merged.
type host struct{ account, name, multiple string }

func directoryOf(events []*event.Event) directory {
	n := directory{
		given: map[entity]*newest{}, announced: map[entity]string{}, agentOf: map[string]*profile{},
		accounts: map[entity]string{}, hosts: map[string]*host{},
		namedAgents: map[string]bool{},
	}
	for _, e := range events {
		n.hear(e)
		n.meet(e)
		n.update(e)
	}
	return n
}

func (n *directory) say(e *event.Event, kind, id, name string) {
	if id == "" || name == "" {
		return
	}
	x := entity{kind, id}
	if n.given[x] == nil {
		n.given[x] = &newest{}
	}
	n.given[x].say(e, name)
}

// hear takes the names that an event gives to others.
func (n *directory) hear(e *event.Event) {
	d := &e.Data
	n.say(e, "agent", d.AgentID, d.AgentName)
	n.say(e, "group", d.GroupID, d.GroupName)
	n.say(e, "group", d.DepartmentID, d.DepartmentName)
	n.say(e, "channel", d.ChannelID, d.ChannelName)
	n.say(e, "visitor", d.VisitorID, d.VisitorName)
	n.say(e, "invitation", d.InvitationID, d.InvitationName)
	n.say(e, "entrypoint", d.EntrypointID, d.EntrypointName)
	n.say(e, "category", d.CategoryID, d.CategoryName)
	n.say(e, "subcategory", d.SubCategoryID, d.SubCategoryName)
	for _, a := range []*event.Actor{d.Actor, d.By} {
		if a != nil {
			n.say(e, kindOf(a.Type), a.ID, a.Name)
		}
	}
}

// meet notes the agents and hosts that an event names.
func (n *directory) meet(e *event.Event) {
	d := &e.Data
	ids := []string{d.AgentID, d.FromAgentID, d.ToAgentID}
	if strings.HasPrefix(e.Type, "agent.") {
		ids = append(ids, e.Subject)
	}
	for _, a := range []*event.Actor{d.Actor, d.By} {
		if a != nil && a.Type == "agent" {
			ids = append(ids, a.ID)
		}
	}
	if d.RouteTo != nil && d.RouteTo.Type == "agent" {
		ids = append(ids, d.RouteTo.ID)
	}
	for _, id := range ids {
		if id != "" {
			n.namedAgents[id] = true
		}
	}
	if d.HostID != "" && n.hosts[d.HostID] == nil {
		n.hosts[d.HostID] = &host{}
	}
}

// kindOf is the entity that an actor is.
func kindOf(actor string) string {
	if actor == "user" {
		return "visitor"
	}
	return actor
}

// update merges an .updated event, member by member.
func (n *directory) update(e *event.Event) {
	d := &e.Data
	kind, verb, _ := strings.Cut(e.Type, ".")
	if verb != "updated" {
		return
	}
	if kind == "department" {
		kind = "group"
	}
	x := entity{kind, e.Subject}
	if d.Name != nil {
		n.announced[x] = *d.Name
	}
	if d.AccountID != nil {
		n.accounts[x] = *d.AccountID
	}
	switch kind {
	case "agent":
		n.updateAgent(e)
	case "host":
		h := n.hosts[e.Subject]
		if h == nil {
			h = &host{}
			n.hosts[e.Subject] = h
		}
		set(&h.account, d.AccountID)
		set(&h.name, d.Hostname)
		set(&h.multiple, d.MultipleAccID)
	}
}

func (n *directory) updateAgent(e *event.Event) {
	d := &e.Data
	p := n.agentOf[e.Subject]
	if p == nil {
		p = &profile{}
		n.agentOf[e.Subject] = p
	}
	set(&p.username, d.Username)
	set(&p.first, d.FirstName)
	set(&p.last, d.LastName)
	set(&p.email, d.Email)
	set(&p.account, d.AccountID)
	set(&p.groups, d.DepartmentIDs)
	set(&p.disabled, d.Disabled)
	if d.MaxConcurrentChats != nil {
		p.most = d.MaxConcurrentChats
	}
	name := strings.TrimSpace(p.first + " " + p.last)
	if name == "" {
		name = p.username
	}
	n.announced[entity{"agent", e.Subject}] = name
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// name is that of the newest .updated, else the newest that any event gave, else empty.
func (n *directory) name(kind, id string) string {
	x := entity{kind, id}
	if name := n.announced[x]; name != "" {
		return name
	}
	if said := n.given[x]; said != nil {
		return said.name()
	}
	return ""
}

// profile is what is known of an agent, perhaps nothing.
func (n *directory) profile(agent string) profile {
	if p := n.agentOf[agent]; p != nil {
		return *p
	}
	return profile{}
}

// firstGroup is the first of an agent's groups, or empty.
func (n *directory) firstGroup(agent string) string {
	if groups := n.profile(agent).groups; len(groups) > 0 {
		return groups[0]
	}
	return ""
}
