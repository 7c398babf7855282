package chatbot

import (
	"math/big"

	"chatreports/shared/dialect"
)

// slot is an hour of the week, with how many conversations began in it.
type slot struct {
	Day   int     `json:"day"` // 0 is Sunday
	Hour  int     `json:"hour"`
	Value int64   `json:"value"`
	Usage float64 `json:"usage"`
}

// busiest answers how many conversations begin in each hour of the week, in local time.
func busiest(r *request) (*dialect.Answer, error) {
	hours, local := r.hours()
	result, err := r.run(hours, r.def.counts)
	if err != nil {
		return nil, err
	}
	var week [7][24]slot
	total := int64(0)
	for b, totals := range result.Totals[""] {
		at := local.Wall(hours[b].From)
		for key, n := range totals[0].Keys {
			if n > 0 && len(r.kept(key)) > 0 {
				week[at.Weekday()][at.Hour()].Value += n
				total += n
			}
		}
	}
	for day := range week {
		for hour := range week[day] {
			s := &week[day][hour]
			s.Day, s.Hour, s.Usage = day, hour, percent(s.Value, total)
		}
	}
	if !r.format.CSV() {
		return dialect.JSON(week), nil
	}
	return r.format.Answer(&dialect.Table{Columns: []string{"day", "hour", "value", "usage"}, Rows: func(yield func(dialect.Row) bool) {
		for _, day := range week {
			for _, s := range day {
				if !yield(dialect.Row{{Name: "day", Value: s.Day}, {Name: "hour", Value: s.Hour}, {Name: "value", Value: s.Value}, {Name: "usage", Value: s.Usage}}) {
					return
				}
			}
		}
	}}), nil
}

// percent is a part of a total, to two places; of nothing, 0.
func percent(n, total int64) float64 {
	if total == 0 {
		return 0
	}
	r := new(big.Rat).SetFrac64(n, total)
	return rounded(r.Mul(r, new(big.Rat).SetInt64(100)))
}
