package drift

import (
	"strconv"
	"strings"

	"chatreports/shared/document"
)

// kind is what a property's values are.
type kind uint8

const (
	number kind = iota
	moment      // Unix milliseconds
	id
	truth
	text
	list // of texts
)

var kindNames = [...]string{number: "a number", moment: "a time", id: "an id", truth: "true or false", text: "a text", list: "a list"}

// property is one that can be asked for. Of whole, text and list, the one of its kind is
// set; whole gives numbers and moments, and says whether there is one. reads are the fields
// that it looks at.
type property struct {
	name   string
	kind   kind
	whose  string        // of ids of somebody who has a name, the kind that names are kept by
	time   document.Time // of moments
	filter bool          // to filter by only
	reads  document.Fields
	whole  func(d *document.Document) (int64, bool)
	text   func(d *document.Document) string // empty: there is none
	list   func(d *document.Document) []string
	about  string
}

// properties lists all, those of the original first.
var properties = []property{
	{name: "relatedPlaybookId", kind: id, reads: document.PlaybookIDField, text: func(d *document.Document) string { return d.PlaybookID }, about: "the playbook that the request names"},
	{name: "createdAt", kind: moment, time: document.Created, whole: at(document.Created), about: "when the chat was requested"},
	{name: "endUserId", kind: id, whose: "user", reads: document.EndUserIDField, text: func(d *document.Document) string { return d.EndUserID }, about: "the visitor"},
	{name: "endUserInitiated", kind: truth, reads: document.EndUserBeganField, text: func(d *document.Document) string { return strconv.FormatBool(d.EndUserBegan) }, about: "whether the visitor began the chat"},
	{name: "endUserType", kind: text, filter: true, reads: document.EndUserTypeField, text: endUserType, about: "the visitorType of the request in capitals, else `NONE`"},
	{name: "firstAgentId", kind: id, whose: "agent", reads: document.FirstAgentIDField, text: func(d *document.Document) string { return d.FirstAgentID }, about: "the agent who wrote first"},
	{name: "lastAgentId", kind: id, whose: "agent", reads: document.LastAgentIDField, text: func(d *document.Document) string { return d.LastAgentID }, about: "the agent who wrote last"},
	{name: "firstAgentMessageAt", kind: moment, time: document.FirstAgentMessage, reads: document.FirstAgentMessageField, whole: at(document.FirstAgentMessage), about: "the first message of an agent"},
	{name: "firstBotId", kind: id, whose: "bot", reads: document.FirstBotIDField, text: func(d *document.Document) string { return d.FirstBotID }, about: "the bot that wrote first"},
	{name: "firstBotMessageAt", kind: moment, time: document.FirstBotMessage, reads: document.FirstBotMessageField, whole: at(document.FirstBotMessage), about: "the first message of a bot"},
	{name: "firstCloseAt", kind: moment, time: document.FirstClose, reads: document.FirstCloseField, whole: at(document.FirstClose), about: "the first close"},
	{name: "firstEndUserMessageAt", kind: moment, time: document.FirstUserMessage, reads: document.FirstUserMessageField, whole: at(document.FirstUserMessage), about: "the first message of the visitor"},
	{name: "id", kind: id, text: func(d *document.Document) string { return d.ID }, about: "the chat"},
	{name: "numAgentMessages", kind: number, reads: document.AgentMessagesField, whole: count(func(d *document.Document) int64 { return d.AgentMessages }), about: "messages of agents, private ones left out"},
	{name: "numBotMessages", kind: number, reads: document.BotMessagesField, whole: count(func(d *document.Document) int64 { return d.BotMessages }), about: "messages of bots"},
	{name: "numEndUserMessages", kind: number, reads: document.UserMessagesField, whole: count(func(d *document.Document) int64 { return d.UserMessages }), about: "messages of the visitor"},
	{name: "offline", kind: truth, reads: document.OfflineField, text: func(d *document.Document) string { return strconv.FormatBool(d.Offline) }, about: "requested offline, or switched to a message"},
	{name: "pageUrl", kind: text, filter: true, reads: document.PageURLField, text: func(d *document.Document) string { return d.PageURL }, about: "the page of the request"},
	{name: "status", kind: text, filter: true, reads: document.StatusField, text: func(d *document.Document) string { return d.Status.String() }, about: "`closed`: closed and not reopened since, or given up (abandoned, missed, switched to a message) and never answered; `open`: accepted, answered by an agent or a bot, or reopened; else `pending`, also when refused. Never `archived`"},
	{name: "tags", kind: list, filter: true, reads: document.TagsField, list: func(d *document.Document) []string { return d.Tags }, about: "the tags on it now"},
	{name: "timeToAgentResponseMillis", kind: number, reads: document.FirstAgentMessageField, whole: since(document.FirstAgentMessage), about: "from the request to the first message of an agent; 0 where that came first"},
	{name: "timeToCloseMillis", kind: number, reads: document.FirstCloseField, whole: since(document.FirstClose), about: "from the request to the first close; 0 where that came first"},
	{name: "updatedAt", kind: moment, time: document.Updated, whole: at(document.Updated), about: "the newest event of the chat"},
	{name: "botStatus", kind: text, filter: true, reads: document.BotStatusField, text: func(d *document.Document) string { return d.BotStatus.String() }, about: "who answered, an agent by writing, a bot by writing or an interaction: `BOT_ONLY`, `HUMAN_ONLY`, `BOT_ASSISTED` (both), `NO_RESPONSE`"},
	{name: "cqlScore", kind: number, reads: document.CQLScoreField, whole: count(func(d *document.Document) int64 { return d.CQLScore }), about: "the newest score, else 0"},

	{name: "agentId", kind: list, filter: true, reads: document.AgentsField, list: func(d *document.Document) []string { return d.Agents }, about: "ours: the agents who took part"},
	{name: "departmentId", kind: list, filter: true, reads: document.DepartmentsField, list: func(d *document.Document) []string { return d.Departments }, about: "ours: the departments that handled it, or the one asked for"},
	{name: "campaignId", kind: id, filter: true, reads: document.CampaignIDField, text: func(d *document.Document) string { return d.CampaignID }, about: "ours: the campaign of the request"},
}

// isMetric says whether the property can be asked for as a metric: numbers, times and ids
// can.
func (p *property) isMetric() bool { return p.kind <= id && !p.filter }

func find(name string) *property {
	for i := range properties {
		if properties[i].name == name {
			return &properties[i]
		}
	}
	return nil
}

// names lists the properties, of metrics only those that can be one.
func names(metrics bool) []string {
	var out []string
	for i := range properties {
		if p := &properties[i]; !metrics || p.isMetric() {
			out = append(out, p.name)
		}
	}
	return out
}

func count(of func(*document.Document) int64) func(*document.Document) (int64, bool) {
	return func(d *document.Document) (int64, bool) { return of(d), true }
}

func at(t document.Time) func(*document.Document) (int64, bool) {
	return func(d *document.Document) (int64, bool) {
		m := d.Time(t)
		return m.Millis(), m.Came()
	}
}

func since(t document.Time) func(*document.Document) (int64, bool) {
	return func(d *document.Document) (int64, bool) {
		m := d.Time(t)
		return max(0, m.Millis()-d.CreatedAt), m.Came()
	}
}

func endUserType(d *document.Document) string {
	if d.EndUserType == "" {
		return "NONE"
	}
	return strings.ToUpper(d.EndUserType)
}
