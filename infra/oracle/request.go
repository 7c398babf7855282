package oracle

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chatreports/infra/oracle/zic"
)

// query is one request, read and checked, at one moment.
type query struct {
	*Oracle
	now         int64
	zone        *zic.Zone
	from, to    int64
	group       string
	mondays     bool
	filter      string
	filterValue string
	names       bool
	within      int64    // seconds
	avgScore    bool     //
	none        bool     // a row of what is of none
	sort        string   // by which property, after a minus the largest first
	by          string   // entities that rows by time are also of
	crossed     []string // those, once they are known
	cache       map[agentAnd][]span
}

// report is one endpoint: what it takes and how it is answered.
type report struct {
	enterprise bool     // not in the business edition
	ranged     bool     // takes timeFrom and timeTo
	zoned      bool     // takes timezone
	groups     []string // the values of group; none: it takes no group
	filters    []string // the values of filterName; none: it takes no filter
	within     bool     // takes within
	scored     bool     // takes avgScore
	run        func(q *query) any
}

const (
	prefix      = "/api/v3/livechat/reports/"
	olderPrefix = "/api/v1/livechat/reports/"
)

func failure(status int, format string, args ...any) (int, any) {
	return status, map[string]any{"code": float64(status * 1000), "message": fmt.Sprintf(format, args...)}
}

// Comm100 answers one request.
func (o *Oracle) Comm100(path string, params url.Values, now time.Time) (status int, body any) {
	name, found := strings.CutPrefix(path, prefix)
	if !found {
		name, found = strings.CutPrefix(path, olderPrefix)
	}
	r, ok := reports[name]
	if !ok || !found {
		return failure(http.StatusNotFound, "There is no report at '%s'.", path)
	}
	if r.enterprise && o.tenant.Edition == "business" {
		return failure(http.StatusForbidden, "The report is not available in your edition.")
	}
	q := &query{Oracle: o, now: now.UnixMilli(), zone: zic.Fixed(0), cache: map[agentAnd][]span{}}
	if wrong := q.read(r, params); wrong != "" {
		return failure(http.StatusBadRequest, "%s", wrong)
	}
	if compare := params.Get("compare"); compare != "" {
		body = q.compared(r, compare)
	} else {
		body = r.run(q)
	}
	if q.names {
		o.withNames(name, body)
	}
	return http.StatusOK, body
}

// of is the kind of entity that rows are of, or empty.
func (q *query) of() string {
	if isTime(q.group) {
		return q.by
	}
	return q.group
}

// read checks the parameters and answers what is wrong, or nothing.
func (q *query) read(r report, params url.Values) (wrong string) {
	takes, required := []string{"siteId", "names"}, []string{}
	if r.ranged {
		takes, required = append(takes, "timeFrom", "timeTo"), append(required, "timeFrom", "timeTo")
	}
	if r.within {
		takes = append(takes, "within")
	}
	if r.scored {
		takes = append(takes, "avgScore")
	}
	if r.zoned {
		takes = append(takes, "timezone")
	}
	if r.filters != nil {
		takes = append(takes, "filterName", "filterValue")
	}
	if r.groups != nil {
		takes, required = append(takes, "group", "weekStart", "by", "compare", "none", "sort"), append(required, "group")
	}
	for name := range params {
		if !slices.Contains(takes, name) {
			return fmt.Sprintf("Parameter '%s' is unknown.", name)
		}
	}
	for _, name := range required {
		if params.Get(name) == "" {
			return fmt.Sprintf("Parameter '%s' is required.", name)
		}
	}
	bad := func(name string) string { return fmt.Sprintf("Parameter '%s' is invalid.", name) }

	switch params.Get("names") {
	case "", "false":
	case "true":
		q.names = true
	default:
		return bad("names")
	}
	zone, ok := zoneOf(params.Get("timezone"))
	if !ok {
		return bad("timezone")
	}
	q.zone = zone
	if r.ranged {
		for name, field := range map[string]*int64{"timeFrom": &q.from, "timeTo": &q.to} {
			wall, err := time.Parse(wallForm, params.Get(name))
			if err != nil || len(params.Get(name)) != len(wallForm) {
				return bad(name)
			}
			*field = instantOf(wall, zone).UnixMilli()
		}
		century := wallOf(time.UnixMilli(q.from), zone).AddDate(100, 0, 0)
		if q.from >= q.to || q.to > instantOf(century, zone).UnixMilli() {
			return bad("timeTo")
		}
	}

	q.group = params.Get("group")
	if q.group == "departmemt" { // the document's own sample
		q.group = "department"
	}
	if r.groups != nil && !slices.Contains(r.groups, q.group) {
		return bad("group")
	}
	if text := params.Get("within"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 1 || seconds > 86_400 {
			return bad("within")
		}
		q.within = int64(seconds)
	}
	q.by = params.Get("by")
	if q.by != "" && (!slices.Contains(r.groups, q.by) || isTime(q.by) || !isTime(q.group)) {
		return bad("by")
	}
	if !slices.Contains([]string{"", previousRange, lastYear}, params.Get("compare")) {
		return bad("compare")
	}
	switch params.Get("weekStart") {
	case "", "sunday":
	case "monday":
		if q.group == weekHours {
			return bad("weekStart")
		}
		q.mondays = true
	default:
		return bad("weekStart")
	}

	q.filter, q.filterValue = params.Get("filterName"), params.Get("filterValue")
	switch {
	case q.filter == "" && q.filterValue != "":
		return "Parameter 'filterName' is required."
	case q.filter != "" && q.filterValue == "":
		return "Parameter 'filterValue' is required."
	case q.filter != "" && !slices.Contains(r.filters, q.filter):
		return bad("filterName")
	}
	return q.readOurs(params)
}

var (
	calendar      = []string{hourGroup, dayGroup, weekGroup, monthGroup, quarterGroup, yearGroup, totalGroup}
	distributions = []string{weekHours, dayHalfHours}
	agentOrDept   = []string{"agent", "department"}
)

func groups(lists ...[]string) []string { return slices.Concat(lists...) }

// reports is every endpoint, under every spelling of its path.
var reports map[string]report

func init() {
	withDistributions := groups(calendar, distributions)
	department, campaign := []string{"department"}, []string{"campaign"}
	volume := []string{"campaign", "department", "visitorSegment"}
	reports = map[string]report{
		"chatVolume":             {groups: groups(withDistributions, volume), filters: volume, run: chatVolume.run},
		"visits":                 {groups: groups(withDistributions, campaign), filters: campaign, run: visits.run},
		"chatSource":             {enterprise: true, groups: groups(withDistributions, department), filters: department, run: chatSource.run},
		"chatSource/requestPage": {enterprise: true, run: requestPage},
		"queue":                  {enterprise: true, groups: groups(withDistributions, department), filters: department, run: queueSheet.run},
		"waitTime":               {enterprise: true, groups: groups(withDistributions, department), filters: department, within: true, run: runWaitTime},
		"chatTransfer":           {enterprise: true, groups: groups(calendar, department), filters: department, run: chatTransfer.run},

		"availability":     {groups: groups(calendar, agentOrDept), filters: agentOrDept, run: availability.run},
		"agentStatus":      {filters: agentOrDept, run: agentStatus},
		"agentPerformance": {groups: groups(calendar, agentOrDept), filters: agentOrDept, run: agentPerformance.run},
		"workload":         {enterprise: true, groups: groups(withDistributions, agentOrDept), filters: agentOrDept, run: workload.run},
		"efficiency":       {enterprise: true, groups: groups(withDistributions, agentOrDept), filters: agentOrDept, run: efficiency.run},

		"rating":            {groups: groups(withDistributions, agentOrDept), filters: agentOrDept, scored: true, run: runRating},
		"postChatSurvey":    {filters: campaign, run: postChatSurvey},
		"prechatSurvey":     {filters: campaign, run: preChatSurvey},
		"wrapup/survey":     {filters: campaign, run: wrapUpSurvey},
		"wrapup/completion": {groups: groups(calendar, agentOrDept), filters: agentOrDept, run: completion.run},

		"conversions": {
			enterprise: true, groups: groups(calendar, agentOrDept, []string{"conversionAction"}),
			filters: []string{"department", "agent", "conversion"}, run: runConversions,
		},
		"manualInvitation": {enterprise: true, groups: groups(calendar, []string{"agent"}), filters: []string{"agent"}, run: manualInvitation.run},
		"autoInvitation":   {enterprise: true, groups: groups(calendar, campaign, []string{"autoInvitation"}), filters: campaign, run: autoInvitation.run},
		"offlineMessage":   {groups: groups(withDistributions, volume), filters: volume, run: offlineMessage.run},
		"cannedMessage":    {filters: []string{"category"}, run: cannedMessage},
	}
	maps.Copy(reports, ours())
	for path, r := range reports {
		r.ranged, r.zoned = true, true
		reports[path] = r
	}
	maps.Copy(reports, map[string]report{
		"realtime/rightNow":            {run: rightNow},
		"realtime/today":               {zoned: true, run: today},
		"realtime/today/customMetrics": {enterprise: true, zoned: true, run: customMetrics},
		"realtime/agents":              {zoned: true, filters: department, run: realtimeAgents},
		"realtime/queue":               {enterprise: true, zoned: true, run: realtimeQueue},
	})
	for alias, path := range map[string]string{
		"chatSourceRequestPage": "chatSource/requestPage",
		"rightnow":              "realtime/rightNow",
		"realtime/rightnow":     "realtime/rightNow",
	} {
		reports[alias] = reports[path]
	}
}
