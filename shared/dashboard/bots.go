package dashboard

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
)

// ofBots says whether a report is one of ChatBot's, which are named by their paths.
func ofBots(report string) bool { return strings.HasPrefix(report, "/") }

// pathOf is where a report is asked.
func pathOf(report string) string {
	if ofBots(report) {
		return report
	}
	return comm100.Prefix + report
}

// of is the API that answers a report.
func (h *Handler) of(report string) dialect.API {
	if ofBots(report) {
		return h.Bots
	}
	return h.Reports
}

// askBots is what a panel asks, as ChatBot's parameters: from the range's first midnight to
// its last.
func (v *view) askBots(p *panel) url.Values {
	instant := func(wall time.Time) string {
		y, m, d := wall.Date()
		return v.zone.Instant(y, m, d, 0, 0, 0).UTC().Format(time.RFC3339)
	}
	q := url.Values{"from": {instant(v.first)}, "to": {instant(v.after)}}
	switch p.group {
	case byTime:
		q.Set("dimension", v.period())
		if v.period() == "week" { // which ChatBot has not
			q.Set("dimension", "day")
		}
	case byStory:
		q.Set("group", byStory)
		q.Set("dimension", "year")
	case inAll:
		q.Set("dimension", "year")
	}
	return q
}

// botRows makes rows of what ChatBot answers: of its points, or of their sums in all or for
// each story, or of its interactions, those of one id added up. Their only figure is called
// by its measure.
func botRows(body []byte, group, measure string) ([]row, error) {
	if group == byInteraction {
		return interactionRows(body, measure)
	}
	var told struct {
		Data []struct {
			Group   string
			Date    string
			Value   json.RawMessage
			Summary struct{ Total json.RawMessage }
		}
		Summary struct{ Total json.RawMessage }
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, err
	}
	if group == inAll {
		return []row{{measure: string(told.Summary.Total)}}, nil
	}
	rows := make([]row, len(told.Data))
	for i, d := range told.Data {
		if group == byStory {
			rows[i] = row{"group": d.Group, measure: string(d.Summary.Total)}
			continue
		}
		rows[i] = row{"time.from": d.Date, measure: string(d.Value)}
	}
	return rows, nil
}

func interactionRows(body []byte, measure string) (rows []row, err error) {
	var told []struct {
		ID, Type, Name string
		Value          int64
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return nil, err
	}
	sums, at := map[string]int64{}, map[string]int{}
	for _, i := range told {
		key := cmp.Or(i.ID, i.Type)
		n, ok := at[key]
		if !ok {
			n, at[key] = len(rows), len(rows)
			name := key
			if i.Name != "" && i.Name != key {
				name = i.Name + " (" + key + ")"
			}
			rows = append(rows, row{"key": key, "name": name})
		}
		sums[key] += i.Value
		rows[n][measure] = strconv.FormatInt(sums[key], 10)
	}
	return rows, nil
}

// asJSON is a value that surely can be written.
func asJSON(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("dashboard: " + err.Error())
	}
	return raw
}
