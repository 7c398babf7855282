package dialect_test

import (
	"testing"

	"chatreports/shared/dialect"
)

func TestWhoseNameItIs(t *testing.T) {
	names := map[string]string{"1": "Ann Lee", "2": "Ann", "3": "Joann", "4": "", "5": "Bo \"x\" Ü"}
	ids := []string{"1", "2", "3", "4", "5"}
	for asked, want := range map[string]string{
		"Ann":      "Ann is the name of agent 2, and id wants its id",
		" ann ":    " ann  is the name of agent 2 (Ann), and id wants its id",
		"lee":      "lee is in the name of agent 1 (Ann Lee), and id wants its id",
		"ann  LEE": "ann  LEE is the name of agent 1 (Ann Lee), and id wants its id",
		"bo":       "bo is in the name of agent 5 (Bo ?x? ?), and id wants its id",
		"jo":       "", "": "", " ": "", "4": "",
	} {
		if got := dialect.Whose(asked, "agent", "id", ids, func(id string) string { return names[id] }); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
	many := func(string) string { return "Fair" }
	for n, want := range map[int]string{
		2: "Fair is the name of agents 1, 2, and id wants an id", 3: "Fair is the name of agents 1, 2, 3, and id wants an id", 5: "Fair is the name of agents 1, 2, 3 and 2 more, and id wants an id",
	} {
		if got := dialect.Whose("Fair", "agent", "id", ids[:n], many); got != want {
			t.Errorf("of %d: %q, want %q", n, got, want)
		}
	}
}
