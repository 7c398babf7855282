package chatbot

import (
	"iter"
	"maps"
	"math/big"
	"slices"

	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// point is one value of a report by time.
type point struct {
	Date  string  `json:"date"`
	Value float64 `json:"value"`
}

type summary struct {
	Total float64 `json:"total"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
	Avg   float64 `json:"avg"`
}

// grouped are the points of one story or source.
type grouped struct {
	Group string `json:"group"`
	// Name is that of a story, where names are asked for.
	Name    *string `json:"groupName,omitempty"`
	Data    []point `json:"data"`
	Summary summary `json:"summary"`
}

// chart is the answer of a report by time: Data are points, or with a group lists of them.
type chart struct {
	Data    any     `json:"data"`
	Summary summary `json:"summary"`
}

// tally is how many there are, by bucket.
type tally map[int]int64

// counted are the tallies of a report: of everything, and with a group of each value.
type counted struct {
	buckets []report.Bucket
	all     tally
	groups  map[string]tally
}

// points answers a report by time.
func points(r *request) (*dialect.Answer, error) {
	c, err := r.count()
	if err != nil {
		return nil, err
	}
	if len(c.buckets)*max(1, len(c.groups)) > maxPoints {
		return nil, tooMany(r.dimension)
	}
	if r.format.CSV() {
		return r.format.Answer(&dialect.Table{Columns: r.columns(), Rows: r.lines(c)}), nil
	}
	data, total := r.chart(c.buckets, c.all)
	out := chart{data, total}
	if r.group != "" {
		groups := make([]grouped, 0, len(c.groups))
		for _, name := range slices.Sorted(maps.Keys(c.groups)) {
			g := grouped{Group: name}
			if r.withNames() {
				story := r.story(name)
				g.Name = &story
			}
			g.Data, g.Summary = r.chart(c.buckets, c.groups[name])
			groups = append(groups, g)
		}
		out.Data = groups
	}
	return dialect.JSON(out), nil
}

// count reads what the report counts. A key is counted once, however many of the stories
// that it stands for are kept, and once in each group.
func (r *request) count() (*counted, error) {
	c := &counted{buckets: r.buckets(), all: tally{}, groups: r.known()}
	ids := []measure.ID{r.def.counts}
	if r.group == groupStory { // also to know which stories there are
		ids = []measure.ID{r.def.counts, measure.BotChats, measure.BotMessages}
	}
	result, err := r.run(asked(c.buckets), ids...)
	if err != nil {
		return nil, err
	}
	read := map[string][]measure.Story{}
	for b, totals := range result.Totals[""] {
		for i := range totals {
			for key, n := range totals[i].Keys {
				kept, ok := read[key]
				if !ok {
					kept = r.kept(key)
					read[key] = kept
				}
				switch {
				case n <= 0: // what was there is taken back
				case i > 0:
					c.add(r.group, b, 0, kept)
				default:
					c.add(r.group, b, n, kept)
				}
			}
		}
	}
	return c, nil
}

// asked are the buckets in which there may be anything: the last one may be empty.
func asked(buckets []report.Bucket) []report.Bucket {
	if n := len(buckets) - 1; n >= 0 && buckets[n].From == buckets[n].To {
		return buckets[:n]
	}
	return buckets
}

func (c *counted) add(group string, bucket int, n int64, kept []measure.Story) {
	if len(kept) == 0 {
		return
	}
	c.all[bucket] += n
	if group == "" {
		return
	}
	seen := make([]string, 0, len(kept))
	for _, s := range kept {
		name := s.ID
		if group == groupSource {
			name = s.Source
		}
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		if c.groups[name] == nil {
			c.groups[name] = tally{}
		}
		c.groups[name][bucket] += n
	}
}

// known are the groups that are told of even if nothing counts in them: the stories that
// were announced, or all sources, as far as the filter keeps them.
func (r *request) known() map[string]tally {
	out := map[string]tally{}
	switch r.group {
	case groupStory:
		for id := range r.Entries("story") {
			if r.keepsStory(id) {
				out[id] = tally{}
			}
		}
	case groupSource:
		for _, s := range sources {
			if len(r.sources) == 0 || slices.Contains(r.sources, s) {
				out[s] = tally{}
			}
		}
	}
	return out
}

// chart is a tally as points, and their summary.
func (r *request) chart(buckets []report.Bucket, t tally) ([]point, summary) {
	out := make([]point, len(buckets))
	sum, s := new(big.Rat), summary{}
	for i, b := range buckets {
		value := new(big.Rat).SetInt64(t[i])
		if r.def.average {
			value.SetFrac64(t[i], r.finer(b))
		}
		sum.Add(sum, value)
		v := rounded(value)
		out[i] = point{r.start(b.From).Format(date), v}
		if i == 0 {
			s.Min, s.Max = v, v
		}
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.Total = rounded(sum)
	if len(buckets) > 0 {
		s.Avg = rounded(sum.Quo(sum, new(big.Rat).SetInt64(int64(len(buckets)))))
	}
	return out, s
}

// date is how the beginning of a period is written.
const date = "2006-01-02T15:04:05.000Z"

// rounded is a number that is not negative to two places, half up.
func rounded(r *big.Rat) float64 {
	n := new(big.Int).Mul(r.Num(), big.NewInt(200))
	n.Add(n, r.Denom())
	return float64(n.Quo(n, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()) / 100
}

// columns are those of CSV.
func (r *request) columns() []string {
	switch {
	case r.withNames():
		return []string{"group", "groupName", "date", "value"}
	case r.group != "":
		return []string{"group", "date", "value"}
	}
	return []string{"date", "value"}
}

// lines are the points as rows of CSV.
func (r *request) lines(c *counted) iter.Seq[dialect.Row] {
	return func(yield func(dialect.Row) bool) {
		tallies := c.groups
		if r.group == "" {
			tallies = map[string]tally{"": c.all}
		}
		for _, name := range slices.Sorted(maps.Keys(tallies)) {
			data, _ := r.chart(c.buckets, tallies[name])
			for _, p := range data {
				row := dialect.Row{{Name: "date", Value: p.Date}, {Name: "value", Value: p.Value}}
				if r.group != "" {
					row.Add("group", name)
				}
				if r.withNames() {
					row.Add("groupName", r.story(name))
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// at is the bucket whose date a text is, or -1.
func (r *request) at(buckets []report.Bucket, text string) int {
	t, err := moment(utc, text)
	return slices.IndexFunc(buckets, func(b report.Bucket) bool { return err == nil && r.start(b.From).Equal(t) })
}
