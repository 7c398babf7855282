package measure

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"chatreports/shared/fact"
)

// Of lists what a fact contributes, the same fact always in the same order.
func Of(f *fact.Fact) []Contribution { return AppendOf(nil, f) }

// AppendOf appends what a fact contributes.
func AppendOf(out []Contribution, f *fact.Fact) []Contribution {
	return AppendSince(out, f, math.MinInt64)
}

// AppendSince appends what a fact contributes, of a visitor only what happened at a moment
// (Unix milliseconds) or later: what is before does not depend on it, and an hour of a
// visitor may hold any number of points.
func AppendSince(out []Contribution, f *fact.Fact, at int64) []Contribution {
	l := &list{out}
	if f != nil {
		l.names(f)
	}
	switch {
	case f == nil:
	case f.Chat != nil:
		ofChat(l, f.Chat, f.Generation)
	case f.Visitor != nil:
		ofVisitor(l, f.Visitor, at)
	case f.Message != nil && f.Message.From != "":
		ofMessage(l, f.Message)
	case f.Agent != nil:
		ofAgent(l, f.Agent)
	}
	if f != nil && f.Generation < fact.Generation {
		since := func(c Contribution) bool { return Get(c.Measure).Since > f.Generation }
		return append(out, slices.DeleteFunc(l.out[len(out):], since)...)
	}
	return l.out
}

type list struct{ out []Contribution }

func (l *list) point(id ID, at, n int64, dims Dims) {
	if n != 0 && len(dims) > 0 {
		l.out = append(l.out, Contribution{Measure: id, At: at, N: n, Dims: dims})
	}
}

func (l *list) sample(id ID, at, value int64, dims Dims) {
	if len(dims) > 0 {
		l.out = append(l.out, Contribution{Measure: id, At: at, Value: max(value, 0), N: 1, Dims: dims})
	}
}

// growing is the length of a chat that is still growing since a time: see CanLast.
func (l *list) growing(at, sofar, since int64, dims Dims) {
	if len(dims) > 0 {
		l.out = append(l.out, Contribution{Measure: ChatLength, At: at, Until: Forever, Value: sofar, Key: strconv.FormatInt(since, 36), N: 1, Dims: dims})
	}
}

func (l *list) level(id ID, from, to int64, dims Dims) {
	if from < to && len(dims) > 0 {
		l.out = append(l.out, Contribution{Measure: id, At: from, Until: to, N: 1, Dims: dims})
	}
}

func (l *list) keyed(id ID, at int64, key string, dims Dims) {
	l.out = append(l.out, Contribution{Measure: id, At: at, Key: key, N: 1, Dims: dims})
}

func dims(values ...Value) Dims { return Dims(values).normal() }

// with returns more values than d, d untouched.
func (d Dims) with(values ...Value) Dims {
	out := make(Dims, 0, len(d)+len(values))
	return append(append(out, d...), values...).normal()
}

func values(dim Dim, ids []string) Dims {
	out := make(Dims, len(ids))
	for i, id := range ids {
		out[i] = Value{dim, id}
	}
	return out
}

var siteDims = Dims{{Site, ""}}

// ofVisitor lists what a visitor's points at a moment or later contribute; they are in order.
func ofVisitor(l *list, v *fact.Visitor, since int64) {
	first := sort.Search(len(v.Points), func(i int) bool { return v.Points[i].At >= since })
	for i := range v.Points[first:] {
		p := &v.Points[first+i]
		if p.Type == "visit.started" || p.Type == "page.viewed" {
			l.point(Seen, p.At, 1, siteDims)
		}
		l.act(p)
		switch {
		case strings.HasPrefix(p.Type, "invitation."):
			ofInvitation(l, p)
		case p.Conversion != nil:
			ofConversion(l, p.Conversion, nil)
		case p.Type == "visit.started":
			d := siteDims
			if p.Campaign != "" {
				d = d.with(Value{Campaign, p.Campaign})
			}
			l.point(Visits, p.At, 1, d)
		}
	}
}
