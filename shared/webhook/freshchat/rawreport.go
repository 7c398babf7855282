package freshchat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
)

// RawReport reads the rows of one of Freshchat's raw reports: what happened before there was
// a webhook. Its events have the ids that the webhook gives the same, as far as rows tell
// them.
type RawReport struct {
	*rawReport
	columns map[string]int
	told    map[uint64]int32 // how often, of what may be told more than once, by its hash
}

// rawReport declares a report: columns that only it has, and what its rows tell.
type rawReport struct {
	name  string
	signs []string
	tell  func(r *record, t *webhook.Told) error
}

// rawReports are those that tell what happened. The others of the vendor's add up times,
// which follow from it.
var rawReports = []rawReport{
	{"Conversation-Created", []string{"reopen_cause", "created_at"}, (*record).created},
	{"Message-Sent", []string{"actor_id", "actor_sub_type", "created_at"}, (*record).message},
	{"Chat-Transcript", []string{"message_id", "created_time"}, (*record).transcript},
	{"Conversation-Resolved", []string{"resolve_type"}, (*record).resolved},
	{"CSAT-Score", []string{"value", "csat_id", "created_at"}, (*record).rated},
	{"Conversation-Resolution-Label", []string{"label_category_id", "created_at"}, (*record).labelled},
}

// NewRawReport knows a report by its columns, in any order and case of letters. The error
// says which reports there are.
func NewRawReport(header []string) (*RawReport, error) {
	r := &RawReport{columns: map[string]int{}, told: map[uint64]int32{}}
	for i, name := range header {
		r.columns[columnName(name)] = i
	}
	lacks := func(name string) bool { _, ok := r.columns[name]; return !ok }
	var names []string
	for i := range rawReports {
		if names = append(names, rawReports[i].name); !slices.ContainsFunc(rawReports[i].signs, lacks) {
			r.rawReport = &rawReports[i]
		}
	}
	if r.rawReport == nil || lacks("conversation_id") || !lacks("value_in_seconds") {
		return nil, fmt.Errorf("its columns are those of no report that tells what happened: %s", strings.Join(names, ", "))
	}
	return r, nil
}

// Name is the report's.
func (r *RawReport) Name() string { return r.name }

// columnName is a column's name as the vendor's document has it.
func columnName(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))), " ", "_")
}

// Header says whether a row is a header again: a file of several parts has several.
func (r *RawReport) Header(cells []string) bool {
	i := r.columns["conversation_id"]
	return i < len(cells) && columnName(cells[i]) == "conversation_id"
}

// Events tells what a row says. Now bounds the times of events. An error means that the row
// does not say what it should; it is one sentence.
func (r *RawReport) Events(cells []string, now time.Time) (*webhook.Told, error) {
	t := webhook.New(tenant.Freshchat, r.name, &webhook.Delivery{Arrived: now})
	row := &record{RawReport: r, cells: cells}
	if row.conversation = row.cell("conversation_id"); row.conversation == "" {
		return nil, errors.New("conversation_id is empty")
	}
	return t, r.tell(row, t)
}

// record is one row.
type record struct {
	*RawReport
	cells        []string
	conversation string
}

func (r *record) cell(column string) string { return strings.TrimSpace(r.text(column)) }

// text is a name or what somebody wrote: as it stands there.
func (r *record) text(column string) string {
	if i, ok := r.columns[column]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// truth is a cell that is true or false; ok is false if it is neither.
func (r *record) truth(column string) (is, ok bool) {
	switch strings.ToLower(r.cell(column)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// rowTimes are the forms of times: with an offset, or without one in UTC.
var rowTimes = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999"}

func (r *record) time(column string) (time.Time, error) {
	text := r.cell(column)
	for _, form := range rowTimes {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is %q; it should be a time such as 2026-03-01T09:30:00.250Z or 2026-03-01 09:30:00.25", column, clip(text))
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// began is when the row's interaction began: its id says so.
func (r *record) began() (time.Time, bool) {
	at, ok := startOf(r.cell("interaction_id"))
	if !ok {
		at, ok = startOf(r.cell("interaction_raw_id"))
	}
	return at, ok
}
