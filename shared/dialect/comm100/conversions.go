package comm100

import (
	"iter"
	"math/big"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// conversionReports are about conversions and what leads to them.
var conversionReports = []definition{
	{
		paths: []string{"conversions"}, family: "conversions", enterprise: true,
		groups: calendarAnd("department", "agent", "conversionAction"), filters: []string{"department", "agent", "conversion"},
		columns: []column{
			count("conversions", "", measure.Conversions),
			count("chats", "", measure.Chats),
			visitors("chattedVisitors", measure.ChattedVisitors),
			visitors("convertedVisitors", measure.ConvertedVisitors),
			visitors("convertedChattedVisitors", measure.ConvertedVisitors, measure.ChattedVisitors),
			{
				name: "value", want: wants(measure.ConversionValue, measure.ConversionThousands),
				value: func(t []*report.Total) float64 { return worth(t[0].N, t[1].N) },
			},
		},
		apart: &apart{measure.Conversion, ofConversions},
	},
	{
		paths: []string{"manualInvitation"}, family: "conversions", enterprise: true, ofOne: true, groups: calendarAnd("agent"), filters: []string{"agent"},
		columns: []column{
			count("sent", "", measure.ManualInvitationsSent),
			count("accepted", "", measure.ManualInvitationsAccepted),
		},
	},
	{
		paths: []string{"autoInvitation"}, family: "conversions", enterprise: true, ofOne: true, groups: calendarAnd("campaign", "autoInvitation"), filters: byCampaign,
		columns: []column{
			count("sent", "", measure.AutoInvitationsSent),
			count("accepted", "", measure.AutoInvitationsAccepted),
		},
		also:   told("campaignId", measure.InvitationCampaigns),
		answer: autoInvitations, added: map[string][]string{"autoInvitation": {"campaignId"}},
	},
	{
		paths: []string{"offlineMessage"}, family: "conversions", groups: distributionsAnd(byVolume...), filters: byVolume,
		columns: []column{
			count("messages", "avgMessages", measure.OfflineMessagesByButton, measure.OfflineMessagesFromQueue),
			count("fromOfflineButton", "avgFromOfflineButton", measure.OfflineMessagesByButton),
			count("fromChatQueue", "avgFromChatQueue", measure.OfflineMessagesFromQueue),
		},
	},
	{
		paths: []string{"cannedMessage"}, family: "conversions", filters: []string{"category"}, kinds: []string{"canned_message"},
		columns: []column{uses("usedTimes", measure.CannedMessageUses), {
			name: "agentsUsedIt", want: wants(measure.CannedMessageUses),
			value: func(t []*report.Total) float64 {
				agents := map[string]int64{}
				for key, n := range t[0].Keys {
					agents[table.Split(key)[2]] += n
				}
				return distinct(agents)
			},
		}},
		ids: []string{"canned_message"}, keys: cannedKey,
		answer: cannedMessages, table: []string{"id", "usedTimes", "agentsUsedIt"},
	},
}

// worth is the number nearest to a sum of millionths and thousands.
func worth(millionths, thousands int64) float64 {
	if thousands == 0 {
		return float64(millionths) / 1e6
	}
	sum := new(big.Int).Mul(big.NewInt(thousands), big.NewInt(1e9))
	nearest, _ := new(big.Rat).SetFrac(sum.Add(sum, big.NewInt(millionths)), big.NewInt(1e6)).Float64()
	return nearest
}

// visitors is how many distinct visitors count in all of the measures.
func visitors(name string, ids ...measure.ID) column {
	c := column{name: name, value: func(t []*report.Total) float64 {
		n := 0
		for visitor := range t[0].Keys {
			if !slices.ContainsFunc(t, func(t *report.Total) bool { return t.Keys[visitor] <= 0 }) {
				n++
			}
		}
		return float64(n)
	}}
	for _, id := range ids {
		c.want = append(c.want, report.Want{Measure: id})
	}
	return c
}

// distinct is how many keys have a count.
func distinct(keys map[string]int64) float64 {
	n := 0
	for _, count := range keys {
		if count > 0 {
			n++
		}
	}
	return float64(n)
}

// counted lists, in order, the keys that have a count.
func counted(keys map[string]int64) []string {
	var out []string
	for key, n := range keys {
		if n > 0 {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// keysOf is a map's keys as a set.
func keysOf[T any](m map[string]T) map[string]bool {
	out := make(map[string]bool, len(m))
	for k := range m {
		out[k] = true
	}
	return out
}

// autoInvitations adds the campaign where rows are invitations.
func autoInvitations(r *request) (iter.Seq[dialect.Row], error) {
	if r.of() != "autoInvitation" {
		return r.inColumns(r.def.columns)
	}
	var list []dialect.Row
	var seen *report.Result
	err := r.together(func() (err error) {
		rows, err := r.inColumns(r.def.columns)
		if err == nil {
			list = slices.Collect(rows)
		}
		return err
	}, func() (err error) {
		seen, err = r.run(r.whole(), measure.Invitation, nil, []report.Want{{Measure: measure.InvitationCampaigns}})
		return err
	})
	if err != nil {
		return nil, err
	}
	of := map[string]string{}
	listed := map[string]bool{}
	for _, row := range list {
		id, some := row.Get("autoInvitationId").(string)
		if !some { // of none
			listed[ofNone] = true
			continue
		}
		campaign, known := of[id]
		if !known {
			if campaign, err = r.campaignOf(id, seen); err != nil {
				return nil, err
			}
			of[id] = campaign
		}
		// One of another campaign than the filter's is told only if it has figures.
		only := r.filters["campaign"]
		listed[id] = listed[id] || only == "" || only == campaign || row.Get("sent") != 0.0 || row.Get("accepted") != 0.0
	}
	var kept []dialect.Row
	for _, row := range list {
		if id, _ := row.Get("autoInvitationId").(string); listed[id] {
			row.Add("campaignId", of[id])
			kept = append(kept, row)
		}
	}
	return slices.Values(kept), nil
}

// campaignOf is an invitation's campaign: its own, else that of its latest event in
// the range that names one.
func (r *request) campaignOf(invitation string, seen *report.Result) (string, error) {
	if e := r.Entries("invitation")[invitation]; e != nil && e.CampaignID != nil {
		return *e.CampaignID, nil
	}
	switch campaigns := counted(seen.At(invitation, 0, 0).Keys); len(campaigns) {
	case 0:
		return "", nil
	case 1:
		return campaigns[0], nil
	}
	return r.latest(measure.InvitationCampaigns, []measure.Value{{Dim: measure.Invitation, ID: invitation}}, func(key string) (string, bool) { return key, true })
}

// cannedKey is a use of a canned message. Its category is the one the use names,
// else its own.
func cannedKey(r *request, key string) (namedKey, bool) {
	k := table.Split(key)
	id, category, agent := k[0], k[1], k[2]
	if e := r.Entries("canned_message")[id]; e != nil && category == "" {
		category = e.CategoryID
	}
	asked := r.filters["category"]
	return namedKey{of: id, CannedMessageID: id, CategoryID: category, AgentID: agent}, asked == "" || category == asked
}

// cannedMessages counts how often and by how many agents each was used.
func cannedMessages(r *request) (iter.Seq[dialect.Row], error) {
	result, err := r.run(r.buckets(), measure.None, nil, []report.Want{{Measure: measure.CannedMessageUses}})
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	used := map[string]int64{}
	agents := map[string]map[string]int64{}
	for id, entry := range r.Entries("canned_message") {
		ids[id] = entry.Known && (r.filters["category"] == "" || entry.CategoryID == r.filters["category"])
	}
	for key, n := range result.At("", 0, 0).Keys {
		k, ok := cannedKey(r, key)
		if n <= 0 || !ok {
			continue
		}
		id, agent := k.CannedMessageID, k.AgentID
		ids[id] = true
		used[id] += n
		if agents[id] == nil {
			agents[id] = map[string]int64{}
		}
		agents[id][agent] += n
	}
	return func(yield func(dialect.Row) bool) {
		for _, id := range sortIDs(ids) {
			if !yield(dialect.Row{{Name: "id", Value: id}, {Name: "usedTimes", Value: used[id]}, {Name: "agentsUsedIt", Value: distinct(agents[id])}}) {
				return
			}
		}
	}, nil
}
