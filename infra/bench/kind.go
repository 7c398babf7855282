package main

import (
	"strings"

	"chatreports/shared/table"
)

// Kinds of records, for telling apart what is paid for what.
const (
	kindJournal = "journal"
	kindFacts   = "facts"
	kindLog     = "log"
	kindBundle  = "bundles"
	kindDetail  = "detail"
	kindOpen    = "open"
	kindMerge   = "merge marks"
	kindOther   = "other"
)

// kinds lists them in the order in which they are printed.
var kinds = []string{kindJournal, kindFacts, kindLog, kindBundle, "blocks n", "blocks h", "blocks s", "blocks k", kindDetail, kindOpen, kindMerge, kindOther}

// stateKind is the kind of a record of the state's table: shared/DESIGN.md.
func stateKind(k table.Key) string {
	part := strings.Split(k.Part, "/")
	if len(part) < 2 {
		return kindOther
	}
	switch part[1] {
	case "fact", "dir", "chain":
		return kindFacts
	case "log":
		return kindLog
	case "bundle":
		return kindBundle
	case "block":
		return "blocks " + part[2][:1] // classes of one shape together: nv, nq are numbers
	case "detail":
		return kindDetail
	case "open":
		return kindOpen
	case "merge":
		return kindMerge
	}
	return kindOther
}
