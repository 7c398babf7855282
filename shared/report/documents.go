package report

import (
	"errors"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/document"
	"chatreports/shared/event"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// ErrTooMuchToRead says that more would be read than a query may.
var ErrTooMuchToRead = errors.New("report: the documents are more than may be read at once")

// Documents calls each with every document that is within some bounds, and some that are
// not, in no order, as of one moment: package document reads it. It ends with the first
// error; where it would read more than so many bytes as they are stored, that is
// ErrTooMuchToRead.
func (s *Snapshot) Documents(within *document.Bounds, most int64, each func(document string) error) error {
	only := new(cell.Measures)
	only[measure.Documents] = true
	site := measure.Series{measure.Site}
	class := cell.Keys.Of(measure.Documents, site)
	request := counter.Request{
		Tenant: s.tenant, Measures: only, In: s.merged.Requested(within), Most: most,
		Wanted: []counter.Wanted{{Class: class, Series: site, Prefix: table.Join("") + "/"}},
	}
	var cost Cost
	for _, in := range request.In {
		cost.Blocks += class.Number(in.To-1) - class.Number(in.From) + 1
	}
	if err := s.admit(cost); err != nil {
		return err
	}
	reading, err := s.read(request)
	if errors.Is(err, counter.ErrTooMuch) {
		return ErrTooMuchToRead
	}
	if err != nil {
		return err
	}
	beyond := beyondBlocks(reading, class)
	for i := range reading.Blocks {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		var failed error
		err := reading.Blocks[i].Each(only.Has, func(_ cell.Column, _ cell.Quarter, _ int64, key string, n int64) {
			if failed != nil {
				return
			}
			if n += beyond[key]; n > 0 {
				failed = each(key)
			}
			delete(beyond, key)
		})
		if err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
	}
	for key, n := range beyond {
		if n > 0 {
			if err := each(key); err != nil {
				return err
			}
		}
	}
	return s.ctx.Err()
}

// DocumentsOf calls each with the documents of some chats, of those that have one, in no
// order. They are read where the chats' facts lie, each as of the moment of CountedUntil or
// one a little later. It ends with the first error.
func (s *Snapshot) DocumentsOf(chats []string, each func(document string) error) error {
	if err := s.admit(Cost{}); err != nil {
		return err
	}
	if _, err := s.read(counter.Request{Tenant: s.tenant, Measures: new(cell.Measures)}); err != nil { // it tells the moment
		return err
	}
	var keys []table.Key
	for _, id := range chats {
		if len(id) <= event.MaxIDBytes { // no chat has a longer one, nor a key room for it
			keys = append(keys, facts.Key(journal.Entity{Tenant: s.tenant, Kind: "chat", ID: id}, facts.Whole))
		}
	}
	items, err := s.state.Get(s.ctx, keys...)
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.Version == 0 {
			continue
		}
		f, err := facts.Decode(item)
		if err != nil {
			return err
		}
		for _, c := range measure.Of(f) {
			if c.Measure != measure.Documents {
				continue
			}
			if err := each(c.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// beyondBlocks is what blocks do not hold yet: how many there are of each document, less
// than none where one is no more. What blocks hold that were not read was within no bounds.
func beyondBlocks(reading *counter.Reading, class cell.Class) map[string]int64 {
	version := map[int64]uint64{}
	for i := range reading.Blocks {
		version[reading.Blocks[i].Number] = reading.Blocks[i].Version
	}
	beyond := map[string]int64{}
	for _, item := range slices.Concat(reading.Held, reading.Tail) {
		for j := range item.Diffs {
			if d := &item.Diffs[j]; d.Measure == measure.Documents && item.Seq > version[class.Number(cell.QuarterOf(d.At))] {
				beyond[d.Key] += d.N
			}
		}
	}
	return beyond
}
