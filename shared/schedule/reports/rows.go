package reports

import (
	"context"
	"fmt"
	"io"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/file"
	"chatreports/shared/dialect/freshchat"
	"chatreports/shared/extract"
	"chatreports/shared/schedule"
	"chatreports/shared/table"
	"chatreports/shared/tenant"
)

// ofRows are the formats of reports that are told row by row; a ZIP of one file would say
// in it when it was made.
var ofRows = []string{file.CSV.Name, file.JSONL.Name, file.Parquet.Name}

// safe is the one parameter of reports that are told row by row.
const safe = "spreadsheetSafe"

// addFreshchat adds Freshchat's raw reports.
func addFreshchat(out map[string]*schedule.Report, state, journal table.Table) {
	ground := &extract.Ground{Journal: journal, State: state}
	for _, r := range freshchat.Reports() {
		told := schedule.Chats
		if r.Agents != nil {
			told = schedule.Agents
		}
		out["freshchat/"+r.Name] = &schedule.Report{
			Formats: ofRows,
			Told:    told,
			Check:   checkRows,
			Write: func(ctx context.Context, w io.Writer, a *schedule.Asked) (int64, error) {
				return writeRows(ctx, ground, &r, w, a)
			},
		}
	}
}

func checkRows(_ *tenant.Tenant, s *tenant.Schedule) error {
	if err := known(s, []string{safe}); err != nil {
		return err
	}
	return checkSafe(s)
}

func checkSafe(s *tenant.Schedule) error {
	if value, given := s.Parameters[safe]; given && value != "true" && value != "false" {
		return &schedule.FieldError{Field: "parameters", Err: fmt.Errorf("%q has %s %q; it should be true or false", s.ID, safe, dialect.Clip(value))}
	}
	return nil
}

func writeRows(ctx context.Context, ground *extract.Ground, r *extract.Report, w io.Writer, a *schedule.Asked) (rows int64, err error) {
	hours, err := dialect.BusinessHours(a.Tenant)
	if err != nil {
		return 0, err
	}
	source, err := ground.Open(ctx, &extract.Window{Tenant: a.Tenant, From: a.From, To: a.To, Now: a.Now.UnixMilli(), Hours: hours})
	if err != nil {
		return 0, err
	}
	return writeSheet(w, source.Run(r, nil), a)
}

// writeSheet writes a sheet in the format asked for, and counts its rows.
func writeSheet(w io.Writer, sheet *dialect.Sheet, a *schedule.Asked) (rows int64, err error) {
	format, ok := file.Find(a.Format)
	if !ok {
		return 0, fmt.Errorf("there is no format %q", a.Format)
	}
	counted := dialect.Sheet{Columns: sheet.Columns, Rows: func(yield func([]string, error) bool) {
		for cells, err := range sheet.Rows {
			if err == nil {
				rows++
			}
			if !yield(cells, err) {
				return
			}
		}
	}}
	err = format.Write(w, &counted, file.Options{Safe: a.Parameters[safe] == "true"})
	return rows, err
}
