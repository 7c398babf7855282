// Package generation builds what is derived of a tenant a second time, from the journal,
// beside what serves: facts, log and blocks by this code's version of the measures. Events go
// on to be folded into the generation that serves, by whatever version counts that; its log
// names every fact that changes, and the builder folds those anew from the journal. When the
// new generation was found without differences it is made to serve, by one conditional write.
// The old one stays as it is until it is deleted, and can be caught up with and made to serve
// again in the same way, by the version that counts it.
//
// In: the two tables and a tenant. Out: a generation. shared/DESIGN.md says why nothing is
// lost between the two.
package generation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/fold"
	"chatreports/shared/measure"
	"chatreports/shared/table"
	"chatreports/shared/verify"
)

// Builder builds generations of one tenant. Nobody else should at the same time: what two
// build comes out right, and costs twice as much.
type Builder struct {
	Journal, State table.Table
	Tenant         string
	// Version is the version of the measures that is counted by; nil: the current one.
	Version *measure.Version
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Dir is where temporary files go, if there are many entities; empty: where the system puts them.
	Dir string
	// Progress hears now and then how far a Build is; nil: nobody does.
	Progress func(done, of int)

	folders map[uint32]*fold.Folder
}

func (b *Builder) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

func (b *Builder) version() *measure.Version {
	if b.Version == nil {
		return &measure.Current
	}
	return b.Version
}

// space is where a generation lies.
func (b *Builder) space(number uint32) table.Table {
	return counter.Space(b.State, b.Tenant, number)
}

// folder folds into a generation, whichever serves.
func (b *Builder) folder(number uint32) *fold.Folder {
	if b.folders == nil {
		b.folders = map[uint32]*fold.Folder{}
	}
	f := b.folders[number]
	if f == nil {
		f = fold.New(b.Journal, b.State, b.now)
		f.Version, f.Only = b.version(), &number
		b.folders[number] = f
	}
	return f
}

// change changes what is noted of the tenant's generations.
func (b *Builder) change(ctx context.Context, change func(*cell.Generations) error) (cell.Merged, error) {
	return counter.Change(ctx, b.State, b.Tenant, func(m *cell.Merged) error {
		if m.Generations == nil {
			m.Generations = &cell.Generations{All: []cell.Generation{{Catalogue: m.Catalogue, Built: 1}}}
		}
		return change(m.Generations)
	})
}

// List is what there is of the tenant: a generation of number 0 if no other was ever built.
func (b *Builder) List(ctx context.Context) (*cell.Generations, error) {
	m, err := counter.ReadMerged(ctx, b.State, b.Tenant)
	if m.Generations == nil {
		m.Generations = &cell.Generations{All: []cell.Generation{{Catalogue: m.Catalogue, Built: 1}}}
	}
	return m.Generations, err
}

// find is a generation by its number.
func find(g *cell.Generations, number uint32) (*cell.Generation, error) {
	i := slices.IndexFunc(g.All, func(one cell.Generation) bool { return one.Number == number })
	if i < 0 {
		return nil, fmt.Errorf("there is no generation %d; there are %s", number, numbers(g))
	}
	return &g.All[i], nil
}

func numbers(g *cell.Generations) string {
	out := make([]uint32, len(g.All))
	for i := range g.All {
		out[i] = g.All[i].Number
	}
	return fmt.Sprint(out)
}

// own is a generation that this version counts, and that does not serve.
func (b *Builder) own(ctx context.Context, number uint32) (*cell.Generation, error) {
	all, err := b.List(ctx)
	if err != nil {
		return nil, err
	}
	g, err := find(all, number)
	switch {
	case err != nil:
		return nil, err
	case g.Number == all.Serving:
		return nil, fmt.Errorf("generation %d is the one that serves", number)
	}
	return g, b.version().Check(b.Tenant, g.Catalogue)
}

// Verify compares a generation with the journal, while it goes on to catch up. If all of it was
// compared and nothing differs, it is noted that it may serve.
func (b *Builder) Verify(ctx context.Context, number uint32, o verify.Options) (report verify.Report, err error) {
	if _, err := b.CatchUp(ctx, number); err != nil {
		return report, err
	}
	following, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- b.Follow(following, number) }()
	o.Tenant, o.Version, o.Rebuild, o.Dir = b.Tenant, b.version(), false, b.Dir
	report, err = verify.Run(ctx, b.Journal, b.space(number), o)
	stop()
	err = errors.Join(err, <-followed)
	if err != nil || len(report.Differences) > 0 || report.Behind > 0 {
		return report, err
	}
	_, err = b.change(ctx, func(all *cell.Generations) error {
		g, err := find(all, number)
		if err == nil {
			g.Verified = b.now().UnixMilli()
		}
		return err
	})
	return report, err
}
