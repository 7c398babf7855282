package event

import "fmt"

// kind is what a member's value is, before its bounds.
type kind uint8

const (
	text       kind = iota // a string
	identifier             // a string of at most MaxIDBytes; where required, not empty
	truth                  // true or false
	whole                  // a whole number from low to high; 5.0 and 5e0 are whole
	decimal                // a number of at most six decimals: see Decimal
	status                 // of an agent: not empty; the built-in ones in any case of letters
	anything               // a string, a number or a truth value, kept as text
	object                 // an object of structureTable
	actorOr                // an actor, or the word "auto" for a rule
	sourceOf               // a string of at most MaxSourceBytes
)

// shape is what a member may hold and what it means.
type shape struct {
	kind      kind
	means     string
	low, high int64  // of a whole number
	object    string // name of the structure
	most      int    // of a list: at most so many elements; 0: it is no list
}

func list(most int, s shape) shape { s.most = most; return s }

func from(low, high int64, means string) shape {
	return shape{kind: whole, low: low, high: high, means: means}
}

func of(structure, means string) shape {
	return shape{kind: object, object: structure, means: means}
}

// How many elements the lists of one event may have.
const (
	MaxSegments     = 100
	MaxDepartments  = 1_000
	MaxFields       = 1_000
	MaxOptions      = 1_000
	MaxInteractions = 10_000
)

// memberTable is the one table of members, of data and of the objects within it.
var memberTable = map[string]shape{
	"visitorId":        {kind: identifier, means: "the visitor who chats"},
	"visitorName":      {means: "the visitor's name"},
	"visitorType":      {means: "your own word for the kind of visitor"},
	"initiatedBy":      {means: "who began the chat"},
	"source":           {kind: sourceOf, means: "of a request: how it came about; of a bot's interaction: where it was; of a retraction: the `source` of the event meant, the retraction's own if absent"},
	"invitationId":     {kind: identifier, means: "the invitation"},
	"invitationName":   {means: "its name"},
	"entrypointId":     {kind: identifier, means: "the button or automatic invitation"},
	"entrypointType":   {means: "which of the two it is"},
	"entrypointName":   {means: "its name"},
	"campaignId":       {kind: identifier, means: "the campaign"},
	"departmentId":     {kind: identifier, means: "the department: of a request, the one asked for; of an acceptance, the one the chat is in from now on (absent: the one asked for)"},
	"departmentName":   {means: "its name"},
	"channelId":        {kind: identifier, means: "the channel the chat came through"},
	"channelName":      {means: "its name"},
	"segmentIds":       list(MaxSegments, shape{kind: identifier, means: "the visitor's segments"}),
	"hostId":           {kind: identifier, means: "the site's host"},
	"pageUrl":          {means: "the page's address"},
	"sessionId":        {kind: identifier, means: "the visit"},
	"playbookId":       {kind: identifier, means: "the playbook"},
	"offline":          {kind: truth, means: "whether it was asked outside of service hours"},
	"routeTo":          of("route", "the queue: of the whole site, of a department or of an agent"),
	"agentId":          {kind: identifier, means: "the agent"},
	"agentName":        {means: "the agent's name"},
	"messageId":        {kind: identifier, means: "the message: within a chat, of the same `messageId` the first event counts, also when it is told under two event ids"},
	"groupId":          {kind: identifier, means: "the group of agents it is assigned to"},
	"groupName":        {means: "its name"},
	"by":               {kind: actorOr, object: "actor", means: "who did it"},
	"actor":            of("actor", "who wrote it"),
	"routing":          {means: "how it was routed"},
	"fromAgentId":      {kind: identifier, means: "who gives the chat away (absent: all who are in it)"},
	"toAgentId":        {kind: identifier, means: "who takes it"},
	"fromDepartmentId": {kind: identifier, means: "the department it leaves (absent: the one it is in)"},
	"toDepartmentId":   {kind: identifier, means: "the department it is in from now on"},
	"length":           from(0, 1<<40, "how many characters it has"),
	"cannedMessageId":  {kind: identifier, means: "the canned message used"},
	"cannedCategoryId": {kind: identifier, means: "its category"},
	"private":          {kind: truth, means: "a note that the visitor does not see: it counts nowhere"},
	"resolveType":      {means: "what resolved it"},
	"successCode":      {means: "your own code of the outcome"},
	"cause":            {means: "why it was reopened"},
	"categoryId":       {kind: identifier, means: "the category: of a label, or of a canned message"},
	"categoryName":     {means: "its name"},
	"subCategoryId":    {kind: identifier, means: "the category within it"},
	"subCategoryName":  {means: "its name"},
	"score":            from(0, 5, "the rating"),
	"comment":          {means: "what was written with it"},
	"issueResolved":    {kind: truth, means: "whether the visitor says so"},
	"csatId":           {kind: identifier, means: "the survey of satisfaction"},
	"fields":           list(MaxFields, of("answer", "the form's fields and what was chosen")),
	"tag":              {means: "the tag"},
	"cqlScore":         from(-1, 3, "how good a lead the chat is"),
	"reason":           {means: "why"},
	"kind":             {means: "which kind of it"},
	"from":             {means: "where it was written"},
	"actionId":         {kind: identifier, means: "what was achieved"},
	"value":            {kind: decimal, means: "what it is worth"},
	"chatId":           {kind: identifier, means: "of a conversion, the chat that led to it: then it counts for the agents and departments of that chat; of a retraction, the chat that the conversion meant names: needed only if the conversion was sent before retractions were known"},
	"storyId":          {kind: identifier, means: "the bot's story"},
	"interactionId":    {kind: identifier, means: "the step of the story"},
	"interactionName":  {means: "its name"},
	"interactionType":  {means: "which kind of step"},
	"parentId":         {kind: identifier, means: "the step before it"},
	"status":           {kind: status, means: "`online`, `away`, `offline` in any case of letters, or a name of your own: a custom status, in which an agent is logged in and not online"},
	"enabled":          {kind: truth, means: "whether chats are assigned automatically"},

	"username":           {means: "what the agent logs in with"},
	"firstName":          {means: "the first name"},
	"lastName":           {means: "the last name"},
	"email":              {means: "the address"},
	"departmentIds":      list(MaxDepartments, shape{kind: identifier, means: "all departments the agent is a member of from now on"}),
	"maxConcurrentChats": from(0, 1<<31, "how many chats the agent takes at once"),
	"accountId":          {means: "the account"},
	"disabled":           {kind: truth, means: "whether the agent can no longer log in"},
	"hostname":           {means: "the host's name"},
	"multipleAccId":      {kind: anything, means: "as your system has it"},
	"interactions":       list(MaxInteractions, of("interaction", "all steps of the story")),

	"type":      {means: "which kind of it; of a retraction, the `type` of the event meant"},
	"id":        {kind: identifier, means: "which one; of a retraction, the `id` of the event meant"},
	"name":      {means: "its name"},
	"subType":   {means: "your own word for a finer kind"},
	"fieldId":   {kind: identifier, means: "the field"},
	"fieldName": {means: "its name"},
	"group":     {means: "the group the field stands in"},
	"options":   list(MaxOptions, shape{means: "what was chosen"}),
}

// expect says what should have been sent; of a list, what an element should be.
func (s *shape) expect() string {
	switch s.kind {
	case truth:
		return "true or false"
	case whole:
		return fmt.Sprintf("a whole number from %d to %d", s.low, s.high)
	case decimal:
		return "a number with at most six decimals, below a trillion"
	case anything:
		return "a string, a number, true or false"
	case object:
		return "an object {" + outline(structures[s.object]) + "}"
	case actorOr:
		return "an object {" + outline(structures[s.object]) + `}, or "auto"`
	}
	return "a string"
}

func outline(specs []memberSpec) string {
	out := ""
	for _, m := range specs {
		if out != "" {
			out += ", "
		}
		out += m.name
		if !m.required {
			out += "?"
		}
	}
	return out
}
