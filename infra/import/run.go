package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"chatreports/infra/loadgen/replay"
)

// importer sends one file.
type importer struct {
	file   string
	format format
	before time.Time // zero: all
	now    time.Time
	state  *state
	send   replay.Options
	keep   int // how many problems are told
	tell   func(problem string)

	rows, skipped, wrong, late int
}

// run sends the file from where an earlier run stopped.
func (m *importer) run(ctx context.Context) (replay.Result, error) {
	m.send.Reached = m.state.reached
	from, fromLine := m.state.Part, m.state.Line
	skipping := fromLine > 0
	return replay.Send(ctx, func(each func(replay.Line) error) error {
		return eachPart(m.file, func(part string, in io.Reader) error {
			err := m.format(in, m.now, func(r row) error {
				if skipping && part == from && r.line >= fromLine {
					skipping = false
				}
				if skipping {
					m.skipped++
					return nil
				}
				return m.row(part, r, each)
			})
			if err != nil && part != "" {
				err = fmt.Errorf("%s: %w", part, err)
			}
			return err
		})
	}, m.send)
}

// row sends what a row tells.
func (m *importer) row(part string, r row, each func(replay.Line) error) error {
	m.rows++
	if r.wrong != "" {
		if m.wrong++; m.wrong <= m.keep {
			m.tell(fmt.Sprintf("%s: %s: not understood: %s", m.file, replay.Place(part, r.line), r.wrong))
		}
	}
	if r.raw != nil {
		return each(replay.Line{Part: part, Number: r.line, Text: r.raw})
	}
	for i := range r.events {
		e := &r.events[i]
		if !m.before.IsZero() && !e.Time().Before(m.before) {
			m.late++
			continue
		}
		text, err := e.Marshal()
		if err != nil {
			return err
		}
		if err := each(replay.Line{Part: part, Number: r.line, Text: text}); err != nil {
			return err
		}
	}
	return nil
}
