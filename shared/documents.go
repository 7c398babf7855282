// Package shared holds the documents that lie beside the code, so that a running system
// can show them. In: nothing. Out: files of Markdown, by their paths from here.
package shared

import "embed"

// Documents are the documents.
//
//go:embed DESIGN.md FORMATS.md */README.md dialect/*/README.md docs/*.md
var Documents embed.FS
