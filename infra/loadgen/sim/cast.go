package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/event"
)

// cast is everybody and everything that outlives a chat. It depends on the seed
// and the numbers of agents, departments and campaigns.
type cast struct {
	agents      []*agent
	departments []*department
	usual       []*department // all but the desk: where agents are who are no specialists
	desk        *department   // the one that has too few agents some time, if one has
	campaigns   []*named
	hosts       []*named
	channels    []*named
	invitations []*invitation
	manual      *invitation
	canned      []*canned
	stories     []*story
	site        *line
	bot, system *event.Actor
}

type named struct{ id, name string }

type department struct {
	named
	line *line
}

type agent struct {
	id, first, last, name string
	actor                 *event.Actor
	departments           []*department
	own                   *line
	campaign              *named // its statuses name this campaign; nil for most
	max                   int64  // chats at a time
	worksWeekends         bool
	specialist            bool // works at the desk, and nowhere else

	status   string // as sent
	leaving  bool   // takes nothing new and logs out when the last chat is over
	noAssign bool   // auto-assign is off
	open     int64  // chats ringing or under way
	rested   int64  // Unix milliseconds before which no shift begins
}

type invitation struct {
	named
	kind     string
	campaign *named
}

type canned struct {
	named
	category string
}

type story struct {
	named
	interactions []event.Interaction
}

var (
	firstNames      = strings.Fields("Anna Ben Clara David Elif Farid Grace Hugo Ines Jonas Kaja Liam Mara Nils Olga Paul Quinn Rosa Sven Tara Umut Vera Willem Xenia Yusuf Zoë Łukasz Søren")
	lastNames       = strings.Fields("Adler Brandt Costa Dahl Eriksen Fischer Garcia Horvat Ivanov Jensen Keller Lopez Meyer Nowak O'Neill Petrov Quist Rossi Schäfer Tanaka Ulrich Vogel Weber Yildiz Zimmer")
	departmentNames = []string{"Sales", "Support", "Billing", "Returns", "Technical", "Enterprise"}
	campaignNames   = []string{"Main site", "Spring sale", "Help centre"}
	hostNames       = []string{"www.example.com", "shop.example.com", "help.example.com"}
	channelNames    = []string{"Web chat", "Messenger", "WhatsApp", "Mobile app"}
	cannedTexts     = []string{"greeting", "one-moment", "ask-order-number", "refund-policy", "shipping-times", "reset-password", "screenshot", "escalate", "anything-else", "goodbye"}
	cannedGroups    = []string{"opening", "orders", "technical", "closing"}
	intents         = []string{"opening-hours", "order-status", "refund", "password", "delivery", "invoice", "human"}
	botSources      = []string{"livechat", "messenger", "custom", "app"} // by channel
)

func uuid(rng *rand.Rand) string {
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

func numbered(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return names[i%len(names)] + " " + strconv.Itoa(i/len(names)+1)
}

func newCast(cfg Config) *cast {
	rng := rand.New(rand.NewPCG(cfg.Seed, 1))
	c := &cast{
		site:   &line{route: &event.Route{Type: "site"}},
		bot:    &event.Actor{Type: "bot", ID: "bot-1", Name: "Robin"},
		system: &event.Actor{Type: "system", ID: "system", SubType: "automation"},
	}
	for i := range cfg.Campaigns {
		c.campaigns = append(c.campaigns, &named{uuid(rng), numbered(campaignNames, i)})
	}
	for i := range cfg.Departments {
		d := &department{named: named{uuid(rng), numbered(departmentNames, i)}}
		d.line = &line{route: &event.Route{Type: "department", ID: d.id}, department: d}
		c.departments = append(c.departments, d)
	}
	c.usual = c.departments
	if !cfg.Shortage.IsZero() {
		at := max(0, slices.IndexFunc(c.departments, func(d *department) bool { return d.name == deskName }))
		c.desk = c.departments[at]
		c.usual = slices.Delete(slices.Clone(c.departments), at, at+1)
	}
	for i, name := range hostNames {
		c.hosts = append(c.hosts, &named{"host-" + strconv.Itoa(i+1), name})
	}
	for i, name := range channelNames {
		c.channels = append(c.channels, &named{"channel-" + strconv.Itoa(i+1), name})
	}
	for i := range cfg.Agents {
		c.addAgent(cfg, rng, i)
	}
	if c.desk != nil {
		c.addDesk(cfg, func() (string, string) {
			return numbered(firstNames, rng.IntN(len(firstNames))), numbered(lastNames, rng.IntN(len(lastNames)))
		})
	}
	for i := range 2 * len(c.campaigns) {
		c.invitations = append(c.invitations, &invitation{
			named{"invitation-" + strconv.Itoa(i+1), []string{"Need a hand?", "Still deciding?"}[i%2]}, "auto", c.campaigns[i/2],
		})
	}
	c.manual = &invitation{named{"invitation-m", "Personal invitation"}, "manual", c.campaigns[0]}
	for i, name := range cannedTexts {
		c.canned = append(c.canned, &canned{named{"canned-" + strconv.Itoa(i+1), name}, "category-" + cannedGroups[i%len(cannedGroups)]})
	}
	for i, name := range []string{"First aid", "Orders", "Night shift"} {
		s := &story{named: named{"story-" + strconv.Itoa(i+1), name}}
		root := s.id + "-welcome"
		s.interactions = append(s.interactions,
			event.Interaction{ID: root, Name: "welcome", Type: "welcome"},
			event.Interaction{ID: s.id + "-fallback", Name: "fallback", Type: "fallback"},
			event.Interaction{ID: s.id + "-context", Name: "say it again", Type: "contextFallback", ParentID: root})
		for _, intent := range intents {
			s.interactions = append(s.interactions, event.Interaction{ID: s.id + "-" + intent, Name: intent, ParentID: root})
		}
		c.stories = append(c.stories, s)
	}
	return c
}

func (c *cast) addAgent(cfg Config, rng *rand.Rand, i int) {
	a := &agent{
		id:            strconv.Itoa(i + 1),
		first:         numbered(firstNames, rng.IntN(len(firstNames))),
		last:          numbered(lastNames, rng.IntN(len(lastNames))),
		departments:   []*department{c.usual[i%len(c.usual)]},
		max:           max(1, int64(math.Round(float64([]int64{2, 2, 3, 2, 1}[i%5])*cfg.Concurrency))),
		worksWeekends: i%20 < 7,
		status:        "offline",
	}
	if i%4 == 3 && len(c.usual) > 1 {
		a.departments = append(a.departments, c.usual[(i+1)%len(c.usual)])
	}
	if i%8 == 5 {
		a.campaign = c.campaigns[i%len(c.campaigns)]
	}
	a.name = a.first + " " + a.last
	a.actor = &event.Actor{Type: "agent", ID: a.id, Name: a.name}
	a.own = &line{route: &event.Route{Type: "agent", ID: a.id}, agents: []*agent{a}}
	c.agents = append(c.agents, a)
	c.site.agents = append(c.site.agents, a)
	for _, d := range a.departments {
		d.line.agents = append(d.line.agents, a)
	}
}

// announce tells of every entity, all at the first moment.
func (r *run) announce() {
	for _, c := range r.cast.campaigns {
		r.emit("campaign.updated", c.id, &event.Data{Name: &c.name, AccountID: new("account-1")})
	}
	for i, h := range r.cast.hosts {
		d := event.Data{Hostname: &h.name, AccountID: new("account-" + strconv.Itoa(1+i/2))}
		if i == 2 {
			d.MultipleAccID = new("shared")
		}
		r.emit("host.updated", h.id, &d)
	}
	for _, c := range r.cast.channels {
		r.emit("channel.updated", c.id, &event.Data{Name: &c.name})
	}
	for _, d := range r.cast.departments {
		r.emit("department.updated", d.id, &event.Data{Name: &d.name})
	}
	for i, a := range r.cast.agents {
		username := strings.ToLower(a.first) + a.id
		r.emit("agent.updated", a.id, &event.Data{
			Username: &username, FirstName: &a.first, LastName: &a.last,
			Email: new("agent" + a.id + "@example.com"), AccountID: new("account-" + strconv.Itoa(1+i%2)),
			DepartmentIDs: a.departmentIDs(), MaxConcurrentChats: new(a.max), Disabled: new(false),
		})
	}
	for _, i := range append(slices.Clone(r.cast.invitations), r.cast.manual) {
		r.emit("invitation.updated", i.id, &event.Data{Name: &i.name, Kind: i.kind, CampaignID: &i.campaign.id})
	}
	for _, c := range r.cast.canned {
		r.emit("canned_message.updated", c.id, &event.Data{Name: &c.name, CategoryID: c.category})
	}
	for _, s := range r.cast.stories {
		r.emit("story.updated", s.id, &event.Data{Name: &s.name, Interactions: s.interactions})
	}
}

func (a *agent) departmentIDs() *[]string {
	ids := []string{}
	for _, d := range a.departments {
		ids = append(ids, d.id)
	}
	return &ids
}

// here: online and taking part; free: could take one more chat.
func (a *agent) here() bool { return a.status == "online" && !a.leaving }
func (a *agent) free() bool { return a.here() && !a.noAssign && a.open < a.max }

func (a *agent) in(d *department) bool { return slices.Contains(a.departments, d) }
