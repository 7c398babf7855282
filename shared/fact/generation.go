package fact

import "slices"

// AsOf leaves of a fact what one of an earlier generation would have noted of the same
// events.
func (f *Fact) AsOf(generation uint8) {
	if generation >= f.Generation {
		return
	}
	f.Generation = generation
	if f.Chat != nil && generation < 5 {
		f.Chat.Due, f.Chat.FirstResponses = 0, nil
	}
	if generation < 4 {
		f.Named = slices.DeleteFunc(f.Named, func(n Naming) bool { return n.Kind == KindCategory || n.Kind == KindSubCategory })
	}
	if generation < 3 {
		f.Named = nil
		if f.Chat != nil {
			f.Chat.Days = nil
		}
		if f.Agent != nil {
			f.Agent.Untold()
		}
	}
	if generation < 2 && f.Chat != nil {
		f.Chat.untimed()
	}
	if c := f.Chat; generation < 1 && c != nil {
		c.Marks = Marks{}
		if r := c.Request; r != nil {
			r.VisitorType, r.PlaybookID, r.Offline = "", "", false
		}
	}
}

// Untold leaves of an agent's day what one would know that goes on from a segment of a
// generation before states were told.
func (a *Agent) Untold() {
	for _, s := range []*AgentState{&a.Before, &a.After} {
		s.Told, s.Current, s.Series, s.AutoAssign = false, nil, nil, nil
	}
}
