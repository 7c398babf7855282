package comm100

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

var byAgentOrDepartment = []string{"agent", "department"}

// satisfactionReports are about ratings, surveys and wrap-ups.
var satisfactionReports = []definition{
	{
		paths: []string{"rating"}, family: "satisfaction", scored: true, groups: distributionsAnd(byAgentOrDepartment...), filters: byAgentOrDepartment,
		columns: []column{
			count("score5", "avgScore5", measure.RatingScore5),
			count("score4", "avgScore4", measure.RatingScore4),
			count("score3", "avgScore3", measure.RatingScore3),
			count("score2", "avgScore2", measure.RatingScore2),
			count("score1", "avgScore1", measure.RatingScore1),
		},
	},
	{
		paths: []string{"postChatSurvey"}, family: "satisfaction", filters: byCampaign, kinds: byCampaign,
		columns: chosen(measure.PostChatAnswers), also: told("fieldName", measure.PostChatFieldNames), keys: answerKey,
		answer: surveys(measure.PostChatAnswers, measure.PostChatFieldNames, grouped), table: groupedTable,
	},
	{
		paths: []string{"prechatSurvey"}, family: "satisfaction", filters: byCampaign, kinds: byCampaign,
		columns: chosen(measure.PreChatAnswers), also: told("fieldName", measure.PreChatFieldNames), keys: answerKey,
		answer: surveys(measure.PreChatAnswers, measure.PreChatFieldNames, flat), table: flatTable,
	},
	{
		paths: []string{"wrapup/survey"}, family: "satisfaction", filters: byCampaign, kinds: byCampaign,
		columns: chosen(measure.WrapUpAnswers), also: told("fieldName", measure.WrapUpFieldNames), keys: answerKey,
		answer: surveys(measure.WrapUpAnswers, measure.WrapUpFieldNames, grouped), table: groupedTable,
	},
	{
		paths: []string{"wrapup/completion"}, family: "satisfaction", groups: calendarAnd(byAgentOrDepartment...), filters: byAgentOrDepartment,
		columns: []column{
			count("wrapups", "", measure.WrapUps),
			count("chats", "", measure.ChatsWithAgent),
		},
	},
}

// scores are the measures of ratings, the worst score first.
var scores = []measure.ID{measure.RatingScore1, measure.RatingScore2, measure.RatingScore3, measure.RatingScore4, measure.RatingScore5}

// meanScore is the mean of all scores from 1 to 5.
func meanScore(name string) column {
	n := count("", "", scores...)
	return column{
		name: name, want: n.want, pooled: true, by: n.value,
		value: func(t []*report.Total) float64 {
			points := int64(0)
			for i, t := range t {
				points += int64(i+1) * t.N
			}
			return ratio(float64(points), n.value(t))
		},
	}
}

// Columns of surveys in CSV: a line an option.
var (
	flatTable    = []string{"campaignId", "fields.fieldId", "fields.fieldName", "fields.options.name", "fields.options.count"}
	groupedTable = append(flatTable[:5:5], "fields.groups.name", "fields.groups.options.name", "fields.groups.options.count")
)

// chosen is the counts of options.
func chosen(answers measure.ID) []column { return []column{uses("options", answers)} }

// answerKey is an option chosen; a field in which nothing was chosen counts nowhere.
func answerKey(_ *request, key string) (namedKey, bool) {
	k := table.Split(key)
	if len(k) < 4 {
		return namedKey{}, false
	}
	return namedKey{of: k[0], CampaignID: k[0], FieldID: k[1], Group: k[2], Option: k[3]}, true
}

// field is what was chosen in one field: counts by group and option. A group is
// there even if nothing was chosen in it.
type field struct {
	names  map[string]int64
	groups map[string]map[string]int64
}

// surveys answers one row per campaign, its fields written by write.
func surveys(answers, names measure.ID, write func(*dialect.Row, *field)) func(*request) (iter.Seq[dialect.Row], error) {
	return func(r *request) (iter.Seq[dialect.Row], error) {
		result, err := r.run(r.buckets(), measure.None, r.where(), []report.Want{{Measure: answers}, {Measure: names}})
		if err != nil {
			return nil, err
		}
		campaigns := map[string]map[string]*field{}
		chosen := map[string]bool{} // campaigns to be listed
		at := func(campaign, id string) *field {
			if campaigns[campaign] == nil {
				campaigns[campaign] = map[string]*field{}
			}
			f := campaigns[campaign][id]
			if f == nil {
				f = &field{names: map[string]int64{}, groups: map[string]map[string]int64{}}
				campaigns[campaign][id] = f
			}
			return f
		}
		for key, n := range result.At("", 0, 0).Keys {
			if n <= 0 {
				continue
			}
			k := table.Split(key)
			f := at(k[0], k[1])
			if f.groups[k[2]] == nil {
				f.groups[k[2]] = map[string]int64{}
			}
			if len(k) > 3 {
				chosen[k[0]] = true
				f.groups[k[2]][k[3]] += n
			}
		}
		for key, n := range result.At("", 0, 1).Keys {
			if k := table.Split(key); n > 0 {
				at(k[0], k[1]).names[k[2]] += n
			}
		}
		for id, entry := range r.Entries("campaign") {
			if entry.Known && (r.filters["campaign"] == "" || id == r.filters["campaign"]) {
				chosen[id] = true
			}
		}
		out := []dialect.Row{}
		for _, campaign := range sortIDs(chosen) {
			fields := []dialect.Row{}
			for _, id := range sortIDs(keysOf(campaigns[campaign])) {
				f := campaigns[campaign][id]
				name, err := r.fieldName(names, campaign, id, f)
				if err != nil {
					return nil, err
				}
				item := dialect.Row{{Name: "fieldId", Value: id}, {Name: "fieldName", Value: name}}
				write(&item, f)
				fields = append(fields, item)
			}
			out = append(out, dialect.Row{{Name: "campaignId", Value: campaign}, {Name: "fields", Value: fields}})
		}
		return slices.Values(out), nil
	}
}

// fieldName is the name a field had in the latest submission.
func (r *request) fieldName(id measure.ID, campaign, fieldID string, f *field) (string, error) {
	if names := counted(f.names); len(names) == 1 {
		return names[0], nil
	}
	prefix := table.Join(campaign, fieldID) + "/"
	return r.latest(id, r.where(), func(key string) (string, bool) {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			return "", false
		}
		return table.Split(rest)[0], true
	})
}

// grouped writes options for what is not grouped and groups for what is.
func grouped(item *dialect.Row, f *field) {
	groups := []dialect.Row{}
	for _, name := range slices.Sorted(maps.Keys(f.groups)) {
		if name == "" {
			item.Add("options", options(f.groups[name]))
		} else {
			groups = append(groups, dialect.Row{{Name: "name", Value: name}, {Name: "options", Value: options(f.groups[name])}})
		}
	}
	if len(groups) > 0 {
		item.Add("groups", groups)
	}
}

// flat writes all options in one list, whatever their group.
func flat(item *dialect.Row, f *field) {
	all := map[string]int64{}
	for _, counts := range f.groups {
		for option, n := range counts {
			all[option] += n
		}
	}
	item.Add("options", options(all))
	item.Add("groups", nil)
}

func options(counts map[string]int64) []dialect.Row {
	out := []dialect.Row{}
	for _, name := range counted(counts) {
		out = append(out, dialect.Row{{Name: "name", Value: name}, {Name: "count", Value: counts[name]}})
	}
	return out
}
