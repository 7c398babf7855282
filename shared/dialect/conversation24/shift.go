package conversation24

import (
	"maps"
	"math"
	"slices"

	"chatreports/shared/event"
	"chatreports/shared/extract"
	"chatreports/shared/step"
)

// shift is a work shift: an unbroken time in which an agent was logged in, which is in any
// status but offline, for any campaign.
type shift struct {
	Agent string
	step.Span
	// Event is the id of the one that began it. On: it has not ended, and counts up to now.
	Event string
	On    bool
	// LoggedIn are the campaigns for which the agent was so within it.
	LoggedIn []string
	// Online is when the agent was online within it, by the campaigns for which anything was
	// ever said by its end; AnyOnline for any of them.
	Online    map[string][]step.Span
	AnyOnline []step.Span
}

// end is from when on nothing is of the shift any more.
func (s *shift) end() int64 {
	if s.On {
		return s.To + 1 // what happens now is of it
	}
	return s.To
}

func (s *shift) covers(at int64) bool { return s.From <= at && at < s.end() }

// series is what an agent's events say of one campaign.
type series struct {
	known           int64 // since when anything is said
	since           int64 // of the status
	offline, online bool
	// edges of being logged in and of being online, up to since.
	in, on []step.Edge
}

// until notes the status up to a time.
func (s *series) until(at int64) {
	if !s.offline {
		s.in = append(s.in, step.Edge{At: s.since, N: 1}, step.Edge{At: at, N: -1})
	}
	if s.online {
		s.on = append(s.on, step.Edge{At: s.since, N: 1}, step.Edge{At: at, N: -1})
	}
	s.since = at
}

// logbook is the statuses of an agent in and after a window.
type logbook struct {
	series map[string]*series
	in     int // of series in which the agent is logged in
	// began is when the time logged in began that lasts, or lasted until ended.
	began, ended int64
	begins       map[int64]string // the first events that log in, by time
}

// shifts lists the work shifts of an agent that begin in the window, whole and in order.
func shifts(w *extract.Window, a *extract.Agent) []shift {
	before := max(w.From, math.MinInt64+1) - 1 // what began before the window begins no shift in it
	l := &logbook{series: map[string]*series{}, began: before, ended: before, begins: map[int64]string{}}
	for i := range a.Before.Series {
		b := &a.Before.Series[i]
		s := &series{known: before, since: before, offline: b.Status == "offline", online: b.Online()}
		l.series[b.Campaign] = s
		if !s.offline {
			l.in++
		}
	}
	for e := range a.Events {
		if e.At <= w.Now {
			l.take(e)
		}
	}
	if l.in > 0 && l.began >= w.From {
		for e := range a.Later {
			if e.At > w.Now || l.in == 0 && e.At > l.ended {
				break
			}
			l.take(e)
		}
	}
	return l.shifts(w, a.ID)
}

func (l *logbook) take(e *event.Event) {
	if e.Type != statusChanged {
		return
	}
	s := l.series[e.Data.Campaign()]
	if s == nil {
		s = &series{known: e.At, since: e.At, offline: true}
		l.series[e.Data.Campaign()] = s
	}
	s.until(e.At)
	before := s.offline
	s.offline, s.online = isOffline(e), isOnline(e)
	switch {
	case before && !s.offline:
		if _, known := l.begins[e.At]; !known {
			l.begins[e.At] = e.ID
		}
		if l.in++; l.in == 1 && e.At > l.ended {
			l.began = e.At
		}
	case !before && s.offline:
		if l.in--; l.in == 0 {
			l.ended = e.At
		}
	}
}

func (l *logbook) shifts(w *extract.Window, agent string) []shift {
	end := w.Now
	if l.in == 0 {
		end = l.ended
	}
	var in, on []step.Edge
	loggedIn, online := map[string][]step.Span{}, map[string][]step.Span{}
	campaigns := slices.Sorted(maps.Keys(l.series))
	for _, c := range campaigns {
		s := l.series[c]
		s.until(max(s.since, end))
		in, on = append(in, s.in...), append(on, s.on...)
		loggedIn[c], online[c] = step.Above(s.in), step.Above(s.on)
	}
	anyOnline := step.Above(on)
	var out []shift
	for _, span := range step.Above(in) {
		if span.From < w.From || span.From >= w.To {
			continue
		}
		s := shift{Agent: agent, Span: span, Event: l.begins[span.From], On: l.in > 0 && span.To == end, Online: map[string][]step.Span{}}
		for _, c := range campaigns {
			if len(within(loggedIn, c, span)) > 0 {
				s.LoggedIn = append(s.LoggedIn, c)
			}
			if l.series[c].known <= span.To {
				s.Online[c] = within(online, c, span)
			}
		}
		s.AnyOnline = cut(&anyOnline, span)
		out = append(out, s)
	}
	return out
}

func within(of map[string][]step.Span, campaign string, span step.Span) []step.Span {
	spans := of[campaign]
	out := cut(&spans, span)
	of[campaign] = spans
	return out
}

// cut is what spans have in common with one, which comes after those asked for before:
// what ends before it is dropped.
func cut(spans *[]step.Span, with step.Span) []step.Span {
	for len(*spans) > 0 && (*spans)[0].To <= with.From {
		*spans = (*spans)[1:]
	}
	return step.Both(*spans, []step.Span{with})
}
