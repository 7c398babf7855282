package dashboard_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestRowsStandBesideThoseBefore compares what a table of departments says of the day before
// with the report of that day.
func TestRowsStandBesideThoseBefore(t *testing.T) {
	s := centre(t)
	asked := func(target string) string { _, _, body := get(t, s, target, ""); return body }
	_, _, page := get(t, s, "/dashboard/departments?range=yesterday&zone=UTC&compare=previous", "a secret")
	_, table, _ := strings.Cut(page, `id="departments-table"`)
	table, _, _ = strings.Cut(table, "</table>")
	compared := 0
	for _, told := range report[[]struct {
		DepartmentID string
		ChatRequests int
	}](t, asked, "chatVolume?group=department&timezone=UTC&timeFrom=2026-03-03T00:00:00&timeTo=2026-03-04T00:00:00") {
		_, line, ok := strings.Cut(table, `data-key="`+told.DepartmentID+`"`)
		_, cell, _ := strings.Cut(line, "<td")
		cell, _, _ = strings.Cut(cell, "</td>")
		if want := fmt.Sprintf(">before: %d<", told.ChatRequests); !ok || told.ChatRequests > 0 && !strings.Contains(cell, want) {
			t.Errorf("of %s it says %q, without %q", told.DepartmentID, cell, want)
		} else if told.ChatRequests > 0 {
			compared++
		}
	}
	if compared < 2 {
		t.Errorf("%d departments were compared", compared)
	}
}

// TestWhatCannotBeCompared asks for a range that goes on, and for one before which there was
// nothing.
func TestWhatCannotBeCompared(t *testing.T) {
	s := centre(t)
	const goesOn, nothing = "The range is not over", "Of the range compared with, nothing is known."
	for _, c := range []struct {
		query      string
		says, not  string
		mayBeWorse bool
	}{
		{"range=yesterday&compare=previous", "", goesOn, true},
		{"range=today&compare=previous", goesOn, nothing, false},
		{"range=yesterday&compare=lastYear", nothing, goesOn, false},
		{"range=today", "", goesOn, false},
	} {
		for _, path := range []string{"/", "/dashboard/departments"} {
			_, _, page := get(t, s, path+"?zone=UTC&"+c.query, "a secret")
			if !strings.Contains(page, c.says) || strings.Contains(page, c.not) {
				t.Errorf("%s with %s says not %q, or %q", path, c.query, c.says, c.not)
			}
			_, missed, _ := strings.Cut(page, `data-name="missedChats"`)
			missed, _, _ = strings.Cut(missed, "</dl>")
			verdict := strings.Contains(page, `<small class="better"`) || strings.Contains(page, `<small class="worse"`)
			if c.mayBeWorse != verdict && (c.says != goesOn) {
				t.Errorf("%s with %s: a verdict is %t, want %t", path, c.query, verdict, c.mayBeWorse)
			}
			if _, missed, _ = strings.Cut(missed, "<small "); path == "/" && c.says == goesOn && !strings.HasPrefix(missed, `class="other"`) && !strings.HasPrefix(missed, `class="same"`) {
				t.Errorf("%s with %s has a verdict on a count: %.200s", path, c.query, missed)
			}
		}
	}
}
