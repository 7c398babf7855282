package drift

import (
	"cmp"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// exact is a number: the float64 that is next to it, and its decimal text.
type exact struct {
	near float64
	text string
}

// exactly is the number that raw is, or its text is, and which f is next to. One that is
// written with an exponent is f itself, which no exponent makes long.
func exactly(raw json.RawMessage, f float64) exact {
	text := string(raw)
	_ = json.Unmarshal(raw, &text) // a number stays as it is written
	if strings.ContainsAny(text, "eE") {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return exact{f, text}
}

// numeric is an id as a number, for comparisons.
func numeric(id string) (float64, bool) {
	if !decimal.MatchString(id) {
		return 0, false
	}
	f, err := strconv.ParseFloat(id, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// compare compares two numbers: of different ones the float64s next to them stand in the same
// order, unless they are the same.
func (e exact) compare(other exact) int {
	if e.near != other.near || e.text == other.text {
		return cmp.Compare(e.near, other.near)
	}
	return e.rat().Cmp(other.rat())
}

func (e exact) rat() *big.Rat {
	if r, ok := new(big.Rat).SetString(e.text); ok {
		return r
	}
	return new(big.Rat).SetFloat64(e.near)
}
