package tuple_test

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"chatreports/shared/tuple"
)

var odd = [][]string{
	nil,
	{""},
	{"", ""},
	{"%"},
	{"%%"},
	{"a%"},
	{"%2F"},
	{"%2"},
	{"/"},
	{"a/b", "c"},
	{"a", "b/c"},
	{"1", "23"},
	{"12", "3"},
	{"\x00"},
	{"\x7f\x1f"},
	{"\xff"},
	{"\xe6\x97"},
	{"\xed\xa0\x80"},
	{"日本", "🙂"},
	{"\U0010FFFF"},
	{"\uFFFD"},
	{"x\U0010FFFFy", ""},
}

// check wants Split to give back what Join was given, and Join to build nothing
// that a table refuses for its characters.
func check(t *testing.T, values []string) bool {
	key := tuple.Join(values...)
	if got := tuple.Split(key); !slices.Equal(got, values) {
		t.Errorf("Split(Join(%q)) = %q by way of %q", values, got, key)
		return false
	}
	if !utf8.ValidString(key) || strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x10FFFF }) {
		t.Errorf("Join(%q) = %q", values, key)
		return false
	}
	return true
}

func TestSplitGivesBackWhatJoinWasGiven(t *testing.T) {
	for _, v := range odd {
		check(t, v)
	}
	if err := quick.Check(func(raw [][]byte) bool { // any bytes, mostly not UTF-8
		values := make([]string, len(raw))
		for i := range raw {
			values[i] = string(raw[i])
		}
		return check(t, values)
	}, nil); err != nil {
		t.Error(err)
	}
	if err := quick.Check(func(values []string) bool { return check(t, values) }, nil); err != nil {
		t.Error(err)
	}
}

func TestNoTwoListsGiveTheSameString(t *testing.T) {
	keys := map[string][]string{}
	for _, v := range odd {
		k := tuple.Join(v...)
		if w, ok := keys[k]; ok {
			t.Errorf("%q and %q both give %q", v, w, k)
		}
		keys[k] = v
	}
}

func FuzzJoin(f *testing.F) {
	for _, v := range odd {
		f.Add(strings.Join(v, "|"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s != "" {
			check(t, strings.Split(s, "|"))
		}
		if again := tuple.Split(tuple.Join(tuple.Split(s)...)); !slices.Equal(again, tuple.Split(s)) { // anything may be split
			t.Errorf("%q is %q, and then %q", s, tuple.Split(s), again)
		}
	})
}
