// Package infra holds the documents that lie beside the tools, so that a running system can
// show them. In: nothing. Out: files of Markdown, by their paths from here.
package infra

import "embed"

// Documents are the documents.
//
//go:embed */*.md
var Documents embed.FS
