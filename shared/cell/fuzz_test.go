package cell

import (
	"bytes"
	"reflect"
	"testing"

	"chatreports/shared/measure"
)

func someDifferences() []Difference {
	site := measure.Dims{{Dim: measure.Site, ID: ""}}
	both := measure.Dims{{Dim: measure.Site, ID: ""}, {Dim: measure.Agent, ID: "7"}, {Dim: measure.AgentDepartment, ID: "7/x"}}
	return []Difference{
		{Fact: "chat/c/-", Contribution: measure.Contribution{Measure: measure.Chats, At: 1_700_000_000_000, Dims: both, N: 1}},
		{Fact: "chat/c/-", Contribution: measure.Contribution{Measure: measure.QueueLevel, At: 1_700_000_000_000, Until: 1_700_000_100_000, Dims: site, N: -1}},
		{Fact: "chat/d/-", Contribution: measure.Contribution{Measure: measure.QueueLevel, At: -5, Until: measure.Forever, Dims: site, N: 2}},
		{Fact: "chat/d/-", Contribution: measure.Contribution{Measure: measure.ChatsByPage, At: 1, Key: "https://example.com/", Dims: site, N: 3}},
		{Fact: "chat/d/-", Contribution: measure.Contribution{Measure: measure.Wait, At: 0, Value: -77, N: 1}},
	}
}

// FuzzDifferences: damage is an error, not a panic; what can be read is written and
// read again as the same.
func FuzzDifferences(f *testing.F) {
	f.Add(EncodeDifferences(nil))
	f.Add(EncodeDifferences(someDifferences()))
	var many []Difference
	for range 60 {
		many = append(many, someDifferences()...)
	}
	f.Add(EncodeDifferences(many)) // compressed
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{1, 0x28, 0xb5})
	f.Fuzz(func(t *testing.T, raw []byte) {
		diffs, err := DecodeDifferences(raw, nil)
		if err != nil {
			return
		}
		written := EncodeDifferences(diffs)
		again, err := DecodeDifferences(written, nil)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !reflect.DeepEqual(diffs, again) {
			t.Fatalf("%+v\ncame back as\n%+v", diffs, again)
		}
		if !bytes.Equal(written, EncodeDifferences(again)) {
			t.Fatal("the same differences are written in two ways")
		}
	})
}

func someCells() []Cell {
	return []Cell{
		{ID{column(measure.Chats, Count), 0, 0, ""}, 1},
		{ID{column(measure.Chats, Count), 95, 0, ""}, -3},
		{ID{column(measure.Wait, Millis), 7, 0, ""}, 123_456},
		{ID{column(measure.QueueLevel, subPart), 3, AtStart, ""}, 2},
		{ID{column(measure.QueueLevel, subPart), 3, 899_999, ""}, -2},
		{ID{column(measure.ChatsByPage, keyPart), 3, 0, "https://example.com/"}, 2},
		{ID{column(measure.ChatsByPage, keyPart), 3, 0, ""}, 1},
	}
}

// FuzzBlock: likewise, of blocks.
func FuzzBlock(f *testing.F) {
	f.Add(EncodeBlock(nil))
	f.Add(EncodeBlock(someCells()))
	var many []Cell
	for q := range int16(96) {
		many = append(many, Cell{ID{column(measure.Chats, Count), q, 0, ""}, int64(q) * 1000})
		many = append(many, Cell{ID{column(measure.ChatsByPage, keyPart), q, 0, string(rune('a' + q))}, 1})
	}
	f.Add(EncodeBlock(many)) // compressed
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add([]byte{1, 0x28, 0xb5})
	f.Fuzz(func(t *testing.T, raw []byte) {
		cells, err := DecodeBlock(raw)
		if err != nil {
			return
		}
		seen := map[ID]int64{}
		for _, c := range cells {
			if c.Quarter < 0 {
				t.Fatalf("%+v", c)
			}
			seen[c.ID] += c.N
		}
		if len(seen) != len(cells) {
			return // no writer writes a number twice; they add up all the same
		}
		written := EncodeBlock(cells)
		again, err := DecodeBlock(written)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		back := map[ID]int64{}
		for _, c := range again {
			back[c.ID] = c.N
		}
		if !reflect.DeepEqual(seen, back) {
			t.Fatalf("%+v\ncame back as\n%+v", seen, back)
		}
		if !bytes.Equal(written, EncodeBlock(again)) {
			t.Fatal("the same block is written in two ways")
		}
	})
}
