package conversation24

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/extract"
)

// report is one of the exports.
type report struct {
	name    string
	columns []dialect.Column
	// timeless: it lists what there is, whatever the time, and of all campaigns.
	timeless bool
	// rows tells the rows, in order, whatever campaign is asked for.
	rows func(ctx context.Context, g *extract.Ground, s *extract.Source, q *request) rows
}

// request is one question on its way to an answer.
type request struct {
	extract.Window
	zone     calendar.Zone
	campaign string // empty: every one
	format   file.Format
	safe     bool // for spreadsheets
	names    bool // beside ids
	// warnings say what is probably wrong in it.
	warnings []string
}

// Parameters that every export has, and those of the ones that are of a time.
var (
	formatting = dialect.Parameters{
		{Name: "format", Values: []string{file.CSV.Name, file.JSONL.Name, file.Parquet.Name}, About: "how the rows are written; without it as CSV"},
		{Name: "spreadsheetSafe", Kind: dialect.Flag, About: "in CSV, an apostrophe before every cell that begins with = + - @, a tab or a return"},
		dialect.Naming,
	}
	ofTime = append(dialect.Parameters{
		{Name: "from", Kind: dialect.Time, About: "where the time begins: RFC 3339, or a date alone, its midnight in the tenant's zone; without it, at the beginning"},
		{Name: "to", Kind: dialect.Time, About: "where it ends, itself not in it; without it, now"},
		{Name: "campaign", About: "only the rows of this campaign"},
	}, formatting...)
	// ofLists ignore the time, so that a script can ask all exports alike.
	ofLists = append(dialect.Parameters{
		{Name: "from", About: "ignored: the list is of what there is"},
		{Name: "to", About: "likewise"},
	}, formatting...)
)

func (e *report) parameters() dialect.Parameters {
	if e.timeless {
		return ofLists
	}
	return ofTime
}

// read reads a request as the report takes it.
func (e *report) read(r *dialect.Request) (*request, *dialect.Refusal) {
	values, refused := e.parameters().Read(r.Query)
	if refused != nil {
		return nil, refused
	}
	zone, err := calendar.ParseZone(r.Tenant.Zone)
	if err != nil {
		return nil, badZone()
	}
	q := &request{
		Window: extract.Window{Tenant: r.Tenant, From: math.MinInt64, To: r.Now.UnixMilli(), Now: r.Now.UnixMilli()},
		zone:   zone, campaign: values.Text("campaign"), format: file.CSV, safe: values.Flag("spreadsheetSafe"), names: values.Flag(dialect.Naming.Name),
	}
	if f, ok := file.Find(values.Text("format")); ok {
		q.format = f
	}
	if e.timeless {
		return q, nil
	}
	return q, q.within(values, r.Now)
}

// within reads the time that is asked about.
func (q *request) within(values *dialect.Values, now time.Time) *dialect.Refusal {
	if values.Text("from") == "" { // from the beginning on, however long ago that is
		if to := values.Text("to"); to != "" {
			t, err := instant(q.zone, to)
			if err != nil {
				return dialect.Invalid("to", "%s", err)
			}
			q.To = t.UnixMilli()
		}
		return nil
	}
	span, refused := values.Range("from", "to", q.zone, instant, dialect.Range{To: now})
	q.From, q.To = span.From.UnixMilli(), span.To.UnixMilli()
	return refused
}

// instant is dialect.Instant as a query has it, where an unencoded + arrives as a space.
func instant(zone calendar.Zone, text string) (time.Time, error) {
	if t, err := dialect.Instant(zone, strings.ReplaceAll(text, " ", "+")); err == nil {
		return t, nil
	}
	return dialect.Instant(zone, text)
}

// badZone cannot happen to a tenant whose file was read.
func badZone() *dialect.Refusal {
	return dialect.Refuse(http.StatusInternalServerError, "internal", "The tenant's time zone cannot be read.")
}

// warn says whose name the campaign is, if it is one where an id is wanted: no row is of it then.
func (q *request) warn(s *extract.Source) error {
	if q.campaign == "" {
		return nil
	}
	const campaign = "campaign"
	known, err := s.Known(campaign)
	if err != nil || slices.Contains(known, q.campaign) {
		return err
	}
	if whose := dialect.Whose(q.campaign, campaign, campaign, known, func(id string) string { return s.Names().Name(campaign, id) }); whose != "" {
		q.warnings = append(q.warnings, "no campaign "+dialect.Printable(q.campaign)+" is known; "+whose)
	}
	return s.Err()
}

// ofCampaign leaves only the rows of the campaign, which the first cell names, if one is
// asked for.
func (q *request) ofCampaign(rows rows) rows {
	if q.campaign == "" {
		return rows
	}
	return func(yield func([]string, error) bool) {
		for cells, err := range rows {
			if (err != nil || cells[0] == q.campaign) && !yield(cells, err) {
				return
			}
		}
	}
}
