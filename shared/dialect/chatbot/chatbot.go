package chatbot

import (
	"context"
	"slices"
	"strings"
	"time"

	"chatreports/shared/calendar"
	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
	"chatreports/shared/step"
	"chatreports/shared/table"
)

// API answers the reports from the state's table.
type API struct{ state table.Table }

// New returns the API over the state's table.
func New(state table.Table) *API { return &API{state} }

// Shape is how it tells a refusal. The document has no errors, so this is a plain one.
func (a *API) Shape() dialect.Shape { return shape }

var shape = dialect.Shape{ContentType: "application/json", Body: func(r *dialect.Refusal) any {
	return problem{r.Status, r.Code, r.Sentence(), r.Field}
}}

type problem struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// request is one question on its way to an answer.
type request struct {
	*report.Snapshot
	filter
	def       *definition
	now       time.Time
	within    dialect.Range
	toNow     bool // it is of a period that ends now
	dimension string
	group     string
	offset    time.Duration
	format    dialect.Format
	names     bool
}

// Check says whether a request is refused, without answering it.
func Check(q *dialect.Request) *dialect.Refusal {
	_, refused := read(q)
	return refused
}

// read reads a request.
func read(q *dialect.Request) (*request, *dialect.Refusal) {
	def, refused := find(q.Path)
	if refused != nil {
		return nil, refused
	}
	v, refused := def.parameters().Read(q.Query)
	if refused != nil {
		return nil, refused
	}
	r, refused := def.read(v, q.Now)
	if refused != nil {
		return nil, refused
	}
	r.format, r.names = v.Format(q.Accept), v.Flag(dialect.Naming.Name)
	return r, nil
}

// Answer answers one request.
func (a *API) Answer(ctx context.Context, q *dialect.Request) (*dialect.Answer, error) {
	r, refused := read(q)
	if refused != nil {
		return nil, refused
	}
	if err := r.open(ctx, a.state, q.Tenant.ID); err != nil {
		return nil, err
	}
	answer, err := r.def.answer(r)
	if err != nil {
		return nil, err
	}
	answer.CountedUntil = r.CountedUntil()
	return answer, nil
}

// open reads what the answer needs to know first: the stories, where they are told of.
func (r *request) open(ctx context.Context, state table.Table, tenant string) (err error) {
	var kinds []string
	if r.group == groupStory || r.def.counts == measure.BotInteractions {
		kinds = []string{"story"}
	}
	r.Snapshot, err = report.Open(ctx, state, tenant, r.now, kinds...)
	return err
}

// run asks the planner how often each key of some measures counted.
func (r *request) run(buckets []report.Bucket, ids ...measure.ID) (*report.Result, error) {
	q := &report.Query{Buckets: buckets}
	for _, id := range ids {
		q.Want = append(q.Want, report.Want{Measure: id})
	}
	return r.Run(q)
}

// whole is the range as one bucket.
func (r *request) whole() []report.Bucket {
	if !r.within.From.Before(r.within.To) {
		return nil
	}
	return []report.Bucket{{From: r.within.From.UnixMilli(), To: r.within.To.UnixMilli()}}
}

// hours cuts the range at the hours of local time.
func (r *request) hours() ([]step.Span, calendar.Zone) {
	local := calendar.Zone{Location: time.FixedZone("", int(r.offset/time.Second))}
	return local.Buckets(calendar.Hour, r.within.From, r.within.To, time.Sunday), local
}

// filter keeps interactions: those of one of the stories at one of the sources, or of any
// where none is named.
type filter struct{ stories, sources []string }

func (f *filter) keeps(s measure.Story) bool {
	return f.keepsStory(s.ID) && (len(f.sources) == 0 || slices.Contains(f.sources, s.Source))
}

func (f *filter) keepsStory(id string) bool {
	return len(f.stories) == 0 || slices.Contains(f.stories, id)
}

// kept are the stories that a key stands for and the filter keeps.
func (f *filter) kept(key string) []measure.Story {
	return slices.DeleteFunc(measure.StoriesOf(key), func(s measure.Story) bool { return !f.keeps(s) })
}

// read checks the parameters of a request.
func (d *definition) read(v *dialect.Values, now time.Time) (*request, *dialect.Refusal) {
	r := &request{def: d, now: now.Truncate(time.Millisecond), dimension: v.Text("dimension"), group: v.Text("group"), offset: time.Duration(v.Number("offset", 0)) * time.Minute}
	var refused *dialect.Refusal
	if r.stories, refused = d.values(v, groupStory); refused != nil {
		return nil, refused
	}
	if r.sources, refused = d.values(v, groupSource); refused != nil {
		return nil, refused
	}
	for _, s := range r.sources {
		if !slices.Contains(sources, s) {
			return nil, dialect.NoneOf(groupSource, s, sources)
		}
	}
	return r, r.readRange(v)
}

// values are those of a parameter in all its spellings: repeated, with [] after the name,
// or with commas between them.
func (d *definition) values(v *dialect.Values, name string) ([]string, *dialect.Refusal) {
	var out []string
	for _, text := range slices.Concat(v.All(name), v.All(name+"[]")) {
		for one := range strings.SplitSeq(text, ",") {
			if one != "" && !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	if len(out) > 1 && !d.several {
		return nil, dialect.Invalid(name, "it is given %d times; this report takes one", len(out))
	}
	return out, nil
}
