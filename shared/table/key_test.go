package table_test

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"chatreports/shared/table"
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

// checkKey wants Split to give back what Join was given, and Join to build
// nothing that a table refuses for its characters.
func checkKey(t *testing.T, values []string) bool {
	key := table.Join(values...)
	if got := table.Split(key); !slices.Equal(got, values) {
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
		checkKey(t, v)
	}
	if err := quick.Check(func(raw [][]byte) bool { // any bytes, mostly not UTF-8
		values := make([]string, len(raw))
		for i := range raw {
			values[i] = string(raw[i])
		}
		return checkKey(t, values)
	}, nil); err != nil {
		t.Error(err)
	}
	if err := quick.Check(func(values []string) bool { return checkKey(t, values) }, nil); err != nil {
		t.Error(err)
	}
}

func TestNoTwoListsGiveTheSameKey(t *testing.T) {
	keys := map[string][]string{}
	for _, v := range odd {
		k := table.Join(v...)
		if w, ok := keys[k]; ok {
			t.Errorf("%q and %q both give %q", v, w, k)
		}
		keys[k] = v
	}
}

func FuzzKey(f *testing.F) {
	for _, v := range odd {
		f.Add(strings.Join(v, "|"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s != "" {
			checkKey(t, strings.Split(s, "|"))
		}
		if again := table.Split(table.Join(table.Split(s)...)); !slices.Equal(again, table.Split(s)) { // anything may be split
			t.Errorf("%q is %q, and then %q", s, table.Split(s), again)
		}
	})
}

func TestWriteOfManyAllowedRecordsIsRefusedByItsSum(t *testing.T) {
	var ops []table.Op
	for i := range 20 {
		ops = append(ops, table.Op{Item: table.Item{
			Key: table.Key{Part: "p", Sort: string(rune('a' + i))}, Value: make([]byte, 300<<10), Version: 1,
		}})
	}
	if err := table.CheckEach(ops); err != nil {
		t.Error(err)
	}
	if err := table.CheckWrite(ops[:13]); err != nil {
		t.Error(err)
	}
	if err := table.CheckWrite(ops); err == nil {
		t.Error("6 MB in one write are allowed")
	}
}
