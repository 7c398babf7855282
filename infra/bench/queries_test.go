package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The table of documents that DuckDB is asked is what the events come to.
func TestTheTableOfDocumentsIsWhatTheEventsComeTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "documents.csv")
	state, err := fillYear(t.Context(), newMemory(), newMemory(), 600, file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := append([]string{"conversationId"}, wantedMetrics...)
	for _, row := range table[1:] {
		line := []string{row[0]}
		for _, m := range wantedMetrics {
			line = append(line, row[slices.Index(table[0], m)])
		}
		want = append(want, line...)
	}
	q := openQuery{filter: `{"property": "updatedAt", "operation": "HAS_PROPERTY"}`}
	answer, err := (&asking{state, yearEnd}).answer(t.Context(), &q, "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(string(answer))).ReadAll()
	if err != nil || len(got) != 601 || !slices.Equal(slices.Concat(got...), want) {
		t.Errorf("%d rows that are others than those of the table, %v", len(got)-1, err)
	}
}
