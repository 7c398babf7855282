package cell

import (
	"context"
	"fmt"
	"testing"

	"chatreports/shared/measure"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tuple"
)

// Counters as they were ever stored mean what they meant: of everything a few are
// compared, all are read.
func TestCountersOfEveryGenerationAreRead(t *testing.T) {
	const compared = 3 // of each kind
	counters := map[string]func(*testing.T, table.Item) ([]string, error){
		"block": blockMeans, "log": logMeans, "merge": mergedMeans,
		"detail": func(_ *testing.T, item table.Item) ([]string, error) {
			diffs, err := decodeDifferences(item.Value)
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
		means, err := counters[part[1]](t, r.Item)
		if err != nil {
			t.Errorf("%s: %v", r.Name(), err)
		}
		if kinds[kind]++; kinds[kind] <= compared {
			meanings.Check(r, means)
		}
	}
	wanted := []string{"log", "merge", "detail 0", "detail d", "open"}
	for _, c := range classes {
		wanted = append(wanted, "block "+c.name)
	}
	for _, kind := range wanted {
		if kinds[kind] == 0 {
			t.Errorf("no generation has a record of %s", kind)
		}
	}
}

func blockMeans(_ *testing.T, item table.Item) (out []string, err error) {
	err = eachStored(item.Value, func(c cell) {
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

func logMeans(_ *testing.T, item table.Item) ([]string, error) {
	l, err := decodeLog(item, nil)
	return append([]string{fmt.Sprintf("%d at %d goes on %v mended %v", l.Seq, l.At, l.GoesOn, l.mended)}, differencesMean(l.Diffs)...), err
}

func mergedMeans(t *testing.T, item table.Item) ([]string, error) {
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	state := db.Table("state")
	if err := state.Write(context.Background(), table.Op{Item: item}); err != nil {
		return nil, err
	}
	m, err := ReadMerged(context.Background(), state, tuple.Split(item.Part)[0])
	return []string{fmt.Sprintf("merged %d intent %d long %d to %d version %d", m.Merged, m.Intent, m.LongFrom, m.LongTo, m.version)}, err
}
