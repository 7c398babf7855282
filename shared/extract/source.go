package extract

import (
	"context"
	"math"
	"slices"
	"time"

	"chatreports/shared/journal"
	"chatreports/shared/naming"
	"chatreports/shared/report"
	"chatreports/shared/table"
)

// Ground is where rows are told from.
type Ground struct {
	Journal, State table.Table
	// Dir is where temporary files go; empty: where the system puts them.
	Dir string
}

// Source is one window's chats and agents, their events and their names, as of one moment.
// It is made for one request, and so keeps the request's context. It may be used by many
// at once.
type Source struct {
	ctx       context.Context
	ground    *Ground
	window    *Window
	journal   *journal.Journal
	state     table.Table // of the generation that is read
	listing   *report.Listing
	directory *directory
	names     *names
}

// kinds are those that .updated events announce and rows name.
var kinds = []string{"agent", "department", "channel", "campaign", "invitation", "host"}

// Open begins to read for a window.
func (g *Ground) Open(ctx context.Context, w *Window) (*Source, error) {
	snapshot, err := report.Open(ctx, g.State, w.Tenant.ID, time.UnixMilli(w.Now), kinds...)
	if err != nil {
		return nil, err
	}
	listing, err := snapshot.Listing()
	if err != nil {
		return nil, err
	}
	s := &Source{ctx: ctx, ground: g, window: w, journal: journal.New(g.Journal), state: snapshot.State(), listing: listing}
	s.directory = &directory{naming.New(ctx, w.Tenant.ID, s.journal, listing), s}
	s.names = s.directory.keeping(mostNames)
	return s, nil
}

// CountedUntil is when the newest change was committed that the rows are told of, or the
// zero time where there is none. What arrived just before may have been on its way.
func (s *Source) CountedUntil() time.Time { return s.listing.CountedUntil() }

// Names are the names of everything. What could not be read is empty there, and Err says so.
func (s *Source) Names() Names { return s.names }

// Err is the first error of Names, and of the Later of agents.
func (s *Source) Err() error { return s.directory.Err() }

// Known lists, by id, the entities of a kind that were announced or that any event names.
func (s *Source) Known(kind string) ([]string, error) { return s.directory.Known(kind) }

// Days lists the midnights of the UTC days of [from, to), in order, on which there may be any
// chat or act.
func (s *Source) Days(from, to int64) []int64 { return s.listing.Days(from, to) }

// Acts yields what visitors did in [from, to), in no order: the N add up.
func (s *Source) Acts(from, to int64, f func(report.Act) error) error {
	return s.listing.Acts(from, to, f)
}

// Chats lists, by id, the chats to which anything happened on a UTC day of [from, to), or
// that an agent was in when it began.
func (s *Source) Chats(from, to int64) ([]string, error) {
	if from >= to {
		return nil, nil
	}
	all, err := s.inForce(from)
	if err != nil {
		return nil, err
	}
	for _, midnight := range s.listing.Days(from, to) {
		some, err := s.listing.Chats(midnight)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// inForce lists the chats an agent is in at a moment: at the beginning of time none.
func (s *Source) inForce(at int64) ([]string, error) {
	if at == math.MinInt64 {
		return nil, nil
	}
	return s.listing.InForce(at)
}

func (s *Source) entity(kind, id string) journal.Entity {
	return journal.Entity{Tenant: s.window.Tenant.ID, Kind: kind, ID: id}
}
