package drift

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatreports/shared/document"
	"chatreports/shared/fact"
)

// full has everything, bare nothing that can be missing.
var (
	full = document.Document{
		ID: "852054511", CreatedAt: 1563753600000, UpdatedAt: 1563850000000, PlaybookID: "671581", EndUserID: "v1", EndUserType: "lead", EndUserBegan: true,
		PageURL: "https://example.com/Prices", Offline: true, CQLScore: -1, Tags: []string{"vip", "sales"}, Status: document.Closed, BotStatus: document.BotAssisted,
		FirstAgentID: "7", LastAgentID: "x", FirstBotID: "b", AgentMessages: 3, BotMessages: 2, UserMessages: 1,
		FirstAgentMessage: fact.MomentOf(1563753660000), FirstBotMessage: fact.MomentOf(1563753601000), FirstUserMessage: fact.MomentOf(1563753602000), FirstClose: fact.MomentOf(1563758541610),
		Agents: []string{"7", "x"}, Departments: []string{"d"}, CampaignID: "c",
	}
	bare = document.Document{ID: "bare", CreatedAt: 1563840000000, UpdatedAt: 1563840000000, EndUserID: "v2"}
)

// rowOf is a conversation that was found.
func rowOf(q *query, d *document.Document) row { return row{q.order.position(d), d.Encode()} }

// matches says whether a conversation is found.
func (q *query) matches(d *document.Document) bool {
	_, matches, err := q.look(d.Encode())
	return matches && err == nil
}

// What a property tells of a document is the same when no more was read than it says.
func TestPropertiesSayWhatTheyRead(t *testing.T) {
	stored := full.Encode()
	for i := range properties {
		p := &properties[i]
		r := document.Reader{Wanted: p.reads}
		if err := errors.Join(r.Open(stored), r.Read(p.reads)); err != nil {
			t.Fatal(err)
		}
		tell := func(d *document.Document) string {
			switch p.kind {
			case number, moment:
				return fmt.Sprint(p.whole(d))
			case list:
				return fmt.Sprint(p.list(d))
			}
			return p.text(d)
		}
		if got, want := tell(&r.Document), tell(&full); got != want {
			t.Errorf("%s: %s, want %s", p.name, got, want)
		}
	}
}

func matching(t *testing.T, filters string) string {
	t.Helper()
	q, refused := read([]byte(`{"filters":[` + filters + `]}`))
	if refused != nil {
		return refused.Sentence()
	}
	var out []string
	bounds := q.bounds()
	for name, d := range map[string]*document.Document{"full": &full, "bare": &bare} {
		if !q.matches(d) {
			continue
		}
		if !bounds.Hold(d) {
			t.Errorf("%s matches %s and is not read", name, filters)
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestFilters(t *testing.T) {
	for _, c := range []struct{ property, operation, values, want string }{
		{"createdAt", "EQ", `[1563753600000]`, "full"},
		{"createdAt", "EQ", `["2019-07-22"]`, "full"},
		{"createdAt", "NOT_EQ", `["2019-07-22"]`, "bare"},
		{"createdAt", "GT", `["2019-07-22"]`, "bare"},
		{"createdAt", "GTE", `["2019-07-22"]`, "bare full"},
		{"createdAt", "LT", `["2019-07-23"]`, "full"},
		{"createdAt", "LTE", `["2019-07-23"]`, "bare full"},
		{"createdAt", "BETWEEN", `["2019-07-22", "2019-07-23"]`, "bare full"},
		{"createdAt", "BETWEEN", `["2019-07-23", "2019-07-22"]`, ""},
		{"createdAt", "BETWEEN", `[1563753600000, "1563753600000", {"further": true}]`, "full"},
		{"createdAt", "IN", `["2019-07-23", 1]`, "bare"},
		{"createdAt", "NOT_IN", `["2019-07-23", 1]`, "full"},
		{"updatedAt", "LT", `["2019-07-23"]`, ""},
		{"updatedAt", "GT", `[1e30]`, ""},
		{"updatedAt", "LT", `[-1e30]`, ""},
		{"firstCloseAt", "BETWEEN", `["2019-07-22", "2019-07-26"]`, "full"},
		{"firstCloseAt", "NOT_EQ", `[0]`, "bare full"},
		{"firstCloseAt", "NOT_IN", `[1563758541610]`, "bare"},
		{"firstCloseAt", "LT", `[9e15]`, "full"},
		{"firstCloseAt", "HAS_PROPERTY", `null`, "full"},
		{"firstCloseAt", "NOT_HAS_PROPERTY", `["ignored"]`, "bare"},
		{"numAgentMessages", "EQ", `[0]`, "bare"},
		{"numAgentMessages", "EQ", `["3"]`, "full"},
		{"numAgentMessages", "GT", `[2.5]`, "full"},
		{"numAgentMessages", "HAS_PROPERTY", `[]`, "bare full"},
		{"cqlScore", "LT", `[0]`, "full"},
		{"cqlScore", "HAS_PROPERTY", `null`, "bare full"},
		{"timeToCloseMillis", "EQ", `[4941610]`, "full"},
		{"timeToAgentResponseMillis", "EQ", `["60000"]`, "full"},
		{"id", "EQ", `[852054511]`, "full"},
		{"id", "EQ", `["852054511"]`, "full"},
		{"id", "EQ", `[8.52054511e8]`, "full"},
		{"id", "EQ", `["0852054511"]`, ""},
		{"id", "IN", `["bare", 852054511]`, "bare full"},
		{"id", "GTE", `[852054511]`, "full"},
		{"id", "LT", `["852054512"]`, "full"},
		{"id", "GTE", `["0852054511.0"]`, "full"},
		{"id", "BETWEEN", `["\u0038", 9e+8]`, "full"},
		{"id", "GT", `[852054511.0000000000000001]`, ""},
		{"id", "GT", `[1e-1000000]`, "full"},
		{"lastAgentId", "GT", `[0]`, ""},
		{"lastAgentId", "HAS_PROPERTY", `null`, "full"},
		{"relatedPlaybookId", "NOT_EQ", `["1"]`, "bare full"},
		{"endUserInitiated", "EQ", `[true]`, "full"},
		{"endUserInitiated", "EQ", `["false"]`, "bare"},
		{"endUserInitiated", "IN", `[true, "false"]`, "bare full"},
		{"offline", "NOT_EQ", `[true]`, "bare"},
		{"endUserType", "EQ", `["LEAD"]`, "full"},
		{"endUserType", "EQ", `["lead"]`, ""},
		{"endUserType", "IN", `["NONE", "LEAD"]`, "bare full"},
		{"pageUrl", "CONTAINS", `["Prices"]`, "full"},
		{"pageUrl", "CONTAINS", `["prices"]`, ""},
		{"pageUrl", "NOT_CONTAINS", `["Prices"]`, "bare"},
		{"pageUrl", "NOT_HAS_PROPERTY", `null`, "bare"},
		{"status", "IN", `["closed"]`, "full"},
		{"status", "EQ", `["pending"]`, "bare"},
		{"botStatus", "EQ", `["NO_RESPONSE"]`, "bare"},
		{"botStatus", "CONTAINS", `["BOT"]`, "full"},
		{"tags", "EQ", `["vip"]`, "full"},
		{"tags", "NOT_EQ", `["vip"]`, "bare"},
		{"tags", "CONTAINS", `["al"]`, "full"},
		{"tags", "NOT_CONTAINS", `["al"]`, "bare"},
		{"tags", "IN", `["x", "sales"]`, "full"},
		{"tags", "NOT_IN", `["x"]`, "bare full"},
		{"tags", "HAS_PROPERTY", `null`, "full"},
		{"tags", "NOT_HAS_PROPERTY", `null`, "bare"},
		{"agentId", "EQ", `[7]`, "full"},
		{"departmentId", "EQ", `["d"]`, "full"},
		{"campaignId", "NOT_EQ", `["c"]`, "bare"},
	} {
		filter := fmt.Sprintf(`{"property": %q, "operation": %q, "values": %s}`, c.property, c.operation, c.values)
		if got := matching(t, filter); got != c.want {
			t.Errorf("%s: %q, want %q", filter, got, c.want)
		}
	}
	both := `{"property": "numAgentMessages", "operation": "GT", "values": [0]}, {"property": "createdAt", "operation": "GT", "values": ["2019-07-22"]}`
	if got := matching(t, both); got != "" {
		t.Errorf("filters are and'd, and %s match both", got)
	}
	if got := matching(t, ""); got != "bare full" {
		t.Errorf("without a filter %s match", got)
	}
}

// Every operation is taken by every kind of property that it fits, and by no other.
func TestWhichOperationsFit(t *testing.T) {
	fits := map[kind]string{
		number: "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY GT GTE LT LTE BETWEEN",
		moment: "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY GT GTE LT LTE BETWEEN",
		id:     "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY GT GTE LT LTE BETWEEN",
		truth:  "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY",
		text:   "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY CONTAINS NOT_CONTAINS",
		list:   "EQ NOT_EQ IN NOT_IN HAS_PROPERTY NOT_HAS_PROPERTY CONTAINS NOT_CONTAINS",
	}
	all := "EQ NOT_EQ GT GTE LT LTE IN NOT_IN BETWEEN HAS_PROPERTY NOT_HAS_PROPERTY CONTAINS NOT_CONTAINS"
	values := map[kind]string{number: `[1, 2]`, moment: `[1, 2]`, id: `[1, 2]`, truth: `[true, false]`, text: `["a", "b"]`, list: `["a", "b"]`}
	for i := range properties {
		p := &properties[i]
		for operation := range strings.FieldsSeq(all) {
			filter := fmt.Sprintf(`{"filters": [{"property": %q, "operation": %q, "values": %s}]}`, p.name, operation, values[p.kind])
			_, refused := read([]byte(filter))
			if want := slices.Contains(strings.Fields(fits[p.kind]), operation); (refused == nil) != want {
				t.Errorf("%s: %v, want it taken: %t", filter, refused, want)
			}
		}
	}
}

func TestWrongQueries(t *testing.T) {
	for _, c := range []struct{ query, where string }{
		{``, "body: a JSON object is wanted"},
		{`[]`, "body: a JSON object is wanted"},
		{`{`, "body: it cannot be read as JSON"},
		{`{} {}`, "body: something follows"},
		{`{"filter": []}`, `body: there is no member "filter"`},
		{`{"filters": {}}`, "body.filters: there should be a list, and not what JSON calls object"},
		{`{"filters": [1]}`, "filters[0]: there should be an object, and not"},
		{`{"filters": [{"operation": "EQ", "values": [1]}]}`, "filters[0].property: it is missing"},
		{`{"filters": [{"property": "x", "operation": "EQ", "values": [1]}]}`, `filters[0].property: "x" is no property`},
		{`{"filters": [{"property": "id", "operation": "eq", "values": [1]}]}`, `filters[0].operation: EQ was probably meant; "eq" is no operation`},
		{`{"filters": [{"property": "id", "values": [1]}]}`, `filters[0].operation: "" is no operation`},
		{`{"filters": [{"property": "id", "operation": "CONTAINS", "values": ["1"]}]}`, "filters[0].operation: id is an id, which CONTAINS does not fit"},
		{`{"filters": [{"property": "id", "operation": "EQ", "value": 1}]}`, `filters[0]: there is no member "value"`},
		{`{"filters": [{"property": "id", "operation": "EQ"}]}`, "filters[0].values: EQ takes a value"},
		{`{"filters": [{"property": "id", "operation": "IN", "values": []}]}`, "filters[0].values: IN takes one value or more"},
		{`{"filters": [{"property": "createdAt", "operation": "BETWEEN", "values": [1]}]}`, "filters[0].values: BETWEEN takes two"},
		{`{"filters": [{"property": "createdAt", "operation": "GT", "values": ["2019-02-30"]}]}`, `filters[0].values[0]: "2019-02-30" is no value of createdAt`},
		{`{"filters": [{"property": "createdAt", "operation": "GT", "values": ["2019-02-03T00:00:00Z"]}]}`, "filters[0].values[0]"},
		{`{"filters": [{"property": "numBotMessages", "operation": "GT", "values": ["2019-02-03"]}]}`, "filters[0].values[0]"},
		{`{"filters": [{"property": "numBotMessages", "operation": "IN", "values": [1, null]}]}`, "filters[0].values[1]"},
		{`{"filters": [{"property": "numBotMessages", "operation": "EQ", "values": [1e999]}]}`, "filters[0].values[0]"},
		{`{"filters": [{"property": "id", "operation": "GT", "values": ["abc"]}]}`, "filters[0].values[0]"},
		{`{"filters": [{"property": "id", "operation": "EQ", "values": [true]}]}`, "filters[0].values[0]: id is an id"},
		{`{"filters": [{"property": "offline", "operation": "EQ", "values": [1]}]}`, "filters[0].values[0]: offline is true or false"},
		{`{"filters": [{"property": "status", "operation": "EQ", "values": [1]}]}`, "filters[0].values[0]: status is a text"},
		{`{"filters": [{"property": "tags", "operation": "EQ", "values": [null]}]}`, "filters[0].values[0]: tags is a text"},
		{`{"metrics": "id"}`, "body.metrics: there should be a list, and not"},
		{`{"metrics": ["id", "offline"]}`, "metrics[1]: offline cannot be a metric"},
		{`{"metrics": ["tags"]}`, "metrics[0]: tags cannot be a metric"},
		{`{"metrics": ["botStatus"]}`, "metrics[0]: botStatus cannot"},
		{`{"metrics": [{"property": "pageUrl"}]}`, "metrics[0]: pageUrl cannot"},
		{`{"metrics": [1]}`, "metrics[0]: the name of a property"},
		{`{"metrics": [null]}`, "metrics[0]: the name of a property"},
		{`{"metrics": [{"type": "AVG"}]}`, "metrics[0]: the name of a property"},
		{`{"limit": 0}`, "limit: 0 is no whole number from 1"},
		{`{"limit": 2.5}`, "limit: 2.5 is no whole number from 1"},
		{`{"limit": "5"}`, "body.limit: there should be a whole number, and not what JSON calls string"},
		{`{"Filters": []}`, `body: there is no member "Filters"`},
		{`{"filters": [], "filters": []}`, `body: the member "filters" is there twice`},
		{`{"filters": [{"Property": "id", "operation": "HAS_PROPERTY"}]}`, `filters[0]: there is no member "Property"`},
		{`{"filters": [{"property": "id", "operation": "EQ", "operation": "GT", "values": [1]}]}`, `filters[0]: the member "operation" is there twice`},
		{`{"metrics": [{"Property": "id"}]}`, "metrics[0]: the name of a property"},
		{`{"metrics": [{"property": "id", "property": "createdAt"}]}`, `metrics[0]: the member "property" is there twice`},
		{"{\"metrics\": [\"\xff\"]}", "body: it is not UTF-8"},
		{`{"cursor": "x"}`, "cursor: it is none"},
		{`{"cursor": "eyJDcmVhdGVkQXQiOjEsIklEIjoiYSJ9", "sort": "id"}`, "cursor: it is none that was given with an answer to a query of the same sort"},
		{`{"sort": 1}`, "body.sort: there should be a text, and not what JSON calls number"},
		{`{"sort": "tags"}`, `sort: "tags" is none of relatedPlaybookId, createdAt,`},
		{`{"sort": "+createdAt"}`, `sort: createdAt was probably meant; "+createdAt" is none of`},
	} {
		_, refused := read([]byte(c.query))
		if refused == nil {
			t.Errorf("%s is taken", c.query)
			continue
		}
		if s := refused.Sentence(); refused.Status != 400 || !strings.HasPrefix(s, "check query formatting: "+c.where) {
			t.Errorf("%s: %d %s, want %s", c.query, refused.Status, s, c.where)
		}
	}
}

func TestMetrics(t *testing.T) {
	q, refused := read([]byte(`{"metrics": ["timeToCloseMillis", {"type": "AVG", "property": "id"}, "lastAgentId", "firstAgentId", "meaningfulConversation", "firstCloseAt", "firstCloseAt", "numBotMessages", "cqlScore"]}`))
	if refused != nil {
		t.Fatal(refused)
	}
	for _, c := range []struct {
		d    *document.Document
		want string
	}{
		{&full, "4941610 852054511 NaN 7 NaN 1563758541610 1563758541610 2 -1"},
		{&bare, strings.Repeat("NaN ", 7) + "0 0"},
	} {
		r := rowOf(q, c.d)
		if told, err := q.tell(&r); err != nil || strings.Join(told, " ") != c.want {
			t.Errorf("%s: %s, %v, want %s", c.d.ID, told, err, c.want)
		}
	}
	if w := q.warnings(); !slices.Equal(w, []string{"unknown metric meaningfulConversation"}) {
		t.Errorf("%q", w)
	}
}

func TestAnAnswerAsJSON(t *testing.T) {
	q, refused := read([]byte(`{"metrics": ["timeToCloseMillis", "relatedPlaybookId"]}`))
	if refused != nil {
		t.Fatal(refused)
	}
	odd := bare
	odd.ID, odd.CreatedAt = `a"ü`, 0
	rows := found{rowOf(q, &bare), rowOf(q, &full), rowOf(q, &odd)}
	q.order.sort(rows)
	var b strings.Builder
	if err := q.write(&b, rows, "next"); err != nil {
		t.Fatal(err)
	}
	const want = `{"count":3,"data":[{"conversationId":"a\"ü","metrics":["NaN","NaN"]},{"conversationId":852054511,"metrics":[4941610,671581]},{"conversationId":"bare","metrics":["NaN","NaN"]}],"cursor":"next"}` + "\n"
	if b.String() != want || !json.Valid([]byte(b.String())) {
		t.Errorf("%s", b.String())
	}
}

// Pages, one after the other, hold what one answer would.
func TestPages(t *testing.T) {
	var all []document.Document
	for i := range 25 {
		d := bare
		d.ID, d.CreatedAt = fmt.Sprintf("c%02d", i), bare.CreatedAt+int64(i/4)
		if d.FirstAgentID = []string{"", "9", "10", "b", "a", "0009"}[i%6]; i%3 == 0 {
			d.FirstClose = fact.MomentOf(d.CreatedAt - int64(i%5)*1000)
		}
		all = append(all, d)
	}
	for _, c := range []struct{ sort, want string }{
		{"", "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"},
		{"createdAt", "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"},
		{"-createdAt", "24 20 21 22 23 16 17 18 19 12 13 14 15 08 09 10 11 04 05 06 07 00 01 02 03"},
		{"firstCloseAt", "09 24 03 18 12 06 21 00 15 01 02 04 05 07 08 10 11 13 14 16 17 19 20 22 23"},
		{"-firstCloseAt", "15 00 21 06 12 18 03 24 09 01 02 04 05 07 08 10 11 13 14 16 17 19 20 22 23"},
		{"firstAgentId", "01 07 13 19 02 08 14 20 05 11 17 23 04 10 16 22 03 09 15 21 00 06 12 18 24"},
		{"-firstAgentId", "03 09 15 21 04 10 16 22 05 11 17 23 02 08 14 20 01 07 13 19 00 06 12 18 24"},
		{"-numBotMessages", "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"},
	} {
		if got := strings.Join(pages(t, all, c.sort), " "); got != strings.ReplaceAll("c"+c.want, " ", " c") {
			t.Errorf("by %q: %s", c.sort, got)
		}
	}
}

// pages are the ids of all documents, asked for four at a time.
func pages(t *testing.T, all []document.Document, by string) (got []string) {
	t.Helper()
	cursor := ""
	for range 10 {
		q, refused := read([]byte(fmt.Sprintf(`{"limit": 4, "sort": %q, "cursor": %q}`, by, cursor)))
		if refused != nil {
			t.Fatal(refused)
		}
		var rows found
		for i := range all {
			if bounds := q.bounds(); q.matches(&all[i]) && bounds.Hold(&all[i]) {
				rows = append(rows, rowOf(q, &all[i]))
			}
		}
		q.order.sort(rows)
		page, next := q.page(rows)
		for i := range page {
			got = append(got, page[i].ID)
		}
		if cursor = next; cursor == "" {
			return got
		}
	}
	t.Errorf("by %q there is no end of pages", by)
	return got
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"filters":[{"property":"id","operation":"IN","values":[1,"a"]}],"metrics":["id",{"property":"createdAt"}],"sort":"-updatedAt","limit":3}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, refused := read(raw)
		if refused != nil {
			if !strings.HasPrefix(refused.Sentence(), "check query formatting: ") {
				t.Error(refused)
			}
			return
		}
		for _, d := range []*document.Document{&full, &bare} {
			if bounds := q.bounds(); q.matches(d) && !bounds.Hold(d) {
				t.Errorf("%s matches and is not read", d.ID)
			}
			r := rowOf(q, d)
			if _, err := q.tell(&r); err != nil {
				t.Error(err)
			}
		}
	})
}
