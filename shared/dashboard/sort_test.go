package dashboard_test

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// sortedTable is a table as a page shows it: its heads, and the cells of each row below them.
type sortedTable struct {
	heads []head
	rows  [][]string // the name of the row, then its figures
}

type head struct{ name, sorted, href string }

// tableOf reads the table of a panel.
func tableOf(t *testing.T, page, panel string) (out sortedTable) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if id, _ := attribute(n, "id"); id != panel+"-table" {
			continue
		}
		for d := range n.Descendants() {
			scope, _ := attribute(d, "scope")
			switch {
			case scope == "col":
				h := head{}
				h.name, _ = attribute(d, "data-name")
				h.sorted, _ = attribute(d, "aria-sort")
				if link := d.FirstChild; link.Data == "a" {
					h.href, _ = attribute(link, "href")
				}
				out.heads = append(out.heads, h)
			case scope == "row":
				out.rows = append(out.rows, []string{inner(d)})
			case d.Data == "td":
				value, _ := attribute(d, "data-value")
				out.rows[len(out.rows)-1] = append(out.rows[len(out.rows)-1], value)
			}
		}
	}
	return out
}

// inner is the text within a node.
func inner(n *html.Node) (text string) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text += d.Data
		}
	}
	return text
}

// TestTablesAreSortedByTheirHeads follows the head of every column of every table, once and again,
// as a browser without a script does.
func TestTablesAreSortedByTheirHeads(t *testing.T) {
	s := centre(t)
	heads := 0
	for path, panels := range map[string][]string{
		"/dashboard/agents": {"agents"}, "/dashboard/departments": {"departments", "transfers"}, "/dashboard/queues": {"queues"},
		"/dashboard/satisfaction": {"rated"}, "/dashboard/bots": {"stories", "interactions"}, "/dashboard/conversions": {"actions", "invitations"},
	} {
		const query = "?range=last7&compare=previous"
		_, _, page := get(t, s, path+query, "a secret")
		for _, panel := range panels {
			table := tableOf(t, page, panel)
			if len(table.rows) < 2 || len(table.heads) < 2 || table.heads[1].sorted != "descending" {
				t.Fatalf("%s %s begins as %+v", path, panel, table)
			}
			checkOrder(t, panel, table)
			for column := range table.heads {
				heads++
				at, seen := table.heads[column].href, []string{}
				for range 2 {
					if !strings.HasPrefix(at, "?") || !strings.HasSuffix(at, "#"+panel) {
						t.Fatalf("%s: the head of column %d leads to %q", panel, column, at)
					}
					status, _, page := get(t, s, path+strings.TrimSuffix(at, "#"+panel), "a secret")
					again := tableOf(t, page, panel)
					if status != http.StatusOK || len(again.rows) != len(table.rows) || again.heads[column].sorted == "" || !strings.Contains(page, `name="sort" value="`) {
						t.Fatalf("%s: %q answers %d, %+v", panel, at, status, again.heads)
					}
					checkOrder(t, panel, again)
					seen = append(seen, again.heads[column].sorted)
					at = again.heads[column].href
				}
				slices.Sort(seen)
				if !slices.Equal(seen, []string{"ascending", "descending"}) {
					t.Errorf("%s: column %d is sorted %v", panel, column, seen)
				}
			}
		}
	}
	if heads < 40 {
		t.Errorf("only %d heads were followed", heads)
	}
}

// checkOrder says whether rows are in the order that one head says.
func checkOrder(t *testing.T, panel string, table sortedTable) {
	t.Helper()
	column := slices.IndexFunc(table.heads, func(h head) bool { return h.sorted != "" })
	sorted := 0
	for _, h := range table.heads {
		if h.sorted != "" {
			sorted++
		}
	}
	if sorted != 1 {
		t.Fatalf("%s: %d heads say that it is sorted", panel, sorted)
	}
	for i, row := range table.rows {
		if i == 0 || row[column] == "" {
			continue
		}
		before := table.rows[i-1][column]
		if before == "" {
			t.Errorf("%s: what has no figure is not at the end of column %d: %v", panel, column, table.rows)
			return
		}
		order := strings.Compare(strings.ToLower(before), strings.ToLower(row[column]))
		if column > 0 {
			x, _ := strconv.ParseFloat(before, 64)
			y, _ := strconv.ParseFloat(row[column], 64)
			order = cmp.Compare(x, y)
		}
		if order > 0 && table.heads[column].sorted == "ascending" || order < 0 && table.heads[column].sorted == "descending" {
			t.Errorf("%s: %s of %v after %s, column %d is %s", panel, row[column], row[0], before, column, table.heads[column].sorted)
		}
	}
}

// TestWhatCannotBeSortedIsNot: rows by time have no order but theirs, and a mistyped column is
// refused with those there are.
func TestWhatCannotBeSortedIsNot(t *testing.T) {
	s := centre(t)
	_, _, page := get(t, s, "/dashboard/agents?range=last7&sort=-avgScore", "a secret")
	for _, h := range tableOf(t, page, "workload").heads {
		if h.sorted != "" || h.href != "" {
			t.Errorf("rows by time can be sorted: %+v", h)
		}
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if href, _ := attribute(n, "href"); n.Data == "a" && n.Parent.Data == "nav" && strings.Contains(href, "sort=") {
			t.Errorf("the menu leads to %s", href)
		}
	}
	for path, want := range map[string]string{
		"/dashboard/agents?sort=scores": "'sort' is invalid: \"scores\" is none of agentUtilization, avgAgentResponseTime",
		"/?sort=chats":                  "'sort' is invalid: nothing on this page can be sorted",
	} {
		if status, _, page := get(t, s, path, "a secret"); status != http.StatusBadRequest || !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("%s answers %d %s", path, status, page)
		}
	}
}
