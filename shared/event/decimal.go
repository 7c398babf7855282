package event

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a number in millionths, so that sums of values are exact in any order.
type Decimal int64

var errDecimal = errors.New("not a decimal number with at most six decimals, below a trillion")

const (
	million  = 1_000_000
	trillion = 1_000_000_000_000
)

// UnmarshalJSON reads a JSON number.
func (d *Decimal) UnmarshalJSON(raw []byte) error {
	r, ok := number(string(raw))
	if !ok || new(big.Rat).Abs(r).Cmp(big.NewRat(trillion, 1)) >= 0 {
		return errDecimal
	}
	if r.Mul(r, big.NewRat(million, 1)); !r.IsInt() {
		return errDecimal
	}
	*d = Decimal(r.Num().Int64())
	return nil
}

// number reads a JSON number of a reasonable length from its text, exactly.
func number(s string) (*big.Rat, bool) {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') || len(s) > 64 {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n < -100 || n > 100 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

// wholeNumber reads a JSON number that is whole, however it is written: 5, 5.0, 5e0.
func wholeNumber(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	r, ok := number(s)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// MarshalJSON writes the shortest decimal.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// String is the shortest decimal.
func (d Decimal) String() string {
	s := big.NewRat(int64(d), million).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
