package tenantfile_test

import (
	"strings"
	"testing"

	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

const example = `
tenants:
  - id: acme
    name: Acme Ltd
    zone: Europe/Berlin              # IANA; default UTC
    edition: business
    autoAllocation: false
    chatbot: false
    businessHours: {mon: ["09:00-17:00"], tue: ["13:00-17:00", "09:00-12:00"], sun: ["00:00-24:00"]}
    holidays: ["2026-12-25", 2026-12-26]
    customMetrics: [{id: m1, name: Good, expression: "chats / 2"}]
    links: {conversation: "https://x/{chatId}", transcript: "https://y/{chatId}"}
    keys:
      - {id: ops,   secret: "s-ops", scopes: [reports:read]}
      - {id: admin, secret: "s-admin", scopes: [events:write, reports:read, exports:write, data:erase]}
    webhooks:
      - {id: fc, provider: freshchat, publicKey: "PEM"}
      - {id: dr, provider: drift, token: "t"}
    keepPayloads: 90
    schedules:
      - {id: volume, report: comm100/chatVolume, cron: "0 6 * * mon", period: week, parameters: {group: day, spreadsheetSafe: true}}
      - {id: now, report: comm100/realtime/rightNow, rate: 1 hour, format: csv}
  - id: plain
`

func TestTheExampleIsRead(t *testing.T) {
	file, err := tenantfile.Parse([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Entries) != 2 {
		t.Fatalf("%d tenants, want 2", len(file.Entries))
	}
	acme, plain := file.Entries[0], file.Entries[1]
	if a := acme.Tenant; a.Name != "Acme Ltd" || a.Zone != "Europe/Berlin" || a.Edition != tenant.Business || a.AutoAllocation || a.Chatbot {
		t.Errorf("settings are %+v", a)
	}
	if got := acme.Tenant.BusinessHours.Day(2); len(got) != 2 || got[0] != (tenant.Span{From: 9 * 60, To: 12 * 60}) || got[1] != (tenant.Span{From: 13 * 60, To: 17 * 60}) {
		t.Errorf("Tuesday is %v, want it in order", got)
	}
	if got := acme.Tenant.BusinessHours.Day(0); len(got) != 1 || got[0].To != 24*60 {
		t.Errorf("Sunday is %v, want the whole day", got)
	}
	if got := acme.Tenant.BusinessHours.Day(3); got != nil {
		t.Errorf("Wednesday is %v, want it closed", got)
	}
	if h := acme.Tenant.Holidays; len(h) != 2 || h[1] != "2026-12-26" {
		t.Errorf("holidays are %q", h)
	}
	if s := acme.Tenant.Schedules; len(s) != 2 || s[0].Cron != "0 6 * * mon" || s[0].Period != "week" || s[0].Parameters["spreadsheetSafe"] != "true" || s[1].Rate != "1 hour" {
		t.Errorf("schedules are %+v", s)
	}
	if w, ok := acme.Tenant.Webhook("dr"); !ok || w.Token != "t" {
		t.Errorf("webhook dr is %+v, %v", w, ok)
	}
	if acme.Tenant.PayloadsKept() != 90 || plain.Tenant.PayloadsKept() != 30 {
		t.Errorf("payloads are kept for %d and %d days", acme.Tenant.PayloadsKept(), plain.Tenant.PayloadsKept())
	}
	if len(acme.Keys) != 2 || acme.Keys[1].Secret != "s-admin" || len(acme.Keys[1].Scopes) != 4 {
		t.Errorf("keys are %+v", acme.Keys)
	}
	if p := plain.Tenant; p.Zone != "UTC" || p.Edition != tenant.Enterprise || !p.AutoAllocation || !p.Chatbot || p.BusinessHours != nil {
		t.Errorf("defaults are %+v", p)
	}
}

func TestWhatIsWrongIsSaidInOneLine(t *testing.T) {
	one := func(lines string) string { return "tenants:\n  - id: a\n" + lines }
	key := func(fields string) string { return one("    keys:\n      - {" + fields + "}\n") }
	schedule := func(fields string) string { return one("    schedules:\n      - {" + fields + "}\n") }
	for name, c := range map[string]struct{ file, want string }{
		"an empty file":                     {"", "should begin with 'tenants:'"},
		"no tenant":                         {"tenants: []", "there is no tenant in the file"},
		"not YAML":                          {"tenants: [", "line 1: this is not YAML: did not find expected node content"},
		"an unknown field at the top":       {"tenant: []", `line 1: unknown field "tenant"; tenants was probably meant; there are tenants`},
		"an unknown field of a tenant":      {one("    zoen: UTC\n"), `line 3: unknown field "zoen"; there are id, name, zone`},
		"an unknown field of a key":         {key("id: k, secrets: x"), `line 4: unknown field "secrets"; secret was probably meant; there are id, secret, scopes`},
		"an unknown field of a link":        {one("    links: {chat: x}\n"), `line 3: unknown field "chat"; there are conversation, transcript`},
		"a tenant that is a text":           {"tenants:\n  - acme\n", "line 2: a tenant is a text; it should be fields, such as 'id: acme'"},
		"tenants that are no list":          {"tenants: acme\n", "line 1: tenants is a text; it should be a list, such as [a, b]"},
		"an origin with a path":             {one("    origins: [\"https://bi.example/\"]\n"), `line 3: tenant "a": origins has "https://bi.example/"; it should be as browsers send it`},
		"any origin":                        {one("    origins: [\"*\"]\n"), `origins has "*"`},
		"an origin in capitals":             {one("    origins: [\"https://BI.example\"]\n"), `origins has "https://BI.example"`},
		"a truth value that is none":        {one("    chatbot: perhaps\n"), `line 3: tenant "a": chatbot is "perhaps"; it should be true or false`},
		"no id":                             {"tenants:\n  - name: x\n", `line 2: tenant "": id is required`},
		"an id with a slash":                {"tenants:\n  - id: a/b\n", `id is "a/b"; use up to 64 letters`},
		"a reserved id":                     {"tenants:\n  - id: key\n", "id is reserved"},
		"an id twice":                       {"tenants:\n  - id: a\n  - id: a\n", `line 3: tenant "a": id is the same as on line 2`},
		"an unknown zone":                   {one("    zone: Europe/Berlni\n"), `zone is "Europe/Berlni"; it should be an IANA name`},
		"the machine's zone":                {one("    zone: Local\n"), `zone is "Local"`},
		"a zone that not every machine has": {one("    zone: right/Europe/Berlin\n"), `zone is "right/Europe/Berlin"`},
		"an unknown edition":                {one("    edition: gold\n"), "it should be 'enterprise' or 'business'"},
		"an unknown day":                    {one("    businessHours: {monday: []}\n"), `businessHours has "monday"; the days are 'sun', 'mon'`},
		"hours that end before they begin":  {one("    businessHours: {mon: [\"17:00-09:00\"]}\n"), "the end after the beginning"},
		"hours without a zero":              {one("    businessHours: {mon: [\"9:00-17:00\"]}\n"), `mon has "9:00-17:00"`},
		"hours that overlap":                {one("    businessHours: {mon: [\"09:00-12:00\", \"11:00-13:00\"]}\n"), "hours of mon overlap"},
		"a holiday that is no date":         {one("    holidays: [\"25.12.\"]\n"), `holidays has "25.12."`},
		"a metric without an expression":    {one("    customMetrics: [{id: m}]\n"), `"m" has no expression`},
		"a metric over what does not exist": {one("    customMetrics: [{id: m, name: n, expression: chats / visitors}]\n"), `at character 9: there is no figure "visitors"`},
		"a metric twice":                    {one("    customMetrics: [{id: m, expression: chats}, {id: m, expression: chats}]\n"), `id "m" is there twice`},
		"a key without a secret":            {key("id: k, scopes: [reports:read]"), `line 4: tenant "a": key "k": secret is required`},
		"a secret with a space":             {key(`id: k, secret: "a b", scopes: [reports:read]`), "has to fit into a header"},
		"a key without scopes":              {key("id: k, secret: s"), "scopes is required; choose from 'events:write'"},
		"an unknown scope":                  {key("id: k, secret: s, scopes: [report:read]"), `unknown scope "report:read"; choose from 'events:write', 'reports:read'`},
		"a key id twice":                    {one("    keys:\n      - {id: k, secret: s, scopes: [reports:read]}\n      - {id: k, secret: u, scopes: [reports:read]}\n"), "line 5: tenant \"a\": key \"k\": id is there twice"},
		"a secret of two tenants": {
			"tenants:\n  - id: a\n    keys: [{id: k, secret: s, scopes: [reports:read]}]\n  - id: b\n    keys: [{id: k, secret: s, scopes: [reports:read]}]\n",
			"line 5: tenant \"b\": key \"k\": secret is the same as that of the key on line 3",
		},
		"an unknown provider":          {one("    webhooks: [{id: w, provider: acme}]\n"), `provider "acme"; choose from 'freshchat', 'drift', 'chatbot', 'livechat', 'comm100', 'standard'`},
		"a webhook without its secret": {one("    webhooks: [{id: w, provider: drift}]\n"), "needs token"},
		"a webhook id of two tenants": {
			"tenants:\n  - id: a\n    webhooks: [{id: w, provider: drift, token: t}]\n  - id: b\n    webhooks: [{id: w, provider: drift, token: t}]\n",
			`id "w" is also in tenant "a"`,
		},
		"payloads kept for an odd time":     {one("    keepPayloads: 31\n"), `line 3: tenant "a": keepPayloads is "31"; it should be a number of days: one of 0 7 30 90 365`},
		"payloads kept for no number":       {one("    keepPayloads: forever\n"), `keepPayloads is "forever"; it should be a number of days`},
		"an unknown field of a schedule":    {schedule("id: s, every: day"), `line 4: unknown field "every"; there are id, report, rate, cron, period, format, parameters`},
		"a schedule without an id":          {schedule("rate: 1 day"), `line 4: tenant "a": schedules: id is required`},
		"a schedule twice":                  {one("    schedules:\n      - &s {id: s, report: comm100/chatSource, rate: 1 day, parameters: {group: day}}\n      - *s\n"), `schedules: id "s" is there twice`},
		"a schedule without a time":         {schedule("id: s, report: comm100/chatVolume"), `schedules: "s" has neither rate nor cron`},
		"a rate that is none":               {schedule("id: s, report: comm100/chatVolume, rate: daily"), `schedules: "s" has rate "daily"; it should be 5, 10`},
		"a cron that is none":               {schedule("id: s, report: comm100/chatVolume, cron: 25 * * *"), `schedules: "s" has cron "25 * * *"; it should be five fields`},
		"a schedule without a report":       {schedule("id: s, rate: 1 day"), `schedules: "s" has no report; add one, such as report: comm100/chatVolume`},
		"a report of no dialect":            {schedule("id: s, report: chatVolume, rate: 1 day"), `schedules: "s" has report "chatVolume"; it should be 'chatbot/…' or 'comm100/`},
		"a report that is none":             {schedule("id: s, report: comm100/chatvolume, rate: 1 day"), `schedules: "s" has report "comm100/chatvolume"; it should be 'comm100/' and one of`},
		"a format that the report lacks":    {schedule("id: s, report: comm100/chatVolume, rate: 1 day, format: xlsx"), `schedules: "s" has format "xlsx"; comm100/chatVolume can be 'csv'`},
		"a parameter that is missing":       {schedule("id: s, report: comm100/chatVolume, rate: 1 day"), `"s" is refused by comm100/chatVolume: Parameter 'group' is required: one of hour,`},
		"a parameter that the report lacks": {schedule("id: s, report: comm100/chatVolume, rate: 1 day, parameters: {from: x}"), `schedules: "s" has parameter "from"; comm100/chatVolume takes 'filterName', 'filterValue', 'group'`},
		"a parameter the schedule sets":     {schedule("id: s, report: comm100/chatVolume, rate: 1 day, parameters: {timezone: UTC}"), `has parameter "timezone"; comm100/chatVolume takes`},
		"a parameter with a wrong value":    {schedule("id: s, report: comm100/chatVolume, rate: 1 day, parameters: {group: site}"), `is refused by comm100/chatVolume: Parameter 'group' is invalid: "site" is none of`},
		"a query that is missing":           {schedule("id: s, report: drift/conversations, rate: 1 day"), `schedules: "s" has no query; drift/conversations takes it as a text of JSON`},
		"a query that is wrong":             {schedule(`id: s, report: drift/conversations, rate: 1 day, parameters: {query: '{"filters": [{"property": "closedAt"}]}'}`), `is refused by drift/conversations: check query formatting: filters[0]`},
		"a query of one page":               {schedule(`id: s, report: drift/conversations, rate: 1 day, parameters: {query: '{"cursor": "x"}'}`), `is refused by drift/conversations: check query formatting: cursor`},
		"a range the schedule sets":         {schedule("id: s, report: chatbot/conversations, rate: 1 day, parameters: {period: today}"), `has parameter "period"; chatbot/conversations takes 'dimension', 'group', 'source'`},
		"a source that is none":             {schedule("id: s, report: chatbot/interactions, rate: 1 day, parameters: {source: fax}"), `has parameter "source"; chatbot/interactions takes 'storyId'`},
		"parameters that are a text":        {schedule("id: s, parameters: group"), `schedule "s": parameters is a text; it should be fields, such as {group: agent}`},
		"a report the edition lacks":        {one("    edition: business\n    schedules: [{id: s, report: comm100/chatSource, rate: 1 day, parameters: {group: day}}]\n"), `is refused by comm100/chatSource: Report 'chatSource' is not available in the Business edition.`},
		"two documents":                     {"tenants: []\n---\ntenants: []\n", "more than one document"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tenantfile.Parse([]byte(c.file))
			if err == nil {
				t.Fatal("it was taken")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%s\nwant in it\n%s", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func TestNoErrorShowsASecret(t *testing.T) {
	for _, file := range []string{
		"tenants:\n  - id: a\n    keys:\n      - {id: k, secret: [topsecret], scopes: [reports:read]}\n",
		"tenants:\n  - id: a\n    keys:\n      - {id: k, secret: \"topsecret x\", scopes: [reports:read]}\n",
		"tenants:\n  - id: a\n    keys: topsecret\n",
	} {
		if _, err := tenantfile.Parse([]byte(file)); err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("the error is %v", err)
		}
	}
}
