package oracle

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// exports is each export of Conversation24, its columns in order, and its rows.
var exports = map[string]struct {
	columns string
	rows    func(w *exported) []rowOut
}{
	"agent-activity": {"chatcampaign_id agent_id time_start time_end state duration_secs account_id activity_id", (*exported).activity},
	"agent-performance": {"chatcampaign_id agent_id workshift_id account_id chatcampaign_name workshift_start workshift_end num_chats num_breaks num_ignored num_abandoned " +
		"avg_concurrency first_response_duration open_duration closed_duration online_duration offline_duration available_duration idle_duration session_duration " +
		"survey_num_good survey_num_bad survey_num_moderate", (*exported).performance},
	"agents": {"id username firstname lastname email account_id disabled", (*exported).agents},
	"conversations": {"chatcampaign_id conversation_start session_id assigned_agent_id assigned_agent_account_id assigned_agent_account_name last_agent_id " +
		"last_agent_account_id last_agent_account_name visitor_id account_id host_id num_messages duration_total_secs duration_conversation_secs duration_afterclose_secs " +
		"avgMessageLength maxMessageLength requestType requestSource firstResponseTime firstReplyTime avgResponseTime maxResponseTime decisionTime transcriptUrl acceptUrl " +
		"successcode survey_result survey_comment visitor_identifier blocked block_reason goals totalGoalValue handlingType", (*exported).conversations},
	"automatic-invites": {"chatcampaign_id date hour_of_day filter_id account_id hour_begin_time hour_end_time filter_name num_proactive num_proactive_accepted " +
		"num_proactive_declined num_proactive_match num_proactive_cancelled num_proactive_no_availability num_proactive_expired num_proactive_ignored", (*exported).invites},
	"hosts":   {"id account_id hostname multiple_acc_id", (*exported).hostRows},
	"traffic": {"chatcampaign_id hour_begin_time entrypoint_id entrypoint visits views clicks chats", (*exported).traffic},
	"slots":   {"chatcampaign_id agent_id time_start time_end state entrypoint_type duration", (*exported).slotRows},
}

// exported is one export's window: [from, to), asked for now.
type exported struct {
	*Oracle
	from, to, now int64
}

// Exports are the names of the exports.
func Exports() []string { return names(exports) }

// Export is the answer to from and to, as text or empty: a line of columns, then rows.
// It is nil if a time cannot be read or from is not before to; lists of what there is
// ignore both.
func (o *Oracle) Export(name, from, to string, now time.Time) [][]string {
	report := exports[name]
	w := &exported{o, math.MinInt64, now.UnixMilli(), now.UnixMilli()}
	ok := true
	if name == "agents" || name == "hosts" {
		from, to = "", ""
	}
	if from != "" {
		w.from, ok = o.exportTime(from)
	}
	if to != "" && ok {
		w.to, ok = o.exportTime(to)
	}
	if !ok || w.from >= w.to {
		return nil
	}
	rows := report.rows(w)
	slices.SortStableFunc(rows, func(a, b rowOut) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.of, b.of))
	})
	return table(strings.Fields(report.columns), rows)
}

// OfCampaign leaves of an export only the rows of a campaign; without one, all.
func OfCampaign(sheet [][]string, campaign string) [][]string {
	if campaign == "" || sheet == nil {
		return sheet
	}
	at := slices.Index(sheet[0], "chatcampaign_id")
	if at < 0 {
		return sheet
	}
	return slices.DeleteFunc(sheet, func(row []string) bool { return row[at] != campaign && row[at] != sheet[0][at] })
}

// exportTime reads RFC 3339, or a date: its midnight in the tenant's zone.
func (o *Oracle) exportTime(text string) (int64, bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return instantOf(day, o.zone()).UnixMilli(), true
	}
	at, ok := readMoment(strings.ReplaceAll(text, " ", "+"))
	return at.UnixMilli(), ok
}

// holds says whether a moment is in the window.
func (w *exported) holds(at int64) bool { return span{w.from, w.to}.holds(at) }

// sorted is what orders rows that begin at the same time.
func sorted(keys ...string) string { return strings.Join(keys, "\x00") }

// agentAccount is an agent's account: its own, else the tenant's.
func (o *Oracle) agentAccount(agent string) string {
	return cmp.Or(o.profile(agent).account, o.tenant.ID)
}

// accountName is known of the tenant's own account only.
func (o *Oracle) accountName(account string) string {
	if account == o.tenant.ID {
		return o.tenant.Name
	}
	return ""
}

// siteAccount is the account of a website: the host's, else the campaign's, else the tenant's.
func (o *Oracle) siteAccount(host, campaign string) string {
	return cmp.Or(o.accounts[entity{"host", host}], o.accounts[entity{"campaign", campaign}], o.tenant.ID)
}

// entryPoint is the name of an entry point, else of an invitation.
func (o *Oracle) entryPoint(entrypoint, invitation string) string {
	return cmp.Or(o.name("entrypoint", entrypoint), o.name("invitation", invitation))
}
