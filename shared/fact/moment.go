package fact

// Moment is a time that may not have come: Unix milliseconds, stored as they are, and 0
// for never. The first millisecond of 1970 is stored as another number.
type Moment int64

const epoch = Moment(Forever / 2)

func moment(ms int64) Moment {
	if ms == 0 {
		return epoch
	}
	return Moment(ms)
}

// Came says whether it has come.
func (m Moment) Came() bool { return m != 0 }

// Millis is the time in Unix milliseconds; of one that has not come, 0.
func (m Moment) Millis() int64 {
	if m == epoch {
		return 0
	}
	return int64(m)
}

// MomentOf is the moment of a time in Unix milliseconds.
func MomentOf(ms int64) Moment { return moment(ms) }
