package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"chatreports/infra/loadgen/replay"
	"chatreports/shared/event"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/comm100"
	"chatreports/shared/webhook/freshchat"
)

// row is what a line of a file, or what begins there, tells.
type row struct {
	line   int
	events []event.Event
	raw    []byte // an event as it stands there
	// wrong says why it is not understood, or not all of it; else empty.
	wrong string
}

// format reads the rows of one part of a file, in order.
type format func(in io.Reader, now time.Time, each func(row) error) error

var formats = map[string]format{"events": eventLines, "freshchat": rawReport, "comm100": chats}

const formatNames = "events, freshchat, comm100"

// eventLines are events of ours, one a line. The door reads them.
func eventLines(in io.Reader, _ time.Time, each func(row) error) error {
	return replay.Lines(in, func(l replay.Line) error { return each(row{line: l.Number, raw: l.Text}) })
}

// rawReport is the CSV of one of Freshchat's raw reports. One that is not taken is one row
// that is not understood: there may be others beside it.
func rawReport(in io.Reader, now time.Time, each func(row) error) error {
	r := csv.NewReader(&asWritten{in: bufio.NewReader(in)})
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	var report *freshchat.RawReport
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			if err := each(row{line: syntax.StartLine, wrong: syntax.Err.Error()}); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		switch {
		case report == nil:
			if report, err = freshchat.NewRawReport(cells); err != nil {
				return each(row{line: line, wrong: err.Error()})
			}
		case !report.Header(cells):
			told, wrong := report.Events(cells, now)
			err = each(tells(line, told, wrong))
		}
		if err != nil {
			return err
		}
	}
}

// tells is a row of what a vendor's package says of it.
func tells(line int, told *webhook.Told, err error) row {
	if err != nil {
		return row{line: line, wrong: err.Error()}
	}
	r := row{line: line, events: told.Events}
	if len(told.Refused) > 0 {
		r.wrong = told.Refused[0].Error()
	}
	return r
}

// chats are Comm100's, as JSON: one after the other, in lists, or in pages as the interface
// answers them.
func chats(in io.Reader, now time.Time, each func(row) error) error {
	lines := &lineCounter{in: in}
	c := &chatReader{Decoder: json.NewDecoder(lines), lines: lines, now: now, each: each}
	for {
		switch token, err := c.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return c.broken(err)
		case token == json.Delim('['):
			err = c.list()
			if err != nil {
				return err
			}
		case token == json.Delim('{'):
			if err := c.page(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("line %d has %v; it should be chats, as JSON objects", c.line(0), token)
		}
	}
}

type chatReader struct {
	*json.Decoder
	lines *lineCounter
	now   time.Time
	each  func(row) error
}

// line is the one that is so many bytes back.
func (c *chatReader) line(back int) int { return c.lines.at(c.InputOffset() - int64(back)) }

func (c *chatReader) broken(err error) error {
	return fmt.Errorf("line %d is no JSON: %w", c.line(0), err)
}

// list reads the chats of a list, whose bracket has been read.
func (c *chatReader) list() error {
	for c.More() {
		var raw json.RawMessage
		if err := c.Decode(&raw); err != nil {
			return c.broken(err)
		}
		line := c.line(len(raw))
		told, wrong := comm100.Chat(raw, c.now)
		if err := c.each(tells(line, told, wrong)); err != nil {
			return err
		}
	}
	if _, err := c.Token(); err != nil {
		return c.broken(err)
	}
	return nil
}

// page reads an object, whose brace has been read: a page with a list of chats, or a chat.
func (c *chatReader) page() error {
	line, members, isPage := c.line(0), map[string]json.RawMessage{}, false
	for c.More() {
		name, err := c.Token()
		if err != nil {
			return c.broken(err)
		}
		if name == "list" || name == "chats" {
			if token, err := c.Token(); err != nil || token != json.Delim('[') {
				return c.broken(fmt.Errorf("%v is no list: %w", name, err))
			}
			isPage = true
			if err := c.list(); err != nil {
				return err
			}
			continue
		}
		var raw json.RawMessage
		if err := c.Decode(&raw); err != nil {
			return c.broken(err)
		}
		members[fmt.Sprint(name)] = raw
	}
	if _, err := c.Token(); err != nil {
		return c.broken(err)
	}
	if isPage {
		return nil
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return err
	}
	told, wrong := comm100.Chat(raw, c.now)
	return c.each(tells(line, told, wrong))
}
