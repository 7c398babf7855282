package cell

import (
	"errors"
	"slices"
	"testing"
)

// A chunk that names runs is read as it was written, and nothing else is taken for one.
func TestAChunkThatNamesRuns(t *testing.T) {
	c := Chunk{Runs: []Run{{"0/a", 7}, {"0/b", 1 << 40}}, Differences: EncodeDifferences(someDifferences())}
	got, err := DecodeChunk(c.Encode())
	if err != nil || !slices.Equal(got.Runs, c.Runs) || !slices.Equal(got.Differences, c.Differences) {
		t.Errorf("%+v, %v", got, err)
	}
	plain, err := DecodeChunk(c.Differences)
	if err != nil || plain.Runs != nil || !slices.Equal(plain.Differences, c.Differences) {
		t.Errorf("%+v, %v", plain, err)
	}
	for n := range 8 {
		if _, err := DecodeChunk(c.Encode()[:1+n]); n > 0 && !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
