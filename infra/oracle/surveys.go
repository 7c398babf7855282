package oracle

import (
	"slices"
	"strings"

	"chatreports/shared/event"
)

// form is the answers counted of one campaign: fields by id.
type form map[string]*field

type field struct {
	name   newest
	groups map[string]map[string]int64
}

// newest is the name said last: in one millisecond by each subject its last one,
// of several subjects the greatest.
type newest struct {
	at int64
	by map[string]string // what each subject said at that time
}

// say is to be called in the order of events.
func (n *newest) say(e *event.Event, name string) {
	if n.by == nil || e.At > n.at {
		n.at, n.by = e.At, map[string]string{}
	}
	if e.At == n.at {
		n.by[e.Subject] = name
	}
}

func (n *newest) name() string {
	name := ""
	for _, s := range n.by {
		name = max(name, s)
	}
	return name
}

// submission is a survey or a wrap-up of a campaign.
type submission struct {
	*event.Event
	campaign string
}

func (f form) add(s submission) {
	for _, a := range s.Data.Fields {
		x := f[a.FieldID]
		if x == nil {
			x = &field{groups: map[string]map[string]int64{}}
			f[a.FieldID] = x
		}
		x.name.say(s.Event, a.FieldName)
		if x.groups[a.Group] == nil {
			x.groups[a.Group] = map[string]int64{}
		}
		for _, option := range a.Options {
			x.groups[a.Group][option]++
		}
	}
}

// answersNothing says whether no option was ever chosen.
func (f form) answersNothing() bool {
	for _, x := range f {
		for _, options := range x.groups {
			if len(options) > 0 {
				return false
			}
		}
	}
	return true
}

// forms answers one row per campaign.
func (q *query) forms(list []submission, fields func(form) []any) any {
	byCampaign := map[string]form{}
	for id := range q.known["campaign"] {
		byCampaign[id] = form{}
	}
	for _, s := range list {
		if !(span{q.from, q.to}).holds(s.At) || s.campaign == "" {
			continue
		}
		if byCampaign[s.campaign] == nil {
			byCampaign[s.campaign] = form{}
		}
		byCampaign[s.campaign].add(s)
	}
	rows := []any{}
	for _, id := range sortedIDs(byCampaign) {
		f := byCampaign[id]
		if q.filter == "campaign" && id != q.filterValue || !q.known["campaign"][id] && f.answersNothing() {
			continue
		}
		rows = append(rows, map[string]any{"campaignId": id, "fields": fields(f)})
	}
	return rows
}

func names[T any](set map[string]T) []string {
	var list []string
	for name := range set {
		list = append(list, name)
	}
	slices.SortFunc(list, strings.Compare)
	return list
}

func optionList(counts map[string]int64) []any {
	list := []any{}
	for _, name := range names(counts) {
		list = append(list, map[string]any{"name": name, "count": float64(counts[name])})
	}
	return list
}

// groupedFields has options for what is not grouped and groups for what is.
func groupedFields(f form) []any {
	list := []any{}
	for _, id := range sortedIDs(f) {
		row := map[string]any{"fieldId": id, "fieldName": f[id].name.name()}
		groups := []any{}
		for _, name := range names(f[id].groups) {
			if name == "" {
				row["options"] = optionList(f[id].groups[name])
			} else {
				groups = append(groups, map[string]any{"name": name, "options": optionList(f[id].groups[name])})
			}
		}
		if len(groups) > 0 {
			row["groups"] = groups
		}
		list = append(list, row)
	}
	return list
}

// flatFields has all options in one list, whatever their group.
func flatFields(f form) []any {
	list := []any{}
	for _, id := range sortedIDs(f) {
		all := map[string]int64{}
		for _, counts := range f[id].groups {
			for name, n := range counts {
				all[name] += n
			}
		}
		list = append(list, map[string]any{"fieldId": id, "fieldName": f[id].name.name(), "options": optionList(all), "groups": nil})
	}
	return list
}

func (q *query) surveysOf(kind string) []submission {
	var list []submission
	for _, c := range q.chats {
		for _, e := range c.surveys {
			if e.Data.Kind == kind {
				list = append(list, submission{e, e.Data.Campaign()})
			}
		}
	}
	return list
}

func postChatSurvey(q *query) any { return q.forms(q.surveysOf("postchat"), groupedFields) }

func preChatSurvey(q *query) any { return q.forms(q.surveysOf("prechat"), flatFields) }

// wrapUpSurvey counts the last wrap-up of every chat.
func wrapUpSurvey(q *query) any {
	var list []submission
	for _, c := range q.chats {
		if e := c.wrapup; e != nil {
			campaign := e.Data.Campaign()
			if campaign == "" {
				campaign = c.req.Data.Campaign()
			}
			list = append(list, submission{e, campaign})
		}
	}
	return q.forms(list, groupedFields)
}
