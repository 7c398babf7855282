package chatbot

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"chatreports/shared/dialect"
	"chatreports/shared/explain"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Explained is the table of reports, for whoever explains their figures.
var Explained explain.Reports = explained{}

type explained struct{}

// Properties that hold a report's figures: a value, and which part of all it is.
const (
	value = "value"
	usage = "usage"
)

// properties are those of a report.
func (d *definition) properties() []string {
	if d.shares {
		return []string{value, usage}
	}
	return []string{value}
}

// Shown lists the reports that count a measure.
func (explained) Shown(id measure.ID) []explain.Property {
	out := []explain.Property{}
	for i := range definitions {
		if d := &definitions[i]; d.counts == id {
			for _, name := range d.properties() {
				out = append(out, explain.Property{Report: Prefix + d.name, Property: name})
			}
		}
	}
	return out
}

// Names lists the reports whose figures are made of rows: all.
func (explained) Names() []string { return Paths() }

// Find is one of them by its path.
func (explained) Find(name string) explain.Report {
	d, refused := find(name)
	if refused != nil {
		return nil
	}
	return d
}

// Instead is empty: all have figures that are made of rows.
func (explained) Instead(string) string { return "" }

// Parameters are those that say which figure is meant.
func (d *definition) Parameters() dialect.Parameters {
	return slices.Concat(ofRange, d.takes)
}

// drill is one question for the figure of a report: its bucket and its row.
type drill struct {
	bucket, entity string
	buckets        []report.Bucket
	// of are the buckets that the figure is made of.
	of []int
	// counts says whether a key counts in it, and what it stands for.
	counts func(key string) (named any, ok bool)
	// value is the figure, of how many there are.
	value func(n int64) float64
	unit  string
}

// Figure reads the figure that the parameters name.
func (d *definition) Figure(ctx context.Context, state table.Table, q *dialect.Request, v *dialect.Values) (*explain.Figure, error) {
	r, refused := d.read(v, q.Now)
	if refused != nil {
		return nil, refused
	}
	m := measure.Get(d.counts)
	asked, known := v.Text("measure"), append(d.properties(), m.Name)
	if asked == "" {
		return nil, dialect.Missing("measure", known...)
	} else if !slices.Contains(known, asked) {
		return nil, dialect.NoneOf("measure", asked, known)
	}
	x := &drill{bucket: v.Text("bucket"), entity: v.Text("entity"), unit: m.Unit, value: func(n int64) float64 { return float64(n) }}
	if err := d.figure(r, x); err != nil {
		return nil, err
	}
	if asked == m.Name {
		x.unit, x.value = m.Unit, func(n int64) float64 { return float64(n) }
	}
	if err := r.open(ctx, state, q.Tenant.ID); err != nil {
		return nil, err
	}
	result, err := r.run(x.buckets, d.counts)
	if err != nil {
		return nil, err
	}
	if asked == usage {
		all := r.all(result)
		x.unit, x.value = "percent", func(n int64) float64 { return percent(n, all) }
	}
	f := &explain.Figure{
		Report: q.Query.Get("report"), Property: asked, Unit: x.unit, Wants: result.Query.Want, Buckets: x.of, Empty: result.Totals[""] == nil,
		Key: x.counts, Queries: []*report.Query{result.Query}, Snapshot: r.Snapshot,
		Totals: func(bucket int) []*report.Total { return []*report.Total{result.At("", bucket, 0)} },
	}
	f.Value = func() any {
		n := int64(0)
		for _, b := range x.of {
			for _, count := range result.At("", b, 0).Keys { // those that count are left by then
				n += count
			}
		}
		return x.value(n)
	}
	return f, nil
}

// all is how many there are that the filter keeps.
func (r *request) all(result *report.Result) (all int64) {
	for _, totals := range result.Totals[""] {
		for key, n := range totals[0].Keys {
			if n > 0 && r.passes(key) {
				all += n
			}
		}
	}
	return all
}

// passes says whether the filter keeps something of a key.
func (r *request) passes(key string) bool {
	if r.def.counts == measure.BotInteractions {
		return r.keepsStory(measure.InteractionOf(key).Story)
	}
	return len(r.kept(key)) > 0
}

// storyKey is what a story in a key is told as.
type storyKey struct {
	StoryID string `json:"storyId"`
	Source  string `json:"source"`
}

// named tells the stories of a key; it counts if the filter keeps one that matches.
func (r *request) named(matches func(measure.Story) bool) func(string) (any, bool) {
	return func(key string) (any, bool) {
		var told []storyKey
		for _, s := range measure.StoriesOf(key) {
			told = append(told, storyKey{s.ID, s.Source})
		}
		return told, slices.ContainsFunc(r.kept(key), matches)
	}
}

// pointFigure is a point: bucket is its date, entity its group. Without a bucket it is all
// of them.
func pointFigure(r *request, x *drill) error {
	x.buckets = r.buckets()
	if x.bucket != "" {
		i := r.at(x.buckets, x.bucket)
		if i < 0 {
			return dialect.Invalid("bucket", "no point has the date %q", dialect.Clip(x.bucket))
		}
		x.buckets = x.buckets[i : i+1]
	}
	if r.def.average {
		if len(x.buckets) != 1 {
			return dialect.MissingWhen("bucket", "because an average is of one point: its date")
		}
		finer := r.finer(x.buckets[0])
		x.unit, x.value = "ratio", func(n int64) float64 { return rounded(new(big.Rat).SetFrac64(n, finer)) }
	}
	x.buckets = asked(x.buckets)
	for i := range x.buckets {
		x.of = append(x.of, i)
	}
	switch {
	case r.group != "" && x.entity == "":
		return dialect.MissingWhen("entity", "with group=%s: the group", r.group)
	case r.group == "" && x.entity != "":
		return dialect.Invalid("entity", "there are no groups in this question")
	}
	x.counts = r.named(func(s measure.Story) bool {
		return r.group == "" || r.group == groupStory && s.ID == x.entity || r.group == groupSource && s.Source == x.entity
	})
	return nil
}

// busiestFigure is an hour of the week: bucket is its day and hour. Without a bucket it is
// all of them.
func busiestFigure(r *request, x *drill) error {
	if x.entity != "" {
		return dialect.Invalid("entity", "the hours of the week have no id")
	}
	hours, local := r.hours()
	x.buckets, x.counts = hours, r.named(func(measure.Story) bool { return true })
	known := map[string]bool{}
	for day := range 7 {
		for hour := range 24 {
			known[slotName(day, hour)] = true
		}
	}
	if x.bucket != "" && !known[x.bucket] {
		return dialect.Invalid("bucket", "%q is no day and hour such as 0-13, Sunday from 13:00", dialect.Clip(x.bucket))
	}
	for i, h := range hours {
		if at := local.Wall(h.From); x.bucket == "" || slotName(int(at.Weekday()), at.Hour()) == x.bucket {
			x.of = append(x.of, i)
		}
	}
	return nil
}

func slotName(day, hour int) string { return fmt.Sprint(strconv.Itoa(day), "-", hour) }

// interactionKey is what a key of interactions is told as.
type interactionKey struct {
	StoryID  string `json:"storyId"`
	ID       string `json:"interactionId,omitempty"`
	Type     string `json:"type,omitempty"`
	ParentID string `json:"parentId,omitempty"`
	Name     string `json:"name,omitempty"`
}

// interactionFigure is a row. Without an entity it is all of them.
func interactionFigure(r *request, x *drill) error {
	if x.bucket != "" {
		return dialect.Invalid("bucket", "the interactions of a range are counted together")
	}
	if x.buckets = r.whole(); x.buckets != nil {
		x.of = []int{0}
	}
	x.counts = func(key string) (any, bool) {
		i := measure.InteractionOf(key)
		return interactionKey{i.Story, i.ID, i.Type, i.Parent, i.Name}, r.passes(key) && isOf(i, x.entity)
	}
	return nil
}

// isOf says whether an interaction counts in the row that a text names: by its id, or one
// without an id by its type, of whichever parent, or by both as TYPE/PARENT.
func isOf(i measure.Interaction, row string) bool {
	kind, parent, both := strings.Cut(row, "/")
	switch {
	case row == "" || i.ID == row:
		return true
	case i.ID != "":
		return false
	}
	return i.Type == kind && (!both || i.Parent == parent)
}
