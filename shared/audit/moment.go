package audit

import (
	"context"
	"fmt"
	"slices"

	"chatreports/shared/cell"
	"chatreports/shared/counter"
	"chatreports/shared/derive"
	"chatreports/shared/measure"
	"chatreports/shared/table"
)

// Moment is the number of the log up to which it was merged when an audit began, and all
// that tells of the facts as of then: whatever is read later is taken back to it by the log.
//
// Begin with At, before anything else is read; show it every fact as it is read, with Saw;
// then let End read the log. From there on any days can be audited as of that number.
type Moment struct {
	state  table.Table
	tenant string
	merged cell.Merged
	// named are the facts that the log named beyond merged when the audit began, and
	// whether they were seen since.
	named map[string]bool
	// ahead are facts that stand beyond merged, or were removed there, and where.
	ahead map[string]uint64
	// documents are the times of all documents.
	documents cell.Documents

	// tail is the log beyond merged, and the first items of it that a merge has stopped
	// in front of, within one commit.
	tail []cell.LogItem
	rest int
	// held is what is held of documents.
	held []heldItem
	// changed says that merged is to be put, and lost what is wrong with what it names.
	changed bool
	lost    []Finding
}

// At begins an audit.
func At(ctx context.Context, state table.Table, tenant string) (*Moment, error) {
	m := &Moment{state: state, tenant: tenant, named: map[string]bool{}, ahead: map[string]uint64{}}
	var err error
	if m.merged, err = counter.ReadMerged(ctx, state, tenant); err != nil {
		return nil, err
	}
	for item, err := range counter.Since(ctx, state, tenant, m.merged.Merged) {
		if err != nil {
			return nil, err
		}
		for i := range item.Diffs {
			if d := &item.Diffs[i]; !derive.Derived.Has(d.Measure) {
				m.named[d.Fact] = false
			}
		}
	}
	return m, nil
}

// Saw notes a fact as it was read, also one that cannot be decoded. log is the number of the
// log item of its last commit that made a difference.
func (m *Moment) Saw(name string, log uint64, contributions []measure.Contribution) {
	if _, ok := m.named[name]; ok {
		m.named[name] = true
	}
	if log > m.merged.Merged {
		m.ahead[name] = log
	}
	for i := range contributions {
		if contributions[i].Measure == measure.Documents {
			m.documents.Note(&contributions[i])
		}
	}
}

// End reads the log, once all facts were seen. doubt are facts that were perhaps removed
// while they were read: if one of them is not there any more, nobody knows whether it was
// seen, and everything is to be read anew.
func (m *Moment) End(ctx context.Context) (found []Finding, doubt []string, err error) {
	if m.tail, err = counter.Tail(ctx, m.state, m.tenant, m.merged.Merged, nil); err != nil {
		return nil, nil, err
	}
	for name, seq := range m.ahead {
		if seq > m.end() {
			found = append(found, Finding{Kind: "log", Fact: name, Note: fmt.Sprintf("the fact stands at %d, the log ends at %d", seq, m.end())})
		}
	}
	doubt = m.removed()
	on, err := counter.GoesOn(ctx, m.state, m.tenant, m.merged.Merged)
	if err != nil {
		return nil, nil, err
	}
	for ; on && m.rest < len(m.tail); m.rest++ {
		on = m.tail[m.rest].GoesOn
	}
	err = m.readHeld(ctx)
	return append(found, m.lost...), doubt, err
}

// end is the number of the last item of the log.
func (m *Moment) end() uint64 { return m.merged.Merged + uint64(len(m.tail)) }

// removed finds the facts that were removed beyond merged. Who removes one takes back all
// that it contributed. If the log named it before anything was read and it was not seen, it
// was gone by then, and what it contributed is what the log takes back. Of a fact that was
// named only later nobody knows.
func (m *Moment) removed() (doubt []string) {
	last := map[string]uint64{} // the last item that does nothing but take back
	is := map[string]bool{}     // and it is the last that names the fact
	for i := range m.tail {
		adds := map[string]bool{}
		for j := range m.tail[i].Diffs {
			if d := &m.tail[i].Diffs[j]; !derive.Derived.Has(d.Measure) {
				adds[d.Fact] = adds[d.Fact] || d.N > 0
			}
		}
		for name, some := range adds {
			if is[name] = !some; !some {
				last[name] = m.tail[i].Seq
			}
		}
	}
	for name, seq := range last {
		seen, before := m.named[name]
		switch {
		case before && !seen:
			m.ahead[name] = seq
		case !before && m.ahead[name] == 0 && is[name]:
			doubt = append(doubt, name)
		}
	}
	slices.Sort(doubt)
	return doubt
}
