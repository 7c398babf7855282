package cell

import (
	"fmt"
	"slices"
	"testing"

	"chatreports/shared/measure"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/tuple"
)

// Counters as they were ever stored mean what they meant: of everything a few are
// compared, all are read.
func TestCountersOfEveryGenerationAreRead(t *testing.T) {
	const compared = 3 // of each kind
	counters := map[string]func(table.Item) ([]string, error){
		"block": blockMeans, "log": logMeans, "bundle": bundleMeans, "merge": mergedMeans,
		"detail": func(item table.Item) ([]string, error) {
			diffs, err := DecodeDifferences(item.Value, nil)
			return differencesMean(diffs), err
		},
	}
	counters["open"] = counters["detail"]
	records := storedtest.All(t, func(r *storedtest.Record) bool {
		part := tuple.Split(r.Part)
		return r.Table == "state" && len(part) > 1 && counters[part[1]] != nil
	})
	meanings := storedtest.Open(t, "testdata/meanings.txt", *add)
	kinds := map[string]int{}
	for i := range records {
		r := &records[i]
		part := tuple.Split(r.Part)
		kind := part[1]
		switch kind {
		case "block":
			kind += " " + part[2]
		case "detail":
			kind += " " + r.Sort[:1]
		}
		means, err := counters[part[1]](r.Item)
		if err != nil {
			t.Errorf("%s: %v", r.Name(), err)
		}
		if part[1] == "merge" && len(means) > 1 {
			kind += " documents"
		}
		if slices.Contains(means, documentsApart) {
			kind += " apart"
		}
		if kinds[kind]++; kinds[kind] <= compared {
			meanings.Check(r, means)
		}
	}
	wanted := []string{"log", "bundle", "merge", "merge documents", "merge documents apart", "detail 0", "detail d", "open"}
	for _, c := range classes {
		wanted = append(wanted, "block "+c.name)
	}
	for _, kind := range wanted {
		if kinds[kind] == 0 {
			t.Errorf("no generation has a record of %s", kind)
		}
	}
}

func blockMeans(item table.Item) (out []string, err error) {
	err = eachStored(item.Value, func(c Cell) {
		out = append(out, fmt.Sprintf("%s.%d quarter %d sub %d key %q: %d", measure.Get(c.Column.Measure()).Name, c.Column.Part(), c.Quarter, c.Sub, c.Key, c.N))
	})
	return out, err
}

func differencesMean(diffs []Difference) (out []string) {
	for _, d := range diffs {
		out = append(out, fmt.Sprintf("%s %s [%d,%d) %d key %q of %q: %d", d.Fact, measure.Get(d.Measure).Name, d.At, d.Until, d.Value, d.Key, d.Dims, d.N))
	}
	return out
}

func logMeans(item table.Item) ([]string, error) {
	l, err := DecodeLog(item, nil)
	return append([]string{fmt.Sprintf("%d at %d goes on %v mended %v", l.Seq, l.At, l.GoesOn, l.Mended)}, differencesMean(l.Diffs)...), err
}

func bundleMeans(item table.Item) ([]string, error) {
	var b Bundle
	if _, err := fmt.Sscanf(item.Sort, "%x-%x", &b.First, &b.Last); err != nil {
		return nil, err
	}
	l, err := b.Decode(item, nil)
	return append([]string{fmt.Sprintf("%d to %d at %d", b.First, l.Seq, l.At)}, differencesMean(l.Diffs)...), err
}

// documentsApart is said of bundles that have no documents.
const documentsApart = "documents apart"

func mergedMeans(item table.Item) ([]string, error) {
	m, err := DecodeMerged(item)
	out := []string{fmt.Sprintf("merged %d intent %d long %d to %d version %d", m.Merged, m.Intent, m.LongFrom, m.LongTo, m.Version)}
	if d := m.Documents; d != nil {
		out = append(out, fmt.Sprintf("of documents unknown %d", d.Unknown))
		for _, l := range d.Lags {
			out = append(out, fmt.Sprintf("of documents %d to %d lags %d", l.First, l.Last, l.Hours))
		}
	}
	for _, b := range m.Bundles {
		out = append(out, fmt.Sprintf("bundle %d to %d of %d bytes since %d", b.First, b.Last, b.Bytes, b.Since))
		if b.Apart {
			out = append(out, documentsApart)
		}
	}
	for _, b := range m.Held {
		out = append(out, fmt.Sprintf("documents held %d to %d of %d bytes since %d, fold %v", b.First, b.Last, b.Bytes, b.Since, m.Fold))
	}
	return out, err
}
