package document

// Fields is a set of fields of a document: of those that not every one has. The id, the
// time of the request and that of the newest event are none.
type Fields uint64

// The fields, each as a set of one. Their order is stored: a new one is put at the end,
// and who does not know it does not read what stands for it.
const (
	PlaybookIDField Fields = 1 << iota
	EndUserIDField
	EndUserTypeField
	EndUserBeganField
	PageURLField
	OfflineField
	CQLScoreField
	TagsField
	StatusField
	BotStatusField
	FirstAgentIDField
	LastAgentIDField
	FirstBotIDField
	AgentMessagesField
	BotMessagesField
	UserMessagesField
	FirstAgentMessageField
	FirstBotMessageField
	FirstUserMessageField
	FirstCloseField
	AgentsField
	DepartmentsField
	CampaignIDField

	// AllFields is the set of all.
	AllFields Fields = 1<<iota - 1
)

// fields say where each field is in a document, in the order of the sets above: a *string,
// *bool, *int64, *fact.Moment or *[]string.
var fields = [...]func(d *Document) any{
	func(d *Document) any { return &d.PlaybookID },
	func(d *Document) any { return &d.EndUserID },
	func(d *Document) any { return &d.EndUserType },
	func(d *Document) any { return &d.EndUserBegan },
	func(d *Document) any { return &d.PageURL },
	func(d *Document) any { return &d.Offline },
	func(d *Document) any { return &d.CQLScore },
	func(d *Document) any { return &d.Tags },
	func(d *Document) any { return (*int64)(&d.Status) },
	func(d *Document) any { return (*int64)(&d.BotStatus) },
	func(d *Document) any { return &d.FirstAgentID },
	func(d *Document) any { return &d.LastAgentID },
	func(d *Document) any { return &d.FirstBotID },
	func(d *Document) any { return &d.AgentMessages },
	func(d *Document) any { return &d.BotMessages },
	func(d *Document) any { return &d.UserMessages },
	func(d *Document) any { return &d.FirstAgentMessage },
	func(d *Document) any { return &d.FirstBotMessage },
	func(d *Document) any { return &d.FirstUserMessage },
	func(d *Document) any { return &d.FirstClose },
	func(d *Document) any { return &d.Agents },
	func(d *Document) any { return &d.Departments },
	func(d *Document) any { return &d.CampaignID },
}
