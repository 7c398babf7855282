package extract

import (
	"errors"
	"iter"
	"math"

	"chatreports/shared/event"
	"chatreports/shared/fact"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/report"
)

// Agent is an agent as its journal has it.
type Agent struct {
	ID string
	// Before is the state in which the window begins.
	Before fact.AgentState
	// Events are those in the window, in order; Later those after it, read as they are taken:
	// up to the one that ends a period. One is the reader's until the next one comes.
	Events, Later iter.Seq[*event.Event]
}

// agent is what is stored of an agent in a window, not read yet.
type agent struct {
	*Source
	journal.Entity
	covering *facts.Day // the day in which the window begins, if anything is known before
	days     []*journal.Records
}

// agent finds an agent. many is called once if it has many events in the window.
func (s *Source) agent(id string, many func()) (*agent, error) {
	a := &agent{Source: s, Entity: s.entity("agent", id)}
	days, err := s.days(a.Entity, s.window.From, s.window.To)
	if err != nil {
		return nil, err
	}
	if len(days) > 0 && days[0].Start <= s.window.From {
		first := days[0]
		a.covering = &first
	}
	bytes := 0
	for _, day := range days {
		records, err := s.day(a.Entity, day.Start)
		if err != nil {
			return nil, err
		}
		if a.days = append(a.days, records); many != nil {
			if bytes += records.Bytes(); bytes > journal.ManyBytes {
				many()
				many = nil
			}
		}
	}
	return a, nil
}

// days are the stored days of an agent that cover [from, to).
func (s *Source) days(e journal.Entity, from, to int64) ([]facts.Day, error) {
	if to == math.MaxInt64 {
		to = fact.Forever
	}
	if from == math.MinInt64 {
		return facts.Days(s.ctx, s.state, e, from, to)
	}
	// The day that covers from is the last that begins then or before.
	covering, err := facts.LastDays(s.ctx, s.state, e, from+1, 1)
	if err != nil {
		return nil, err
	}
	later, err := facts.Days(s.ctx, s.state, e, from+1, to)
	return append(covering, later...), err
}

// day are the events of an agent on a UTC day.
func (s *Source) day(e journal.Entity, start int64) (*journal.Records, error) {
	segment := facts.SegmentAt(e.Kind, start)
	r := new(journal.Records)
	return r, s.journal.ReadRecords(s.ctx, r, e, segment.From, segment.To, nil)
}

// told is the agent as d reads it.
func (a *agent) told(d *journal.Decoder) (*Agent, error) {
	from, to := a.window.From, a.window.To
	out := &Agent{ID: a.ID, Before: fact.Beginning()}
	if a.covering != nil {
		before, err := a.before(d)
		if err != nil {
			return nil, err
		}
		out.Before = before
	}
	out.Events = func(yield func(*event.Event) bool) {
		for _, day := range a.days {
			if !a.read(day, d, from, to, yield) {
				return
			}
		}
	}
	out.Later = func(yield func(*event.Event) bool) { a.later(d, to, yield) }
	return out, nil
}

// read yields the events of a day in [from, to), as long as more are wanted.
func (a *agent) read(day *journal.Records, d *journal.Decoder, from, to int64, yield func(*event.Event) bool) (more bool) {
	for e := range day.Events(d)(func(string) bool { return true }) {
		if from <= e.At && e.At < to && !yield(e) {
			return false
		}
	}
	a.directory.Fail(day.Err())
	return day.Err() == nil
}

// before is the state in which the window begins: from the day that covers it on.
func (a *agent) before(d *journal.Decoder) (fact.AgentState, error) {
	item := a.covering.Item
	f, err := facts.Decode(item)
	if err != nil {
		return fact.AgentState{}, err
	}
	if f.Agent == nil {
		return fact.AgentState{}, errors.New("the fact at " + item.Part + " " + item.Sort + " is of no agent")
	}
	if !f.Agent.Before.Told {
		return fact.AgentState{}, report.ErrEarlier
	}
	var events []event.Event
	a.read(a.days[0], d, math.MinInt64, a.window.From, func(e *event.Event) bool {
		events = append(events, *e)
		return true
	})
	return f.Agent.Before.After(a.ID, events), nil
}

// later yields the events of an agent from a time on, a day at a time.
func (a *agent) later(d *journal.Decoder, from int64, yield func(*event.Event) bool) {
	if from == math.MaxInt64 {
		return
	}
	days, err := a.Source.days(a.Entity, from, math.MaxInt64)
	for _, day := range days {
		var records *journal.Records
		if err == nil {
			records, err = a.day(a.Entity, day.Start)
		}
		if err != nil || !a.read(records, d, from, math.MaxInt64, yield) {
			break
		}
	}
	a.directory.Fail(err)
}
