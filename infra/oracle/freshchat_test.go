package oracle

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"chatreports/shared/event"
)

var (
	monday  = time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
	noon    = tuesday.Add(12 * time.Hour)
)

// office is open on Mondays, with a break, in Berlin, where it is an hour later.
var office = Tenant{
	ID: "t", Name: "Acme", Zone: "Europe/Berlin", BusinessHours: map[string][][2]int{"mon": {{9 * 60, 12 * 60}, {13 * 60, 17 * 60}}},
	Holidays: []string{"2024-03-11"}, ConversationLink: "https://x/{chatId}/c", TranscriptLink: "https://x/{chatId}/t",
}

// columnsOf is the named columns of a sheet's rows, a line each, cells parted by "|".
func columnsOf(t *testing.T, sheet [][]string, columns string) string {
	t.Helper()
	if sheet == nil {
		return "refused"
	}
	var lines []string
	for _, row := range sheet[1:] {
		var cells []string
		for column := range strings.FieldsSeq(columns) {
			at := -1
			for i, name := range sheet[0] {
				if name == column {
					at = i
				}
			}
			if at < 0 {
				t.Fatalf("no column %s in %v", column, sheet[0])
			}
			cells = append(cells, row[at])
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}

func shuffled(list []event.Event) []event.Event {
	list = append([]event.Event(nil), list...)
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// raw asks for a raw report of the Monday, at noon of the Tuesday.
func rawReport(t *testing.T, text, name, columns string) string {
	t.Helper()
	return columnsOf(t, New(office, shuffled(events(t, text))).Freshchat(name, monday, tuesday, noon), columns)
}

func mustBe(t *testing.T, got, want string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if want = strings.Join(lines, "\n"); got != want {
		t.Errorf("\ngot\n%s\nwant\n%s", got, want)
	}
}

func TestEveryInteractionIsCreatedOnce(t *testing.T) {
	text := `
		09:00:00 chat.requested c {"visitorId":"v","initiatedBy":"visitor","source":"visitor","departmentId":"x","channelId":"h","channelName":"Old"}
		09:10:00 chat.closed c {"by":{"type":"user","id":"v"}}
		09:10:00 channel.updated h {"name":"Billing"}
		09:20:00 chat.reopened c {"by":{"type":"agent","id":"1"}}
		09:21:00 chat.assigned c {"groupId":"y","groupName":"Why","by":{"type":"system","id":"s"}}
		09:22:00 chat.assigned c {"groupId":"z","by":{"type":"system","id":"s"}}
		09:30:00 chat.reopened c {"by":{"type":"bot","id":"b","subType":"freddy"}}
		13:30:00 chat.reopened c {"by":{"type":"user","id":"v"},"cause":"customer_dissatisfaction"}
		16:30:00 chat.reopened c {"by":{"type":"system","id":"s"}}
		16:40:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		10:00:00 chat.requested d {"visitorId":"w","initiatedBy":"bot","source":"visitor","offline":true}
		11:00:00 chat.requested e {"visitorId":"w","initiatedBy":"system","source":"visitor","offline":false}
		10:00:00 chat.accepted without-request {"agentId":"1"}`
	mustBe(t, rawReport(t, text, "Conversation-Created", "conversation_id created_at reopened actor_type reopen_cause group_id group_name is_conv_offline channel_name user_id"), `
		c|2024-03-04T09:00:00.000Z|false|USER||x||false|Billing|v
		c|2024-03-04T09:20:00.000Z|true|AGENT|AGENT_REOPEN|y|Why|false|Billing|v
		c|2024-03-04T09:30:00.000Z|true|BOT|FREDDY BOT|z||false|Billing|v
		d|2024-03-04T10:00:00.000Z|false|BOT||||true||w
		e|2024-03-04T11:00:00.000Z|false|SYSTEM||||false||w
		c|2024-03-04T13:30:00.000Z|true|USER|CUSTOMER_DISSATISFACTION|z||false|Billing|v
		c|2024-03-04T16:30:00.000Z|true|SYSTEM||z||true|Billing|v
		c|2024-03-04T16:40:00.000Z|true|USER|USER_MESSAGE|z||true|Billing|v`)
	mustBe(t, rawReport(t, "09:00:00 chat.requested 123456789 {\"initiatedBy\":\"visitor\"}", "Conversation-Created", "interaction_id interaction_raw_id conv_url"),
		"123456789-1709542800000|3421780262-1709542800000|https://x/123456789/c") // the CRC-32's own check value is cbf43926
}

func TestMessagesHaveTheirActorAndTheGroupOfTheirTime(t *testing.T) {
	mustBe(t, rawReport(t, `
		08:59:00 message.sent c {"actor":{"type":"user","id":"v"}}
		09:00:00 chat.requested c {"visitorId":"v","visitorName":"Vera","departmentId":"x"}
		09:01:00 message.sent c {"actor":{"type":"system","id":"s1","name":"Rules","subType":"greeting"},"routing":"rule"}
		09:02:00 message.sent c {"actor":{"type":"system","id":"s1","subType":"greeting"}}
		09:03:00 message.sent c {"actor":{"type":"bot","id":"b","subType":"freddy"},"routing":"api"}
		09:04:00 chat.assigned c {"agentId":"1","by":{"type":"system","id":"s2"}}
		09:05:00 message.sent c {"actor":{"type":"agent","id":"1","name":"Said"}}
		09:05:30 message.sent c {"actor":{"type":"agent","id":"1"},"private":true}
		09:06:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		09:06:00 message.sent c {"actor":{"type":"agent","id":"2","name":"Two"}}
		12:00:00 agent.updated 1 {"departmentIds":["g","h"],"lastName":"Last","username":"u1"}`,
		"Message-Sent", "created_at reopened actor_type actor_id actor_name actor_sub_type group_id"), `
		2024-03-04T08:59:00.000Z|false|USER|v|Vera||
		2024-03-04T09:01:00.000Z|false|SYSTEM|s1|Rules|rule|
		2024-03-04T09:02:00.000Z|false|SYSTEM|s1|Rules|greeting|
		2024-03-04T09:03:00.000Z|false|BOT|b|b||
		2024-03-04T09:05:00.000Z|false|AGENT|1|Last||g
		2024-03-04T09:06:00.000Z|true|AGENT|2|Two||g`)
}

// worked is a chat with two interactions, the second without a close.
const worked = `
	08:00:00 agent.updated 1 {"firstName":"Ann","lastName":"Lee","departmentIds":["x"]}
	08:00:00 agent.updated 2 {"username":"bob"}
	08:00:00 department.updated x {"name":"Sales"}
	10:50:00 chat.requested c {"visitorId":"v","initiatedBy":"visitor","channelId":"h"}
	10:50:10 message.sent c {"actor":{"type":"user","id":"v"}}
	10:51:00 chat.assigned c {"agentId":"1","groupId":"x","routing":"intelliAssign","by":{"type":"system","id":"s","name":"Robot"}}
	12:10:00.900 message.sent c {"actor":{"type":"agent","id":"1"}}
	12:11:00 message.sent c {"actor":{"type":"user","id":"v"}}
	12:11:30.500 message.sent c {"actor":{"type":"agent","id":"2"}}
	12:12:00 chat.transferred c {"fromAgentId":"1","toAgentId":"2"}
	12:12:00.500 message.sent c {"actor":{"type":"user","id":"v"}}
	12:12:30 chat.labelled c {"categoryId":"k","categoryName":"Kind","by":{"type":"agent","id":"1"}}
	12:12:40 chat.labelled c {"categoryId":"k","categoryName":"Newer","by":{"type":"auto"}}
	12:12:50 chat.labelled c {"categoryId":"k","categoryName":"Newer","subCategoryId":"l","subCategoryName":"L","by":{"type":"auto"}}
	12:13:00 chat.closed c {"by":{"type":"agent","id":"1"},"agentId":"1"}
	12:14:00 chat.rated c {"score":2,"comment":"no","issueResolved":false,"csatId":"q"}
	12:20:00 chat.closed c {"by":{"type":"system","id":"s"}}
	12:30:00 chat.reopened c {"by":{"type":"user","id":"v"},"cause":"customer_dissatisfaction"}
	12:31:00 chat.accepted c {"agentId":"2","departmentId":"x"}
	12:32:00 chat.accepted c {"agentId":"1","departmentId":"y","departmentName":"Why"}
	12:33:00 chat.labelled c {"categoryId":"k","categoryName":"Kind","by":{"type":"auto"}}
	12:34:00 chat.rated c {"score":5,"by":{"type":"user","id":"w","name":"Will"}}
	12:35:00 chat.transferred c {"toDepartmentId":"y"}
	12:36:00 chat.transferred c {"toDepartmentId":"x"}`

func TestAResolutionIsTheFirstCloseOfAnInteraction(t *testing.T) {
	mustBe(t, rawReport(t, worked, "Conversation-Resolved", "reopened actor_type actor_id actor_name resolve_type agent_id agent_name group_id group_name actor_belongs_to_group created_at resolved_at"),
		"false|AGENT|1|Ann Lee|AGENT_RESOLVE|1|Ann Lee|x|Sales|true|2024-03-04T10:50:00.000Z|2024-03-04T12:13:00.000Z")
	mustBe(t, rawReport(t, `
		2024-03-03T23:00:00 chat.requested c {"initiatedBy":"visitor"}
		2024-03-03T23:30:00 chat.closed c {"by":{"type":"agent","id":"1"}}
		01:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		02:00:00 chat.closed c {"by":{"type":"user","id":"v"}}
		03:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		04:00:00 chat.closed c {"by":{"type":"system","id":"s"}}
		05:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		06:00:00 chat.closed c {"by":{"type":"bot","id":"b"}}
		07:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		08:00:00 chat.closed c {"by":{"type":"bot","id":"b","subType":"freddy"}}
		09:00:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		10:00:00 chat.closed c {"by":{"type":"agent","id":"1"},"resolveType":"auto"}`,
		"Conversation-Resolved", "created_at resolved_at interaction_id actor_type resolve_type"), `
		2024-03-03T23:00:00.000Z|2024-03-04T02:00:00.000Z|c-1709514000000|USER|
		2024-03-03T23:00:00.000Z|2024-03-04T04:00:00.000Z|c-1709521200000|SYSTEM|AUTO_RESOLVE
		2024-03-03T23:00:00.000Z|2024-03-04T06:00:00.000Z|c-1709528400000|BOT|BOTS_RESOLVE
		2024-03-03T23:00:00.000Z|2024-03-04T08:00:00.000Z|c-1709535600000|BOT|FREDDY BOT RESOLVE
		2024-03-03T23:00:00.000Z|2024-03-04T10:00:00.000Z|c-1709542800000|AGENT|AUTO_RESOLVE`)
}

func TestLabelsOfResolvedInteractionsOnceEach(t *testing.T) {
	mustBe(t, rawReport(t, worked, "Conversation-Resolution-Label",
		"created_at label_category_id label_category_name label_sub_category_id label_sub_category_name labelled_by_type actor_id agent_id group_id user_name"), `
		2024-03-04T12:12:30.000Z|k|Kind|||AGENT|1|1|x|
		2024-03-04T12:12:50.000Z|k|Kind|l|L|AUTO_RESOLVE|1|1|x|`)
}

func TestEveryRatingIsARow(t *testing.T) {
	mustBe(t, rawReport(t, worked, "CSAT-Score",
		"created_at value csat_id csat_response has_response issue_resolved csat_submitter_user_id csat_submitter_user_name csat_reopen reopened actor_id agent_id group_id actor_belongs_to_group"), `
		2024-03-04T12:14:00.000Z|2|q|no|true|false|v||true|false|1|1|x|true
		2024-03-04T12:34:00.000Z|5|||false||w|Will|false|true||1|y|false`)
}

func TestResponseTimes(t *testing.T) {
	// 10:50 to 12:10:00.9 is 4,800.9 s; in Berlin it is 11:50 to 13:10, the break is from 12:00 to 13:00.
	mustBe(t, rawReport(t, worked, "First-Response-Time", "created_at total_first_response_time_in_seconds value_in_seconds actor_id agent_id group_id actor_belongs_to_group"),
		"2024-03-04T12:10:00.900Z|4800|1200|1|1|x|true")
	// 4,790.9 and 30.5 s; what the visitor wrote before the close stays without an answer.
	mustBe(t, rawReport(t, worked, "Response-Time", "created_at value_in_seconds actor_type actor_id actor_name actor_sub_type agent_id actor_belongs_to_group"),
		"2024-03-04T12:13:00.000Z|4821|AGENT|2|bob||1|false")
	// Routing went with the transfer.
	mustBe(t, rawReport(t, worked, "Resolution-Time", "created_at value_in_seconds actor_id actor_sub_type agent_id"), "2024-03-04T12:13:00.000Z|4980|1||1")
}

func TestASampleAfterTheCloseIsNotOfTheResolution(t *testing.T) {
	mustBe(t, rawReport(t, `
		09:00:00 chat.requested c {"initiatedBy":"visitor"}
		09:00:00 message.sent c {"actor":{"type":"user","id":"v"}}
		09:00:10 message.sent c {"actor":{"type":"system","id":"s"}}
		09:00:20 message.sent c {"actor":{"type":"bot","id":"b"}}
		09:00:30 message.sent c {"actor":{"type":"agent","id":"1"}}
		09:01:00 chat.closed c {"by":{"type":"agent","id":"1"}}
		09:02:00 message.sent c {"actor":{"type":"user","id":"v"}}
		09:02:00 chat.closed c {"by":{"type":"agent","id":"1"}}
		09:03:00 message.sent c {"actor":{"type":"agent","id":"1"}}
		09:04:00 message.sent c {"actor":{"type":"user","id":"v"}}
		09:05:00 chat.reopened c {"by":{"type":"user","id":"v"}}
		09:06:00 message.sent c {"actor":{"type":"agent","id":"1"}}
		09:07:00 chat.closed c {"by":{"type":"agent","id":"1"}}`, "Response-Time", "interaction_id value_in_seconds"), "c-1709543100000|120")
}

func TestAssignments(t *testing.T) {
	mustBe(t, rawReport(t, worked, "Conversation-Agent-Assigned", "created_at actor_type actor_id actor_name actor_sub_type agent_id group_id value_in_seconds actor_belongs_to_group"), `
		2024-03-04T10:51:00.000Z|SYSTEM|s|Robot|intelliAssign|1|x|60|false
		2024-03-04T12:12:00.000Z|AGENT|1|Ann Lee||2|x|4920|true
		2024-03-04T12:32:00.000Z|AGENT|1|Ann Lee||1|y|120|false`)
	mustBe(t, rawReport(t, worked, "Conversation-Group-Assigned", "created_at actor_type actor_id actor_sub_type agent_id group_id group_name value_in_seconds"), `
		2024-03-04T10:51:00.000Z|SYSTEM|s|intelliAssign|1|x|Sales|60
		2024-03-04T12:32:00.000Z|AGENT|1||1|y|Why|120
		2024-03-04T12:36:00.000Z|SYSTEM||||x|Sales|360`)
}

func TestAnAssignmentOfNothingDoesNothing(t *testing.T) {
	mustBe(t, rawReport(t, `
		08:00:00 agent.updated 2 {"departmentIds":["own"]}
		09:00:00 chat.requested c {"initiatedBy":"visitor"}
		09:01:00 chat.assigned c {"agentId":"1","routing":"rule","by":{"type":"system","id":"s"}}
		09:02:00 chat.assigned c {"routing":"api","by":{"type":"system","id":"s"}}
		09:03:00 chat.accepted c {"agentId":"1"}
		09:04:00 chat.closed c {"by":{"type":"system","id":"s"}}
		09:05:00 chat.assigned c {"agentId":"2","by":{"type":"system","id":"s"}}
		09:06:00 chat.reopened c {"by":{"type":"system","id":"s"}}
		09:07:00 chat.closed c {"by":{"type":"system","id":"s"}}`, "Resolution-Time", "actor_sub_type agent_id group_id value_in_seconds"), `
		rule|1||240
		|2|own|60`)
}

func TestAgentsPeriods(t *testing.T) {
	text := `
		08:00:00 agent.updated 1 {"username":"ann"}
		2024-03-03T23:00:00 agent.status_changed 1 {"status":"online"}
		09:00:00 agent.status_changed 1 {"status":"Lunch","campaignId":"k"}
		09:00:30 agent.status_changed 1 {"status":"lunch"}
		10:00:00.500 agent.status_changed 1 {"status":"offline"}
		23:00:00 agent.status_changed 1 {"status":"online"}
		09:00:00 agent.status_changed 0 {"status":"offline"}
		09:00:00 agent.auto_assign_changed 1 {"enabled":false}
		09:10:00 agent.auto_assign_changed 1 {"enabled":false}
		09:20:00 agent.auto_assign_changed 1 {"enabled":true,"by":{"type":"system","id":"s"}}`
	mustBe(t, rawReport(t, text, "Agent-Activity", "agent_id agent_name status created_at ended_at value_in_seconds"), `
		1|ann|Lunch|2024-03-04T09:00:00.000Z|2024-03-04T10:00:00.500Z|3600
		1|ann|offline|2024-03-04T10:00:00.500Z|2024-03-04T23:00:00.000Z|46799
		1|ann|online|2024-03-04T23:00:00.000Z||46800`)
	mustBe(t, rawReport(t, text, "Agent-Intelliassign-Activity", "agent_id intelliassign actor_type actor_id actor_name created_at ended_at value_in_seconds"), `
		1|false|AGENT|1|ann|2024-03-04T09:00:00.000Z|2024-03-04T09:20:00.000Z|1200
		1|true|SYSTEM|s|s|2024-03-04T09:20:00.000Z||96000`)
}

func TestRowsAreInOrderOfTimeEntityAndEvent(t *testing.T) {
	text := `
		09:00:00 chat.requested b {"initiatedBy":"visitor"}
		09:00:00 message.sent b {"actor":{"type":"user","id":"v"}}
		09:00:00 message.sent a {"actor":{"type":"user","id":"w"}}
		09:00:00 message.sent b {"actor":{"type":"user","id":"u"}}
		09:00:00 chat.requested a {"initiatedBy":"visitor"}
		08:59:59.999 message.sent b {"actor":{"type":"user","id":"t"}}
		2024-03-05T00:00:00 message.sent b {"actor":{"type":"user","id":"late"}}`
	mustBe(t, rawReport(t, text, "Message-Sent", "conversation_id actor_id"), "b|t\na|w\nb|v\nb|u")
}

func TestBusinessHours(t *testing.T) {
	o := New(office, nil)
	at := func(text string) int64 {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixMilli()
	}
	for _, c := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2024-03-04T00:00:00Z", "2024-03-05T00:00:00Z", 7 * time.Hour},
		{"2024-03-03T00:00:00Z", "2024-03-26T00:00:00Z", 21 * time.Hour},           // the 11th is a holiday
		{"2024-03-04T08:00:00Z", "2024-03-04T08:00:01Z", time.Second},              // nine in Berlin
		{"2024-03-04T10:30:00Z", "2024-03-04T12:00:00.001Z", 30*time.Minute + 1e6}, // the break
		{"2024-04-01T06:59:59Z", "2024-04-01T07:00:01Z", time.Second},              // summer time
		{"2024-03-05T00:00:00Z", "2024-03-10T00:00:00Z", 0},                        // not a Monday
		{"2024-03-04T16:00:00Z", "2024-03-18T08:00:00Z", 0},                        // from end to begin
		{"2024-03-04T09:00:00+01:00", "2024-03-04T08:00:00+01:00", 0},              // backwards
	} {
		if got := time.Duration(o.worked(at(c.from), at(c.to))) * time.Millisecond; got != c.want {
			t.Errorf("%s to %s: %v, not %v", c.from, c.to, got, c.want)
		}
	}
	always := New(Tenant{Holidays: []string{"2024-03-04"}}, nil)
	if got := always.worked(at("2024-03-03T12:00:00Z"), at("2024-03-05T12:00:00Z")); got != 24*3600_000 {
		t.Errorf("always but for a holiday: %d ms", got)
	}
	// The hour that comes twice in autumn is worked twice.
	nights := New(Tenant{Zone: "Europe/Berlin", BusinessHours: map[string][][2]int{"sun": {{2*60 + 30, 3 * 60}}}}, nil)
	if got := nights.worked(at("2024-10-27T00:00:00Z"), at("2024-10-27T03:00:00Z")); got != 3600_000 {
		t.Errorf("the hour that comes twice: %d ms", got)
	}
}
