package fact

// AsOf leaves of a fact what one of an earlier generation would have noted of the same
// events.
func (f *Fact) AsOf(generation uint8) {
	if generation >= f.Generation {
		return
	}
	f.Generation = generation
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
