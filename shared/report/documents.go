package report

import (
	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Documents calls each with the document of every chat requested in [from, to), in no
// order, as of one moment: package document reads it. It ends with the first error.
func (s *Snapshot) Documents(from, to int64, each func(document string) error) error {
	if from >= to {
		return nil
	}
	only := new(cell.Measures)
	only[measure.Documents] = true
	site := measure.Series{measure.Site}
	class := cell.Keys.Of(measure.Documents, site)
	request := counter.Request{
		Tenant: s.tenant, From: from, To: to, Measures: only, Cut: counter.CutBy(from, to),
		Wanted: []counter.Wanted{{Class: class, Series: site, Prefix: table.Join("") + "/"}},
	}
	cost := Cost{Quarters: int64(len(request.Cut))}
	for _, in := range s.merged.Within(cell.QuarterOf(from), cell.QuarterOf(to-1)+1) {
		cost.Blocks += class.Number(in.To-1) - class.Number(in.From) + 1
	}
	if err := s.admit(cost); err != nil {
		return err
	}
	reading, err := s.read(request)
	if err != nil {
		return err
	}
	cut := map[cell.Quarter]bool{}
	for _, q := range request.Cut {
		cut[q] = true
	}
	version := map[int64]uint64{}
	for i := range reading.Blocks {
		version[reading.Blocks[i].Number] = reading.Blocks[i].Version
	}
	beyond := beyondBlocks(reading, from, to, cut, func(q cell.Quarter) uint64 { return version[class.Number(q)] })
	for i := range reading.Blocks {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		var failed error
		err := reading.Blocks[i].Each(func(id measure.ID) bool { return id == measure.Documents }, func(_ cell.Column, q cell.Quarter, _ int64, key string, n int64) {
			if failed != nil || cut[q] || q.Start() < from || q.Start() >= to {
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

// beyondBlocks is what blocks do not hold yet, or do not tell since a quarter is cut: how
// many there are of each document, less than none where one is no more.
func beyondBlocks(reading *counter.Reading, from, to int64, cut map[cell.Quarter]bool, version func(cell.Quarter) uint64) map[string]int64 {
	beyond := map[string]int64{}
	add := func(d *cell.Difference) {
		if d.Measure == measure.Documents && from <= d.At && d.At < to {
			beyond[d.Key] += d.N
		}
	}
	for _, diffs := range reading.Detail {
		for i := range diffs {
			add(&diffs[i])
		}
	}
	for i := range reading.Tail {
		item := &reading.Tail[i]
		for j := range item.Diffs {
			if d, q := &item.Diffs[j], cell.QuarterOf(item.Diffs[j].At); cut[q] || item.Seq > version(q) {
				add(d)
			}
		}
	}
	return beyond
}
