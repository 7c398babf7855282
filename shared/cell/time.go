package cell

import "time"

// QuarterMillis is the length of a quarter hour.
const QuarterMillis = 15 * 60 * 1000

// Quarter numbers the quarter hours since 1970-01-01T00:00Z.
type Quarter int64

// QuarterOf is the quarter hour that a moment lies in.
func QuarterOf(ms int64) Quarter { return Quarter(floorDiv(ms, QuarterMillis)) }

// Start is the quarter's first millisecond.
func (q Quarter) Start() int64 { return int64(q) * QuarterMillis }

// Quarters is a half-open range of quarter hours.
type Quarters struct{ From, To Quarter }

// QuartersOfDay are the quarter hours of a UTC day.
const QuartersOfDay = 96

// DayMillis is the length of a UTC day.
const DayMillis = QuartersOfDay * QuarterMillis

// Day is a UTC day as its first millisecond.
type Day int64

// DayOf is the day a moment lies in.
func DayOf(ms int64) Day { return Day(floorDiv(ms, DayMillis) * DayMillis) }

// Quarters are those of the day.
func (d Day) Quarters() Quarters {
	first := QuarterOf(int64(d))
	return Quarters{first, first + QuartersOfDay}
}

func (d Day) String() string { return time.UnixMilli(int64(d)).UTC().Format(time.DateOnly) }

func floorDiv(a, b int64) int64 {
	d := a / b
	if a%b < 0 {
		d--
	}
	return d
}
