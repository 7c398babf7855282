package cell

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"chatreports/shared/document"
	"chatreports/shared/fact"
	"chatreports/shared/measure"
)

var yearBegin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

func contributed(d *document.Document) Difference {
	return Difference{Fact: "chat/" + d.ID, Contribution: measure.Contribution{Measure: measure.Documents, At: d.CreatedAt, Key: d.Encode(), N: 1}}
}

// Whatever is merged in whatever months, the time that is read holds every document that is
// within the bounds.
func TestNoDocumentWithinBoundsIsPassedOver(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := Merged{}
		if seed%4 == 3 { // some of it is of before
			m = Merged{Merged: 1, Intent: 1, Months: []int64{2025*12 + 2, 2025*12 + 4, 2031 * 12, 2031 * 12}}
		}
		months := int64(3)
		if seed%2 == 1 {
			months = 3 * mostLags
		}
		var all []document.Document
		lag := func() int64 { return r.Int64N([]int64{1000, 5 * hour, 60 * DayMillis}[r.IntN(3)]) - r.Int64N(2)*hour }
		moment := func(created int64) (m fact.Moment) {
			if r.IntN(3) > 0 {
				m = fact.MomentOf(created + lag())
			}
			return m
		}
		for seq := range uint64(30) {
			item := LogItem{Seq: m.Merged + 1 + seq, At: yearBegin}
			for range 5 {
				created := yearBegin + r.Int64N(months*30*DayMillis)
				d := document.Document{ID: "c", CreatedAt: created, UpdatedAt: created + max(0, lag()), FirstAgentMessage: moment(created), FirstClose: moment(created)}
				all = append(all, d)
				item.Diffs = append(item.Diffs, contributed(&d))
			}
			m.Intend([]LogItem{item})
		}
		raw, err := cbor.Marshal(&m)
		if err != nil || len(raw) > 1000 {
			t.Fatalf("%d bytes, %v", len(raw), err)
		}
		var back Merged
		if err := cbor.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(back.Documents, m.Documents) {
			t.Fatalf("%+v is read as %+v, %v", m.Documents, back.Documents, err)
		}
		for i := range all {
			if c := contributed(&all[i]).Contribution; !back.Documents.Cover(&c) {
				t.Fatalf("%+v is not covered", all[i])
			}
		}
		for range 200 {
			b := document.Unbounded()
			for range 1 + r.IntN(2) {
				d := &all[r.IntN(len(all))]
				of := document.Time(r.IntN(document.Times))
				at := d.Time(of).Millis()
				b[of] = []document.Span{{From: at - r.Int64N(DayMillis), To: at + r.Int64N(DayMillis)}, {From: at, To: document.Anytime.To}, {From: document.Anytime.From, To: at}}[r.IntN(3)]
			}
			read := back.Requested(&b)
			for i, in := range read {
				if in.From >= in.To || in.From%4 != 0 || in.To%4 != 0 || i > 0 && in.From < read[i-1].To {
					t.Fatalf("%v is no order of whole blocks", read)
				}
			}
			for i := range all {
				if b.Hold(&all[i]) && !holds(read, QuarterOf(all[i].CreatedAt)) {
					t.Fatalf("seed %d: %+v is within %v, and %v is read", seed, all[i], b, read)
				}
			}
		}
	}
}

func holds(in []Quarters, q Quarter) bool {
	for _, r := range in {
		if r.From <= q && q < r.To {
			return true
		}
	}
	return false
}

func hours(in []Quarters) (n Quarter) {
	for _, r := range in {
		n += (r.To - r.From) / 4
	}
	return n
}

// Chats that are closed within an hour are looked for a day and an hour, whatever others
// there are in other months; what was merged before is looked for in whole months.
func TestWhatIsReadIsLittle(t *testing.T) {
	june := yearBegin + 170*DayMillis
	var m Merged
	add := func(created, closed int64) {
		d := document.Document{ID: "c", CreatedAt: created, UpdatedAt: closed, FirstClose: fact.MomentOf(closed)}
		m.Intend([]LogItem{{Seq: m.Intent + 1, At: created, Diffs: []Difference{contributed(&d)}}})
		m.Merged = m.Intent
	}
	for day := range int64(365) {
		add(yearBegin+day*DayMillis, yearBegin+day*DayMillis+hour/2)
	}
	on := func(of document.Time) Quarter {
		b := document.Unbounded()
		b[of] = document.Span{From: june, To: june + DayMillis - 1}
		return hours(m.Requested(&b))
	}
	if n := on(document.FirstClose); n != 25 {
		t.Errorf("%d hours are read for those closed on a day", n)
	}
	if n := on(document.Created); n != 24 {
		t.Errorf("%d hours are read for those created on a day", n)
	}
	if n := on(document.FirstAgentMessage); n != 0 {
		t.Errorf("%d hours are read for those answered on a day, and none was", n)
	}
	add(june-10*DayMillis, june+DayMillis) // takes eleven days
	if n := on(document.FirstClose); n < 25+24*9 || n > 26+24*11 {
		t.Errorf("%d hours are read where one took eleven days", n)
	}
	m.Documents = nil
	add(june, june)
	if n := on(document.FirstClose); n != 365*24 {
		t.Errorf("%d hours are read where nothing is known", n)
	}
}
