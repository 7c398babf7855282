package event

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a number in millionths, so that sums of values are exact in any order.
type Decimal int64

var errDecimal = errors.New("not a decimal number with at most six decimals, below a trillion")

// UnmarshalJSON reads a JSON number.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	s := string(raw)
	if _, exponent, ok := strings.Cut(strings.ToLower(s), "e"); ok && len(exponent) > 3 {
		return errDecimal
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) >= 1e12 || len(s) > 64 {
		return errDecimal
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return errDecimal
	}
	r.Mul(r, big.NewRat(1_000_000, 1))
	if !r.IsInt() {
		return errDecimal
	}
	*d = Decimal(r.Num().Int64())
	return nil
}

// MarshalJSON writes the shortest decimal.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// String is the shortest decimal.
func (d Decimal) String() string {
	s := big.NewRat(int64(d), 1_000_000).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Float is the nearest float64.
func (d Decimal) Float() float64 { return float64(d) / 1e6 }
