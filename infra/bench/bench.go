package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chatreports/shared/cell"
	"chatreports/shared/event"
	"chatreports/shared/table"
)

// bench runs everything.
func bench(ctx context.Context, p *printer, o options) error {
	began := time.Now()
	speed, err := machine()
	if err != nil {
		return err
	}
	p.section("This machine, as busy as it is: %d processors, %.0f MB of SHA-256 a second of processor time", runtime.NumCPU(), speed)
	for _, part := range []struct {
		name string
		run  func(context.Context, *printer, options) error
	}{{"live", liveAtEach}, {"backfill", inBulk}, {"fold", processor}, {"store", durable}, {"extract", rowsOut}, {"files", files}, {"webhook", payloads}, {"drift", queries}, {"generation", changeUnderLoad}, {"beside", backfillBeside}, {"cardinality", cardinality}} {
		if !strings.Contains(o.parts, part.name) {
			continue
		}
		if err := part.run(ctx, p, o); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if o.engine != "embedded" {
		if err := crossCheck(ctx, p, o); err != nil {
			return err
		}
	}
	p.section("%.0f s in all, %.0f s of processor time; targets missed:", time.Since(began).Seconds(), cpuTime().Seconds())
	_, _ = fmt.Fprintln(p.out, strings.Join(append(p.missed(), "  (that is all)"), "\n"))
	return nil
}

// measuredScale is what the live run at a scale gave.
type measuredScale struct {
	stretch
	asked []series // per question of watched
}

// liveAtEach runs a live stretch at each scale and number of shards.
func liveAtEach(ctx context.Context, p *printer, o options) error {
	var out []measuredScale
	p.section("Write units per event, all in, live in windows of %v", window)
	for _, scale := range o.scales {
		for n, shards := range o.shards {
			m := measuredScale{stretch: stretchOf(scale, shards, o.quick)}
			ask := func(*chain, *memory) error { return nil }
			if n == 0 {
				m.asked = make([]series, len(watched()))
				ask = func(c *chain, t *memory) error { return m.ask(ctx, c, t) }
			}
			w, err := m.run(ctx, ask)
			if err != nil {
				return err
			}
			p.add(result{
				What:  fmt.Sprintf("live at %g×, %d shards, %v from %s, %d events", scale, shards, m.length, peak.Format("15:04"), w.Events),
				Limit: "1.0", Target: 6, Measured: w.perEvent(), Unit: "WU", Detail: w.kinds(),
			})
			if n == 0 {
				out = append(out, m)
			}
		}
	}
	reportTargets(p, out)
	return nil
}

// ask asks the watched questions.
func (m *measuredScale) ask(ctx context.Context, c *chain, t *memory) error {
	for i, q := range watched() {
		r, err := read(ctx, t, q, c.now)
		if err != nil {
			return err
		}
		if err := r.time(ctx, t, q, c.now, 60*time.Millisecond); err != nil {
			return err
		}
		m.asked[i] = append(m.asked[i], r)
	}
	return nil
}

// inBulk counts a backfill at 1×, and what every report over it costs.
func inBulk(ctx context.Context, p *printer, o options) error {
	end := lastDay.AddDate(0, 0, 1)
	start := end.AddDate(0, 0, -o.days)
	p.section("Backfill in full batches: %d events an append, up to %d a fold", appendBatch, streamBatch)
	m := newMemory()
	w, err := backfill(ctx, newCounters(newMemory(), m), workload(1, start, end))
	if err != nil {
		return err
	}
	p.add(result{What: fmt.Sprintf("backfill at 1×, %d days, %d events", o.days, w.Events), Limit: "1.0", Target: 2.3, Measured: w.perEvent(), Unit: "WU", Detail: w.kinds()})
	blockSizes(p, m)
	for _, all := range []struct {
		zone, what string
		every      bool
	}{
		{"Asia/Kathmandu", "every group and filter, Asia/Kathmandu", true},
		{"Europe/Berlin", "by day, Europe/Berlin", false},
		{"+05:17", "by day in +05:17, whose days cut a quarter hour each", false},
	} {
		questions := everything(all.zone, all.every)
		readings, err := sweep(ctx, m, questions, end)
		if err != nil {
			return err
		}
		p.section("Every report over the month, %s, after the backfill: %d questions", all.what, len(questions))
		if !all.every {
			for _, r := range readings {
				p.add(result{What: r.Question, Measured: float64(r.Units), Unit: "RU", Detail: fmt.Sprintf("%d round trips, %.1f ms CPU, %v", r.Depth, millisOf(&r), r.Kinds)})
			}
		}
		var deep []string
		for _, r := range readings {
			if r.Depth > 2 {
				deep = append(deep, fmt.Sprintf("%s (%d)", r.Question, r.Depth))
			}
		}
		worst, costly, slow := readings.max(depthOf), readings.max(unitsOf), readings.max(millisOf)
		p.add(
			result{What: "most round trips one after another, " + all.zone, Limit: "1", Target: 2, Measured: float64(worst.Depth), Detail: strings.Join(deep, ", ")},
			result{What: "most read units, " + all.zone, Measured: float64(costly.Units), Unit: "RU", Detail: fmt.Sprintf("%s: %v", costly.Question, costly.Kinds)},
			result{What: "slowest, " + all.zone, Measured: millisOf(&slow), Unit: "ms CPU", Detail: slow.Question},
		)
	}
	return nil
}

// blockSizes prints how large a day of one series is, by class and series.
func blockSizes(p *printer, m *memory) {
	p.section("A day's counters of one series as stored, after the backfill: the mean, and the largest day")
	type series struct{ class, dims string }
	type day struct {
		series
		value string
		day   cell.Day
	}
	days := map[day]int{}
	for part, items := range m.parts {
		k := table.Split(part)
		for _, item := range items {
			if value, on, ok := cell.BlockOf(item.Key); ok {
				days[day{series{k[2], k[3]}, value, on}] += item.Size()
			}
		}
	}
	bytes, largest, n := map[series]int{}, map[series]int{}, map[series]int{}
	for d, size := range days {
		bytes[d.series] += size
		largest[d.series] = max(largest[d.series], size)
		n[d.series]++
	}
	all := slices.SortedFunc(maps.Keys(bytes), func(a, b series) int {
		return cmp.Or(cmp.Compare(a.dims, b.dims), cmp.Compare(a.class, b.class))
	})
	var out []result
	for _, s := range all {
		out = append(out, result{
			What: s.dims + " " + s.class, Limit: fmt.Sprintf("largest %d", largest[s]), Measured: math.Round(float64(bytes[s]) / float64(n[s])), Unit: "bytes",
		})
	}
	p.add(out...)
}

// sweep asks every question once.
func sweep(ctx context.Context, m *memory, questions []question, now time.Time) (out series, err error) {
	for _, q := range questions {
		r, err := read(ctx, m, q, now)
		if err != nil {
			return nil, err
		}
		if err := r.time(ctx, m, q, now, 0); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// reportTargets prints what the watched questions cost at each scale.
func reportTargets(p *printer, scales []measuredScale) {
	for i, q := range watched() {
		p.section("%v, a month, at %d moments of the live stretch; units at the worst", q, moments)
		named := i < 2 // the report that the targets are about
		for _, m := range scales {
			s := m.asked[i]
			units, depth, cpu := result{
				What: fmt.Sprintf("read units at %g×", m.scale), Measured: s.worst(unitsOf), Unit: "RU",
				Detail: fmt.Sprintf("mean %.1f, at the worst moment %v", s.mean(unitsOf), s.max(unitsOf).Kinds),
			},
				result{What: fmt.Sprintf("round trips one after another at %g×", m.scale), Limit: "1", Target: 2, Measured: s.worst(depthOf)},
				result{
					What: fmt.Sprintf("processor time at %g×", m.scale), Measured: s.mean(millisOf), Unit: "ms",
					Detail: fmt.Sprintf("worst %.2f ms, %.0f allocations", s.worst(millisOf), s.mean(allocsOf)),
				}
			if named {
				units.Target, cpu.Target = 40, 2
			}
			p.add(units, depth, cpu)
		}
		first := scales[0].asked[i]
		for _, m := range scales[1:] {
			s := m.asked[i]
			p.add(result{What: fmt.Sprintf("read units at %g× to %g×", m.scale, scales[0].scale), Limit: "1", Target: 1.1, Measured: s.mean(unitsOf) / first.mean(unitsOf)},
				result{What: fmt.Sprintf("processor time at %g× to %g×", m.scale, scales[0].scale), Limit: "1", Target: 1.1, Measured: s.mean(millisOf) / first.mean(millisOf)})
		}
	}
}

// processor measures the fold.
func processor(ctx context.Context, p *printer, o options) error {
	p.section("Fold, processor time per event (all of the fold's and the merges' work, tables in memory)")
	for _, scale := range o.scales {
		length := time.Duration(float64(10*time.Hour) / max(1, scale))
		f, err := foldLive(ctx, scale, length/4, length)
		if err != nil {
			return err
		}
		p.add(result{
			What: fmt.Sprintf("live at %g×, %d events", scale, f.Events), Target: 25, Measured: micros(f.CPU), Unit: "µs",
			Detail: fmt.Sprintf("%.0f allocations, %.0f bytes", f.Allocs, f.Bytes),
		})
	}
	f, err := foldBackfill(ctx, workload(1, lastDay, lastDay.AddDate(0, 0, 1)))
	if err != nil {
		return err
	}
	p.add(result{
		What: fmt.Sprintf("backfill at 1×, %d events", f.Events), Target: 25, Measured: micros(f.CPU), Unit: "µs",
		Detail: fmt.Sprintf("%.0f allocations, %.0f bytes", f.Allocs, f.Bytes),
	})
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// storeDays bounds what is stored durably and in the peer.
const storeDays = 10

// durable takes a backfill into the embedded engine with fsync, and asks the peer
// the same questions.
func durable(ctx context.Context, p *printer, o options) error {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	end := lastDay.AddDate(0, 0, 1)
	events := workload(1, end.AddDate(0, 0, -min(o.days, storeDays)), end)
	db, n, took, err := stored(ctx, dir, events)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	p.section("Embedded engine, every append and fold durable (fsync) before the next")
	p.add(result{What: fmt.Sprintf("backfill, %d events", n), Measured: float64(n) / took.Seconds(), Unit: "events/s"})
	if o.postgres == "none" {
		return nil
	}
	dsn, stop, err := rivalAt(ctx, o)
	if err != nil {
		return err
	}
	defer stop()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	return against(ctx, p, &peer{conn}, db.Table("state"), events, end)
}

// against compares the peer's answers with the product's over the same events, and
// then both their times.
func against(ctx context.Context, p *printer, rival *peer, state table.Table, events iter.Seq[event.Event], now time.Time) error {
	if err := rival.load(ctx, events); err != nil {
		return fmt.Errorf("loading the peer: %w", err)
	}
	p.section("Peer: the same reports as SQL over the raw events in PostgreSQL, all of them cached; the answers are equal")
	for _, r := range rivals() {
		if err := rival.agrees(ctx, &r, state, now); err != nil {
			return err
		}
	}
	for _, r := range rivals() {
		theirs, err := measured(300*time.Millisecond, func() error {
			_, err := rival.rows(ctx, &r)
			return err
		})
		if err != nil {
			return err
		}
		ours, err := measured(100*time.Millisecond, func() error {
			_, err := answer(ctx, state, r.question, now)
			return err
		})
		if err != nil {
			return err
		}
		p.add(result{
			What: r.question.String(), Measured: float64(theirs.Wall) / float64(ours.Wall), Unit: "times as fast",
			Detail: fmt.Sprintf("%.2f ms, SQL %.0f ms", float64(ours.Wall)/1e6, float64(theirs.Wall)/1e6),
		})
	}
	return nil
}
