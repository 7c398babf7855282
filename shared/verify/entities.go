package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/lanrat/extsort"

	"chatreports/shared/audit"
	"chatreports/shared/cell"
	"chatreports/shared/facts"
	"chatreports/shared/journal"
	"chatreports/shared/table"
)

// remembered is how many entities are remembered while they are listed: segments of a scan
// take turns.
const remembered = 4096

// sortedAtOnce is how many entities are sorted in memory; more are in temporary files.
var sortedAtOnce = 200_000

// entities yields what the journal has events of and what there are facts of, in order and
// each once, and notes the days that there are counters of.
func (v *verifier) entities(ctx context.Context) iter.Seq2[late, error] {
	return func(yield func(late, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // so that the sorter ends
		in := make(chan string, 256)
		sorter, sorted, failed := extsort.Strings(in, &extsort.Config{ChunkSize: sortedAtOnce, NumWorkers: 1, SortedChanBuffSize: 256, TempFilesDir: v.Dir})
		listing, ended := context.WithCancel(ctx)
		go func() {
			defer ended() // a sorter that failed takes nothing more
			sorter.Sort(ctx)
		}()
		err := v.list(listing, in)
		close(in)
		last := ""
		for name := range sorted {
			if err != nil {
				break
			}
			if name == last {
				continue
			}
			last = name
			p := table.Split(name)
			if !yield(late{Entity: journal.Entity{Tenant: v.Tenant, Kind: p[0], ID: p[1]}}, nil) {
				return
			}
		}
		if err == nil || errors.Is(err, context.Canceled) && ctx.Err() == nil { // the sorter knows more
			err = cmp.Or(<-failed, err, ctx.Err())
		}
		if err != nil {
			yield(late{}, err)
		}
	}
}

// list sends entities, some more than once.
func (v *verifier) list(ctx context.Context, to chan<- string) error {
	known := map[string]bool{}
	send := func(kind, id string) error {
		name := table.Join(kind, id)
		if known[name] {
			return nil
		}
		if len(known) == remembered {
			clear(known)
		}
		known[name] = true
		select {
		case to <- name:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for item, err := range v.events.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err != nil {
			return fmt.Errorf("scanning the journal: %w", err)
		}
		p := table.Split(item.Part)
		if len(p) != 3 {
			v.differ(Difference{What: "journal", Entity: item.Part, Note: "not the key of an entity"})
			continue
		}
		if err := send(p[1], p[2]); err != nil {
			return err
		}
	}
	for item, err := range v.state.Scan(ctx, table.Join(v.Tenant)+"/") {
		if err != nil {
			return fmt.Errorf("scanning the state: %w", err)
		}
		e, ok := facts.EntityOf(item.Key)
		if !ok {
			audit.StoredDays(item, func(d cell.Day) { v.days[d] += len(item.Value) })
			continue
		}
		if err := send(e.Kind, e.ID); err != nil {
			return err
		}
	}
	return nil
}
